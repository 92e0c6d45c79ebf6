//! Random filesystems, with the kernel as judge: what is foreseen of a balance, of a device that leaves, of a plan, of
//! what fits still, against what comes of it.

mod built;
pub mod figures;
mod filled;
mod followed;
mod judge;
mod kernel_log;
pub mod page;
mod recipe;
pub mod record;
pub mod synthetic;

use std::path::PathBuf;

use anyhow::{Context, Result};
use btrfs::Filesystem;
use clap::ValueEnum;

use recipe::Recipe;
use record::Record;

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Balances and conversions.
    Balance,
    /// Devices that are removed or made smaller.
    Leave,
    /// Plans for balances that would fail.
    Plan,
    /// Figures, and what fits still.
    Usage,
}

/// How it is tried.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct How {
    /// Filesystems small enough for an emulated machine.
    #[arg(long)]
    pub small: bool,
    /// Keeps each state, as it was foreseen from, in this directory.
    #[arg(long)]
    pub keep: Option<PathBuf>,
}

/// One trial, in mounts of the caller's own (`testbed::isolate`); `None` where there is nothing to try.
///
/// # Errors
///
/// Where the filesystem can't be made, or does what no trial counts.
pub fn trial(kind: Kind, seed: u64, how: &How) -> Result<Option<Record>> {
    let recipe = Recipe::new(seed, how.small);
    let recipe = match kind {
        Kind::Leave => recipe.with_a_device_that_leaves(),
        Kind::Usage => recipe.with_a_conversion_that_did_not_end(),
        Kind::Balance | Kind::Plan => recipe,
    };
    let mut world = built::build(&recipe).context("making the filesystem")?;
    match kind {
        Kind::Balance => judge::trial(seed, &world, &judge::balance(&recipe)?, how.keep.as_deref()).map(Some),
        Kind::Leave => {
            let operation = judge::leave(&recipe, &Filesystem::open(world.path())?)?;
            judge::trial(seed, &world, &operation, how.keep.as_deref()).map(Some)
        }
        Kind::Plan => followed::trial(seed, &mut world, &judge::balance(&recipe)?),
        Kind::Usage => filled::trial(&recipe, &mut world).map(Some),
    }
}
