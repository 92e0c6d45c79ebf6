//! What a preflight finds.

use std::fmt;

use super::rules::{KernelRules, Standing};
use super::state::{FsState, Unsound};
use crate::block_group::BlockGroupType;
use crate::error::{Error, ErrorKind};
use crate::exclusive::ExclusiveOperation;
use crate::id::{DevId, Logical};
use crate::profile::Profile;

/// How an operation would end, and what it would do until then.
///
/// It is a simulation of the kernel's rules on a state of one instant, without other writers: no promise.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Report {
    /// How it would end.
    pub verdict: Verdict,
    /// How many block groups it would take on, as counted before it begins; `expected` of the kernel's counters.
    pub expected: u64,
    /// The block groups that would be relocated, in the order in which that would happen.
    pub moves: Vec<Move>,
    /// Bytes that would be moved.
    pub bytes_moved: u64,
    /// The state afterwards, as far as the likeliest run came.
    pub end: FsState,
    /// Whether a run came close to, or to, a point where the kernel finds no room for its own trees. It then ends the
    /// transaction and makes the filesystem read-only, and again at the next mount, where the balance goes on.
    pub abort_risk: bool,
    /// The runs that were made.
    pub runs: Runs,
    /// What the verdict relies on.
    pub assumptions: Vec<Assumption>,
    /// The rules that were followed.
    pub rules: KernelRules,
}

/// How an operation would end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Verdict {
    /// Well, in every run.
    Safe(Margin),
    /// It can't be told, or it is well with too little left.
    Tight {
        /// Why.
        reasons: Vec<Reason>,
        /// How the first run failed that did; none where all end well.
        failure: Option<Box<Failure>>,
    },
    /// Not well: it fails in every run.
    WontFit {
        /// How it first fails, in the likeliest run.
        first: Box<Failure>,
        /// How many block groups fail, as the kernel counts them in its log: `enospc errors during balance`.
        errors: u64,
        /// Whether the filesystem would be made read-only.
        aborts: bool,
    },
    /// The kernel, or this library, would not begin.
    Refused(Refused),
}

/// The least that was left in any run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Margin {
    /// Bytes that the fullest device has unallocated in the end.
    pub unallocated: u64,
    /// Bytes of metadata that were still free when it was least, while no more of it could be allocated; `None` where
    /// more could be allocated all the time.
    pub metadata: Option<u64>,
}

/// The runs of a preflight.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Runs {
    /// How many there were.
    pub run: usize,
    /// How many of them failed.
    pub failed: usize,
    /// How many of these with the filesystem made read-only.
    pub aborted: usize,
}

/// Why an operation is neither safe nor hopeless.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Reason {
    /// It depends on what is not known: some runs fail.
    SomeRunsFail(Runs),
    /// So few bytes of metadata are free at some point, while no more can be allocated.
    LittleMetadata(u64),
    /// There is little room for another chunk of the chunk tree.
    LittleForSystem,
    /// The kernel's rules are not known.
    UnknownKernel,
    /// The filesystem changed while it was read.
    Changing,
    /// Quotas cost metadata that is not accounted for.
    Quota,
    /// Zoned devices were not measured.
    Zoned,
    /// The kernel relocates block groups of its own accord at the same time.
    BackgroundReclaim,
}

/// What a verdict relies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Assumption {
    /// Nobody else writes meanwhile.
    NoOtherWriters,
    /// How well the kernel's rules are known.
    Rules(Standing),
    /// Extents were not read: they were assumed to be small in some runs, and as large as can be in others.
    ExtentsNotRead,
}

/// A block group that would be relocated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Move {
    /// Where it begins.
    pub start: Logical,
    /// What it holds.
    pub holds: BlockGroupType,
    /// Its profile.
    pub from: Profile,
    /// The profile of what new block groups are made of.
    pub to: Profile,
    /// Bytes that are moved.
    pub bytes: u64,
    /// How many chunks were made for it.
    pub new_chunks: u32,
}

/// Where, and for want of what, a relocation fails.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Failure {
    /// The block group that was to be relocated.
    pub block_group: Logical,
    /// What it holds.
    pub holds: BlockGroupType,
    /// The profile that room was looked for with.
    pub profile: Profile,
    /// What was being done.
    pub phase: Phase,
    /// Bytes that were missing, of one kind or another: see the phase. 0 where it is not a matter of bytes.
    pub missing: u64,
    /// What each device had left.
    pub devices: Vec<Room>,
    /// Whether the kernel would make the filesystem read-only.
    pub aborts: bool,
}

/// What a device has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Room {
    /// The device.
    pub device: DevId,
    /// Bytes that belong to no chunk.
    pub unallocated: u64,
    /// The longest range of them.
    pub longest: u64,
}

/// What the kernel is doing when room is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Phase {
    /// Making sure of one data chunk where no data is in use, which it does before anything else.
    FirstDataChunk,
    /// Setting the block group read-only, which takes room for its free bytes elsewhere.
    ReadOnly,
    /// Making the inode that the work is done through: there is not one free tree block of the profile.
    Inode,
    /// Reserving metadata for the work itself.
    MetadataReserve,
    /// Reserving data for extents that lie together.
    DataReserve,
    /// Finding one free range for an extent.
    DataPlace {
        /// Bytes of the extent.
        extent: u64,
        /// The longest free range.
        longest: u64,
    },
    /// Finding a place for a tree block: too late to fail well.
    TreeBlock,
    /// Making a chunk for the chunk tree, which has to note the other chunks.
    SystemChunk,
}

/// Why nothing would be begun.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Refused {
    /// The state can't be that of a filesystem.
    Unsound(Unsound),
    /// Another operation is running, or a balance is paused.
    Exclusive(ExclusiveOperation),
    /// The request breaks a rule, as this text says: [`Balance::start`](crate::Balance::start) would say it too.
    Request(String),
    /// The filesystem has no such device.
    NoDevice(DevId),
}

impl Refused {
    pub(super) fn request(error: &Error) -> Self {
        Self::Request(error.to_string())
    }

    /// The kind of error that beginning would end in.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unsound(_) | Self::Request(_) => ErrorKind::InvalidArgument,
            Self::Exclusive(_) => ErrorKind::ExclusiveOperation,
            Self::NoDevice(_) => ErrorKind::NotFound,
        }
    }
}

impl Report {
    /// Whether it would end well in every run.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        matches!(self.verdict, Verdict::Safe(_))
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsound(unsound) => fmt::Display::fmt(unsound, f),
            Self::Exclusive(ExclusiveOperation::BalancePaused) => {
                f.write_str("a balance is paused: resume it or cancel it first")
            }
            Self::Exclusive(operation) => write!(f, "{operation} is running: wait for it, or cancel it"),
            Self::Request(text) => f.write_str(text),
            Self::NoDevice(device) => write!(f, "there is no device {device}"),
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstDataChunk => f.write_str("no data is in use, and there is no room for a data chunk"),
            Self::ReadOnly => f.write_str("the block group can't be set read-only"),
            Self::Inode => f.write_str("not one tree block is free"),
            Self::MetadataReserve => f.write_str("no metadata can be reserved"),
            Self::DataReserve => f.write_str("no data can be reserved"),
            Self::DataPlace { extent, longest } => {
                write!(f, "an extent of {extent} bytes fits nowhere: the longest free range has {longest}")
            }
            Self::TreeBlock => f.write_str("there is no room for tree blocks"),
            Self::SystemChunk => f.write_str("there is no room for a system chunk"),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { block_group, holds, profile, phase, missing, .. } = self;
        write!(f, "block group {block_group} ({holds}, to {profile}): {phase}")?;
        if *missing > 0 {
            write!(f, ", {missing} bytes are missing")?;
        }
        if self.aborts { f.write_str("; the filesystem becomes read-only") } else { Ok(()) }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SomeRunsFail(runs) => write!(f, "{} of {} simulated runs fail", runs.failed, runs.run),
            Self::LittleMetadata(bytes) => {
                write!(f, "only {bytes} bytes of metadata stay free, and no more can be allocated")
            }
            Self::LittleForSystem => f.write_str("there is little room for another system chunk"),
            Self::UnknownKernel => f.write_str("this kernel's rules are not known"),
            Self::Changing => f.write_str("the filesystem changed while it was read"),
            Self::Quota => f.write_str("quotas are on, whose metadata is not accounted for"),
            Self::Zoned => f.write_str("the devices are zoned, which was not measured"),
            Self::BackgroundReclaim => f.write_str("the kernel relocates block groups in the background"),
        }
    }
}
