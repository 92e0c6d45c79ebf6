//! Throw-away btrfs filesystems on loop devices, for the tests, the demo and the benchmarks.
//!
//! Nothing is left behind, however the process ends: [`isolate`] gives it mounts of its own and a tmpfs of its own for
//! the disks' images, and the loop devices let go by themselves when their last user is gone. So the kernel cleans up
//! even after SIGKILL, and two runs side by side can't see each other's filesystems.

pub mod command;
mod descriptors;
pub mod harness;
mod kernel;
mod loop_device;
mod meanwhile;
mod namespace;
mod unprivileged;
mod world;

pub use descriptors::left_open;
pub use kernel::kernel_version;
pub use loop_device::Disk;
pub use meanwhile::meanwhile;
pub use namespace::{ROOT, isolate};
pub use unprivileged::{NOBODY, unprivileged};
pub use world::{World, commits};

/// 2^20 bytes.
pub const MIB: u64 = 1 << 20;
/// 2^30 bytes.
pub const GIB: u64 = 1 << 30;

/// The README's code, compiled as it stands there.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
