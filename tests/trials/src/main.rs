//! The trials as a program: many of them, each in a process of its own.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand, ValueEnum};

use trials::record::Record;
use trials::{How, Kind, page, trial};

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
            testbed::isolate()?;
            println!("{}", serde_json::to_string(&trial(kind, seed, &how)?)?);
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
                        lost.push(format!("seed {seed}: {error:#}"));
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
    let mark = if record.came_true() { ' ' } else { '!' };
    eprintln!(
        "{mark} {seed} {what}: {:?} {} chunks {} errors {}| {did:?} {chunks:?} {errors:?}| {}",
        foreseen.said,
        foreseen.chunks,
        foreseen.errors,
        if foreseen.abort_risk { "risk " } else { "" },
        foreseen.why,
    );
    if let Some(line) = &record.aborted_in {
        eprintln!("    {line}");
    }
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
        // The reasons in one line; not where in the program.
        let reasons = errors.split("Stack backtrace:").next().unwrap_or_default();
        bail!("{status}: {}", reasons.split_whitespace().collect::<Vec<_>>().join(" "));
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
