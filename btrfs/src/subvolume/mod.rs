//! Subvolumes: what they are, making, snapshotting, listing and deleting them.

mod create;
mod default;
mod flags;
mod group;
mod group_outcome;
mod handle;
pub mod info;
mod snapshot;
mod together;

pub use create::CreateOptions;
pub use flags::{SettableFlags, WritableOptions};
pub use group::SnapshotGroup;
pub use group_outcome::{GroupOutcome, Member, Removal, Taking};
pub use handle::Subvolume;
pub use info::{SubvolumeFlags, SubvolumeInfo};
pub use snapshot::SnapshotOptions;
