//! Which subvolumes are in the source, and where; and whether that is still so.

use std::collections::HashMap;
use std::ffi::OsString;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::SubvolumeId;
use crate::ioctl::Failure;
use crate::open;
use crate::subvolume::list::link::Link;
use crate::subvolume::list::reachable::{Child, children, open_below};
use crate::subvolume::list::roots::Root;
use crate::subvolume::snapshot::recursive::CALL;
use crate::subvolume::{Subvolume, SubvolumeEntry, SubvolumeInfo};

/// The source and all subvolumes in it, each before those in it.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) members: Vec<Planned>,
}

/// One subvolume that is to be snapshotted.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) source: Subvolume,
    pub(super) info: SubvolumeInfo,
    /// Below the top of the tree; empty for the top itself.
    pub(super) path: PathBuf,
    /// None for the top.
    pub(super) place: Option<Place>,
    children: Vec<Child>,
    /// Where the tree of trees has it, for those who may read that: a rename shows there even if it was undone.
    link: Option<Link>,
}

/// Where a nested subvolume is.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The member that it is in.
    pub(super) member: usize,
    /// The directory's path below that member's root.
    pub(super) directory: PathBuf,
    /// The directory's inode.
    pub(super) inode: u64,
    pub(super) name: OsString,
}

impl Plan {
    /// Looks for all subvolumes in the one that is open. One that can't be entered is an error.
    pub(super) fn of(source: BorrowedFd<'_>) -> Result<Self> {
        let top = Subvolume::from_fd(source)?;
        let mut members = vec![Planned::new(top, PathBuf::new(), None)?];
        let mut known = HashMap::from([(members[0].info.id, 0)]);
        for entry in Filesystem::from_fd(source)?.reachable_subvolumes()? {
            let planned = Planned::nested(&members, &known, &entry?)?;
            known.insert(planned.info.id, members.len());
            members.push(planned);
        }
        Ok(Self { members })
    }

    /// Compares with what is there now: no subvolume came, went or moved.
    pub(super) fn require_unchanged(&self) -> Result<()> {
        self.members.iter().try_for_each(Planned::require_unchanged)
    }

    /// How to call a member in an error.
    pub(super) fn name_of(&self, index: usize) -> String {
        self.members.get(index).map_or_else(String::new, Planned::object)
    }
}

impl Planned {
    fn new(source: Subvolume, path: PathBuf, place: Option<Place>) -> Result<Self> {
        let info = source.info()?;
        let children = children(source.as_fd()).map_err(|failure| vanished(failure, &source, &path))?;
        let link = link(&source, info.id);
        Ok(Self { source, info, path, place, children, link })
    }

    fn nested(members: &[Self], known: &HashMap<SubvolumeId, usize>, entry: &SubvolumeEntry) -> Result<Self> {
        let path = entry.path().unwrap_or_else(|| Path::new("")).to_owned();
        let parent = entry.info.parent_id.and_then(|id| known.get(&id)).copied();
        let (Some(member), Some(inode)) = (parent, entry.info.directory) else {
            return Err(raced(path.display(), "it was moved while it was looked for"));
        };
        let Ok(inside) = path.strip_prefix(&members[member].path) else {
            return Err(raced(path.display(), "a directory above it was renamed while it was looked for"));
        };
        let directory = inside.parent().unwrap_or_else(|| Path::new("")).to_owned();
        let name = inside.file_name().unwrap_or_default().to_owned();
        let fd = open_below(&members[0].source, &path).map_err(|errno| match errno {
            libc::ENOENT | libc::ENOTDIR | libc::ELOOP => raced(path.display(), "it was moved or deleted"),
            _ => Error::os("openat2", path.display(), std::io::Error::from_raw_os_error(errno)),
        })?;
        let place = Place { member, directory, inode, name };
        let planned = Self::new(Subvolume::from_fd(fd)?, path, Some(place))?;
        if planned.info.id != entry.info.id {
            return Err(raced(planned.object(), "another subvolume took its place"));
        }
        Ok(planned)
    }

    fn require_unchanged(&self) -> Result<()> {
        let now = children(self.source.as_fd()).map_err(|failure| vanished(failure, &self.source, &self.path))?;
        if now != self.children {
            return Err(raced(self.object(), "subvolumes in it were made, moved or deleted"));
        }
        if link(&self.source, self.info.id) != self.link {
            return Err(raced(self.object(), "it was renamed"));
        }
        Ok(())
    }

    fn object(&self) -> String {
        format!("{} (subvolume {})", self.source.path().display(), self.info.id)
    }
}

fn link(source: &Subvolume, id: SubvolumeId) -> Option<Link> {
    let filesystem = Filesystem::from_fd(source).ok()?;
    Some(Root::read(&filesystem, id).ok()??.link?.value)
}

fn vanished(failure: Failure, source: &Subvolume, path: &Path) -> Error {
    match failure.errno() {
        Some(libc::ENOENT) => raced(path.display(), "it was deleted"),
        _ => failure.on(open::name_of(source)),
    }
}

pub(super) fn raced(object: impl std::fmt::Display, what: &str) -> Error {
    Error::new(ErrorKind::Raced, CALL, object).advise(format!("{what}, meanwhile: try again when the tree is at rest"))
}
