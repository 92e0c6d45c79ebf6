//! The subvolume in which everything is that a run makes, and the proof of what is its.
//!
//! `.snapshot_latency-<pid>-<random>` holds the sources (`source-0` and so on, subvolumes) and, for each, a directory of
//! its snapshots (`snapshots-0`). Its record, an extended attribute of its root, names the UUIDs of itself and of the
//! sources: a copy or a snapshot of it has another UUID, so it proves nothing for those. A snapshot in it is the run's if
//! it is of one of those sources. A lock on it is held as long as the run lives.

use std::fs::{self, File};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use btrfs::subvolume::{CreateOptions, SnapshotOptions};
use btrfs::{ErrorKind, Filesystem, Subvolume};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use xattr::FileExt;

/// What the names of such subvolumes begin with.
pub(crate) const PREFIX: &str = ".snapshot_latency-";
/// The attribute that holds a [`Record`].
const ATTRIBUTE: &str = "user.snapshot_latency";

/// What is a run's own.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The UUID of the subvolume that the record is of.
    pub(crate) own: Uuid,
    /// The UUIDs of the sources in it.
    pub(crate) sources: Vec<Uuid>,
}

/// The subvolume of this run.
pub(crate) struct Place {
    pub(crate) filesystem: Filesystem,
    pub(crate) path: PathBuf,
    pub(crate) sources: Vec<Source>,
    /// Held until the end of the run.
    pub(crate) root: Flock<File>,
}

/// A subvolume to take snapshots of, and where those go.
pub(crate) struct Source {
    pub(crate) subvolume: Subvolume,
    pub(crate) snapshots: File,
}

impl Place {
    /// Makes an empty one. Whatever fails, nothing stays.
    pub(crate) fn make(parent: &Path) -> Result<Self> {
        let filesystem = Filesystem::open(parent)?;
        let path = parent.join(format!("{PREFIX}{}-{}", std::process::id(), Uuid::new_v4().simple()));
        CreateOptions::new().create_at(&path)?;
        let made = || {
            let root = lock(&path)?;
            let own = Subvolume::from_fd(&*root)?.info()?.uuid.context("a new subvolume has no UUID")?;
            Record { own, ..Record::default() }.write(&root)?;
            may_delete(&root)?;
            Ok(root)
        };
        match made() {
            Ok(root) => Ok(Self { filesystem, path, sources: Vec::new(), root }),
            Err(error) => {
                // All in it is empty, and what is empty anybody may remove.
                match fs::remove_dir(&path) {
                    Ok(()) => Err(error),
                    Err(removing) => Err(anyhow!("{error:#}; removing {}: {removing}", path.display())),
                }
            }
        }
    }

    /// Makes the sources, each with a few files.
    pub(crate) fn make_sources(&mut self, count: u32, data: &[u8]) -> Result<()> {
        let mut record = Record::read(&self.root)?.context("the record is gone")?;
        for index in 0..count {
            let name = format!("source-{index}");
            CreateOptions::new().create(&*self.root, &name)?;
            let subvolume = Subvolume::open_in(&*self.root, &name)?;
            record.sources.push(subvolume.info()?.uuid.context("a new subvolume has no UUID")?);
            record.write(&self.root)?;
            for file in 0..16_usize {
                let path = self.path.join(&name).join(format!("file-{file}"));
                let content = &data[..data.len().min(4096 << (file % 4))];
                fs::write(&path, content).with_context(|| format!("writing {}", path.display()))?;
            }
            let snapshots = self.path.join(format!("snapshots-{index}"));
            let at = || format!("making {}", snapshots.display());
            fs::create_dir(&snapshots).with_context(at)?;
            self.sources.push(Source { subvolume, snapshots: File::open(&snapshots).with_context(at)? });
        }
        Ok(())
    }
}

impl Record {
    pub(crate) fn read(root: &File) -> Result<Option<Self>> {
        let at = || "reading the record";
        let value = root.get_xattr(ATTRIBUTE).with_context(at)?;
        value.map(|value| serde_json::from_slice(&value).with_context(at)).transpose()
    }

    fn write(&self, root: &File) -> Result<()> {
        root.set_xattr(ATTRIBUTE, &serde_json::to_vec(self)?).context("writing the record")
    }
}

/// Locks a subvolume of ours.
pub(crate) fn lock(path: &Path) -> Result<Flock<File>> {
    let root = File::open(path).with_context(|| format!("opening {}", path.display()))?;
    Flock::lock(root, FlockArg::LockExclusiveNonblock).map_err(|(_, errno)| match errno {
        Errno::EWOULDBLOCK => anyhow!("{} is in use by a run: end that first", path.display()),
        errno => anyhow::Error::from(errno).context(format!("locking {}", path.display())),
    })
}

/// Takes a snapshot and deletes it: that this is allowed has to be known before there are thousands.
fn may_delete(root: &File) -> Result<()> {
    let (source, snapshot) = ("trial", "trial-snapshot");
    CreateOptions::new().create(root, source)?;
    SnapshotOptions::new().create(Subvolume::open_in(root, source)?, root, snapshot)?;
    let deleted = [snapshot, source].map(|name| Subvolume::delete_in(root, name));
    for (name, deleted) in [snapshot, source].into_iter().zip(deleted) {
        let Err(error) = deleted else { continue };
        // Empty subvolumes go as directories do.
        let there = fs::read_link(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&root.as_fd())))?;
        fs::remove_dir(there.join(name)).context("removing the trial")?;
        if *error.kind() != ErrorKind::PermissionDenied {
            bail!(error);
        }
        if name == source {
            bail!("this run could not remove its snapshots: {error}");
        }
    }
    Ok(())
}
