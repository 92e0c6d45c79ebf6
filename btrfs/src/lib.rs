//! btrfs, safely: subvolumes and snapshots, many in one commit; space, balance and conversion; trees.
#![deny(unsafe_code)]

pub mod balance;
pub mod block_group;
pub mod bytes;
pub mod device;
mod ending;
pub mod error;
pub mod exclusive;
pub mod filesystem;
pub mod id;
mod ioctl;
pub mod item;
pub mod key;
pub mod name;
mod open;
pub mod preflight;
pub mod profile;
pub mod refusal;
#[cfg(feature = "retention")]
pub mod retention;
pub mod space;
pub mod subvolume;
pub mod tree_search;

pub use balance::{Balance, BalanceOutcome, BalanceRequest, BalanceStatus};
pub use block_group::{BlockGroupFlags, BlockGroupType};
pub use device::{Device, DeviceStats, DeviceUsage};
pub use error::{Error, ErrorKind, Result};
pub use exclusive::ExclusiveOperation;
pub use filesystem::{Filesystem, FilesystemInfo};
pub use id::{DevId, Generation, Logical, Physical, QgroupId, SubvolumeId};
pub use profile::{Profile, Profiles, Raid, Redundancy};
pub use refusal::Refusal;
pub use space::{GlobalReserve, Space, SpaceInfo};
pub use subvolume::{Subvolume, SubvolumeEntry, SubvolumeFlags, SubvolumeInfo};
