//! What the benchmarks in the VM measure, as the JSON document that they print and `cargo xtask` reads, and how it is
//! told: a section of Markdown with charts.

mod report;

pub use report::{CHARTS, Chart, Section};

use serde::{Deserialize, Serialize};

/// Bytes of the large file, parts of which are overwritten.
pub const LARGE_FILE: u64 = 64 << 20;
/// After how many of its parts it is made durable.
pub const OVERWRITES_PER_FSYNC: usize = 8;
/// How many small files there are at first.
pub const SMALL_FILES: usize = 256;

/// What a disk has done, from `/sys/block/<disk>/stat`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Requests to read that were answered.
    pub reads: u64,
    /// Bytes that were read.
    pub bytes_read: u64,
    /// Requests to write that were answered.
    pub writes: u64,
    /// Bytes that were written.
    pub bytes_written: u64,
    /// Flushes of the disk's cache.
    pub flushes: u64,
}

impl Counters {
    /// What was done since `before`.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            reads: self.reads - before.reads,
            bytes_read: self.bytes_read - before.bytes_read,
            writes: self.writes - before.writes,
            bytes_written: self.bytes_written - before.bytes_written,
            flushes: self.flushes - before.flushes,
        }
    }
}

/// Where the files and their snapshots are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Store {
    /// btrfs on the disk, with its own snapshots.
    Btrfs,
    /// ext4 on a logical volume, with LVM's snapshots of 2010: each its own copy of what was overwritten.
    LvmThick,
    /// ext4 on a thin volume, whose snapshots share what was overwritten.
    LvmThin,
}

impl Store {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::LvmThick, Self::LvmThin, Self::Btrfs];
}

/// What is done to the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Workload {
    /// Parts of a large file are overwritten at random, with an fsync every few of them.
    Overwrite,
    /// Small files are saved anew, copied and deleted.
    SchoolDay,
}

/// What each benchmark prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// `bench-vm lvm`
    Lvm(Lvm),
    /// `bench-vm slow-flush`
    SlowFlush(SlowFlush),
    /// `bench-vm drbd`
    Drbd(Drbd),
}

/// LVM snapshots beside those of btrfs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lvm {
    /// The VM's kernel.
    pub kernel: String,
    /// How many requests to read or write the disk answers in a second, at most.
    pub requests_per_second: u32,
    /// Size of the chunks in which thick snapshots copy, as `lvs` tells it.
    pub thick_chunk: u64,
    /// Size of the chunks in which thin snapshots copy, as `lvs` tells it.
    pub thin_chunk: u64,
    /// Every measurement, as it came.
    pub samples: Vec<Sample>,
}

/// One workload, once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Where the files were.
    pub store: Store,
    /// How many snapshots there were.
    pub snapshots: u32,
    /// What was done.
    pub workload: Workload,
    /// Which repetition this was, from 0.
    pub round: u32,
    /// Bytes that the workload gave to `write`.
    pub application_bytes: u64,
    /// What the disk did, from the workload's start until all was written.
    pub device: Counters,
    /// How long that took.
    pub seconds: f64,
}

/// A group of snapshots on a disk with slow flushes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlowFlush {
    /// The VM's kernel.
    pub kernel: String,
    /// Snapshots taken each time.
    pub snapshots: u32,
    /// How long flushes of the idle disk took.
    pub flushes: Vec<Flush>,
    /// Every measurement, as it came.
    pub samples: Vec<Taking>,
}

/// One flush of the idle disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flush {
    /// What dm-delay was told to delay it by.
    pub delay_milliseconds: u32,
    /// How long it took.
    pub seconds: f64,
}

/// Taking all the snapshots, once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Taking {
    /// What dm-delay was told to delay a flush by.
    pub delay_milliseconds: u32,
    /// How they were taken.
    pub how: How,
    /// Which repetition this was, from 0.
    pub round: u32,
    /// How long it took.
    pub seconds: f64,
    /// Of that, what the VM's processors worked, all together.
    pub processor_seconds: f64,
    /// Transactions that btrfs committed.
    pub commits: u64,
    /// What the disk under dm-delay did.
    pub device: Counters,
}

/// A way of taking snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// One ioctl after the other and nothing else, which no program that takes them so can undercut.
    Ioctls,
    /// [`btrfs::subvolume::SnapshotGroup`].
    Group,
}

/// DRBD's state, read once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drbd {
    /// The VM's kernel.
    pub kernel: String,
    /// The version of DRBD.
    pub version: String,
    /// Every measurement, as it came.
    pub samples: Vec<Reading>,
    /// By how many resources there are, the bytes that the kernel answers with.
    pub bytes: Vec<(u32, u64)>,
}

/// One reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// How many resources there were.
    pub resources: u32,
    /// Who read.
    pub reader: Reader,
    /// Which repetition this was, from 0.
    pub round: u32,
    /// How long it took.
    pub seconds: f64,
}

/// A way of reading DRBD's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reader {
    /// `drbd::Status::read`.
    Library,
    /// `drbdsetup status`, spawned.
    Drbdsetup,
}
