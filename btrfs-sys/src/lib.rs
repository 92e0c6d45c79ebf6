//! The raw kernel ABI of btrfs: everything in `linux/btrfs.h` and `linux/btrfs_tree.h` of Linux 7.2, and the table of
//! every `BTRFS_IOC_*` ([`ioctl::TABLE`]).
//!
//! There is no logic here, no allocation and no I/O. The structures are generated and checked in, so that building
//! needs neither kernel headers nor libclang. The crate `btrfs` is the safe interface on top.
#![no_std]

#[expect(
    missing_docs,
    non_camel_case_types,
    clippy::allow_attributes,
    clippy::as_conversions,
    clippy::missing_safety_doc,
    clippy::ptr_as_ptr,
    clippy::undocumented_unsafe_blocks,
    reason = "generated from C, whose names and idioms it keeps"
)]
#[rustfmt::skip]
mod bindings;
pub mod ioctl;

pub use bindings::*;
