//! The FUSE filesystem: a file to be used as a disk, and one that tells how often that was flushed.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use fuser::{
    BackingId, Config, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo, InitFlags,
    KernelConfig, LockOwner, MountOption, OpenFlags, ReplyAttr, ReplyData, ReplyEmpty, ReplyEntry, ReplyOpen,
    ReplyWrite, Request, Session, WriteFlags,
};
use nix::fcntl::{FallocateFlags, fallocate};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::Signal;

use super::{FLUSH, SIZE};

/// The file to be used as a disk.
pub(super) const DISK: &str = "disk";
/// The file that tells how often it was flushed.
pub(super) const FLUSHES: &str = "flushes";
/// What the server prints when it is mounted.
pub(super) const READY: &str = "ready\n";

const DISK_INODE: INodeNo = INodeNo(2);
const FLUSHES_INODE: INodeNo = INodeNo(3);
/// Nothing here changes its attributes.
const FOR_EVER: Duration = Duration::from_secs(86_400);

struct Server {
    /// Without a name, on the tmpfs.
    image: File,
    /// The kernel's name for the image, once it is open: it reads and writes it without asking here, where it can.
    backing: OnceLock<BackingId>,
    flushes: AtomicU64,
}

/// Mounts the filesystem and serves it until it is unmounted, or the one who started this has ended.
pub(crate) fn serve(directory: &Path) -> Result<()> {
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
    let path = Path::new(testbed::ROOT).join("slow-disk-image");
    let image = File::options().read(true).write(true).create_new(true).open(&path)?;
    image.set_len(SIZE)?;
    std::fs::remove_file(&path)?;
    let mut config = Config::default();
    config.mount_options = vec![MountOption::FSName("slow-disk".to_owned())];
    let server = Server { image, backing: OnceLock::new(), flushes: AtomicU64::new(0) };
    let session = Session::new(server, directory, &config).context("mounting a FUSE filesystem")?;
    // From here on with mounts of its own. In those of the measuring process there will be a btrfs on this disk; were this
    // process the last to have them, its end would unmount that before anything ends the waiting for this server.
    unshare(CloneFlags::CLONE_NEWNS)?;
    std::io::stdout().write_all(READY.as_bytes())?;
    session.run().context("serving the slow disk")
}

fn attributes(inode: INodeNo) -> FileAttr {
    let (kind, size, perm) = match inode {
        DISK_INODE => (FileType::RegularFile, SIZE, 0o600),
        FLUSHES_INODE => (FileType::RegularFile, 0, 0o400),
        _ => (FileType::Directory, 0, 0o700),
    };
    let time = SystemTime::UNIX_EPOCH;
    FileAttr {
        ino: inode,
        size,
        blocks: size / 512,
        atime: time,
        mtime: time,
        ctime: time,
        crtime: time,
        kind,
        perm,
        nlink: 1,
        uid: 0,
        gid: 0,
        rdev: 0,
        blksize: 4096,
        flags: 0,
    }
}

fn errno(error: &std::io::Error) -> Errno {
    Errno::from_i32(error.raw_os_error().unwrap_or(libc::EIO))
}

impl Server {
    /// None before Linux 6.9, where every read and write comes through here.
    fn backing(&self, reply: &ReplyOpen) -> Option<&BackingId> {
        if let Ok(backing) = reply.open_backing(&self.image) {
            let _ = self.backing.set(backing);
        }
        self.backing.get()
    }
}

impl Filesystem for Server {
    fn init(&mut self, _: &Request, config: &mut KernelConfig) -> std::io::Result<()> {
        // Without it, what is measured would be this program more than the disk.
        if config.add_capabilities(InitFlags::FUSE_PASSTHROUGH).is_ok() {
            let _ = config.set_max_stack_depth(1);
        }
        Ok(())
    }

    fn lookup(&self, _: &Request, _: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let inode = match name.to_str() {
            Some(DISK) => DISK_INODE,
            Some(FLUSHES) => FLUSHES_INODE,
            _ => return reply.error(Errno::ENOENT),
        };
        reply.entry(&FOR_EVER, &attributes(inode), Generation(0));
    }

    fn getattr(&self, _: &Request, inode: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        reply.attr(&FOR_EVER, &attributes(inode));
    }

    fn open(&self, _: &Request, inode: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        if inode == FLUSHES_INODE {
            // The count is read anew each time, without a cache and whatever its size is said to be.
            return reply.opened(FileHandle(0), FopenFlags::FOPEN_DIRECT_IO);
        }
        match self.backing.get().or_else(|| self.backing(&reply)) {
            Some(backing) => reply.opened_passthrough(FileHandle(0), FopenFlags::empty(), backing),
            None => reply.opened(FileHandle(0), FopenFlags::FOPEN_KEEP_CACHE),
        }
    }

    fn read(
        &self,
        _: &Request,
        inode: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        if inode == FLUSHES_INODE {
            let text = self.flushes.load(Ordering::SeqCst).to_string();
            return reply.data(if offset == 0 { text.as_bytes() } else { &[] });
        }
        let mut buffer = vec![0; usize::try_from(size).unwrap_or(0)];
        match self.image.read_at(&mut buffer, offset) {
            Ok(count) => reply.data(&buffer[..count]),
            Err(error) => reply.error(errno(&error)),
        }
    }

    fn write(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        match self.image.write_all_at(data, offset) {
            Ok(()) => reply.written(u32::try_from(data.len()).unwrap_or(u32::MAX)),
            Err(error) => reply.error(errno(&error)),
        }
    }

    fn fsync(&self, _: &Request, _: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        self.flushes.fetch_add(1, Ordering::SeqCst);
        // In a thread of its own: reads and writes do not wait for a flush.
        thread::spawn(move || {
            thread::sleep(FLUSH);
            reply.ok();
        });
    }

    fn fallocate(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        offset: u64,
        length: u64,
        mode: i32,
        reply: ReplyEmpty,
    ) {
        let (offset, length) = (offset.try_into().unwrap_or(i64::MAX), length.try_into().unwrap_or(i64::MAX));
        match fallocate(&self.image, FallocateFlags::from_bits_retain(mode), offset, length) {
            Ok(()) => reply.ok(),
            Err(error) => reply.error(Errno::from(std::io::Error::from(error))),
        }
    }
}
