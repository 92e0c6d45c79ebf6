//! What the page begins with: the machine, the versions, and what was to be reached.

use std::fmt::Write;

use anyhow::Result;

use crate::machine::Machine;
use crate::results::{Benchmark, Bound, Target};

use super::benchmark::plain;

pub(super) fn markdown(machine: &Machine, benchmarks: &[Benchmark]) -> Result<String> {
    let Machine { quick, date, processor, processors, memory_gib, kernel, versions } = machine;
    let warning = if *quick {
        "**A quick run, which only sees that everything works: the figures mean nothing.**\n\n"
    } else {
        ""
    };
    let mut page = format!(
        "# Benchmarks\n\n{warning}\
         The same work done by this library, by its peers, and by the kernel's calls with nothing around them.\n\
         `cargo xtask bench` measures all of it again and writes this page.\n\n\
         Measured on {date}: Linux {kernel}, {processors} processors ({processor}), {memory_gib} GiB of memory.\n\n\
         | | version |\n|---|---|\n"
    );
    for (name, version) in versions {
        writeln!(page, "| {name} | {version} |")?;
    }
    page.push_str(
        "\npython-btrfs reads: it neither takes nor deletes snapshots, so it takes part in the listing only.\n\n\
         ## What was to be reached\n\n\
         Where it is how many times as fast as a peer, the last column says what the kernel's own calls reach with nothing\n\
         around them: more is not to be had on this machine.\n\n\
         | | asked for | measured | | the kernel alone |\n|---|---|--:|---|--:|\n",
    );
    for (benchmark, target) in benchmarks.iter().flat_map(|all| all.targets.iter().map(move |target| (all, target))) {
        let Target { what, bound, measured } = target;
        let asked = match bound {
            Bound::AtMost(limit) => format!("at most {}", plain(*limit)),
            Bound::AtLeast(limit) => format!("at least {}", plain(*limit)),
        };
        let met = if target.is_met() { "reached" } else { "**not reached**" };
        let alone = match bound {
            Bound::AtLeast(_) => plain(measured * benchmark.times_the_fastest_floor()?),
            Bound::AtMost(_) => String::new(),
        };
        writeln!(page, "| {}: {what} | {asked} | {} | {met} | {alone} |", benchmark.title, plain(*measured))?;
    }
    Ok(page)
}
