//! The kernel's positive answers: it refused, and did nothing, although errno is 0.

use btrfs_sys as sys;
use thiserror::Error;

/// Why the kernel refused, from `enum btrfs_err_code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// `BTRFS_ERROR_DEV_RAID1_MIN_NOT_MET`
    #[error("raid1 needs at least 2 devices: convert first, or add one")]
    Raid1MinNotMet,
    /// `BTRFS_ERROR_DEV_RAID10_MIN_NOT_MET`
    #[error("raid10 needs more devices than would remain: convert first, or add one")]
    Raid10MinNotMet,
    /// `BTRFS_ERROR_DEV_RAID5_MIN_NOT_MET`
    #[error("raid5 needs at least 2 devices: convert first, or add one")]
    Raid5MinNotMet,
    /// `BTRFS_ERROR_DEV_RAID6_MIN_NOT_MET`
    #[error("raid6 needs at least 3 devices: convert first, or add one")]
    Raid6MinNotMet,
    /// `BTRFS_ERROR_DEV_TGT_REPLACE`
    #[error("the device is the target of a running replace: cancel that or wait for it")]
    TargetOfReplace,
    /// `BTRFS_ERROR_DEV_MISSING_NOT_FOUND`
    #[error("no device is missing")]
    MissingNotFound,
    /// `BTRFS_ERROR_DEV_ONLY_WRITABLE`
    #[error("it is the only writable device: add another first")]
    OnlyWritable,
    /// `BTRFS_ERROR_DEV_EXCL_RUN_IN_PROGRESS`
    #[error(
        "an exclusive operation (balance, device add, remove or replace, resize) is running or paused: wait for it or cancel it"
    )]
    ExclusiveOperation,
    /// `BTRFS_ERROR_DEV_RAID1C3_MIN_NOT_MET`
    #[error("raid1c3 needs at least 3 devices: convert first, or add one")]
    Raid1c3MinNotMet,
    /// `BTRFS_ERROR_DEV_RAID1C4_MIN_NOT_MET`
    #[error("raid1c4 needs at least 4 devices: convert first, or add one")]
    Raid1c4MinNotMet,
    /// A code of a newer kernel.
    #[error("the kernel refused with code {0}, which this library does not know")]
    Unknown(u32),
}

impl Refusal {
    /// What a positive return value says.
    #[must_use]
    pub fn from_code(code: u32) -> Self {
        match code {
            sys::BTRFS_ERROR_DEV_RAID1_MIN_NOT_MET => Self::Raid1MinNotMet,
            sys::BTRFS_ERROR_DEV_RAID10_MIN_NOT_MET => Self::Raid10MinNotMet,
            sys::BTRFS_ERROR_DEV_RAID5_MIN_NOT_MET => Self::Raid5MinNotMet,
            sys::BTRFS_ERROR_DEV_RAID6_MIN_NOT_MET => Self::Raid6MinNotMet,
            sys::BTRFS_ERROR_DEV_TGT_REPLACE => Self::TargetOfReplace,
            sys::BTRFS_ERROR_DEV_MISSING_NOT_FOUND => Self::MissingNotFound,
            sys::BTRFS_ERROR_DEV_ONLY_WRITABLE => Self::OnlyWritable,
            sys::BTRFS_ERROR_DEV_EXCL_RUN_IN_PROGRESS => Self::ExclusiveOperation,
            sys::BTRFS_ERROR_DEV_RAID1C3_MIN_NOT_MET => Self::Raid1c3MinNotMet,
            sys::BTRFS_ERROR_DEV_RAID1C4_MIN_NOT_MET => Self::Raid1c4MinNotMet,
            other => Self::Unknown(other),
        }
    }
}
