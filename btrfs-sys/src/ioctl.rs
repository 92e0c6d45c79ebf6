//! The table of every `BTRFS_IOC_*`: number, direction, argument, what the return value means, first kernel.
//!
//! In C these are function-like macros, which give bindgen no numbers: so the table is by hand, and `tests/abi.rs`
//! holds it against two independent witnesses. A command is a type that implements [`Command`].
//!
//! Sources: `linux/btrfs.h` of Linux 7.2 for numbers, directions and arguments; `fs/btrfs/ioctl.c` of 6.18 for return
//! values; the kernel's history for the versions.

use core::ffi::{c_char, c_int};
use core::mem::size_of;

use crate::bindings::*;

/// Which way the argument of a command goes, as its number encodes it.
///
/// The encoding is history, not truth: `QGROUP_LIMIT` says [`Direction::Read`] and is only written,
/// `SUBVOL_SYNC_WAIT` says [`Direction::Write`] and may be written back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// `_IO`: no argument.
    None,
    /// `_IOW`: the program writes, the kernel reads.
    Write,
    /// `_IOR`: the kernel writes, the program reads.
    Read,
    /// `_IOWR`: both.
    ReadWrite,
}

/// What a return value of zero or more means. Below zero is an errno everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returns {
    /// Only ever 0.
    Zero,
    /// 0, or an `enum btrfs_err_code`: the kernel refused and did nothing, although errno is 0.
    ErrorCode,
    /// Any value of zero or more is success and tells nothing (`GET_SUBVOL_INFO` gives 1).
    Any,
    /// 0 yes, 1 no.
    NotReady,
    /// 0, or more than 0 when a quota rescan is needed.
    RescanNeeded,
    /// How many bytes were read or written.
    Bytes,
}

/// A kernel version, `Version(6, 13)` for Linux 6.13. The 2.6 series is told apart by its third number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u8, pub u8, pub u8);

/// One ioctl command.
pub trait Command {
    /// What the kernel reads or writes at the pointer that is passed; `()` where nothing is passed.
    type Argument;
    /// The line of [`TABLE`].
    const ROW: Row;
}

/// One line of [`TABLE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The name in C, such as `BTRFS_IOC_SYNC`.
    pub name: &'static str,
    /// The direction encoded in the number.
    pub direction: Direction,
    /// The request number for `ioctl(2)`.
    pub number: u32,
    /// The size encoded in the number. Structures that end in a flexible array count without it.
    pub size: usize,
    /// What a return value means.
    pub returns: Returns,
    /// The first kernel that has it.
    pub since: Version,
    /// The first kernel that has it no more.
    pub removed: Option<Version>,
}

/// `_IOC` of this machine's architecture.
const fn number(direction: Direction, group: u8, nr: u8, size: usize) -> u32 {
    // Where size is 13 bits wide, the direction has 3 bits, and writing is the highest of them.
    const WIDE: bool = cfg!(any(
        target_arch = "mips",
        target_arch = "mips64",
        target_arch = "powerpc",
        target_arch = "powerpc64",
        target_arch = "sparc",
        target_arch = "sparc64",
    ));
    let (none, read, write, shift, size_limit) = if WIDE { (1, 2, 4, 29, 1 << 13) } else { (0, 2, 1, 30, 1 << 14) };
    let direction: u32 = match direction {
        Direction::None => none,
        Direction::Read => read,
        Direction::Write => write,
        Direction::ReadWrite => read | write,
    };
    assert!(size < size_limit, "an ioctl's argument is larger than its number can say");
    #[expect(clippy::as_conversions, reason = "const fn has no From; both are widenings or were checked above")]
    let (group, nr, size) = (group as u32, nr as u32, size as u32);
    (direction << shift) | (size << 16) | (group << 8) | nr
}

macro_rules! table {
    ($($direction:ident $group:literal $nr:literal $argument:ty, $name:ident -> $returns:ident, $since:expr $(, until $removed:expr)?;)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "`, on a `", stringify!($argument), "`.")]
            #[expect(non_camel_case_types, reason = "the name it has in C")]
            #[derive(Debug, Clone, Copy)]
            pub enum $name {}

            impl Command for $name {
                type Argument = $argument;
                const ROW: Row = Row {
                    name: stringify!($name),
                    direction: Direction::$direction,
                    number: number(Direction::$direction, $group, $nr, size_of::<$argument>()),
                    size: size_of::<$argument>(),
                    returns: Returns::$returns,
                    since: $since,
                    removed: [$(Some($removed),)? None][0],
                };
            }
        )*
        /// Every ioctl command of btrfs, in the order of the header.
        pub const TABLE: &[Row] = &[$(<$name as Command>::ROW),*];
    };
}

// direction group number argument, name -> returns, first kernel
table! {
    Write     0x94   1 btrfs_ioctl_vol_args, BTRFS_IOC_SNAP_CREATE -> Zero, Version(2, 6, 29);
    Write     0x94   2 btrfs_ioctl_vol_args, BTRFS_IOC_DEFRAG -> Zero, Version(2, 6, 29);
    Write     0x94   3 btrfs_ioctl_vol_args, BTRFS_IOC_RESIZE -> ErrorCode, Version(2, 6, 29);
    Write     0x94   4 btrfs_ioctl_vol_args, BTRFS_IOC_SCAN_DEV -> Zero, Version(2, 6, 29);
    Write     0x94   5 btrfs_ioctl_vol_args, BTRFS_IOC_FORGET_DEV -> Zero, Version(5, 1, 0);
    None      0x94   6 (), BTRFS_IOC_TRANS_START -> Zero, Version(2, 6, 29), until Version(4, 17, 0);
    None      0x94   7 (), BTRFS_IOC_TRANS_END -> Zero, Version(2, 6, 29), until Version(4, 17, 0);
    None      0x94   8 (), BTRFS_IOC_SYNC -> Zero, Version(2, 6, 29);
    Write     0x94   9 c_int, BTRFS_IOC_CLONE -> Zero, Version(2, 6, 29);
    Write     0x94  10 btrfs_ioctl_vol_args, BTRFS_IOC_ADD_DEV -> ErrorCode, Version(2, 6, 29);
    Write     0x94  11 btrfs_ioctl_vol_args, BTRFS_IOC_RM_DEV -> ErrorCode, Version(2, 6, 29);
    Write     0x94  12 btrfs_ioctl_vol_args, BTRFS_IOC_BALANCE -> ErrorCode, Version(2, 6, 29);
    Write     0x94  13 btrfs_ioctl_clone_range_args, BTRFS_IOC_CLONE_RANGE -> Zero, Version(2, 6, 29);
    Write     0x94  14 btrfs_ioctl_vol_args, BTRFS_IOC_SUBVOL_CREATE -> Zero, Version(2, 6, 29);
    Write     0x94  15 btrfs_ioctl_vol_args, BTRFS_IOC_SNAP_DESTROY -> Zero, Version(2, 6, 32);
    Write     0x94  16 btrfs_ioctl_defrag_range_args, BTRFS_IOC_DEFRAG_RANGE -> Zero, Version(2, 6, 34);
    ReadWrite 0x94  17 btrfs_ioctl_search_args, BTRFS_IOC_TREE_SEARCH -> Zero, Version(2, 6, 34);
    ReadWrite 0x94  17 btrfs_ioctl_search_args_v2, BTRFS_IOC_TREE_SEARCH_V2 -> Zero, Version(3, 16, 0);
    ReadWrite 0x94  18 btrfs_ioctl_ino_lookup_args, BTRFS_IOC_INO_LOOKUP -> Zero, Version(2, 6, 34);
    Write     0x94  19 __u64, BTRFS_IOC_DEFAULT_SUBVOL -> Zero, Version(2, 6, 34);
    ReadWrite 0x94  20 btrfs_ioctl_space_args, BTRFS_IOC_SPACE_INFO -> Zero, Version(2, 6, 34);
    Read      0x94  24 __u64, BTRFS_IOC_START_SYNC -> Zero, Version(2, 6, 37);
    Write     0x94  22 __u64, BTRFS_IOC_WAIT_SYNC -> Zero, Version(2, 6, 37);
    Write     0x94  23 btrfs_ioctl_vol_args_v2, BTRFS_IOC_SNAP_CREATE_V2 -> Zero, Version(2, 6, 37);
    Write     0x94  24 btrfs_ioctl_vol_args_v2, BTRFS_IOC_SUBVOL_CREATE_V2 -> Zero, Version(3, 6, 0);
    Read      0x94  25 __u64, BTRFS_IOC_SUBVOL_GETFLAGS -> Zero, Version(2, 6, 38);
    Write     0x94  26 __u64, BTRFS_IOC_SUBVOL_SETFLAGS -> Zero, Version(2, 6, 38);
    ReadWrite 0x94  27 btrfs_ioctl_scrub_args, BTRFS_IOC_SCRUB -> Zero, Version(3, 0, 0);
    None      0x94  28 (), BTRFS_IOC_SCRUB_CANCEL -> Zero, Version(3, 0, 0);
    ReadWrite 0x94  29 btrfs_ioctl_scrub_args, BTRFS_IOC_SCRUB_PROGRESS -> Zero, Version(3, 0, 0);
    ReadWrite 0x94  30 btrfs_ioctl_dev_info_args, BTRFS_IOC_DEV_INFO -> Zero, Version(3, 0, 0);
    Read      0x94  31 btrfs_ioctl_fs_info_args, BTRFS_IOC_FS_INFO -> Zero, Version(3, 0, 0);
    ReadWrite 0x94  32 btrfs_ioctl_balance_args, BTRFS_IOC_BALANCE_V2 -> ErrorCode, Version(3, 3, 0);
    Write     0x94  33 c_int, BTRFS_IOC_BALANCE_CTL -> Zero, Version(3, 3, 0);
    Read      0x94  34 btrfs_ioctl_balance_args, BTRFS_IOC_BALANCE_PROGRESS -> Zero, Version(3, 3, 0);
    ReadWrite 0x94  35 btrfs_ioctl_ino_path_args, BTRFS_IOC_INO_PATHS -> Zero, Version(3, 2, 0);
    ReadWrite 0x94  36 btrfs_ioctl_logical_ino_args, BTRFS_IOC_LOGICAL_INO -> Zero, Version(3, 2, 0);
    ReadWrite 0x94  37 btrfs_ioctl_received_subvol_args, BTRFS_IOC_SET_RECEIVED_SUBVOL -> Zero, Version(3, 6, 0);
    Write     0x94  38 btrfs_ioctl_send_args, BTRFS_IOC_SEND -> Zero, Version(3, 6, 0);
    Read      0x94  39 btrfs_ioctl_vol_args, BTRFS_IOC_DEVICES_READY -> NotReady, Version(3, 6, 0);
    ReadWrite 0x94  40 btrfs_ioctl_quota_ctl_args, BTRFS_IOC_QUOTA_CTL -> Zero, Version(3, 6, 0);
    Write     0x94  41 btrfs_ioctl_qgroup_assign_args, BTRFS_IOC_QGROUP_ASSIGN -> RescanNeeded, Version(3, 6, 0);
    Write     0x94  42 btrfs_ioctl_qgroup_create_args, BTRFS_IOC_QGROUP_CREATE -> Zero, Version(3, 6, 0);
    Read      0x94  43 btrfs_ioctl_qgroup_limit_args, BTRFS_IOC_QGROUP_LIMIT -> Zero, Version(3, 6, 0);
    Write     0x94  44 btrfs_ioctl_quota_rescan_args, BTRFS_IOC_QUOTA_RESCAN -> Zero, Version(3, 10, 0);
    Read      0x94  45 btrfs_ioctl_quota_rescan_args, BTRFS_IOC_QUOTA_RESCAN_STATUS -> Zero, Version(3, 10, 0);
    None      0x94  46 (), BTRFS_IOC_QUOTA_RESCAN_WAIT -> Zero, Version(3, 11, 0);
    Read      0x94  49 [c_char; 256], BTRFS_IOC_GET_FSLABEL -> Zero, Version(3, 9, 0);
    Write     0x94  50 [c_char; 256], BTRFS_IOC_SET_FSLABEL -> Zero, Version(3, 9, 0);
    ReadWrite 0x94  52 btrfs_ioctl_get_dev_stats, BTRFS_IOC_GET_DEV_STATS -> Zero, Version(3, 5, 0);
    ReadWrite 0x94  53 btrfs_ioctl_dev_replace_args, BTRFS_IOC_DEV_REPLACE -> ErrorCode, Version(3, 8, 0);
    ReadWrite 0x94  54 btrfs_ioctl_same_args, BTRFS_IOC_FILE_EXTENT_SAME -> Zero, Version(3, 12, 0);
    Read      0x94  57 btrfs_ioctl_feature_flags, BTRFS_IOC_GET_FEATURES -> Zero, Version(3, 14, 0);
    Write     0x94  57 [btrfs_ioctl_feature_flags; 2], BTRFS_IOC_SET_FEATURES -> Zero, Version(3, 14, 0);
    Read      0x94  57 [btrfs_ioctl_feature_flags; 3], BTRFS_IOC_GET_SUPPORTED_FEATURES -> Zero, Version(3, 14, 0);
    Write     0x94  58 btrfs_ioctl_vol_args_v2, BTRFS_IOC_RM_DEV_V2 -> ErrorCode, Version(4, 7, 0);
    ReadWrite 0x94  59 btrfs_ioctl_logical_ino_args, BTRFS_IOC_LOGICAL_INO_V2 -> Zero, Version(4, 15, 0);
    Read      0x94  60 btrfs_ioctl_get_subvol_info_args, BTRFS_IOC_GET_SUBVOL_INFO -> Any, Version(4, 18, 0);
    ReadWrite 0x94  61 btrfs_ioctl_get_subvol_rootref_args, BTRFS_IOC_GET_SUBVOL_ROOTREF -> Zero, Version(4, 18, 0);
    ReadWrite 0x94  62 btrfs_ioctl_ino_lookup_user_args, BTRFS_IOC_INO_LOOKUP_USER -> Zero, Version(4, 18, 0);
    Write     0x94  63 btrfs_ioctl_vol_args_v2, BTRFS_IOC_SNAP_DESTROY_V2 -> Zero, Version(5, 7, 0);
    Read      0x94  64 btrfs_ioctl_encoded_io_args, BTRFS_IOC_ENCODED_READ -> Bytes, Version(5, 18, 0);
    Write     0x94  64 btrfs_ioctl_encoded_io_args, BTRFS_IOC_ENCODED_WRITE -> Bytes, Version(5, 18, 0);
    Write     0x94  65 btrfs_ioctl_subvol_wait, BTRFS_IOC_SUBVOL_SYNC_WAIT -> Zero, Version(6, 13, 0);
    ReadWrite 0x94  66 btrfs_ioctl_get_csums_args, BTRFS_IOC_GET_CSUMS -> Zero, Version(7, 2, 0);
    Read      b'X' 125 __u32, BTRFS_IOC_SHUTDOWN -> Zero, Version(6, 19, 0);
}
