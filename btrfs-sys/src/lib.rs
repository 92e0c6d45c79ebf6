//! Raw kernel ABI of btrfs.
