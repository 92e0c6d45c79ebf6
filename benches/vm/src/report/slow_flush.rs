//! A group of snapshots on a disk with slow flushes.

use std::collections::BTreeSet;
use std::fmt::Write;

use anyhow::Result;
use charts::{BarChart, Better, Scale, Unit};

use super::{CHARTS, Chart, Section, median, real};
use crate::{How, SlowFlush, Taking};

const CHART: &str = "slow_flush_vm.svg";
const ONE_BY_ONE: &str = "bare ioctls, one after the other";
const GROUP: &str = "SnapshotGroup";

pub(super) fn section(result: &SlowFlush) -> Result<Section> {
    let SlowFlush { kernel, snapshots, flushes, samples } = result;
    let rounds = samples.iter().map(|sample| sample.round).collect::<BTreeSet<_>>().len();
    let delays: BTreeSet<u32> = samples.iter().map(|sample| sample.delay_milliseconds).collect();
    let mut table = String::new();
    let mut chart = BarChart::new(format!("{snapshots} snapshots on a disk with slow flushes"))
        .subtitle(format!("Linux {kernel} in a VM, processor emulated, dm-delay, median of {rounds} rounds"))
        .axis(format!("time for all {snapshots}"), Unit::Seconds, Scale::Linear, Better::Lower)
        .highlight(GROUP);
    for delay in delays {
        let of = |how, value: fn(&Taking) -> Result<f64>| {
            let samples = samples.iter().filter(|sample| sample.delay_milliseconds == delay && sample.how == how);
            samples.map(value).collect::<Result<Vec<_>>>().and_then(|values| median(values.into_iter()))
        };
        let flush = median(
            flushes.iter().filter(|flush| flush.delay_milliseconds == delay).map(|flush| flush.seconds * 1000.0),
        )?;
        let (one_by_one, group) =
            (of(How::Ioctls, |taking| Ok(taking.seconds))?, of(How::Group, |taking| Ok(taking.seconds))?);
        for (how, name, seconds) in [(How::Ioctls, ONE_BY_ONE, one_by_one), (How::Group, GROUP, group)] {
            writeln!(
                table,
                "| {delay} ms | {flush:.1} ms | {name} | {seconds:.2} s | {:.2} s | {:.0} | {:.0} | {:.1} |",
                of(how, |taking| Ok(taking.processor_seconds))?,
                of(how, |taking| real(taking.commits))?,
                of(how, |taking| real(taking.device.flushes))?,
                one_by_one / seconds,
            )?;
            chart = chart.grouped_bar(format!("{delay} ms per flush"), name, seconds);
        }
    }
    let markdown = format!(
        "## {snapshots} snapshots on a disk with slow flushes, in the VM\n\n\
         ![Time]({CHARTS}/{CHART})\n\n\
         | delay | a flush took | how | time | processor time | commits | flushes | times as fast |\n\
         |--:|--:|---|--:|--:|--:|--:|--:|\n\
         {table}\n\
         {snapshots} subvolumes, 16 KiB of dirty data in each, each with a directory of its own for its snapshots; medians of \
         {rounds} rounds. No program that takes snapshots one after the other can be faster than the bare ioctls. \
         dm-delay holds up the first of a commit's two flushes; the second, which makes the superblock durable, passes below \
         it. Linux {kernel}, in a VM without KVM: what the row without delay shows, the work of an emulated processor, is in \
         every row, and a real one does it in a fraction of the time.\n"
    );
    Ok(Section { markdown, charts: vec![Chart { file: CHART, svg: chart.render()? }] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Counters, Flush};

    #[test]
    fn each_delay_has_its_ratio() {
        let taking = |delay_milliseconds, how, seconds, commits| Taking {
            delay_milliseconds,
            how,
            round: 0,
            seconds,
            processor_seconds: 0.25,
            commits,
            device: Counters { flushes: 2 * commits, ..Default::default() },
        };
        let samples = vec![
            taking(0, How::Ioctls, 1.0, 256),
            taking(0, How::Group, 0.5, 3),
            taking(5, How::Ioctls, 4.0, 256),
            taking(5, How::Group, 0.1, 3),
        ];
        let flushes = [0, 5].map(|delay_milliseconds| Flush { delay_milliseconds, seconds: 0.0061 }).to_vec();
        let mut result = SlowFlush { kernel: "6.12.117".to_owned(), snapshots: 256, flushes, samples };
        let told = section(&result).unwrap();
        let row = "| 5 ms | 6.1 ms | SnapshotGroup | 0.10 s | 0.25 s | 3 | 6 | 40.0 |";
        assert!(told.markdown.contains(row), "{}", told.markdown);
        assert!(told.charts[0].svg.contains("5 ms per flush"));
        result.samples.pop();
        assert!(section(&result).is_err(), "a group that was not measured has a ratio");
    }
}
