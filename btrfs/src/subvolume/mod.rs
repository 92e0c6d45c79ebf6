//! Subvolumes: what they are, making, snapshotting, listing and deleting them.

pub mod info;

pub use info::{SubvolumeFlags, SubvolumeInfo};
