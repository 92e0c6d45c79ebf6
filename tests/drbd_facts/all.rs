//! All captured states.

use std::fs;

use crate::captures::{Capture, named, root};

/// Every captured state, of 8.4 and 9.
pub(crate) fn all() -> Vec<Capture> {
    let root = root();
    let mut found = Vec::new();
    let mut directories = vec![root.join("8.4"), root.join("9")];
    while let Some(directory) = directories.pop() {
        if directory.join("netlink-get_initial_state.bin").exists() {
            found.push(named(directory.strip_prefix(&root).unwrap().to_str().unwrap()));
        }
        let entries = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path());
        directories.extend(entries.filter(|path| path.is_dir()));
    }
    assert_eq!(found.len(), 40 + 76, "the captures are in the repository");
    found
}
