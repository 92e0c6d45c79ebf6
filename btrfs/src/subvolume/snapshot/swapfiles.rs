//! Which files are in use as swap, and in which subvolumes: the kernel does not snapshot those.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The active swapfiles that this process can prove.
#[derive(Debug, Default)]
pub(super) struct Swapfiles(Vec<Swapfile>);

#[derive(Debug)]
struct Swapfile {
    path: PathBuf,
    /// `st_dev`, of which each subvolume has its own.
    device: u64,
}

impl Swapfiles {
    /// Reads `/proc/swaps`. Its paths may be of another mount namespace, so each file is asked. One that can't be found
    /// or asked is left out: about that only the kernel knows.
    pub(super) fn active() -> Self {
        let swaps = std::fs::read("/proc/swaps").unwrap_or_default();
        Self(paths(&swaps).filter_map(Swapfile::proven).collect())
    }

    /// One in the subvolume whose root has this `st_dev`.
    pub(super) fn in_subvolume(&self, device: u64) -> Option<&Path> {
        self.0.iter().find(|file| file.device == device).map(|file| file.path.as_path())
    }
}

impl Swapfile {
    fn proven(path: PathBuf) -> Option<Self> {
        let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;
        let file = OpenOptions::new().write(true).custom_flags(flags).open(&path).ok()?;
        let metadata = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
        is_swapped_to(&file).then(|| Self { path, device: metadata.dev() })
    }
}

/// Writing no bytes to a file does nothing, but the kernel refuses even that while it swaps to it.
fn is_swapped_to(mut file: &File) -> bool {
    file.write(&[]).is_err_and(|error| error.raw_os_error() == Some(libc::ETXTBSY))
}

/// The paths of files in `/proc/swaps`, proc_swaps(5): a heading, and then lines of path, type and numbers.
fn paths(swaps: &[u8]) -> impl Iterator<Item = PathBuf> {
    swaps.split(|&byte| byte == b'\n').skip(1).filter_map(|line| {
        let mut fields = line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
        let (path, kind) = (fields.next()?, fields.next()?);
        (kind == b"file").then(|| PathBuf::from(unescaped(path)))
    })
}

/// The kernel writes blanks and backslashes as three octal digits.
fn unescaped(mut text: &[u8]) -> OsString {
    let mut bytes = Vec::with_capacity(text.len());
    while let [first, rest @ ..] = text {
        text = rest;
        let escaped = match rest {
            [high @ b'0'..=b'3', middle @ b'0'..=b'7', low @ b'0'..=b'7', rest @ ..] if *first == b'\\' => {
                text = rest;
                Some((high - b'0') << 6 | (middle - b'0') << 3 | (low - b'0'))
            }
            _ => None,
        };
        bytes.push(escaped.unwrap_or(*first));
    }
    OsString::from_vec(bytes)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn files_are_found_and_partitions_are_not() {
        let swaps = b"Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority
/dev/sda2                               partition\t1048572\t\t0\t\t-2
/srv/swap/file                          file\t\t16380\t\t0\t\t-3
/srv/two\\040words\\012\\134\xe9           file\t\t16380\t\t0\t\t-4
/gone\\040(deleted)                      file\t\t16380\t\t0\t\t-5
";
        let expected: [&[u8]; 3] = [b"/srv/swap/file", b"/srv/two words\n\\\xe9", b"/gone (deleted)"];
        let expected = expected.map(|path| PathBuf::from(OsStr::from_bytes(path)));
        assert_eq!(paths(swaps).collect::<Vec<_>>(), expected);
        assert_eq!(paths(b"").count(), 0);
        assert_eq!(paths(b"Filename Type\n\n/a\n").count(), 0);
    }

    #[test]
    fn what_is_no_escape_stays() {
        for text in ["", "\\", "\\04", "\\400", "a\\089", "plain"] {
            assert_eq!(unescaped(text.as_bytes()), text);
        }
    }

    #[test]
    fn an_ordinary_file_is_not_swapped_to() {
        let file = OpenOptions::new().write(true).open("/dev/null").expect("writable");
        assert!(!is_swapped_to(&file));
        assert!(Swapfiles(Vec::new()).in_subvolume(0).is_none());
    }
}
