//! Where the snapshots of one source are, and the proof of which of them this program made.
//!
//! The snapshots of `/srv/home` are in `/srv/.snapshots/home/`: a directory for each source, because the kernel takes
//! snapshots into different directories in one commit. The proof is an extended attribute of that directory for each
//! stamp. It is written before the snapshot (with a name that nobody else would choose) and again after it (with its
//! UUID), and only then the snapshot gets its final name: so whenever this is killed, the next run knows what is whose.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use btrfs::subvolume::{Subvolume, SubvolumeFlags, SubvolumeInfo};
use btrfs::{ErrorKind, Filesystem, SubvolumeId};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, RenameFlags, renameat2};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use xattr::FileExt;

use crate::moment::Stamp;
use crate::report::Report;

/// Before the stamp, the name of the attribute that holds a [`Record`].
const ATTRIBUTE: &str = "user.daily_snapshots.";

/// What is known of the snapshot of one stamp.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Record {
    /// The UUID of the source it was taken of.
    source: Uuid,
    /// The name it has until it is finished.
    partial: String,
    /// Its own UUID, once it was taken.
    snapshot: Option<Uuid>,
    /// It is never to be deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pinned: bool,
}

/// A source and the directory of its snapshots, locked against other runs.
pub(crate) struct Store {
    pub(crate) source: Subvolume,
    pub(crate) path: PathBuf,
    source_uuid: Uuid,
    directory: PathBuf,
    /// None while there is no such directory and none was to be made.
    lock: Option<Flock<File>>,
}

/// A finished snapshot that this program made, proven by its record.
pub(crate) struct Own {
    pub(crate) stamp: Stamp,
    pub(crate) id: SubvolumeId,
    /// When it was made, by the clock of then.
    pub(crate) made: Option<SystemTime>,
    pub(crate) pinned: bool,
}

/// Something in the directory that has a record and does not agree with it. It is left alone.
pub(crate) struct Doubtful {
    pub(crate) path: PathBuf,
    pub(crate) why: &'static str,
}

/// What the directory holds.
#[derive(Default)]
pub(crate) struct Contents {
    pub(crate) own: Vec<Own>,
    pub(crate) doubtful: Vec<Doubtful>,
}

impl Store {
    /// Opens a source. With `make`, the directory of its snapshots is made where it is missing.
    pub(crate) fn open(path: &Path, to: Option<&Path>, make: bool) -> Result<Self> {
        let path = fs::canonicalize(path).with_context(|| format!("finding the subvolume {}", path.display()))?;
        let source = Subvolume::open(&path)?;
        let source_uuid = source.info()?.uuid.with_context(|| {
            format!(
                "{} has no UUID (a top level made by an old mkfs), so nothing can be proven of its snapshots",
                path.display()
            )
        })?;
        let directory = directory_for(&path, to)?;
        if make {
            fs::create_dir_all(&directory).with_context(|| format!("making {}", directory.display()))?;
        }
        let lock = match File::open(&directory) {
            Ok(file) => Some(lock(file, &directory)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !make => None,
            Err(error) => return Err(error).with_context(|| format!("opening {}", directory.display())),
        };
        Ok(Self { source, path, source_uuid, directory, lock })
    }

    /// Where a stamp's snapshot is, or will be.
    pub(crate) fn path_of(&self, stamp: &Stamp) -> PathBuf {
        self.directory.join(stamp.to_string())
    }

    pub(crate) fn directory(&self) -> Result<&File> {
        self.lock.as_deref().with_context(|| format!("{} does not exist", self.directory.display()))
    }

    /// Whether the stamp's snapshot is there. Something else in its place is an error.
    pub(crate) fn holds(&self, stamp: &Stamp) -> Result<bool> {
        if let Some(Ok(_)) = self.find(stamp)? {
            return Ok(true);
        }
        if self.occupied(stamp) {
            let path = self.path_of(stamp);
            bail!("{} is there and is no snapshot that this program made: move it away", path.display());
        }
        Ok(false)
    }

    /// Whether anything has the stamp's name.
    fn occupied(&self, stamp: &Stamp) -> bool {
        self.path_of(stamp).symlink_metadata().is_ok()
    }

    /// Finishes or clears away what a run that was killed left half-made.
    pub(crate) fn repair(&self, change: bool, report: &mut Report) -> Result<()> {
        for (stamp, record) in self.records()? {
            let path = self.directory.join(&record.partial);
            let Some(info) = self.info(&record.partial)? else {
                // Killed before the snapshot was taken, or after it was deleted: the record is of nothing.
                if change && !self.occupied(&stamp) {
                    self.forget(&stamp)?;
                }
                continue;
            };
            if info.parent_uuid != Some(record.source) || record.snapshot.is_some_and(|uuid| info.uuid != Some(uuid)) {
                report.left_alone(&path, "it is not what its record says");
            } else if self.occupied(&stamp) {
                report.left_alone(
                    &path,
                    "interrupted, and something has its final name: remove the one that is not wanted",
                );
            } else {
                if change {
                    self.finish(&stamp, &record.partial, &info)?;
                }
                report.repaired(&self.path_of(&stamp));
            }
        }
        Ok(())
    }

    /// Records that a snapshot is about to be taken, and returns the name it shall have until it is finished.
    pub(crate) fn begin(&self, stamp: &Stamp) -> Result<String> {
        let partial = format!(".{stamp}.{}", Uuid::new_v4().simple());
        let record = Record { source: self.source_uuid, partial: partial.clone(), snapshot: None, pinned: false };
        self.record(stamp, &record)?;
        Ok(partial)
    }

    /// Records what was taken under the name that [`Store::begin`] gave, and gives it its final name.
    pub(crate) fn finish(&self, stamp: &Stamp, partial: &str, taken: &SubvolumeInfo) -> Result<()> {
        let (source, snapshot) = (self.source_uuid, taken.uuid);
        self.record(stamp, &Record { source, partial: partial.to_owned(), snapshot, pinned: false })?;
        let directory = self.directory()?;
        renameat2(directory, partial, directory, stamp.to_string().as_str(), RenameFlags::RENAME_NOREPLACE)
            .with_context(|| format!("naming {}", self.path_of(stamp).display()))
    }

    /// Pins a finished snapshot or takes its pin away. With `change` unset, only sees whether it could.
    pub(crate) fn pin(&self, stamp: &Stamp, pinned: bool, change: bool) -> Result<()> {
        let path = self.path_of(stamp);
        match self.find(stamp)? {
            Some(Ok(record)) if change && record.pinned != pinned => self.record(stamp, &Record { pinned, ..record }),
            Some(Ok(_)) => Ok(()),
            Some(Err(why)) => bail!("{} can't be pinned or unpinned: {why}", path.display()),
            None => bail!("{} is no snapshot that this program made, so it has no pin", path.display()),
        }
    }

    /// The finished snapshots, told apart by proof.
    pub(crate) fn contents(&self) -> Result<Contents> {
        let mut contents = Contents::default();
        for (stamp, record) in self.records()? {
            let Some(info) = self.info(&stamp.to_string())? else { continue };
            match self.doubt(&record, &info) {
                None => contents.own.push(Own { stamp, id: info.id, made: info.otime, pinned: record.pinned }),
                Some(why) => contents.doubtful.push(Doubtful { path: self.path_of(&stamp), why }),
            }
        }
        Ok(contents)
    }

    /// The record of a stamp that has a finished snapshot, or why that is not the one.
    fn find(&self, stamp: &Stamp) -> Result<Option<Result<Record, &'static str>>> {
        let Some(directory) = self.lock.as_deref() else { return Ok(None) };
        let at = || format!("reading the record of {stamp} in {}", self.directory.display());
        let Some(value) = directory.get_xattr(attribute(stamp)).with_context(at)? else { return Ok(None) };
        let record: Record = serde_json::from_slice(&value).with_context(at)?;
        let Some(info) = self.info(&stamp.to_string())? else { return Ok(None) };
        Ok(Some(self.doubt(&record, &info).map_or(Ok(record), Err)))
    }

    /// Why something is not the snapshot that its record says.
    fn doubt(&self, record: &Record, info: &SubvolumeInfo) -> Option<&'static str> {
        if record.snapshot.is_none() || info.uuid != record.snapshot {
            Some("it is not the one that was made here under this name")
        } else if info.parent_uuid != Some(self.source_uuid) || record.source != self.source_uuid {
            Some("it is of another subvolume than the one that is there now")
        } else if !info.flags.contains(SubvolumeFlags::READ_ONLY) {
            Some("it was made writable")
        } else {
            None
        }
    }

    /// Deletes a snapshot of our own and its record.
    pub(crate) fn delete(&self, filesystem: &Filesystem, own: &Own) -> Result<()> {
        filesystem.delete_subvolume(own.id)?;
        self.forget(&own.stamp)
    }

    /// What the name is in the directory, if it is a subvolume. A symlink is none.
    fn info(&self, name: &str) -> Result<Option<SubvolumeInfo>> {
        match Subvolume::open_in(self.directory()?, name).and_then(|subvolume| subvolume.info()) {
            Ok(info) => Ok(Some(info)),
            Err(error) => match error.kind() {
                ErrorKind::NotFound | ErrorKind::NotSubvolume | ErrorKind::NotDirectory => Ok(None),
                _ => Err(error.into()),
            },
        }
    }

    fn records(&self) -> Result<Vec<(Stamp, Record)>> {
        let Some(directory) = self.lock.as_deref() else { return Ok(Vec::new()) };
        let at = || format!("reading the records of {}", self.directory.display());
        let mut records = Vec::new();
        for name in directory.list_xattr().with_context(at)? {
            let Some(stamp) = name.to_str().and_then(|name| name.strip_prefix(ATTRIBUTE)) else { continue };
            let value = directory.get_xattr(&name).with_context(at)?.with_context(at)?;
            let record = serde_json::from_slice(&value).with_context(at)?;
            records.push((stamp.parse().with_context(at)?, record));
        }
        records.sort_by(|(a, _): &(Stamp, _), (b, _)| a.cmp(b));
        Ok(records)
    }

    fn record(&self, stamp: &Stamp, record: &Record) -> Result<()> {
        let value = serde_json::to_vec(record)?;
        let at = || format!("recording {} in {}", stamp, self.directory.display());
        self.directory()?.set_xattr(attribute(stamp), &value).with_context(at)
    }

    fn forget(&self, stamp: &Stamp) -> Result<()> {
        let at = || format!("removing the record of {} in {}", stamp, self.directory.display());
        self.directory()?.remove_xattr(attribute(stamp)).with_context(at)
    }
}

fn attribute(stamp: &Stamp) -> OsString {
    format!("{ATTRIBUTE}{stamp}").into()
}

/// `/srv/.snapshots/home` for `/srv/home`; inside the source where that is the root of a mount.
fn directory_for(source: &Path, to: Option<&Path>) -> Result<PathBuf> {
    let fsid = Filesystem::open(source)?.fsid();
    let same = |path: &Path| Filesystem::open(path).is_ok_and(|filesystem| filesystem.fsid() == fsid);
    let name = source.file_name().unwrap_or_else(|| "root".as_ref());
    let base = match (to, source.parent()) {
        (Some(to), _) => {
            if !same(to) {
                bail!(
                    "{} is not on the filesystem of {}: a snapshot can't leave its filesystem",
                    to.display(),
                    source.display()
                );
            }
            to.to_owned()
        }
        (None, Some(parent)) if same(parent) => parent.join(".snapshots"),
        (None, _) => source.join(".snapshots"),
    };
    Ok(base.join(name))
}

fn lock(directory: File, path: &Path) -> Result<Flock<File>> {
    Flock::lock(directory, FlockArg::LockExclusiveNonblock).map_err(|(_, errno)| match errno {
        Errno::EWOULDBLOCK => anyhow::anyhow!("another run is at work in {}: wait until it is done", path.display()),
        errno => anyhow::Error::from(errno).context(format!("locking {}", path.display())),
    })
}
