//! Subvolumes: what they are, making, snapshotting, listing and deleting them.

mod clean;
mod create;
mod default;
mod delete;
mod delete_plan;
mod entry;
mod find;
mod flags;
mod group;
mod group_outcome;
mod handle;
pub mod info;
mod link;
mod list;
mod mounts;
mod reachable;
mod roots;
mod snapshot;
mod together;

pub use clean::{Cleaning, CleaningProgress, Watch};
pub use create::CreateOptions;
pub use delete_plan::{DeletePlan, DeleteStep, Deletion, Nested};
pub use entry::{Place, SubvolumeEntry};
pub use flags::{SettableFlags, WritableOptions};
pub use group::SnapshotGroup;
pub use group_outcome::{GroupOutcome, Member, Removal, Taking};
pub use handle::Subvolume;
pub use info::{SubvolumeFlags, SubvolumeInfo};
pub use list::Subvolumes;
pub use reachable::ReachableSubvolumes;
pub use snapshot::SnapshotOptions;
