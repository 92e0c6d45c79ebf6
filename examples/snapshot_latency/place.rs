//! The subvolume in which everything is that a run makes, and the proof of what is its.
//!
//! `.snapshot_latency-<pid>-<random>` holds the sources (`source-0` and so on, subvolumes) and, for each, a directory of
//! its snapshots (`snapshots-0`). Its record, an extended attribute of its root, names the UUIDs of itself and of the
//! sources: a copy or a snapshot of it has another UUID, so it proves nothing for those. A snapshot in it is the run's if
//! it is of one of those sources. A lock on it is held as long as the run lives.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use btrfs::subvolume::CreateOptions;
use btrfs::{Filesystem, Subvolume};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use xattr::FileExt;

/// What the names of such subvolumes begin with.
pub(crate) const PREFIX: &str = ".snapshot_latency-";
/// The attribute that holds a [`Record`].
const ATTRIBUTE: &str = "user.snapshot_latency";

/// What is made and deleted to see whether that is allowed.
const TRIAL: &str = "trial";

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
            may_delete(&path, &root)?;
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

/// Makes a subvolume and deletes it: that this is allowed has to be known before there are thousands.
fn may_delete(path: &Path, root: &File) -> Result<()> {
    CreateOptions::new().create(root, TRIAL)?;
    let deleted = Subvolume::delete_in(root, TRIAL).map(drop);
    if deleted.is_err() {
        // One that is empty goes as a directory does.
        fs::remove_dir(path.join(TRIAL)).context("removing a trial")?;
    }
    deleted.context("this run could not remove its snapshots")
}
