//! Subvolumes: what they are, making, snapshotting, listing and deleting them.

mod create;
mod default;
mod delete;
mod flags;
mod handle;
pub mod info;
mod list;
mod mounts;
mod snapshot;

pub use create::CreateOptions;
pub use delete::{
    Cleaning, CleaningProgress, DeletePlan, DeleteStep, Deletion, DeletionQueue, Nested, NotDeleted, QueueProgress,
    QueueRun, Watch,
};
pub use flags::{SettableFlags, WritableOptions};
pub use handle::Subvolume;
pub use info::{SubvolumeFlags, SubvolumeInfo};
pub use list::{Place, ReachableSubvolumes, SubvolumeEntry, Subvolumes};
pub use snapshot::{
    Attempt, GroupOutcome, Member, OneMoment, RecursiveMember, RecursiveOutcome, Removal, SnapshotGroup,
    SnapshotOptions, Taking,
};
