//! The long form, printed as Markdown: `live soak-moments <groups> <seed>`.

use std::process::ExitCode;

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
        "Groups of 8 subvolumes, {groups} each, and a quarter with `take`, which makes no attempt at one moment: the measure of cost.\n"
    );
    println!(
        "| how | writers | of one moment | within so many attempts | mean | median | 99 % | commits | mean extra | written |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for writers in [0, 2] {
        let all = Sources::new(8)?;
        let plain = Rates::of(&all, groups.div_ceil(4), writers, |all| Ok(all.group().take()?))?;
        line("`take`", writers, &plain, None)?;
        let take = |all| Ok(Sources::group(all).take_as_one(&OneMoment::new())?);
        line("`take_as_one`", writers, &Rates::of(&all, groups, writers, take)?, Some(&plain))?;
        let take = |all| Ok(Sources::group(all).flush_first().take_as_one(&OneMoment::new())?);
        line("`flush_first`, `take_as_one`", writers, &Rates::of(&all, groups, writers, take)?, Some(&plain))?;
    }
    println!("\n## The promise\n");
    println!(
        "One writer puts k into a subvolume, then into a second, then k + 1 into the first, and so on. Out of order is a"
    );
    println!("group in which the second is ahead. At least {} groups of one moment for each.\n", 3 * groups);
    println!("| what is put | numbers put | of one moment | out of order | not of one moment | out of order |");
    println!("|---|---|---|---|---|---|");
    for (what, order) in [("a number, `O_DSYNC`", Order::Durable), ("a directory, no sync", Order::Directories)] {
        let Found { one, one_out_of_order, other, other_out_of_order, put } = promise::check(order, 3 * groups, seed)?;
        println!("| {what} | {put} | {one} | **{one_out_of_order}** | {other} | {other_out_of_order} |");
        ensure!(one_out_of_order == 0, "{one_out_of_order} groups of one moment are out of order");
    }
    Ok(())
}

fn line(how: &str, writers: usize, rates: &Rates, plain: Option<&Rates>) -> Result<()> {
    let groups = f64::from(u32::try_from(rates.groups())?);
    let percent = |count: usize| anyhow::Ok(100.0 * f64::from(u32::try_from(count)?) / groups);
    let mut took = rates.took.clone();
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)];
    let mut within = Vec::new();
    for bound in [1, 2, 4, 8, 16, 32, 64].into_iter().filter(|_| plain.is_some()) {
        within.push(format!("{bound}: {:.1} %", percent(rates.one.range(..=bound).map(|(_, count)| count).sum())?));
    }
    let extra = plain.map_or(Ok(String::new()), |plain| {
        let commits = rates.commits_a_group()? - plain.commits_a_group()?;
        anyhow::Ok(format!("{:.1?}, {commits:.1} commits", rates.mean().saturating_sub(plain.mean())))
    })?;
    println!(
        "| {how} | {writers} | {} of {} ({:.1} %) | {} | {:.1?} | {:.1?} | {:.1?} | {:.1} | {extra} | {:.0} MB/s |",
        rates.reached(),
        rates.groups(),
        percent(rates.reached())?,
        within.join(", "),
        rates.mean(),
        at(50),
        at(99),
        rates.commits_a_group()?,
        rates.written / 1e6,
    );
    Ok(())
}
