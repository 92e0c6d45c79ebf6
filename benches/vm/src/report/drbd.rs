//! DRBD's state, read by the library and by spawning `drbdsetup`.

use std::collections::BTreeSet;
use std::fmt::Write;

use anyhow::{Context, Result};
use charts::{BarChart, Better, Scale, Unit};

use super::{CHARTS, Chart, Section, median, real};
use crate::{Drbd, Reader};

const CHART: &str = "drbd_vm.svg";
const LIBRARY: &str = "Status::read";
const DRBDSETUP: &str = "drbdsetup status";

pub(super) fn section(result: &Drbd) -> Result<Section> {
    let Drbd { kernel, version, samples, bytes } = result;
    let rounds = samples.iter().map(|sample| sample.round).collect::<BTreeSet<_>>().len();
    let sizes: BTreeSet<u32> = samples.iter().map(|sample| sample.resources).collect();
    let mut table = String::new();
    let mut chart = BarChart::new("DRBD's state read once")
        .subtitle(format!("DRBD {version}, Linux {kernel} in a VM, processor emulated, median of {rounds} rounds"))
        .axis("time", Unit::Seconds, Scale::Log, Better::Lower)
        .highlight(LIBRARY);
    for resources in sizes {
        let of = |reader| {
            let samples = samples.iter().filter(|own| own.resources == resources && own.reader == reader);
            median(samples.map(|own| own.seconds))
        };
        let (library, drbdsetup) = (of(Reader::Library)?, of(Reader::Drbdsetup)?);
        let size = bytes.iter().find(|(own, _)| *own == resources).context("how many bytes there were")?.1;
        writeln!(
            table,
            "| {resources} | {:.2} ms | {:.1} ms | {:.1} | {:.1} KiB |",
            library * 1e3,
            drbdsetup * 1e3,
            drbdsetup / library,
            real(size)? / 1024.0
        )?;
        for (name, seconds) in [(LIBRARY, library), (DRBDSETUP, drbdsetup)] {
            chart = chart.grouped_bar(format!("{resources}"), name, seconds);
        }
    }
    let markdown = format!(
        "## DRBD's state read once, in the VM\n\n\
         ![Time]({CHARTS}/{CHART})\n\n\
         | resources | {LIBRARY} | `{DRBDSETUP} --verbose --statistics` | times as fast | the kernel's answers |\n\
         |--:|--:|--:|--:|--:|\n\
         {table}\n\
         Each resource has a volume without a disk. The library asks for states, counters and configuration, in two dumps; \
         `drbdsetup` is spawned, asks for states and counters, and its text is read but not parsed. DRBD {version}, Linux \
         {kernel}, in a VM without KVM: both take some tens of times as long as on a real processor, so the ratio is what \
         counts.\n"
    );
    Ok(Section { markdown, charts: vec![Chart { file: CHART, svg: chart.render()? }] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reading;

    #[test]
    fn each_number_of_resources_has_its_ratio() {
        let reading = |resources, reader, seconds| Reading { resources, reader, round: 0, seconds };
        let samples = vec![
            reading(1, Reader::Library, 0.001),
            reading(1, Reader::Drbdsetup, 0.05),
            reading(10, Reader::Library, 0.002),
            reading(10, Reader::Drbdsetup, 0.05),
        ];
        let (kernel, version) = ("6.1".to_owned(), "8.4.11".to_owned());
        let mut result = Drbd { kernel, version, samples, bytes: vec![(1, 1024), (10, 5120)] };
        let told = section(&result).unwrap();
        assert!(told.markdown.contains("| 10 | 2.00 ms | 50.0 ms | 25.0 | 5.0 KiB |"), "{}", told.markdown);
        result.samples.pop();
        assert!(section(&result).is_err());
    }
}
