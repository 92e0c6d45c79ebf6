//! The command line: btrfs-progs' words, in which the filters stand right behind their letter.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use btrfs::BalanceRequest;
use btrfs::balance::Filters;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::plan::Means;

/// What to do, to which filesystem.
pub(crate) struct Arguments {
    pub(crate) path: PathBuf,
    pub(crate) json: bool,
    pub(crate) action: Action,
}

pub(crate) enum Action {
    Start { request: Box<BalanceRequest>, on_interrupt: Interrupt, caution: Caution, means: Means },
    Resume { on_interrupt: Interrupt },
    Rescue { device: Option<PathBuf>, on_interrupt: Interrupt, means: Means },
    Status,
    Pause,
    Cancel,
}

/// What the first Ctrl-C does; the second one cancels in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Interrupt {
    /// Pause after the chunk it is at: it can be resumed.
    Pause,
    /// Cancel: what is relocated stays relocated.
    Cancel,
}

/// Relocates the block groups of a btrfs filesystem: spreads them over its devices, gives back unused space, or converts
/// their profile.
///
/// Before it begins, it is foreseen how it ends: what would run out of space is not started. The balance runs until it is
/// done; Ctrl-C pauses it, a second Ctrl-C cancels it. The kernel cancels it if this program is killed.
#[derive(Debug, Parser)]
#[command(
    name = "balance",
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = FILTERS,
)]
struct Line {
    #[command(flatten)]
    start: Start,
    #[command(subcommand)]
    command: Option<Command>,
}

const FILTERS: &str = "\
FILTERS, as btrfs-progs has them, separated by commas; a block group is taken if it passes all:
  usage=50, usage=10..50    used to so many per cent, the end not included; usage=0: nothing is used
  limit=2, limit=3..5       so many block groups at most; none where there are fewer than the first number
  profiles=raid1|dup        of one of these profiles
  devid=1                   with a stripe on this device
  drange=0..10G             with bytes in this range of the device that devid= names
  vrange=0..10G             with bytes in this range of the filesystem's addresses
  stripes=1..2              over so many stripes
  convert=raid1             is rewritten with this profile: single, dup, raid0, raid1, raid1c3, raid1c4, raid10, raid5, raid6
  soft                      together with convert=: what has the profile already is left alone

The filters of metadata hold for system block groups too, unless -s gives them others.

A path that is called like a command: ./status

Exit codes: 0 all done; 1 an error, or out of space; 2 wrong usage, or nothing in progress to pause, resume or cancel; \
3 paused or cancelled before the end; 11 not started, as it would run out of space. \
`--dry-run`: 0 safe; 10 tight; 11 fail; 12 refused; 1 there is no verdict; 2 wrong usage. \
`status`: 0 no balance; 1 one is running or paused; 2 an error.";

#[derive(Debug, Args)]
struct Start {
    /// Any path on the filesystem
    // Not there where a command is.
    #[arg(required = true)]
    path: Option<PathBuf>,
    /// Take data block groups, with filters right behind the letter: -dusage=50,limit=2
    #[arg(short, long, value_name = "FILTERS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    data: Option<Filters>,
    /// Take metadata block groups, with filters right behind the letter: -mconvert=raid1,soft
    #[arg(short, long, value_name = "FILTERS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    metadata: Option<Filters>,
    /// Take system block groups with filters of their own; needs -f
    #[arg(short, long, value_name = "FILTERS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    system: Option<Filters>,
    /// Consent to less redundancy than before, and to -s: btrfs-progs' -f
    #[arg(short = 'f', long = "consent")]
    consent: bool,
    /// Without -d, -m and -s: rewrite everything, which can take days
    #[arg(long)]
    full_balance: bool,
    #[command(flatten)]
    caution: Caution,
    #[command(flatten)]
    means: Means,
    #[command(flatten)]
    watched: Watched,
}

/// What is made of the verdict.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Caution {
    /// Say how it would end, and why, and start nothing
    #[arg(long, conflicts_with = "follow_plan")]
    pub(crate) dry_run: bool,
    /// Start even what is foreseen to run out of space; unlike in btrfs-progs, this is not -f
    #[arg(long, conflicts_with_all = ["dry_run", "follow_plan"])]
    pub(crate) force: bool,
    /// Foresee it without reading the extents of data: quick on a large filesystem, and less certain
    #[arg(long, conflicts_with = "follow_plan")]
    pub(crate) fast: bool,
}

#[derive(Debug, Args)]
struct Watched {
    /// What the first Ctrl-C does (and SIGTERM, SIGHUP); the second one cancels
    #[arg(long, value_name = "ACTION", default_value = "pause")]
    on_interrupt: Interrupt,
    /// Print the outcome, or the verdict, as one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a balance: the same as without this word
    Start(Box<Start>),
    /// Say whether a balance is running or paused, and how far it is
    Status(Quiet),
    /// Pause the running balance, after the chunk it is at
    Pause(Quiet),
    /// Go on with the paused balance, and stay with it
    Resume {
        /// Any path on the filesystem
        path: PathBuf,
        #[command(flatten)]
        watched: Watched,
    },
    /// Bring back a filesystem that a balance has made read-only: it is mounted anew without going on with that, which
    /// is given up; then the verdict on it is told, and the way out
    Rescue {
        /// The mount point
        path: PathBuf,
        /// The filesystem is not mounted: mount this device of it there
        #[arg(long)]
        device: Option<PathBuf>,
        #[command(flatten)]
        means: Means,
        #[command(flatten)]
        watched: Watched,
    },
    /// Cancel the balance that is running or paused
    Cancel(Quiet),
}

#[derive(Debug, Args)]
struct Quiet {
    /// Any path on the filesystem
    path: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Reads the command line; ends the program where it makes no sense.
pub(crate) fn parse() -> Arguments {
    let line = Line::parse_from(std::env::args_os().scan(false, |over, argument| {
        *over |= argument == "--";
        Some(if *over { argument } else { unglued(argument) })
    }));
    let quiet = |action, quiet: Quiet| Arguments { path: quiet.path, json: quiet.json, action };
    match line.command {
        None => started(line.start),
        Some(Command::Start(start)) => started(*start),
        Some(Command::Resume { path, watched }) => {
            Arguments { path, json: watched.json, action: Action::Resume { on_interrupt: watched.on_interrupt } }
        }
        Some(Command::Rescue { path, device, means, watched }) => {
            let action = Action::Rescue { device, on_interrupt: watched.on_interrupt, means };
            Arguments { path, json: watched.json, action }
        }
        Some(Command::Status(arguments)) => quiet(Action::Status, arguments),
        Some(Command::Pause(arguments)) => quiet(Action::Pause, arguments),
        Some(Command::Cancel(arguments)) => quiet(Action::Cancel, arguments),
    }
}

/// `-dusage=50` as `-d=usage=50`, which is how clap knows that a value belongs to the option: the one behind a lone `-d`
/// is the path.
fn unglued(argument: OsString) -> OsString {
    match argument.as_bytes() {
        [b'-', letter @ (b'd' | b'm' | b's'), value @ ..] if !value.is_empty() && value[0] != b'=' => {
            OsString::from_vec([&[b'-', *letter, b'='], value].concat())
        }
        _ => argument,
    }
}

fn started(start: Start) -> Arguments {
    let Start { path, data, metadata, system, consent, full_balance, caution, means, watched } = start;
    let Some(path) = path else { wrong("name a path on the filesystem") };
    if (&data, &metadata, &system) == (&None, &None, &None) && !full_balance {
        wrong(
            "without -d, -m or -s everything would be rewritten, which can take days: select block groups, such as \
             -dusage=50, or ask for it with --full-balance",
        );
    }
    if system.is_some() && !consent {
        wrong("-s needs -f; without -s the filters of -m hold for system block groups too");
    }
    let mut request = match (&data, &metadata, &system) {
        (None, None, None) => BalanceRequest::everything(),
        _ => BalanceRequest::new(),
    };
    request.data = data.or(request.data);
    request.metadata = metadata.or(request.metadata);
    request.system = system;
    request.force = consent;
    let action = Action::Start { request: Box::new(request), on_interrupt: watched.on_interrupt, caution, means };
    Arguments { path, json: watched.json, action }
}

fn wrong(rule: &str) -> ! {
    Line::command().error(clap::error::ErrorKind::MissingRequiredArgument, rule).exit()
}
