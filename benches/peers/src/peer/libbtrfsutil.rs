//! libbtrfsutil, the C library of btrfs-progs, loaded at run time, so that it is not needed to build this.
#![expect(unsafe_code, reason = "calling a C library: each block says what its header promises")]

use std::ffi::{CStr, CString, OsString, c_char, c_int};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::ptr::{from_mut, null_mut};

use anyhow::{Context, Result, bail};
use libloading::Library;

/// `enum btrfs_util_error`.
type Status = c_int;
const OK: Status = 0;
const STOP_ITERATION: Status = 1;
/// `BTRFS_UTIL_CREATE_SNAPSHOT_READ_ONLY`.
const READ_ONLY: c_int = 2;
/// `BTRFS_FS_TREE_OBJECTID`.
const TOP_LEVEL: u64 = 5;

/// `struct btrfs_util_subvolume_iterator`, of which only the address is known.
enum Iterator {}
/// `struct btrfs_util_qgroup_inherit`, never made here.
enum Inherit {}

type CreateSnapshot = unsafe extern "C" fn(*const c_char, *const c_char, c_int, *mut u64, *mut Inherit) -> Status;
type CreateSnapshotFd2 = unsafe extern "C" fn(c_int, c_int, *const c_char, c_int, *mut u64, *mut Inherit) -> Status;
type CreateIteratorFd = unsafe extern "C" fn(c_int, u64, c_int, *mut *mut Iterator) -> Status;
type IteratorNext = unsafe extern "C" fn(*mut Iterator, *mut *mut c_char, *mut u64) -> Status;
type DestroyIterator = unsafe extern "C" fn(*mut Iterator);
type DeleteByIdFd = unsafe extern "C" fn(c_int, u64) -> Status;
type DeletedFd = unsafe extern "C" fn(c_int, *mut *mut u64, *mut usize) -> Status;
type SyncFd = unsafe extern "C" fn(c_int) -> Status;
type Message = unsafe extern "C" fn(Status) -> *const c_char;

/// The functions that are measured.
pub(crate) struct Libbtrfsutil {
    create_snapshot: CreateSnapshot,
    create_snapshot_fd2: CreateSnapshotFd2,
    create_iterator_fd: CreateIteratorFd,
    iterator_next: IteratorNext,
    destroy_iterator: DestroyIterator,
    delete_by_id_fd: DeleteByIdFd,
    deleted_fd: DeletedFd,
    sync_fd: SyncFd,
    message: Message,
    // Behind the functions: they are its.
    _library: Library,
}

impl Libbtrfsutil {
    /// Loads the library.
    pub(crate) fn load() -> Result<Self> {
        // SAFETY: its initialisation is the C library's own; it has no constructors.
        let library = unsafe { Library::new("libbtrfsutil.so.1") }
            .context("loading libbtrfsutil.so.1 (package libbtrfsutil1)")?;
        /// A function by its name, of the type that `btrfsutil.h` gives it.
        macro_rules! function {
            ($name:literal) => {{
                // SAFETY: the type of the field is what the header of 1.2 says; later versions keep it with the soname.
                let symbol = unsafe { library.get(concat!("btrfs_util_", $name).as_bytes()) };
                *symbol.context(concat!("libbtrfsutil has no btrfs_util_", $name))?
            }};
        }
        Ok(Self {
            create_snapshot: function!("create_snapshot"),
            create_snapshot_fd2: function!("create_snapshot_fd2"),
            create_iterator_fd: function!("create_subvolume_iterator_fd"),
            iterator_next: function!("subvolume_iterator_next"),
            destroy_iterator: function!("destroy_subvolume_iterator"),
            delete_by_id_fd: function!("delete_subvolume_by_id_fd"),
            deleted_fd: function!("deleted_subvolumes_fd"),
            sync_fd: function!("sync_fd"),
            message: function!("strerror"),
            _library: library,
        })
    }

    /// A read-only snapshot, by paths.
    pub(crate) fn snapshot_at(&self, source: &Path, destination: &Path) -> Result<()> {
        let [source, destination] = [source, destination].map(|path| CString::new(path.as_os_str().as_bytes()));
        let (source, destination) = (source?, destination?);
        // SAFETY: two strings that end in NUL; the two other addresses may be null.
        let status =
            unsafe { (self.create_snapshot)(source.as_ptr(), destination.as_ptr(), READ_ONLY, null_mut(), null_mut()) };
        self.check("create_snapshot", status)
    }

    /// A read-only snapshot, by descriptors.
    pub(crate) fn snapshot(&self, source: BorrowedFd<'_>, parent: BorrowedFd<'_>, name: &CStr) -> Result<()> {
        let (source, parent) = (source.as_raw_fd(), parent.as_raw_fd());
        // SAFETY: a string that ends in NUL; the two other addresses may be null.
        let status =
            unsafe { (self.create_snapshot_fd2)(source, parent, name.as_ptr(), READ_ONLY, null_mut(), null_mut()) };
        self.check("create_snapshot_fd2", status)
    }

    /// All subvolumes below the top level, with their paths.
    pub(crate) fn list(&self, fd: BorrowedFd<'_>) -> Result<Vec<(u64, PathBuf)>> {
        let mut iterator = null_mut();
        // SAFETY: the library writes one address.
        let status = unsafe { (self.create_iterator_fd)(fd.as_raw_fd(), TOP_LEVEL, 0, &raw mut iterator) };
        self.check("create_subvolume_iterator_fd", status)?;
        let mut list = Vec::new();
        let ended = loop {
            let (mut path, mut id) = (null_mut(), 0);
            // SAFETY: the iterator was made above; the library writes an address and a number.
            match unsafe { (self.iterator_next)(iterator, &raw mut path, &raw mut id) } {
                OK => {
                    // SAFETY: the library gives a string of its own, which ends in NUL.
                    let bytes = unsafe { CStr::from_ptr(path) }.to_bytes().to_vec();
                    // SAFETY: it is from malloc, and the caller's to free.
                    unsafe { libc::free(path.cast()) };
                    list.push((id, OsString::from_vec(bytes).into()));
                }
                STOP_ITERATION => break Ok(()),
                status => break self.check("subvolume_iterator_next", status),
            }
        };
        // SAFETY: made above, and used no more.
        unsafe { (self.destroy_iterator)(iterator) };
        ended.map(|()| list)
    }

    /// Deletes a subvolume by its id.
    pub(crate) fn delete(&self, fd: BorrowedFd<'_>, id: u64) -> Result<()> {
        // SAFETY: two numbers.
        let status = unsafe { (self.delete_by_id_fd)(fd.as_raw_fd(), id) };
        self.check("delete_subvolume_by_id_fd", status)
    }

    /// How many deleted subvolumes the cleaner has not finished with.
    pub(crate) fn deleted(&self, fd: BorrowedFd<'_>) -> Result<usize> {
        let (mut ids, mut count) = (null_mut(), 0);
        // SAFETY: the library writes an address and a number.
        let status = unsafe { (self.deleted_fd)(fd.as_raw_fd(), &raw mut ids, from_mut(&mut count)) };
        self.check("deleted_subvolumes_fd", status)?;
        // SAFETY: an array from malloc, and the caller's to free.
        unsafe { libc::free(ids.cast()) };
        Ok(count)
    }

    /// Commits.
    pub(crate) fn sync(&self, fd: BorrowedFd<'_>) -> Result<()> {
        // SAFETY: one number.
        let status = unsafe { (self.sync_fd)(fd.as_raw_fd()) };
        self.check("sync_fd", status)
    }

    fn check(&self, call: &str, status: Status) -> Result<()> {
        if status == OK {
            return Ok(());
        }
        let errno = std::io::Error::last_os_error();
        // SAFETY: gives the address of a constant string, or null for a number that it does not know.
        let message = unsafe { (self.message)(status) };
        if message.is_null() {
            bail!("btrfs_util_{call}: error {status}: {errno}");
        }
        // SAFETY: see above.
        let message = unsafe { CStr::from_ptr(message) };
        bail!("btrfs_util_{call}: {}: {errno}", message.to_string_lossy())
    }
}
