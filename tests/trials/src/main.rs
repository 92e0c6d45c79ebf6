//! Random filesystems, with the kernel as judge: what is foreseen of a balance, of a device that leaves, of a plan, of
//! what fits still, against what comes of it.

mod built;
mod filled;
mod followed;
mod judge;
mod kernel_log;
mod page;
mod recipe;
mod record;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use btrfs::Filesystem;
use clap::{Parser, Subcommand, ValueEnum};

use recipe::Recipe;
use record::{Did, Record};

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Balances and conversions.
    Balance,
    /// Devices that are removed or made smaller.
    Leave,
    /// Plans for balances that would fail.
    Plan,
    /// Figures, and what fits still.
    Usage,
}

/// Tries what was foreseen.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Many trials, each in a process of its own; prints the page.
    Run {
        kind: Kind,
        /// From the first to before the last: 1..20; again for more.
        #[arg(long, required = true, value_parser = range)]
        seeds: Vec<(u64, u64)>,
        /// So many at the most; of plans, so many failures.
        #[arg(long, default_value_t = usize::MAX)]
        most: usize,
        /// A file of records: those in it count, and each new one is added to it.
        #[arg(long)]
        records: Option<PathBuf>,
        #[command(flatten)]
        how: How,
    },
    /// One trial; prints its record.
    #[command(hide = true)]
    One {
        kind: Kind,
        seed: u64,
        #[command(flatten)]
        how: How,
    },
}

#[derive(Debug, Clone, clap::Args)]
struct How {
    /// Filesystems small enough for an emulated machine.
    #[arg(long)]
    small: bool,
    /// Keeps each state, as it was foreseen from, in this directory.
    #[arg(long)]
    keep: Option<PathBuf>,
}

fn range(text: &str) -> Result<(u64, u64), String> {
    let (first, last) = text.split_once("..").ok_or("two numbers with two dots between them")?;
    let number = |text: &str| text.parse().map_err(|error| format!("{text}: {error}"));
    Ok((number(first)?, number(last)?))
}

/// So long one trial takes at the most. Linux 6.18 now and then hangs for good in an unmount: its cleaner waits for room
/// that is made by whom waits for the cleaner.
const DEADLINE: Duration = Duration::from_secs(300);

fn main() -> Result<()> {
    match Arguments::parse().command {
        Action::One { kind, seed, how } => {
            println!("{}", serde_json::to_string(&one(kind, seed, &how)?)?);
            Ok(())
        }
        Action::Run { kind, seeds, most, records: file, how } => {
            let (mut records, mut lost) = (known(file.as_deref())?, Vec::new());
            for seed in seeds.into_iter().flat_map(|(first, last)| first..last) {
                if records.len() >= most {
                    break;
                }
                if records.iter().any(|record| record.seed == seed) {
                    continue;
                }
                match apart(kind, seed, &how) {
                    Ok(None) => {}
                    Ok(Some(record)) => {
                        tell(&record);
                        note(file.as_deref(), &record)?;
                        records.push(record);
                    }
                    Err(error) => {
                        eprintln!("{seed}: lost: {error:#}");
                        let why = format!("{error:#}");
                        lost.push(format!("seed {seed}: {}", why.lines().next().unwrap_or_default()));
                    }
                }
            }
            // What follows is kept.
            println!("page:\n{}", page::write(kind, &records, &lost).trim_end());
            Ok(())
        }
    }
}

/// What an earlier run came to.
fn known(file: Option<&Path>) -> Result<Vec<Record>> {
    let Some(file) = file.filter(|file| file.exists()) else { return Ok(Vec::new()) };
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    text.lines().map(|line| serde_json::from_str(line).with_context(|| line.to_owned())).collect()
}

fn note(file: Option<&Path>, record: &Record) -> Result<()> {
    use std::io::Write;
    let Some(file) = file else { return Ok(()) };
    let mut open = std::fs::File::options().append(true).create(true).open(file)?;
    Ok(writeln!(open, "{}", serde_json::to_string(record)?)?)
}

fn tell(record: &Record) {
    let Record { seed, what, foreseen, did, chunks, errors, .. } = record;
    let is_right = (foreseen.said == record::Said::Safe) == (*did == Did::Well);
    let mark = if is_right || foreseen.said == record::Said::Tight { ' ' } else { '!' };
    eprintln!(
        "{mark} {seed} {what}: {:?} {} chunks {} errors {}| {did:?} {chunks:?} {errors:?}| {}",
        foreseen.said,
        foreseen.chunks,
        foreseen.errors,
        if foreseen.abort_risk { "risk " } else { "" },
        foreseen.why,
    );
    if let Some(plan) = &record.plan {
        eprintln!("    {plan:?}");
    }
    if let Some(usage) = &record.usage {
        eprintln!("    {usage:?}");
    }
}

/// A trial in a process of its own, whose mounts end with it.
fn apart(kind: Kind, seed: u64, how: &How) -> Result<Option<Record>> {
    let kind = kind.to_possible_value().context("a kind")?;
    // Also where it was built anew meanwhile.
    let mut command = Command::new("/proc/self/exe");
    command.args(["one", kind.get_name(), &seed.to_string()]).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.args(how.small.then_some("--small"));
    if let Some(keep) = &how.keep {
        command.arg("--keep").arg(keep);
    }
    let mut child = command.spawn()?;
    let begun = Instant::now();
    while child.try_wait()?.is_none() {
        if begun.elapsed() > DEADLINE {
            // What hangs in the kernel can't be waited for.
            let _ = child.kill();
            bail!("no end after {DEADLINE:?}");
        }
        sleep(Duration::from_millis(20));
    }
    let (status, said, errors) = (child.wait()?, read(&mut child, true)?, read(&mut child, false)?);
    if !status.success() {
        bail!("{status}: {}", errors.trim());
    }
    Ok(serde_json::from_str(&said)?)
}

fn read(child: &mut Child, output: bool) -> Result<String> {
    let mut text = String::new();
    match output {
        true => child.stdout.take().map(|mut from| from.read_to_string(&mut text)),
        false => child.stderr.take().map(|mut from| from.read_to_string(&mut text)),
    }
    .transpose()?;
    Ok(text)
}

fn one(kind: Kind, seed: u64, how: &How) -> Result<Option<Record>> {
    testbed::isolate()?;
    let recipe = Recipe::new(seed, how.small);
    let recipe = if kind == Kind::Leave { recipe.with_a_device_that_leaves() } else { recipe };
    let mut world = built::build(&recipe).context("making the filesystem")?;
    match kind {
        Kind::Balance => judge::trial(seed, &world, &judge::balance(&recipe)?, how.keep.as_deref()).map(Some),
        Kind::Leave => {
            let operation = judge::leave(&recipe, &Filesystem::open(world.path())?)?;
            judge::trial(seed, &world, &operation, how.keep.as_deref()).map(Some)
        }
        Kind::Plan => followed::trial(seed, &mut world, &judge::balance(&recipe)?),
        Kind::Usage => filled::trial(&recipe, &world).map(Some),
    }
}
