//! Safe btrfs.
