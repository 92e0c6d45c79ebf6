//! Listing subvolumes without privileges.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::iter::FusedIterator;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::vec;

use btrfs_sys as sys;
use btrfs_sys::ioctl as c;

use crate::bytes;
use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::id::SubvolumeId;
use crate::ioctl::{Failure, call};
use crate::open::{self, ROOT_INODE};
use crate::subvolume::handle::info;
use crate::subvolume::{Place, Subvolume, SubvolumeEntry, mounts};

/// A lazy walk over the subvolumes that the caller can reach. See [`Filesystem::reachable_subvolumes`].
#[derive(Debug)]
pub struct ReachableSubvolumes {
    base: Subvolume,
    /// The subvolumes that we are in, outermost first.
    levels: Vec<Level>,
    seen: HashSet<SubvolumeId>,
    /// What came up with the entry that was handed out last.
    error: Option<Error>,
}

/// A subvolume whose children are being visited.
#[derive(Debug)]
struct Level {
    fd: OwnedFd,
    path: PathBuf,
    children: vec::IntoIter<Child>,
}

/// A subvolume and the inode of the directory, in its parent, that it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::subvolume) struct Child {
    pub(in crate::subvolume) id: SubvolumeId,
    pub(in crate::subvolume) directory: u64,
}

impl Filesystem {
    /// Walks over the subvolumes below the one that this filesystem was opened in, as far as the caller may go. Each
    /// comes before those in it. Paths are relative to that subvolume: see [`ReachableSubvolumes::base`].
    ///
    /// `BTRFS_IOC_GET_SUBVOL_ROOTREF`, `BTRFS_IOC_INO_LOOKUP_USER` and `BTRFS_IOC_GET_SUBVOL_INFO`, each subvolume being
    /// opened, like `btrfs subvolume list -o` of a user, with those in them too. Needs no capability, but permission to
    /// read each subvolume and to go through the directories above it. Since Linux 5.6 (`openat2`).
    ///
    /// What can't be entered is an error in the walk, which goes on behind it. Deleted subvolumes are not seen. Each path is
    /// one at which the subvolume was when it was read, and none comes twice; but one that is moved from one subvolume
    /// into another meanwhile can be missed: only [`Filesystem::subvolumes`] can't be confused so.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotDirectory`] where the filesystem was opened by a file, [`ErrorKind::NotSubvolume`] where it was opened
    /// below a mount that does not show its subvolume's root. In the walk: [`ErrorKind::PermissionDenied`];
    /// [`ErrorKind::Raced`] for one that was there and could not be found; [`ErrorKind::DifferentFilesystem`] for one that
    /// something is mounted over.
    #[doc(alias = "BTRFS_IOC_GET_SUBVOL_ROOTREF")]
    #[doc(alias = "BTRFS_IOC_INO_LOOKUP_USER")]
    pub fn reachable_subvolumes(&self) -> Result<ReachableSubvolumes> {
        let base = Subvolume::from_fd(root_above(self)?)?;
        let children = children(base.as_fd()).map_err(|failure| base.error(failure))?.into_iter();
        let level = Level { fd: open::duplicate(&base)?, path: PathBuf::new(), children };
        Ok(ReachableSubvolumes { base, levels: vec![level], seen: HashSet::new(), error: None })
    }
}

impl ReachableSubvolumes {
    /// The subvolume that paths begin at. It is not itself in the walk.
    #[must_use]
    pub fn base(&self) -> &Subvolume {
        &self.base
    }

    fn visit(&mut self, mut child: Child) -> Result<SubvolumeEntry> {
        const ATTEMPTS: usize = 20;
        let level = self.levels.last().ok_or_else(|| self.gone(child))?;
        for _ in 0..ATTEMPTS {
            let name = match lookup(level.fd.as_fd(), child) {
                Ok(name) => name,
                Err(failure) if failure.errno() == Some(libc::ENOENT) => {
                    // It was moved within its parent, or out of it.
                    let now =
                        next_children(level.fd.as_fd(), child.id).map_err(|failure| self.error(failure, child))?;
                    let now = now.0.into_iter().find(|now| now.id == child.id);
                    child = now.ok_or_else(|| self.gone(child))?;
                    continue;
                }
                Err(failure) => return Err(self.error(failure, child)),
            };
            let path = level.path.join(name);
            // All the way from the base: that it leads there proves the path.
            let fd = match open_below(&self.base, &path) {
                Ok(fd) => fd,
                Err(libc::ENOENT | libc::ENOTDIR | libc::ELOOP | libc::EAGAIN) => continue,
                Err(errno) => return Err(self.not_entered(errno, child, &path)),
            };
            let info = match info(fd.as_fd()) {
                Ok(info) => info,
                // It was deleted since it was opened.
                Err(failure) if failure.errno() == Some(libc::ENOENT) => continue,
                Err(failure) => return Err(self.error(failure, child)),
            };
            if info.id != child.id || open::stat(&fd)?.st_ino != ROOT_INODE {
                continue;
            }
            match children(fd.as_fd()) {
                Ok(children) => {
                    self.levels.push(Level { fd, path: path.clone(), children: children.into_iter() });
                }
                Err(failure) if failure.errno() == Some(libc::ENOENT) => continue,
                Err(failure) => self.error = Some(self.error(failure, child)),
            }
            return Ok(SubvolumeEntry { info, place: Place::At(path) });
        }
        Err(self.gone(child))
    }

    fn object(&self, child: Child) -> String {
        let parent = self.levels.last().map_or_else(PathBuf::new, |level| self.base.path().join(&level.path));
        format!("subvolume {} in {}", child.id, parent.display())
    }

    fn error(&self, failure: Failure, child: Child) -> Error {
        let error = failure.on(self.object(child));
        match failure.errno() {
            Some(libc::EACCES) => error.advise("it can't be entered: a directory above it is closed to you"),
            _ => error,
        }
    }

    fn not_entered(&self, errno: i32, child: Child, path: &Path) -> Error {
        let object = format!("{} (subvolume {})", self.base.path().join(path).display(), child.id);
        let error = Error::os("openat2", object, std::io::Error::from_raw_os_error(errno));
        match errno {
            libc::EACCES => {
                error.advise("it can't be entered: you may not read it, or not go through a directory above it")
            }
            libc::EXDEV => error.advise("something is mounted over it, or over a directory above it"),
            _ => error,
        }
    }

    fn gone(&self, child: Child) -> Error {
        Error::new(ErrorKind::Raced, "BTRFS_IOC_INO_LOOKUP_USER", self.object(child))
            .advise("it, or one above it, was deleted or moved while it was looked for")
    }
}

impl Iterator for ReachableSubvolumes {
    type Item = Result<SubvolumeEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.error.take() {
            return Some(Err(error));
        }
        loop {
            let level = self.levels.last_mut()?;
            let Some(child) = level.children.next() else {
                self.levels.pop();
                continue;
            };
            if self.seen.contains(&child.id) {
                continue;
            }
            let result = self.visit(child);
            if result.is_ok() {
                self.seen.insert(child.id);
            }
            return Some(result);
        }
    }
}

impl FusedIterator for ReachableSubvolumes {}

/// The root directory of the subvolume that a directory is in.
fn root_above(fd: impl AsFd) -> Result<OwnedFd> {
    let mount = mounts::mount_of(&fd)?;
    let start = open::name_of(&fd);
    let mut directory = open::duplicate(fd)?;
    while open::stat(&directory)?.st_ino != ROOT_INODE {
        directory = open::child(directory.as_fd(), OsStr::new(".."))?;
        if mounts::mount_of(&directory)? != mount {
            return Err(Error::new(ErrorKind::NotSubvolume, "Filesystem::reachable_subvolumes", start)
                .advise("what is mounted here is a directory, and not the root of a subvolume"));
        }
    }
    Ok(directory)
}

/// All subvolumes that are directly in the one that is open, by id.
pub(in crate::subvolume) fn children(fd: BorrowedFd<'_>) -> std::result::Result<Vec<Child>, Failure> {
    let mut all = Vec::new();
    let mut first = SubvolumeId::FIRST;
    loop {
        let (page, more) = next_children(fd, first)?;
        all.extend(page);
        match all.last() {
            Some(last) if more => first = SubvolumeId(last.id.0 + 1),
            _ => return Ok(all),
        }
    }
}

/// The next of them from this id on, and whether there are more behind.
fn next_children(fd: BorrowedFd<'_>, first: SubvolumeId) -> std::result::Result<(Vec<Child>, bool), Failure> {
    let mut args = sys::btrfs_ioctl_get_subvol_rootref_args { min_treeid: first.0, ..Default::default() };
    let more = match call::<c::BTRFS_IOC_GET_SUBVOL_ROOTREF>(fd, &mut args) {
        Ok(_) => false,
        Err(failure) if failure.errno() == Some(libc::EOVERFLOW) => true,
        Err(failure) => return Err(failure),
    };
    let filled = args.rootref.iter().take(args.num_items.into());
    Ok((filled.map(|found| Child { id: SubvolumeId(found.treeid), directory: found.dirid }).collect(), more))
}

/// Its path below the root of its parent, which is open.
fn lookup(parent: BorrowedFd<'_>, child: Child) -> std::result::Result<PathBuf, Failure> {
    let mut args =
        sys::btrfs_ioctl_ino_lookup_user_args { dirid: child.directory, treeid: child.id.0, ..Default::default() };
    call::<c::BTRFS_IOC_INO_LOOKUP_USER>(parent, &mut args)?;
    // The directory's path ends with a slash, and is empty for the root: as it is, the name goes behind it.
    let path = [bytes::get_name(&args.path), bytes::get_name(&args.name)].concat();
    Ok(PathBuf::from(OsStr::from_bytes(&path)))
}

/// Opens a directory below another one: no symlink, no `..` and no mount can lead elsewhere.
pub(in crate::subvolume) fn open_below(base: impl AsFd, path: &Path) -> std::result::Result<OwnedFd, i32> {
    use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
    let how = OpenHow::new()
        .flags(OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC)
        .resolve(ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_SYMLINKS | ResolveFlag::RESOLVE_NO_XDEV);
    openat2(base, path, how).map_err(|errno| std::io::Error::from(errno).raw_os_error().unwrap_or(libc::EIO))
}
