//! All subvolumes of a btrfs filesystem, as a tree, a table or JSON.
//!
//! Root sees all of them; everybody else those that they can reach.
//!
//! ```text
//! $ subvolumes /srv
//!  ID  GEN  PARENT  SOURCE  FLAGS  AGE  PATH
//!   5   10       -       -  -       3m  /
//! 259    9       5     256  ro      3m  ├─ .snapshots/home/2026-11-21
//! 260    8       5     256  ro      5s  ├─ .snapshots/home/2026-11-22
//! 256    9       5       -  -       3m  ├─ home
//! 258    7     256       -  -       3m  │  ├─ anna
//! 261    9     256     259  -       5s  │  └─ restored
//! 257    7       5       -  -       3m  └─ mail
//! 1 deleted, not cleaned up yet (--deleted lists them)
//! ```

mod json;
mod text;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use btrfs::{Error, ErrorKind, Filesystem, SubvolumeEntry, SubvolumeId, SubvolumeInfo};
use clap::{Parser, ValueEnum};

/// Lists the subvolumes of a btrfs filesystem with ids, generations, parents, flags and ages.
#[derive(Parser)]
#[command(version, after_help = AFTER_HELP)]
struct Cli {
    /// Any path on the filesystem
    path: PathBuf,
    /// One line for each subvolume, with its whole path, and not a tree
    #[arg(long, conflicts_with = "tree")]
    table: bool,
    /// A tree of subvolumes in subvolumes; this is what is shown anyway
    #[arg(long)]
    tree: bool,
    /// Print JSON
    #[arg(long, conflicts_with_all = ["table", "tree"])]
    json: bool,
    /// List what was deleted and is not cleaned up yet, and nothing else
    #[arg(long, conflicts_with = "tree")]
    deleted: bool,
    /// What to sort by; in a tree, those in one subvolume
    #[arg(long, value_enum, default_value_t = Sort::Path)]
    sort: Sort,
}

const AFTER_HELP: &str = "\
Columns:
  ID      the subvolume's id, as in mount -o subvolid=
  GEN     the transaction that last wrote it
  PARENT  the id of the subvolume that it is in
  SOURCE  the id of the subvolume that it is a snapshot of; ? where that is gone
  FLAGS   ro: read-only; received: by btrfs receive; deleted: not cleaned up yet
  AGE     how long ago it was made
Names that don't print well are escaped as in C: \\n, \\xff, \\u{202e}.

JSON: an object with \"base\" (the subvolume that paths begin at), \"complete\"
(false where only reachable ones were listed, or some could not be read),
\"subvolumes\" and \"errors\". A path that is not UTF-8 comes with \"path_bytes\".

Exit codes:
  0  all that was to be listed was listed
  1  something could not be listed; the reason is on standard error
  2  the command line is wrong";

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sort {
    /// By path, as bytes
    Path,
    /// By id: the order in which they were made
    Id,
    /// By generation: those written last come last
    Generation,
    /// By age: the oldest come first
    Age,
}

/// What there is to show.
struct Listing {
    /// The subvolume that paths begin at: the top level, or for users the one that PATH is in.
    base: SubvolumeInfo,
    /// Whether these are only those that the caller can reach.
    reachable_only: bool,
    subvolumes: Vec<SubvolumeEntry>,
    errors: Vec<Error>,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(code) => code,
        // A reader that has seen enough, such as head.
        Err(error) if error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe) => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("subvolumes: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<ExitCode> {
    let mut listing = list(cli)?;
    sort(&mut listing.subvolumes, cli.sort);
    for error in &listing.errors {
        eprintln!("subvolumes: {error}");
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    if cli.json {
        listing.subvolumes.retain(|entry| entry.is_deleted() || !cli.deleted);
        json::write(&mut out, &listing)?;
    } else {
        let (deleted, linked): (Vec<_>, Vec<_>) = listing.subvolumes.iter().partition(|entry| entry.is_deleted());
        let rows = match (cli.deleted, cli.table) {
            (true, _) => text::flat(&deleted),
            (false, true) => text::flat(&linked),
            (false, false) => text::tree(&listing.base, &linked),
        };
        text::write(&mut out, &rows, &listing)?;
        if !cli.deleted && !deleted.is_empty() {
            writeln!(out, "{} deleted, not cleaned up yet (--deleted lists them)", deleted.len())?;
        }
    }
    out.flush()?;
    Ok(if listing.errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn list(cli: &Cli) -> Result<Listing> {
    let filesystem = Filesystem::open(&cli.path)?;
    let (base, reachable_only, results): (_, _, Vec<_>) = match filesystem.subvolumes() {
        Ok(all) => (filesystem.subvolume(SubvolumeId::TOP_LEVEL)?.info, false, all.collect()),
        Err(error) if *error.kind() == ErrorKind::PermissionDenied && !cli.deleted => {
            let reachable = filesystem.reachable_subvolumes()?;
            let base = reachable.base();
            eprintln!(
                "subvolumes: only root may list all subvolumes: these are those below {} that you can reach",
                text::escaped(base.path())
            );
            (base.info()?, true, reachable.collect())
        }
        Err(error) => return Err(error.into()),
    };
    let (mut subvolumes, mut errors) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(entry) => subvolumes.push(entry),
            Err(error) => errors.push(error),
        }
    }
    Ok(Listing { base, reachable_only, subvolumes, errors })
}

fn sort(subvolumes: &mut [SubvolumeEntry], by: Sort) {
    // They come by id, so that is also the order among equals.
    subvolumes.sort_by_key(|entry| entry.info.id);
    match by {
        Sort::Path => subvolumes.sort_by(|a, b| a.path().cmp(&b.path())),
        Sort::Id => {}
        Sort::Generation => subvolumes.sort_by_key(|entry| entry.info.generation),
        Sort::Age => subvolumes.sort_by_key(|entry| entry.info.otime),
    }
}
