//! The jobs: what is measured.

pub(crate) mod decoding;
pub(crate) mod deletion;
pub(crate) mod group;
pub(crate) mod listing;
pub(crate) mod moment;
pub(crate) mod reading;
pub(crate) mod single;
pub(crate) mod verdict;

/// Whether to measure, or only to see whether everything works.
#[derive(Clone, Copy)]
pub(crate) struct Scale {
    pub(crate) quick: bool,
}

impl Scale {
    pub(crate) fn of(self, full: usize, quick: usize) -> usize {
        if self.quick { quick } else { full }
    }
}

/// A benchmark by its name: what [`crate::results::Benchmark::name`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Job {
    /// Many snapshots at once, on a disk of this machine.
    Group,
    /// The same on a disk in memory.
    GroupMemory,
    /// The same on a disk whose flushes take long.
    GroupSlow,
    /// One snapshot.
    Single,
    /// All subvolumes with their paths.
    Listing,
    /// Deletions until the subvolumes are really gone.
    Deletion,
    /// A group in one transaction.
    Moment,
    /// The state of a filesystem, for a verdict.
    Reading,
    /// A verdict before a balance.
    Verdict,
    /// DRBD's answers.
    Decoding,
}
