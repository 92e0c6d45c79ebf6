//! The one place that talks to the kernel by ioctl, and the only unsafe code of the crate.
//!
//! A command is a type of [`btrfs_sys::ioctl`]; it brings its number, its argument and what its return value means. What
//! kind of memory the kernel touches is said here, once for each command, by implementing [`Plain`], [`Flexible`] or
//! by a function of its own.
#![expect(unsafe_code, reason = "calling the kernel: each block says what bounds it")]

use std::fmt::Display;
use std::io;
use std::marker::PhantomData;
use std::mem::{align_of, size_of};
use std::os::fd::{AsRawFd, BorrowedFd};

use btrfs_sys as sys;
use btrfs_sys::ioctl::{Command, Returns};

use crate::error::{Error, ErrorKind};
use crate::refusal::Refusal;

/// What a call that failed said, before the caller adds what it was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failure {
    call: &'static str,
    reason: Reason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Errno(i32),
    Refused(u32),
}

impl Failure {
    pub(crate) fn errno(self) -> Option<i32> {
        match self.reason {
            Reason::Errno(errno) => Some(errno),
            Reason::Refused(_) => None,
        }
    }

    /// The error about this object.
    pub(crate) fn on(self, object: impl Display) -> Error {
        match self.reason {
            Reason::Errno(errno) => {
                let error = Error::os(self.call, object, io::Error::from_raw_os_error(errno));
                match errno {
                    libc::ENOTTY => error.advise("not on a btrfs filesystem, or this kernel does not have the call"),
                    libc::EPERM => error.advise("the kernel allows it to the owner or with CAP_SYS_ADMIN only"),
                    _ => error,
                }
            }
            Reason::Refused(code) => {
                let refusal = Refusal::from_code(code);
                let kind = match refusal {
                    Refusal::ExclusiveOperation => ErrorKind::ExclusiveOperation,
                    other => ErrorKind::Refused(other),
                };
                Error::new(kind, self.call, object).advise(refusal.to_string())
            }
        }
    }
}

/// A command whose argument the kernel reads and writes in place.
///
/// # Safety
///
/// The kernel touches no more than `size_of::<Argument>()` bytes at the pointer it is given, and follows no pointer
/// inside them to write. `Argument` is plain C data: every pattern of bits is a value of it.
pub(crate) unsafe trait Plain: Command {}

macro_rules! plain {
    ($($name:ident)*) => {$(
        // SAFETY: `fs/btrfs/ioctl.c` copies exactly one argument in or out (copy_from_user, copy_to_user, memdup_user
        // of sizeof), and the argument holds no address of user memory.
        unsafe impl Plain for sys::ioctl::$name {}
    )*};
}

plain! {
    BTRFS_IOC_SYNC
    BTRFS_IOC_DEFAULT_SUBVOL
    BTRFS_IOC_START_SYNC
    BTRFS_IOC_WAIT_SYNC
    BTRFS_IOC_SUBVOL_GETFLAGS
    BTRFS_IOC_SUBVOL_SETFLAGS
    BTRFS_IOC_SET_RECEIVED_SUBVOL
    BTRFS_IOC_SNAP_DESTROY
    BTRFS_IOC_SNAP_DESTROY_V2
    BTRFS_IOC_INO_LOOKUP
    BTRFS_IOC_INO_LOOKUP_USER
    BTRFS_IOC_GET_SUBVOL_INFO
    BTRFS_IOC_GET_SUBVOL_ROOTREF
    BTRFS_IOC_SUBVOL_SYNC_WAIT
    BTRFS_IOC_ADD_DEV
    BTRFS_IOC_RM_DEV
    BTRFS_IOC_RM_DEV_V2
    BTRFS_IOC_RESIZE
    BTRFS_IOC_DEV_INFO
    BTRFS_IOC_FS_INFO
    BTRFS_IOC_GET_FSLABEL
    BTRFS_IOC_GET_DEV_STATS
    BTRFS_IOC_BALANCE_V2
    BTRFS_IOC_BALANCE_PROGRESS
    BTRFS_IOC_QUOTA_CTL
    BTRFS_IOC_QGROUP_CREATE
}

/// Calls a [`Plain`] command and returns what it returned, zero or more.
///
/// The argument is written back on failure too, as the kernel left it: a cancelled balance gives its last counters so.
pub(crate) fn call<C: Plain>(fd: BorrowedFd<'_>, argument: &mut C::Argument) -> Result<u32, Failure> {
    // SAFETY: `Plain` bounds what the kernel touches to the argument, which is exclusively ours for the call.
    unsafe { raw::<C>(fd, argument) }
}

/// Pauses or cancels a balance: `BTRFS_IOC_BALANCE_CTL` takes its argument by value.
pub(crate) fn balance_control(fd: BorrowedFd<'_>, command: u64) -> Result<u32, Failure> {
    let value = usize::try_from(command).unwrap_or(usize::MAX);
    // SAFETY: the kernel reads the pointer as a number and dereferences nothing.
    unsafe { raw::<sys::ioctl::BTRFS_IOC_BALANCE_CTL>(fd, std::ptr::without_provenance_mut(value)) }
}

/// A command that makes a subvolume and can put it into quota groups.
///
/// # Safety
///
/// The kernel reads one `btrfs_ioctl_vol_args_v2` and what its `qgroup_inherit` points to; it writes back no more than
/// the former.
pub(crate) unsafe trait Inheriting: Command<Argument = sys::btrfs_ioctl_vol_args_v2> {}
// SAFETY: btrfs_ioctl_snap_create_v2 takes both by memdup_user, and copies back nothing.
unsafe impl Inheriting for sys::ioctl::BTRFS_IOC_SNAP_CREATE_V2 {}
// SAFETY: the same function serves it.
unsafe impl Inheriting for sys::ioctl::BTRFS_IOC_SUBVOL_CREATE_V2 {}

/// Makes a subvolume or a snapshot; `qgroups` are the quota groups it shall join.
pub(crate) fn create<C: Inheriting>(
    fd: BorrowedFd<'_>,
    argument: &mut sys::btrfs_ioctl_vol_args_v2,
    qgroups: &[u64],
) -> Result<u32, Failure> {
    // struct btrfs_qgroup_inherit as words: flags, three counts, five limits that stay zero, the group ids.
    const HEADER: usize = size_of::<sys::btrfs_qgroup_inherit>() / size_of::<u64>();
    let mut inherit = [0; HEADER].to_vec();
    argument.flags &= !sys::BTRFS_SUBVOL_QGROUP_INHERIT;
    if !qgroups.is_empty() {
        inherit[1] = u64::try_from(qgroups.len()).unwrap_or(u64::MAX);
        inherit.extend_from_slice(qgroups);
        let bytes = size_of::<u64>() * inherit.len();
        argument.flags |= sys::BTRFS_SUBVOL_QGROUP_INHERIT;
        argument.__bindgen_anon_1.__bindgen_anon_1 = sys::btrfs_ioctl_vol_args_v2__bindgen_ty_1__bindgen_ty_1 {
            size: u64::try_from(bytes).unwrap_or(u64::MAX),
            qgroup_inherit: inherit.as_mut_ptr().cast(),
        };
    }
    // SAFETY: the argument is exclusively ours; its only address is of `inherit`, whose length stands beside it, and
    // which lives to the end of this function. Without the flag the kernel does not look at the address.
    unsafe { raw::<C>(fd, argument) }
}

/// A command whose argument is a header and then an array that the kernel fills.
///
/// # Safety
///
/// The kernel writes at most the header and, behind it, the number of bytes that [`Flexible::bound`] was given.
/// `Argument` is plain C data without addresses, aligned to 8 bytes at most.
pub(crate) unsafe trait Flexible: Command {
    /// Tells the kernel how many bytes there are behind the header.
    fn bound(header: &mut Self::Argument, bytes: u64);
}

// SAFETY: search_ioctl copies items while they fit into buf_size, which bounds the array.
unsafe impl Flexible for sys::ioctl::BTRFS_IOC_TREE_SEARCH_V2 {
    fn bound(header: &mut Self::Argument, bytes: u64) {
        header.buf_size = bytes;
    }
}

// SAFETY: btrfs_ioctl_space_info copies at most space_slots elements; rounding down keeps them inside.
unsafe impl Flexible for sys::ioctl::BTRFS_IOC_SPACE_INFO {
    fn bound(header: &mut Self::Argument, bytes: u64) {
        header.space_slots = bytes / SPACE_INFO;
    }
}

/// Bytes of one `btrfs_ioctl_space_info`: three 64-bit fields.
const SPACE_INFO: u64 = 24;
const _: () = assert!(size_of::<sys::btrfs_ioctl_space_info>() == 24);

/// Memory for a [`Flexible`] command, used again from call to call.
pub(crate) struct Buffer<C: Flexible> {
    // Words, because the header wants their alignment.
    memory: Vec<u64>,
    command: PhantomData<C>,
}

impl<C: Flexible> Buffer<C> {
    const HEADER: usize = {
        assert!(align_of::<C::Argument>() <= align_of::<u64>());
        assert!(size_of::<C::Argument>() % size_of::<u64>() == 0);
        size_of::<C::Argument>()
    };

    /// With room for so many bytes behind the header, rounded up to 8.
    pub(crate) fn new(bytes: usize) -> Self {
        let words = Self::HEADER / size_of::<u64>() + bytes.div_ceil(size_of::<u64>());
        Self { memory: vec![0; words], command: PhantomData }
    }

    /// How many bytes there are behind the header.
    pub(crate) fn capacity(&self) -> usize {
        self.memory.len() * size_of::<u64>() - Self::HEADER
    }

    /// Calls the command with this header and returns it as the kernel left it.
    pub(crate) fn call(&mut self, fd: BorrowedFd<'_>, mut header: C::Argument) -> Result<C::Argument, Failure> {
        C::bound(&mut header, u64::try_from(self.capacity()).unwrap_or(u64::MAX));
        let start: *mut C::Argument = self.memory.as_mut_ptr().cast();
        // SAFETY: `memory` begins with HEADER bytes for it, aligned as checked in HEADER.
        unsafe { start.write(header) };
        // SAFETY: `Flexible` bounds what the kernel writes to the header and the capacity, all of it in `memory`.
        let result = unsafe { raw::<C>(fd, start) };
        // SAFETY: the header is plain C data, which the kernel wrote or left as it was.
        result.map(|_| unsafe { start.read() })
    }

    /// The bytes behind the header: how many of them the last call filled, its header said.
    pub(crate) fn tail(&self) -> &[u8] {
        let start: *const u8 = self.memory.as_ptr().cast();
        // SAFETY: from behind the header to the end of `memory`, all initialised, at first with zeros.
        unsafe { std::slice::from_raw_parts(start.add(Self::HEADER), self.capacity()) }
    }
}

/// The `usage` and `limit` words of a balance's filters, which are unions in C: `(usage, limit)`.
pub(crate) fn balance_words(args: &sys::btrfs_balance_args) -> (u64, u64) {
    // SAFETY: both readings of each union are plain numbers over the same eight bytes.
    unsafe { (args.__bindgen_anon_1.usage, args.__bindgen_anon_2.limit) }
}

/// # Safety
///
/// The kernel may touch at `argument` only memory that is valid for it to read and write during the call.
unsafe fn raw<C: Command>(fd: BorrowedFd<'_>, argument: *mut C::Argument) -> Result<u32, Failure> {
    let row = C::ROW;
    #[expect(clippy::as_conversions, reason = "Ioctl is c_ulong with glibc and c_int with musl; the bits count")]
    let request = row.number as libc::Ioctl;
    // SAFETY: the number belongs to the argument's type; the caller vouches for the memory.
    let returned = unsafe { libc::ioctl(fd.as_raw_fd(), request, argument) };
    let reason = match u32::try_from(returned) {
        Ok(code @ 1..) if row.returns == Returns::ErrorCode => Reason::Refused(code),
        Ok(value) => return Ok(value),
        Err(_) => Reason::Errno(io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO)),
    };
    Err(Failure { call: row.name, reason })
}

/// To the scheduler's calls, the calling thread.
const SELF: libc::c_long = 0;
const NO_FLAGS: libc::c_long = 0;

/// While it lives, this thread is quick to get a processor that others are busy on: it asks the scheduler for short slices,
/// and in exchange is off the processor sooner. Needs no capability. Since Linux 6.12; before, it changes nothing.
///
/// Not an ioctl, but here is where the unsafe code is.
pub(crate) struct ShortSlice {
    before: Option<libc::sched_attr>,
}

impl ShortSlice {
    /// The least that the scheduler takes, in nanoseconds.
    const SHORT: u64 = 100_000;

    pub(crate) fn new() -> Self {
        // A kernel that has no slices to give says 0. Threads with a policy of their own keep it.
        let ordinary = |policy| u32::try_from(libc::SCHED_OTHER).is_ok_and(|other| policy == other);
        let before = scheduling().filter(|is| ordinary(is.sched_policy) && is.sched_runtime > Self::SHORT);
        if let Some(before) = before {
            set_scheduling(libc::sched_attr { sched_runtime: Self::SHORT, ..before });
        }
        Self { before }
    }
}

impl Drop for ShortSlice {
    fn drop(&mut self) {
        if let Some(before) = self.before {
            set_scheduling(before);
        }
    }
}

/// How this thread is scheduled.
fn scheduling() -> Option<libc::sched_attr> {
    // SAFETY: all zeros is a value of the struct, which is integers only.
    let mut attributes: libc::sched_attr = unsafe { std::mem::zeroed() };
    let size = u32::try_from(size_of::<libc::sched_attr>()).ok()?;
    // SAFETY: the kernel writes no more than `size` bytes into `attributes`.
    let got = unsafe { libc::syscall(libc::SYS_sched_getattr, SELF, &raw mut attributes, size, NO_FLAGS) };
    (got == 0).then_some(attributes)
}

/// Best effort: where the kernel refuses, the thread is scheduled as before.
fn set_scheduling(attributes: libc::sched_attr) {
    // SAFETY: the kernel reads `attributes.size` bytes, which the kernel itself said, at most the struct's size.
    unsafe { libc::syscall(libc::SYS_sched_setattr, SELF, &raw const attributes, NO_FLAGS) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_slice_is_given_back() {
        let slice = || scheduling().map(|is| (is.sched_policy, is.sched_nice, is.sched_runtime));
        let before = slice();
        let short = ShortSlice::new();
        // Where the kernel has slices, it is one.
        assert!(slice().is_none_or(|(_, _, length)| length <= ShortSlice::SHORT || short.before.is_none()));
        drop(short);
        assert_eq!(slice(), before);
    }
}
