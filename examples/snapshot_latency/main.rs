//! Measures how long snapshots take on an administrator's own filesystem, and how long they hold writers up.
//!
//! ```text
//! # snapshot_latency --existing 0,1000 --dirty-count 10 --svg snapshots.svg /srv
//! taking a snapshot               existing       p50       p90       p99     p99.9       max   commits
//! single, idle                           0   3.58 ms   11.1 ms     21 ms         -   30.5 ms      1.00
//! group of 8, idle                       0   7.19 ms   16.3 ms   39.1 ms         -   71.4 ms      0.26
//! single, load                           0   11.3 ms   15.9 ms   23.2 ms         -     24 ms      1.01
//! group of 8, load                       0   17.1 ms   25.9 ms   34.7 ms         -   52.7 ms      0.25
//! single, idle                        1000   4.49 ms   12.3 ms     23 ms         -   37.5 ms      1.00
//! group of 8, idle                    1000   17.8 ms     32 ms   46.5 ms         -   52.3 ms      0.25
//! single, load                        1000     13 ms   20.8 ms     28 ms         -   37.3 ms      1.00
//! group of 8, load                    1000   31.1 ms   44.1 ms     62 ms         -     63 ms      0.25
//! single, 256 MiB dirty               1000    399 ms    437 ms         -         -    459 ms      1.20
//! single, 256 MiB dirty, flushed      1000    357 ms    395 ms         -         -    401 ms      2.00
//!
//! writers held up with 256 MiB written right before: the longest operation in flight during each of 10
//!                                      no snapshot                snapshot      flush and snapshot
//!                                  p50         max         p50         max         p50         max
//! write 128 KiB                 744 µs     5.15 ms      234 µs     3.74 ms      133 µs     1.39 ms
//! create and rename             212 µs     1.82 ms     8.51 ms     33.7 ms     16.2 ms     34.8 ms
//! write 4 KiB and fsync        11.4 ms     33.9 ms     86.4 ms      175 ms     89.2 ms      117 ms
//! ```

mod arguments;
mod interrupt;
mod load;
mod machine;
mod phase;
mod place;
mod progress;
mod random;
mod removal;
mod report;
mod run;

use std::fmt::Display;
use std::io::{Write, stderr};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use btrfs::Filesystem;
use serde_json::{Value, json};

use crate::arguments::{Arguments, MIB};
use crate::interrupt::{Interrupt, Interrupted};
use crate::phase::Phase;
use crate::place::Place;
use crate::random::Random;
use crate::removal::Removal;
use crate::run::Run;

fn main() -> ExitCode {
    let arguments = match Arguments::read() {
        Ok(arguments) => arguments,
        Err(error) => {
            complain(format_args!("{error:#}"));
            return ExitCode::from(2);
        }
    };
    let done = if arguments.clean { clean(&arguments) } else { measure(&arguments) };
    done.unwrap_or_else(|error| {
        complain(format_args!("{error:#}"));
        ExitCode::FAILURE
    })
}

fn clean(arguments: &Arguments) -> Result<ExitCode> {
    let removal = removal::clean(&arguments.path)?;
    report::print(&format!("{} subvolumes removed\n", removal.deleted.len()))?;
    Ok(stays(&removal))
}

/// Measures, removes what that made, and then reports.
fn measure(arguments: &Arguments) -> Result<ExitCode> {
    let interrupt = Interrupt::hold_back()?;
    let filesystem = Filesystem::open(&arguments.path)?;
    let (free, needed) = (machine::free_bytes(&filesystem)?, run::needed(arguments));
    ensure!(
        free >= needed,
        "{} has {} MiB free, and this run may need {} MiB: ask for less (--dirty, --load, --existing)",
        arguments.path.display(),
        free / MIB,
        needed.div_ceil(MIB)
    );
    for left in removal::leftovers(&arguments.path)? {
        complain(format_args!(
            "{} is of another run; if that was killed: snapshot_latency --clean {}",
            left.display(),
            arguments.path.display()
        ));
    }
    let mut place = Place::make(&arguments.path)?;
    let measured = phases(arguments, &interrupt, &mut place);
    let removal = place.remove();
    let (facts, phases) = match measured {
        Ok(measured) => measured,
        Err(error) => {
            complain(format_args!("{error:#}"));
            if removal.stays.is_empty() {
                complain(format_args!("all that this run made is removed"));
            }
            let code = error.downcast_ref().map_or(1, Interrupted::exit_code);
            stays(&removal);
            return Ok(ExitCode::from(code));
        }
    };
    if let Some(path) = &arguments.svg {
        let kernel = facts["kernel"].as_str().unwrap_or_default();
        let drawn = report::chart(arguments, kernel, &phases)?;
        std::fs::write(path, drawn).with_context(|| format!("writing {}", path.display()))?;
    }
    if arguments.json {
        let mut object = report::object(&facts, &phases);
        object["stays"] = json!(removal.stays);
        report::print(&format!("{object:#}\n"))?;
    } else {
        report::print(&report::text(arguments, &phases)?)?;
    }
    Ok(stays(&removal))
}

fn phases(arguments: &Arguments, interrupt: &Interrupt, place: &mut Place) -> Result<(Value, Vec<Phase>)> {
    let mut random = Random(arguments.seed);
    let data = random.bytes(4 << 20);
    let facts = report::facts(arguments, place)?;
    place.make_sources(arguments.group, &data)?;
    let bar = progress::bar(run::steps(arguments))?;
    let mut run =
        Run { arguments, place, interrupt, bar, data: &data, random, existing: 0, taken: Vec::new(), names: 0 };
    let measured = run.measure();
    run.bar.finish_and_clear();
    Ok((facts, measured?))
}

/// Says what stays, and how the program ends then.
fn stays(removal: &Removal) -> ExitCode {
    for what in &removal.stays {
        complain(format_args!("stays: {what}"));
    }
    if removal.unseen {
        complain("all is deleted; when its space is back can't be seen without CAP_SYS_ADMIN");
    }
    if removal.stays.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(3) }
}

/// Prints a line on the standard error, if there still is one.
fn complain(line: impl Display) {
    let _ = writeln!(stderr(), "snapshot_latency: {line}");
}
