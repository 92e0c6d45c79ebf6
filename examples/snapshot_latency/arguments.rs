//! The command line.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Parser;

/// Measures how long snapshots take on a btrfs filesystem, and how long they hold writers up.
///
/// All it makes is in one subvolume of its own in PATH, and is removed at the end: its sources, its snapshots, its load.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// A directory on the filesystem that may be written to. What else is in it is not touched.
    pub(crate) path: PathBuf,
    /// Snapshots that shall exist, a round of phases for each number.
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', default_value = "0,10,100")]
    pub(crate) existing: Vec<u32>,
    /// Samples of each phase.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) count: u32,
    /// How many subvolumes a group snapshot is of.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) group: u32,
    /// Writers of the load, beside one that creates and renames and one that calls fsync.
    #[arg(long, value_name = "WRITERS", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) load: u32,
    /// What the writers write together, in MiB/s.
    #[arg(long, value_name = "MIB", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate: u32,
    /// MiB that are written right before a snapshot where it is measured how writers are held up; 0 leaves that out.
    #[arg(long, value_name = "MIB", default_value_t = 256)]
    pub(crate) dirty: u32,
    /// Samples of the phases with so much dirty data. Default: a fifth of --count.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) dirty_count: Option<u32>,
    /// Take the snapshots under load a second time, with flushing before.
    #[arg(long)]
    pub(crate) flush: bool,
    /// Take the groups each in one transaction, with as many attempts as that takes, up to 16.
    #[arg(long)]
    pub(crate) one_moment: bool,
    /// Where the moments of the samples and the data written begin; a run with the same seed does the same.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// Draw the percentiles into a file.
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// Measure nothing: remove what runs left in PATH that were killed.
    #[arg(long, conflicts_with_all = ["json", "svg"])]
    pub(crate) clean: bool,
}

/// Bytes of a mebibyte.
pub(crate) const MIB: u64 = 1024 * 1024;

const AFTER_HELP: &str = "\
Phases, for each number of existing snapshots: of one subvolume and of a group, both
idle and under a load of buffered writes, create and rename, and fsync. Then, with
--dirty MiB written right before: no snapshot, a snapshot, and one with flushing
before, and how long each kind of operation was held up meanwhile.

Between samples what they made is deleted, a batch at a time: so up to an eighth more
snapshots exist than the number says, or 15. A percentile that the samples are too few
for is left out: p99 needs 100, p99.9 needs 1000.

Needs to delete subvolumes: CAP_SYS_ADMIN, or the mount option user_subvol_rm_allowed.
Without CAP_SYS_ADMIN it can't see when the space of what it deleted is back.

--clean removes only what is proven to be this program's (a record in an extended
attribute, with the UUIDs of the subvolumes) and in no use by a run. SIGINT, SIGTERM
and SIGHUP end a run early: it removes what it made.

Exit codes:
  0  all done, and all it made is gone
  1  something failed, and the messages say what
  2  the command line is wrong
  3  measured, or cleaned, but something stays, and the messages say what
  129, 130, 143  ended by SIGHUP, SIGINT, SIGTERM; nothing stays unless a message says so";

impl Arguments {
    /// Reads them, and holds them against each other.
    pub(crate) fn read() -> Result<Self> {
        let mut arguments = Self::parse();
        arguments.existing.sort_unstable();
        arguments.existing.dedup();
        ensure!(
            arguments.existing.last().is_some_and(|most| *most <= 1_000_000),
            "--existing: a million snapshots at most"
        );
        Ok(arguments)
    }

    pub(crate) fn dirty_count(&self) -> u32 {
        self.dirty_count.unwrap_or(self.count.div_ceil(5))
    }

    pub(crate) fn dirty_bytes(&self) -> u64 {
        u64::from(self.dirty) * MIB
    }
}
