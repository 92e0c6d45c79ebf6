//! What can be known to be wrong before a snapshot is taken.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd};

use btrfs_sys::ioctl as c;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat};
use nix::sys::stat::{Mode, fstatat};
use nix::sys::statvfs::{FsFlags, fstatvfs};
use nix::unistd::{AccessFlags, faccessat};
use uuid::Uuid;

use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::open::{self, ROOT_INODE};
use crate::subvolume::create::New;
use crate::subvolume::snapshot::group::{SnapshotGroup, TAKE};
use crate::subvolume::snapshot::swapfiles::Swapfiles;
use crate::subvolume::{SnapshotOptions, SubvolumeInfo, handle};

impl SnapshotOptions {
    /// Looks whether [`SnapshotOptions::create`] would be refused, and changes nothing.
    ///
    /// Whatever is found has the kind that the error of `create` would have, and a text that can say more: which file is
    /// an active swapfile, say. Each thing is asked of the kernel (`fstatvfs`, `faccessat2`, `fstatat`, an `open` with
    /// `O_NOATIME`, which is the owner's too), nothing is concluded from user ids. What can't be known so, such as a limit
    /// of a quota group, is no obstacle here; and what is found to be free may be taken in the next moment. So the answer
    /// of `create` is the one that counts.
    ///
    /// Needs no capability. Permission to write in the directory is not looked at before Linux 5.8.
    ///
    /// ```no_run
    /// use btrfs::{ErrorKind, Subvolume};
    /// use btrfs::subvolume::SnapshotOptions;
    ///
    /// let home = Subvolume::open("/srv/home")?;
    /// let snapshots = std::fs::File::open("/srv/.snapshots/home")?;
    /// match SnapshotOptions::new().preflight(&home, &snapshots, "2026-11-25") {
    ///     Err(error) if *error.kind() == ErrorKind::Busy => println!("swapoff first: {error}"),
    ///     result => result?,
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first obstacle in the order in which the kernel comes to them: as [`SnapshotOptions::create`], but for
    /// [`ErrorKind::NoSpace`] and quota groups that do not exist.
    pub fn preflight(&self, source: impl AsFd, parent: impl AsFd, name: impl AsRef<OsStr>) -> Result<()> {
        let (parent, name) = (parent.as_fd(), name.as_ref());
        let new = New { call: "SnapshotOptions::preflight", parent, name, qgroups: &self.qgroups };
        Looking { source: source.as_fd(), new }.look(&Swapfiles::active()).map(drop)
    }
}

impl SnapshotGroup<'_> {
    /// Finds what can be known to be wrong before anything is done. Describes the sources.
    pub(super) fn preflight(&self) -> Result<Vec<SubvolumeInfo>> {
        let swapfiles = Swapfiles::active();
        let mut places: HashMap<(u64, u64, &OsStr), usize> = HashMap::new();
        let mut group_fsid = None;
        let mut sources = Vec::with_capacity(self.asked.len());
        for (index, asked) in self.asked.iter().enumerate() {
            let new = New { call: TAKE, parent: asked.parent, name: &asked.name, qgroups: &self.options.qgroups };
            let found = Looking { source: asked.source, new }
                .look(&swapfiles)
                .map_err(|error| error.of(format_args!("member {index}, counted from 0")))?;
            let parent = open::stat(asked.parent)?;
            if let Some(first) = places.insert((parent.st_dev, parent.st_ino, &asked.name), index) {
                return Err(Error::new(ErrorKind::InvalidArgument, TAKE, asked.path()).advise(format!(
                    "members {first} and {index}, counted from 0, would have the same path: give each its own name"
                )));
            }
            if *group_fsid.get_or_insert(found.fsid) != found.fsid {
                return Err(Error::new(ErrorKind::DifferentFilesystem, TAKE, open::name_of(asked.source))
                    .advise("on another filesystem than the first member: make a group for each filesystem"));
            }
            sources.push(found.source);
        }
        Ok(sources)
    }
}

/// A snapshot that is to be taken.
struct Looking<'a> {
    source: BorrowedFd<'a>,
    new: New<'a>,
}

/// What was found where nothing is in the way.
struct Found {
    source: SubvolumeInfo,
    fsid: Uuid,
}

impl Looking<'_> {
    /// In the order of `btrfs_ioctl_snap_create_v2` and what it calls, so that the first obstacle is the kernel's too.
    fn look(&self, swapfiles: &Swapfiles) -> Result<Found> {
        let fsid = self.directory()?;
        self.new.arguments()?;
        self.writable_mount()?;
        self.source(fsid)?;
        self.place()?;
        let source = handle::info(self.source).map_err(|failure| match failure.errno() {
            Some(libc::ENOENT) => self.obstacle(ErrorKind::NotFound, "the source was deleted"),
            _ => failure.on(open::name_of(self.source)),
        })?;
        match swapfiles.in_subvolume(open::stat(self.source)?.st_dev) {
            Some(file) => Err(self.obstacle(
                ErrorKind::Busy,
                format!(
                    "{file:?} in the source is an active swapfile: `swapoff` it first, or keep it in a subvolume of its own"
                ),
            )),
            None => Ok(Found { source, fsid }),
        }
    }

    /// The parent has to be a directory on a btrfs.
    fn directory(&self) -> Result<Uuid> {
        let mut info = Default::default();
        // Refused for the same reasons as the snapshot's call.
        crate::ioctl::call::<c::BTRFS_IOC_FS_INFO>(self.new.parent, &mut info)
            .map_err(|failure| self.new.error(failure, self.object()))?;
        if open::stat(self.new.parent)?.st_mode & libc::S_IFMT != libc::S_IFDIR {
            return Err(self.obstacle(
                ErrorKind::NotDirectory,
                "the parent is not a directory: open the directory that the snapshot shall be in",
            ));
        }
        Ok(Uuid::from_bytes(info.fsid))
    }

    fn writable_mount(&self) -> Result<()> {
        if fstatvfs(self.new.parent).is_ok_and(|mount| mount.flags().contains(FsFlags::ST_RDONLY)) {
            return Err(self.obstacle(
                ErrorKind::ReadOnly,
                "the mount is read-only, or the whole filesystem: by `-o ro`, or because a transaction failed, which \
                 the kernel's log tells (`dmesg`)",
            ));
        }
        Ok(())
    }

    /// The source has to be a subvolume of this filesystem, and the caller's.
    fn source(&self, fsid: Uuid) -> Result<()> {
        let elsewhere = || {
            self.obstacle(
                ErrorKind::DifferentFilesystem,
                "the source is on another filesystem than the directory: a snapshot shares its source's data, so each \
                 filesystem needs a directory of its own for snapshots",
            )
        };
        match Filesystem::from_fd(self.source) {
            Ok(filesystem) if filesystem.fsid() != fsid => return Err(elsewhere()),
            Err(error) if *error.kind() == ErrorKind::NotBtrfs && !open::is_on_btrfs(self.source) => {
                return Err(elsewhere());
            }
            Err(error) if *error.kind() == ErrorKind::InvalidArgument => {
                return Err(self.obstacle(
                    ErrorKind::InvalidArgument,
                    "the kernel does not take a source that was opened with O_PATH: open it for reading",
                ));
            }
            // The directory that stands for a subvolume in a snapshot answers no call, and is no subvolume.
            _ => {}
        }
        // The same condition of the kernel guards this flag and the snapshot, and opening changes nothing.
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOATIME | OFlag::O_CLOEXEC;
        if openat(self.source, ".", flags, Mode::empty()).is_err_and(|errno| errno == Errno::EPERM) {
            return Err(self.obstacle(
                ErrorKind::PermissionDenied,
                "only the owner of the source, or a process with CAP_FOWNER, may snapshot it",
            ));
        }
        if open::stat(self.source)?.st_ino != ROOT_INODE {
            return Err(self.obstacle(
                ErrorKind::NotSubvolume,
                "the source is not the root directory of a subvolume, and nothing else can be snapshotted",
            ));
        }
        Ok(())
    }

    /// The name has to be free, and the caller allowed to make it.
    fn place(&self) -> Result<()> {
        let New { parent, name, .. } = self.new;
        match fstatat(parent, name, AtFlags::AT_SYMLINK_NOFOLLOW) {
            Ok(_) => {
                return Err(self.obstacle(
                    ErrorKind::AlreadyExists,
                    "something of that name is there already: choose another, or remove it",
                ));
            }
            Err(Errno::ENOENT) => {}
            Err(Errno::EACCES) => {
                return Err(self.obstacle(ErrorKind::PermissionDenied, "the caller may not go into that directory"));
            }
            Err(errno) => return Err(Error::os("fstatat", self.new.path(), errno)),
        }
        let deleted_subvolume = || handle::info(parent).is_err_and(|info| info.errno() == Some(libc::ENOENT));
        if open::stat(parent)?.st_nlink == 0 || deleted_subvolume() {
            return Err(self.obstacle(ErrorKind::NotFound, "the parent directory was deleted"));
        }
        // Without a path, the C library does not fall back on guessing by user ids where the kernel has no such call.
        let flags = AtFlags::AT_EACCESS | AtFlags::AT_EMPTY_PATH;
        match faccessat(parent, "", AccessFlags::W_OK | AccessFlags::X_OK, flags) {
            Err(Errno::EROFS) => Err(self.obstacle(
                ErrorKind::ReadOnly,
                "the directory is in a read-only subvolume: choose a directory that can be written",
            )),
            Err(Errno::EACCES) => {
                Err(self.obstacle(ErrorKind::PermissionDenied, "the caller may not write in that directory"))
            }
            Err(Errno::EPERM) => {
                Err(self
                    .obstacle(ErrorKind::PermissionDenied, "the directory is immutable: `chattr -i` makes it writable"))
            }
            // What is not known here, the kernel will say.
            _ => Ok(()),
        }
    }

    fn object(&self) -> String {
        format!("{} -> {}", open::name_of(self.source), self.new.path())
    }

    fn obstacle(&self, kind: ErrorKind, advice: impl Into<String>) -> Error {
        Error::new(kind, self.new.call, self.object()).advise(advice)
    }
}
