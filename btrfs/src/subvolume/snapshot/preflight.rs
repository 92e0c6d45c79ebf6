//! What can be known to be wrong before a snapshot is taken.

use std::collections::HashMap;
use std::ffi::OsStr;

use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::subvolume::snapshot::group::{SnapshotGroup, TAKE};
use crate::subvolume::{Subvolume, SubvolumeInfo};
use crate::{name, open};

impl SnapshotGroup<'_> {
    /// Finds what can be known to be wrong before anything is done. Describes the sources.
    pub(super) fn preflight(&self) -> Result<Vec<SubvolumeInfo>> {
        let mut places: HashMap<(u64, u64, &OsStr), usize> = HashMap::new();
        let mut group_fsid = None;
        let mut sources = Vec::with_capacity(self.asked.len());
        for (index, asked) in self.asked.iter().enumerate() {
            name::checked(TAKE, &asked.name)?;
            let parent = open::stat(asked.parent)?;
            if parent.st_mode & libc::S_IFMT != libc::S_IFDIR {
                return Err(Error::new(ErrorKind::NotDirectory, TAKE, asked.path())
                    .advise("the parent is not a directory: open the directory that the snapshot shall be in"));
            }
            if let Some(first) = places.insert((parent.st_dev, parent.st_ino, &asked.name), index) {
                return Err(Error::new(ErrorKind::InvalidArgument, TAKE, asked.path()).advise(format!(
                    "members {first} and {index}, counted from 0, would have the same path: give each its own name"
                )));
            }
            for fd in [asked.source, asked.parent] {
                let fsid = Filesystem::from_fd(fd)?.fsid();
                if *group_fsid.get_or_insert(fsid) != fsid {
                    return Err(Error::new(ErrorKind::DifferentFilesystem, TAKE, open::name_of(fd))
                        .advise("on another filesystem than the first member: make a group for each filesystem"));
                }
            }
            sources.push(Subvolume::from_fd(asked.source)?.info()?);
        }
        Ok(sources)
    }
}
