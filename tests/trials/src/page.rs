//! What many trials come to, as a page.

use std::fmt::Write as _;

use crate::Kind;
use crate::recipe::NEAR_THE_BOUNDARY;
use crate::record::{Did, Record, Said};

/// A part of a whole, and what it should at least, or at most, be in per cent.
struct Bound {
    what: &'static str,
    part: usize,
    of: usize,
    percent: usize,
    at_most: bool,
}

impl Bound {
    fn holds(&self) -> bool {
        let (part, all) = (self.part * 100, self.of * self.percent);
        if self.at_most { part <= all } else { part >= all }
    }
}

/// The page, in Markdown.
#[must_use]
pub fn write(kind: Kind, records: &[Record], lost: &[String]) -> String {
    let mut page = String::new();
    let near = records.iter().filter(|record| record.seed >= NEAR_THE_BOUNDARY).count();
    writeln!(page, "{} trials, {near} of them made to just fit or just not; {} lost.\n", records.len(), lost.len())
        .ok();
    for lost in lost {
        writeln!(page, "* lost: {lost}\n").ok();
    }
    match kind {
        Kind::Balance | Kind::Leave => verdicts(&mut page, kind, records),
        Kind::Plan => plans(&mut page, records),
        Kind::Usage => usage(&mut page, records),
    }
    page
}

fn bounds(page: &mut String, bounds: &[Bound]) {
    writeln!(page, "| | | bound | |\n|---|---|---|---|").ok();
    for bound in bounds {
        let Bound { what, part, of, percent, at_most } = bound;
        let least = if *at_most { "at most" } else { "at least" };
        let holds = match bound.holds() {
            _ if *of == 0 => "nothing to tell from",
            true => "yes",
            false => "**no**",
        };
        writeln!(page, "| {what} | {part} of {of} | {least} {percent} % | {holds} |").ok();
    }
}

fn verdicts(page: &mut String, kind: Kind, records: &[Record]) {
    let count = |said: Said, did: Did| {
        records.iter().filter(|record| record.foreseen.said == said && record.did == did).count()
    };
    writeln!(page, "| said \\ did | well | out of space | read-only | refused |\n|---|---|---|---|---|").ok();
    for (name, said) in [("safe", Said::Safe), ("tight", Said::Tight), ("fail", Said::Fail), ("refused", Said::Refused)]
    {
        let [well, space, read_only, refused] =
            [Did::Well, Did::OutOfSpace, Did::ReadOnly, Did::Refused].map(|did| count(said, did));
        writeln!(page, "| {name} | {well} | {space} | {read_only} | {refused} |").ok();
    }
    writeln!(page).ok();
    let said = |said: Said| records.iter().filter(|record| record.foreseen.said == said).count();
    let of = |keep: &dyn Fn(&&Record) -> bool, right: &dyn Fn(&Record) -> bool| {
        let all: Vec<_> = records.iter().filter(keep).collect();
        (all.iter().filter(|record| right(record)).count(), all.len())
    };
    let chunks = |did: Did| {
        of(&|record| record.did == did && record.chunks.is_some(), &|record| {
            record.chunks == Some(record.foreseen.chunks)
        })
    };
    let errors = of(&|record| record.did == Did::OutOfSpace && record.errors.is_some(), &|record| {
        record.errors == Some(record.foreseen.errors)
    });
    let short = match kind {
        // The kernel counts no errors there.
        Kind::Leave => ("of those that ran out of space: chunks that went before, exact", chunks(Did::OutOfSpace)),
        _ => ("of those that ran out of space: the kernel's count of errors exact", errors),
    };
    let aborts = of(&|record| record.did == Did::ReadOnly, &|record| record.foreseen.abort_risk);
    let wrong = said(Said::Safe) - count(Said::Safe, Did::Well);
    let begun = said(Said::Refused) - count(Said::Refused, Did::Refused);
    let bound = |what, (part, of), percent, at_most| Bound { what, part, of, percent, at_most };
    bounds(
        page,
        &[
            bound("said safe, and was not", (wrong, said(Said::Safe)), 1, true),
            bound("said fail, and was well", (count(Said::Fail, Did::Well), said(Said::Fail)), 2, true),
            bound("said refused, and began", (begun, said(Said::Refused)), 2, true),
            bound("said tight", (said(Said::Tight), records.len()), 10, true),
            bound("of those that went well: chunks exact", chunks(Did::Well), 95, false),
            bound(short.0, short.1, 75, false),
            bound("of those that ended read-only: warned of", aborts, 85, false),
        ],
    );
    for record in records.iter().filter(|record| record.did == Did::ReadOnly && !record.foreseen.abort_risk) {
        let place = record.aborted_in.as_deref().unwrap_or("the kernel's log has no word of it");
        writeln!(page, "\n* not warned of: seed {}, {}: {place}", record.seed, record.what).ok();
    }
    for record in records.iter().filter(|record| !record.came_true()) {
        writeln!(page, "\n* wrong: seed {}, {}: {:?}, {}", record.seed, record.what, record.did, record.foreseen.why)
            .ok();
    }
}

fn plans(page: &mut String, records: &[Record]) {
    let plans: Vec<_> = records.iter().filter_map(|record| record.plan.as_ref()).collect();
    let promised: Vec<_> = plans.iter().filter(|plan| plan.promised).collect();
    let reached = promised.iter().filter(|plan| plan.reached).count();
    let (lent, given) = plans.iter().fold((0, 0), |(lent, given), plan| (lent + plan.lent, given + plan.given_back));
    let all = |keep: &dyn Fn(&&&crate::record::Followed) -> bool| plans.iter().filter(keep).count();
    bounds(
        page,
        &[
            Bound { what: "promised, and reached", part: reached, of: promised.len(), percent: 90, at_most: false },
            Bound {
                what: "writable at the end",
                part: all(&|plan| plan.writable),
                of: plans.len(),
                percent: 100,
                at_most: false,
            },
            Bound {
                what: "all data as before",
                part: all(&|plan| plan.data_intact),
                of: plans.len(),
                percent: 100,
                at_most: false,
            },
        ],
    );
    writeln!(
        page,
        "\nOf {} failures {} have a plan. Devices added for the time being: {lent}, given back: {given}.",
        plans.len(),
        promised.len()
    )
    .ok();
    for record in records {
        let Some(plan) = record.plan.as_ref().filter(|plan| !plan.reached || !plan.end.is_empty()) else { continue };
        writeln!(page, "\n* seed {}, {}: {} ({})", record.seed, record.what, plan.end, plan.steps.join("; ")).ok();
    }
}

fn usage(page: &mut String, records: &[Record]) {
    let filled: Vec<_> = records.iter().filter_map(|record| Some((record, record.usage.as_ref()?))).collect();
    let equal = filled.iter().filter(|(_, usage)| usage.differing.is_empty()).count();
    let right = filled.iter().filter(|(_, usage)| usage.is_within_a_chunk()).count();
    let figures: usize = filled.iter().map(|(_, usage)| usage.figures).sum();
    bounds(
        page,
        &[
            Bound {
                what: "every figure equals `btrfs filesystem usage -b`",
                part: equal,
                of: filled.len(),
                percent: 100,
                at_most: false,
            },
            Bound {
                what: "filled for real, within one chunk of what was said",
                part: right,
                of: filled.len(),
                percent: 100,
                at_most: false,
            },
        ],
    );
    let worst = filled.iter().map(|(_, usage)| usage.distance()).max().unwrap_or(0);
    let short = filled.iter().filter(|(_, usage)| usage.short_of_metadata).count();
    let two = filled.iter().filter(|(_, usage)| usage.two_profiles).count();
    writeln!(
        page,
        "\n{figures} figures were compared. Data was of two profiles on {two} of the filesystems. On {short} it \
         was said that metadata is too short for files to be created: there data does not count. The greatest distance, of \
         bytes of data as of bytes of chunks, was {} MiB.",
        worst >> 20
    )
    .ok();
    writeln!(
        page,
        "\nOf raid5 and raid6 btrfs-progs takes all chunks to be used alike, and rounds for each device; `used` is compared \
         with what that makes of this library's figures, which of chunks of one width is the same but for the rounding."
    )
    .ok();
    for (record, usage) in filled {
        if !record.came_true() {
            writeln!(
                page,
                "\n* seed {}: {:?}; chunks {} said, {} filled; data {} said, {} written",
                record.seed, usage.differing, usage.foreseen, usage.filled, usage.fits, usage.written
            )
            .ok();
        }
    }
}
