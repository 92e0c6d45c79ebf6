//! The long form, printed as Markdown: `live soak-moments <groups> <seed>`.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use btrfs::subvolume::OneMoment;

use super::Sources;
use super::promise::{self, Found, Order};
use super::rates::Rates;

/// Runs it where the arguments ask for it.
pub(super) fn run(arguments: &[String]) -> Option<ExitCode> {
    let [_, word, groups, seed] = arguments else { return None };
    (word == "soak-moments").then(|| match parse(groups, seed).and_then(|(groups, seed)| print(groups, seed)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("soak-moments: {error:#}");
            ExitCode::FAILURE
        }
    })
}

fn parse(groups: &str, seed: &str) -> Result<(usize, u64)> {
    Ok((groups.parse().context("the number of groups")?, seed.parse().context("the seed")?))
}

fn print(groups: usize, seed: u64) -> Result<()> {
    testbed::isolate()?;
    println!("## How often, and at what cost\n");
    println!(
        "Groups of 8 subvolumes, {groups} each. `take` makes no attempt at one moment: what it costs is the measure.\n"
    );
    println!("| how | writers | of one moment | attempts | mean | median | 99 % | commits a group | written |");
    println!("|---|---|---|---|---|---|---|---|---|");
    for writers in [0, 2] {
        let all = Sources::new(8)?;
        line("`take`", writers, Rates::of(&all, groups, writers, |all| Ok(all.group().take()?))?)?;
        let take = |all| Ok(Sources::group(all).take_as_one(&OneMoment::new())?);
        line("`take_as_one`", writers, Rates::of(&all, groups, writers, take)?)?;
        let take = |all| Ok(Sources::group(all).flush_first().take_as_one(&OneMoment::new())?);
        line("`flush_first`, `take_as_one`", writers, Rates::of(&all, groups, writers, take)?)?;
    }
    println!("\n## The promise\n");
    println!(
        "One writer puts k into a subvolume, then into a second, then k + 1 into the first, and so on. Out of order is a"
    );
    println!("group in which the second is ahead. At least {} groups of one moment for each.\n", 3 * groups);
    println!("| what is put | numbers put | of one moment | out of order | not of one moment | out of order |");
    println!("|---|---|---|---|---|---|");
    for (what, order) in [("a number, `O_DSYNC`", Order::Durable), ("a directory, no sync", Order::Directories)] {
        let start = Instant::now();
        let Found { one, one_out_of_order, other, other_out_of_order, put } = promise::check(order, 3 * groups, seed)?;
        println!("| {what} | {put} | {one} | **{one_out_of_order}** | {other} | {other_out_of_order} |");
        eprintln!("{what}: {:.0?}", start.elapsed());
        ensure!(one_out_of_order == 0, "{one_out_of_order} groups of one moment are out of order");
    }
    Ok(())
}

fn line(how: &str, writers: usize, mut rates: Rates) -> Result<()> {
    rates.took.sort_unstable();
    let at = |percent: usize| rates.took[(rates.took.len() * percent / 100).min(rates.took.len() - 1)];
    let groups = f64::from(u32::try_from(rates.groups())?);
    let attempts: Vec<_> = rates.one.iter().map(|(attempts, count)| format!("{attempts}: {count}")).collect();
    println!(
        "| {how} | {writers} | {} of {} ({:.1} %) | {} | {:.1?} | {:.1?} | {:.1?} | {:.2} | {:.0} MB/s |",
        rates.reached(),
        rates.groups(),
        100.0 * f64::from(u32::try_from(rates.reached())?) / groups,
        attempts.join(", "),
        rates.mean(),
        at(50),
        at(99),
        f64::from(u32::try_from(rates.commits)?) / groups,
        rates.written / 1e6,
    );
    Ok(())
}
