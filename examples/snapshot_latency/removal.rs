//! Removing what a run made: all that is proven to be its, and nothing else.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use btrfs::{ErrorKind, Filesystem, Subvolume, SubvolumeId, SubvolumeInfo};

use crate::place::{PREFIX, Place, Record, lock};

/// How long to wait for the cleaner.
const PATIENCE: Duration = Duration::from_secs(120);

/// What came of a removal.
#[derive(Debug, Default)]
pub(crate) struct Removal {
    /// Subvolumes that were deleted.
    pub(crate) deleted: Vec<SubvolumeId>,
    /// What stays, and why.
    pub(crate) stays: Vec<String>,
    /// Whether it could not be seen when the space of what was deleted is back.
    pub(crate) unseen: bool,
}

impl Place {
    /// Removes the place and all in it, and waits until its space is back.
    pub(crate) fn remove(self) -> Removal {
        let mut removal = Removal::default();
        let Self { filesystem, path, sources, root } = self;
        // What is open the cleaner waits for.
        drop(sources);
        let removed = removal.of(&filesystem, &path, &root);
        drop(root);
        removal.note(&path, removed);
        removal.wait(&filesystem);
        removal
    }
}

/// Subvolumes in a directory that are called like ours.
pub(crate) fn leftovers(parent: &Path) -> Result<Vec<PathBuf>> {
    let at = || format!("reading {}", parent.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(parent).with_context(at)? {
        let entry = entry.with_context(at)?;
        let ours = entry.file_name().as_bytes().starts_with(PREFIX.as_bytes());
        if ours && Subvolume::open(entry.path()).is_ok() && !entry.file_type()?.is_symlink() {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

/// Removes what killed runs left in a directory.
pub(crate) fn clean(parent: &Path) -> Result<Removal> {
    let filesystem = Filesystem::open(parent)?;
    let mut removal = Removal::default();
    for path in leftovers(parent)? {
        let root = match lock(&path) {
            Ok(root) => root,
            Err(error) => {
                removal.stays.push(format!("{error:#}"));
                continue;
            }
        };
        let removed = removal.of(&filesystem, &path, &root);
        drop(root);
        removal.note(&path, removed);
    }
    removal.wait(&filesystem);
    Ok(removal)
}

impl Removal {
    /// Removes one place. Whatever can't be proven stays, and the place with it.
    fn of(&mut self, filesystem: &Filesystem, path: &Path, root: &File) -> Result<()> {
        let own = Subvolume::from_fd(root)?.info()?;
        let record = match Record::read(root)? {
            Some(record) if own.uuid == Some(record.own) => record,
            Some(_) => anyhow::bail!("its record is of another subvolume: it is a copy, and no run's own"),
            // Killed before the record was written: then it is empty, or else not a run's.
            None => Record::default(),
        };
        let own_snapshot = |info: &SubvolumeInfo| info.parent_uuid.is_some_and(|uuid| record.sources.contains(&uuid));
        let own_source = |info: &SubvolumeInfo| info.uuid.is_some_and(|uuid| record.sources.contains(&uuid));
        let mut entries = names(path)?;
        // The directories of snapshots first: sources that are gone prove nothing any more.
        entries.sort_by_key(|entry| !is_plain_directory(entry));
        for entry in entries {
            if is_plain_directory(&entry) {
                for snapshot in names(&entry)? {
                    self.delete(filesystem, &snapshot, own_snapshot);
                }
                if let Err(error) = fs::remove_dir(&entry) {
                    self.stays.push(format!("{}: {error}", entry.display()));
                }
            } else {
                self.delete(filesystem, &entry, |info| own_source(info) || own_snapshot(info));
            }
        }
        fs::remove_dir(path)?;
        self.deleted.push(own.id);
        Ok(())
    }

    /// Deletes a subvolume that is proven to be the run's, or empty.
    fn delete(&mut self, filesystem: &Filesystem, path: &Path, proven: impl Fn(&SubvolumeInfo) -> bool) {
        match delete(filesystem, path, proven) {
            Ok(id) => self.deleted.push(id),
            Err(error) => self.stays.push(format!("{}: {error:#}", path.display())),
        }
    }

    fn note(&mut self, path: &Path, removed: Result<()>) {
        if let Err(error) = removed {
            self.stays.push(format!("{}: {error:#}", path.display()));
        }
    }

    /// Waits until the deleted subvolumes' space is back.
    fn wait(&mut self, filesystem: &Filesystem) {
        let cleaned = filesystem
            .sync()
            .and_then(|()| filesystem.cleaning(self.deleted.iter().copied()))
            .and_then(|mut cleaning| cleaning.wait(PATIENCE));
        match cleaned {
            Ok(()) => {}
            Err(error) if *error.kind() == ErrorKind::PermissionDenied => self.unseen = true,
            Err(error) => self.stays.push(format!("space of deleted subvolumes: {error}")),
        }
    }
}

fn delete(filesystem: &Filesystem, path: &Path, proven: impl Fn(&SubvolumeInfo) -> bool) -> Result<SubvolumeId> {
    let parent = File::open(path.parent().context("it has no directory")?)?;
    let subvolume = Subvolume::open_in(&parent, path.file_name().unwrap_or(OsStr::new("")))?;
    let info = subvolume.info()?;
    if proven(&info) {
        filesystem.delete_subvolume(info.id)?;
    } else {
        // Made, and killed before it was recorded; where it is empty, nothing is lost.
        fs::remove_dir(path).context("no record proves that a run made it, and it is not empty")?;
    }
    Ok(info.id)
}

/// What is in a directory.
fn names(directory: &Path) -> Result<Vec<PathBuf>> {
    let at = || format!("reading {}", directory.display());
    fs::read_dir(directory).with_context(at)?.map(|entry| Ok(entry.with_context(at)?.path())).collect()
}

fn is_plain_directory(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) && Subvolume::open(path).is_err()
}
