//! The floor: the ioctls themselves, with nothing around them.
#![expect(unsafe_code, reason = "calling the kernel with as little as possible in between")]

use std::ffi::{CStr, c_char};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use btrfs_sys as sys;
use btrfs_sys::ioctl::{
    BTRFS_IOC_SNAP_CREATE_V2, BTRFS_IOC_SNAP_DESTROY_V2, BTRFS_IOC_SYNC, BTRFS_IOC_TREE_SEARCH_V2, Command,
};

/// `BTRFS_IOC_SNAP_CREATE_V2`, read-only.
pub(crate) fn snapshot(source: BorrowedFd<'_>, parent: BorrowedFd<'_>, name: &CStr) -> io::Result<()> {
    let mut bytes = [0; size_of::<sys::btrfs_ioctl_vol_args_v2__bindgen_ty_2>()];
    let name = name.to_bytes();
    if name.len() >= bytes.len() {
        return Err(io::Error::from_raw_os_error(libc::ENAMETOOLONG));
    }
    for (to, from) in bytes.iter_mut().zip(name) {
        *to = c_char::from_ne_bytes([*from]);
    }
    let args = sys::btrfs_ioctl_vol_args_v2 {
        fd: source.as_raw_fd().into(),
        flags: sys::BTRFS_SUBVOL_RDONLY,
        __bindgen_anon_2: sys::btrfs_ioctl_vol_args_v2__bindgen_ty_2 { name: bytes },
        ..Default::default()
    };
    // SAFETY: the kernel reads one argument, which lives until the call is over, and without BTRFS_SUBVOL_QGROUP_INHERIT
    // follows no address in it.
    unsafe { call::<BTRFS_IOC_SNAP_CREATE_V2>(parent, &raw const args) }
}

/// `BTRFS_IOC_SNAP_DESTROY_V2`, by id.
pub(crate) fn delete(fd: BorrowedFd<'_>, id: u64) -> io::Result<()> {
    let args = sys::btrfs_ioctl_vol_args_v2 {
        flags: sys::BTRFS_SUBVOL_SPEC_BY_ID,
        __bindgen_anon_2: sys::btrfs_ioctl_vol_args_v2__bindgen_ty_2 { subvolid: id },
        ..Default::default()
    };
    // SAFETY: the kernel reads one argument, which lives until the call is over.
    unsafe { call::<BTRFS_IOC_SNAP_DESTROY_V2>(fd, &raw const args) }
}

/// `BTRFS_IOC_SYNC`.
pub(crate) fn sync(fd: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: the command takes no argument, so that the kernel does not look at the address.
    unsafe { call::<BTRFS_IOC_SYNC>(fd, std::ptr::null()) }
}

/// Steps over all items of a tree from one object and type to another; what they hold is not looked at.
///
/// `BTRFS_IOC_TREE_SEARCH_V2` with 64 KiB of buffer.
pub(crate) fn step_over(fd: BorrowedFd<'_>, tree_id: u64, first: (u64, u32), last: (u64, u32)) -> io::Result<u64> {
    const HEADER: usize = size_of::<sys::btrfs_ioctl_search_args_v2>() / size_of::<u64>();
    const ITEM: usize = size_of::<sys::btrfs_ioctl_search_header>();
    const BUFFER: usize = 64 * 1024;
    let buf_size = u64::try_from(BUFFER).map_err(io::Error::other)?;
    let mut memory = vec![0_u64; HEADER + BUFFER / size_of::<u64>()];
    let mut key = sys::btrfs_ioctl_search_key {
        tree_id,
        min_objectid: first.0,
        min_type: first.1,
        max_objectid: last.0,
        max_type: last.1,
        max_offset: u64::MAX,
        max_transid: u64::MAX,
        ..Default::default()
    };
    let mut items = 0;
    loop {
        key.nr_items = u32::MAX;
        let args: *mut sys::btrfs_ioctl_search_args_v2 = memory.as_mut_ptr().cast();
        // SAFETY: the memory begins with room for the header, and a u64 is as aligned as it has to be.
        unsafe { args.write(sys::btrfs_ioctl_search_args_v2 { key, buf_size, ..Default::default() }) };
        // SAFETY: buf_size bounds what the kernel writes behind the header; all of it is in `memory`.
        unsafe { call::<BTRFS_IOC_TREE_SEARCH_V2>(fd, args.cast_const()) }?;
        // SAFETY: the kernel wrote the header, plain data, back.
        let found = unsafe { (*args).key.nr_items };
        if found == 0 {
            return Ok(items);
        }
        let bytes = args.cast::<u8>().cast_const();
        let mut at = HEADER * size_of::<u64>();
        for _ in 0..found {
            if at + ITEM > size_of_val(memory.as_slice()) {
                return Err(io::Error::other("the kernel gives more items than fit"));
            }
            // SAFETY: as was just checked, a header lies inside the memory here; items are packed, so it is not aligned.
            let header: sys::btrfs_ioctl_search_header =
                unsafe { bytes.add(at).cast::<sys::btrfs_ioctl_search_header>().read_unaligned() };
            at += ITEM + usize::try_from(header.len).map_err(io::Error::other)?;
            (key.min_objectid, key.min_type, key.min_offset) = (header.objectid, header.type_, header.offset);
        }
        items += u64::from(found);
        match key.min_offset.checked_add(1) {
            Some(offset) => key.min_offset = offset,
            None => (key.min_type, key.min_offset) = (key.min_type + 1, 0),
        }
    }
}

/// # Safety
///
/// What the kernel reads and writes at `argument` must be valid for that during the call.
unsafe fn call<C: Command>(fd: BorrowedFd<'_>, argument: *const C::Argument) -> io::Result<()> {
    #[expect(clippy::as_conversions, reason = "Ioctl is c_ulong with glibc and c_int with musl; the bits count")]
    let request = C::ROW.number as libc::Ioctl;
    // SAFETY: the number belongs to the argument's type; the caller vouches for the memory.
    let returned = unsafe { libc::ioctl(fd.as_raw_fd(), request, argument) };
    if returned < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
