//! Subvolumes: what they are, making, snapshotting, listing and deleting them.

mod create;
mod default;
mod entry;
mod flags;
mod group;
mod group_outcome;
mod handle;
pub mod info;
mod link;
mod list;
mod roots;
mod snapshot;
mod together;

pub use create::CreateOptions;
pub use entry::{Place, SubvolumeEntry};
pub use flags::{SettableFlags, WritableOptions};
pub use group::SnapshotGroup;
pub use group_outcome::{GroupOutcome, Member, Removal, Taking};
pub use handle::Subvolume;
pub use info::{SubvolumeFlags, SubvolumeInfo};
pub use list::Subvolumes;
pub use snapshot::SnapshotOptions;
