//! Takes the day's read-only snapshots of subvolumes as one group, then deletes those past their time.
//!
//! ```text
//! # daily_snapshots /srv/home /srv/mail
//! taken       /srv/.snapshots/home/2026-11-22  id 279
//! taken       /srv/.snapshots/mail/2026-11-22  id 278
//! deleted     /srv/.snapshots/home/2026-11-15  id 264, 7 days old
//! deleted     /srv/.snapshots/mail/2026-11-15  id 265, 7 days old
//! as a group  1 transaction, 4 ms
//!
//! # daily_snapshots --keep-daily 7 --keep-monthly 12 --dry-run /srv/home
//! would take    /srv/.snapshots/home/2026-11-23
//! would keep    /srv/.snapshots/home/2026-10-31  id 241: the newest of the month 2026-10, 2 of 12
//! would delete  /srv/.snapshots/home/2026-11-16  id 265, 7 days old: the day 2026-11-16 is not among …
//! ```

mod keep;
mod moment;
mod pins;
mod replication;
mod report;
mod store;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use btrfs::Filesystem;
use btrfs::subvolume::{SnapshotGroup, SnapshotOptions, Taking};
use clap::Parser;
use drbd::Status;

use crate::keep::Keep;
use crate::moment::Stamp;
use crate::report::Report;
use crate::store::Store;

/// Takes the day's read-only snapshots of subvolumes as one group, then deletes those past their time.
///
/// The snapshots of /srv/home are /srv/.snapshots/home/2026-11-22 and so on.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP)]
struct Arguments {
    /// Subvolumes to take a snapshot of.
    #[arg(required = true, value_name = "SUBVOLUME")]
    subvolumes: Vec<PathBuf>,
    /// The moment the snapshots stand for, which is their name: 2026-11-22 or 2026-11-22T06:00:00. Ages are reckoned
    /// from it. Default: today.
    #[arg(long, value_name = "MOMENT")]
    stamp: Option<Stamp>,
    /// Where to keep the snapshots, in a directory for each subvolume. Default: .snapshots beside the subvolume.
    #[arg(long, value_name = "DIRECTORY")]
    to: Option<PathBuf>,
    /// Refuse unless this node is Primary for this DRBD resource and its data is UpToDate. May be given repeatedly.
    #[arg(long, value_name = "RESOURCE")]
    require_primary: Vec<String>,
    /// Never delete the snapshot of this stamp, from now on. Nothing else is done. May be given repeatedly.
    #[arg(long, value_name = "STAMP", conflicts_with_all = ["stamp", "Keep"])]
    pin: Vec<Stamp>,
    /// Take a pin away again. Nothing else is done. May be given repeatedly.
    #[arg(long, value_name = "STAMP", conflicts_with_all = ["stamp", "Keep"])]
    unpin: Vec<Stamp>,
    /// Say what would be done and why, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Say of every snapshot why it stays or goes.
    #[arg(long, short)]
    verbose: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    keep: Keep,
}

const AFTER_HELP: &str = "\
What is deleted: only snapshots that this program made itself and can prove it of
(a record in extended attributes of their directory, the UUIDs of the snapshot
and of its source), never the newest of a source nor one that is pinned, and none
while a snapshot is of a later moment than now. Counts keep the newest snapshot of
a period, as restic and borg do, and the oldest of all until there are so many
periods. It is safe to run it twice, to kill it at any moment, and to run it again.

Exit codes:
  0  all done
  1  something failed, and the messages say what; nothing else is lost
  2  the command line is wrong
  3  refused: this node is not the DRBD resource's Primary, or the data is not
     UpToDate here, or I/O is suspended
  4  snapshots are taken, but nothing was deleted: the clock went backwards";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Err(error) = may_run(&arguments.require_primary) {
        eprintln!("daily_snapshots: refused: {error:#}");
        return ExitCode::from(3);
    }
    let mut report = Report::new(arguments.dry_run, arguments.verbose);
    let done = if arguments.pin.is_empty() && arguments.unpin.is_empty() {
        run(&arguments, &mut report)
    } else {
        pins::set(&arguments, &mut report)
    };
    if let Err(error) = done {
        report.failed(format!("{error:#}"));
    }
    report.print(arguments.json)
}

fn may_run(resources: &[String]) -> Result<()> {
    if resources.is_empty() {
        return Ok(());
    }
    let status = Status::read().context("the state of DRBD is not known")?;
    resources.iter().try_for_each(|name| replication::require_primary(&status, name))
}

fn run(arguments: &Arguments, report: &mut Report) -> Result<()> {
    let stamp = arguments.stamp.clone().unwrap_or_else(Stamp::today);
    let (policy, change) = (arguments.keep.policy(), !arguments.dry_run);
    let mut stores: Vec<Store> = Vec::new();
    for path in &arguments.subvolumes {
        let store = Store::open(path, arguments.to.as_deref(), change)?;
        anyhow::ensure!(
            stores.iter().all(|other| other.path_of(&stamp) != store.path_of(&stamp)),
            "{} and another subvolume would share {}: name each once, or keep them apart with --to",
            path.display(),
            store.path_of(&stamp).display()
        );
        stores.push(store);
    }
    for store in &stores {
        store.repair(change, report)?;
    }
    let mut by_filesystem: BTreeMap<_, Vec<&Store>> = BTreeMap::new();
    for store in &stores {
        by_filesystem.entry(Filesystem::open(&store.path)?.fsid()).or_default().push(store);
    }
    for stores in by_filesystem.values() {
        let filesystem = Filesystem::open(&stores[0].path)?;
        let taken = take(stores, &stamp, change, report)?;
        // The final names last over a power failure before they are reported.
        if change {
            filesystem.sync()?;
        }
        for store in taken {
            keep::expire(store, &filesystem, &policy, &stamp, change, report)?;
        }
    }
    Ok(())
}

/// Takes the snapshots that are not there yet. Returns the stores that hold the stamp's snapshot now.
fn take<'a>(stores: &[&'a Store], stamp: &Stamp, change: bool, report: &mut Report) -> Result<Vec<&'a Store>> {
    let options = SnapshotOptions::new().read_only();
    let (mut holding, mut missing) = (Vec::new(), Vec::new());
    for &store in stores {
        if store.holds(stamp)? {
            report.present(&store.path_of(stamp));
            holding.push(store);
        } else if change {
            // What is in the way of one does not keep the others from being taken.
            match options.preflight(&store.source, store.directory()?, stamp.to_string()) {
                Ok(()) => missing.push((store, store.begin(stamp)?)),
                Err(error) => report.failed(format!("{}: {error}", store.path.display())),
            }
        } else {
            report.taken(&store.path_of(stamp), None);
            holding.push(store);
        }
    }
    if missing.is_empty() {
        return Ok(holding);
    }
    let mut group = SnapshotGroup::new().read_only();
    for (store, partial) in &missing {
        group = group.add(&store.source, store.directory()?, partial);
    }
    let started = Instant::now();
    let outcome = group.take()?;
    report.group(outcome.transactions().len(), started.elapsed());
    for ((store, partial), member) in missing.iter().zip(outcome.members()) {
        match &member.taking {
            Taking::Taken(info) => {
                store.finish(stamp, partial, info)?;
                report.taken(&store.path_of(stamp), Some(info));
                holding.push(*store);
            }
            Taking::Failed(error) | Taking::Unknown(error) => {
                report.failed(format!("{}: {error}", store.path.display()))
            }
            other => report.failed(format!("{}: {other:?}", store.path.display())),
        }
    }
    Ok(holding)
}
