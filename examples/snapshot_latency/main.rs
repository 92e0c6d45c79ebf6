//! Measures how long snapshots take on an administrator's own filesystem, and how long they hold writers up.
//!
//! ```text
//! # snapshot_latency --existing 0,1000 --dirty-count 20 --svg snapshots.svg /srv
//! taking a snapshot               existing       p50       p90       p99     p99.9       max   commits
//! single, idle                           0   1.42 ms    1.7 ms   1.85 ms         -   1.88 ms      1.00
//! group of 8, idle                       0    4.4 ms   4.83 ms   5.79 ms         -    6.6 ms      0.25
//! single, load                           0   6.54 ms   8.46 ms   9.41 ms         -   9.42 ms      1.00
//! group of 8, load                       0   9.62 ms   12.3 ms   13.8 ms         -   13.8 ms      0.25
//! single, idle                        1000   2.41 ms   2.84 ms   3.36 ms         -   3.73 ms      1.00
//! group of 8, idle                    1000   11.6 ms   12.8 ms   13.9 ms         -   16.2 ms      0.25
//! single, load                        1000    6.8 ms   8.62 ms   9.49 ms         -   10.6 ms      1.00
//! group of 8, load                    1000   18.4 ms   22.5 ms   26.9 ms         -   28.2 ms      0.25
//! single, 256 MiB dirty               1000    211 ms    255 ms         -         -    275 ms      1.05
//! single, 256 MiB dirty, flushed      1000    207 ms    234 ms         -         -    236 ms      2.00
//!
//! writers held up with 256 MiB written right before: the longest operation in flight during each of 20
//!                                      no snapshot                snapshot      flush and snapshot
//!                                  p50         max         p50         max         p50         max
//! write 128 KiB                 183 µs      358 µs      205 µs      3.9 ms      132 µs     1.63 ms
//! create and rename             159 µs      279 µs       47 ms       69 ms     20.3 ms     62.8 ms
//! write 4 KiB and fsync        1.16 ms     5.86 ms      125 ms      191 ms     97.1 ms      167 ms
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
