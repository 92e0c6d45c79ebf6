//! LVM snapshots beside those of btrfs.

use std::collections::BTreeSet;
use std::fmt::Write;

use anyhow::{Context, Result};
use charts::{BarChart, Better, Scale, Unit};

use super::{CHARTS, Chart, Section, median, real};
use crate::{LARGE_FILE, Lvm, OVERWRITES_PER_FSYNC, SMALL_FILES, Sample, Store, Workload};

const BYTES_CHART: &str = "lvm_bytes.svg";
const TIME_CHART: &str = "lvm_time.svg";

pub(super) fn section(result: &Lvm) -> Result<Section> {
    let rows = rows(result)?;
    let find = |store, snapshots, workload| {
        let key = (workload, store, snapshots);
        rows.iter().find(|row| row.key == key).with_context(|| format!("{key:?} was not measured"))
    };
    let most = rows.iter().map(|row| row.key.2).max().context("nothing was measured")?;
    let thick = find(Store::LvmThick, most, Workload::Overwrite)?;
    let btrfs = find(Store::Btrfs, most, Workload::Overwrite)?;

    let mut markdown = introduction(result)?;
    for workload in [Workload::Overwrite, Workload::SchoolDay] {
        write!(
            markdown,
            "\n### {}\n\n\
             | | snapshots | written per byte | to btrfs | read per byte | requests | flushes | time | to none | to btrfs |\n\
             |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
            match workload {
                Workload::Overwrite => "Overwriting at random, with fsync",
                Workload::SchoolDay => "A school day",
            }
        )?;
        for row in rows.iter().filter(|row| row.key.0 == workload) {
            let (_, store, snapshots) = row.key;
            let (none, btrfs) = (find(store, 0, workload)?, find(Store::Btrfs, snapshots, workload)?);
            writeln!(
                markdown,
                "| {} | {snapshots} | {:.2} | {:.2} | {:.2} | {:.0} | {:.0} | {:.1} s | {:.2} | {:.2} |",
                name(store),
                row.written,
                row.written / btrfs.written,
                row.read,
                row.requests,
                row.flushes,
                row.seconds,
                row.seconds / none.seconds,
                row.seconds / btrfs.seconds
            )?;
        }
    }

    let bytes = rows.iter().fold(
        chart(
            result,
            format!(
                "Overwriting a byte under {most} LVM snapshots writes {:.1}, on btrfs {:.1}",
                thick.written, btrfs.written
            ),
        )
        .axis(
            "bytes written to the disk per byte that was to be written",
            Unit::Count(""),
            Scale::Linear,
            Better::Lower,
        ),
        |chart, row| chart.grouped_bar(row.group(), name(row.key.1), row.written),
    );
    let slowed = |row: &Row| Ok::<_, anyhow::Error>(row.seconds / find(row.key.1, 0, row.key.0)?.seconds);
    let mut time = chart(
        result,
        format!(
            "{most} snapshots: overwriting is {:.1} times as slow on LVM, {:.1} times on btrfs",
            slowed(thick)?,
            slowed(btrfs)?
        ),
    )
    .axis("time, as a multiple of that without snapshots", Unit::Count(""), Scale::Linear, Better::Lower);
    for row in rows.iter().filter(|row| row.key.2 > 0) {
        time = time.grouped_bar(row.group(), name(row.key.1), slowed(row)?);
    }
    let charts =
        vec![Chart { file: BYTES_CHART, svg: bytes.render()? }, Chart { file: TIME_CHART, svg: time.render()? }];
    Ok(Section { markdown, charts })
}

fn introduction(result: &Lvm) -> Result<String> {
    let Lvm { kernel, requests_per_second, thick_chunk, thin_chunk, samples } = result;
    let rounds = rounds(result);
    let megabytes = |workload| {
        let bytes = samples.iter().filter(|sample| sample.workload == workload).map(|sample| sample.application_bytes);
        bytes.map(|bytes| Ok(real(bytes)? / 1e6)).collect::<Result<Vec<_>>>().and_then(|all| median(all.into_iter()))
    };
    Ok(format!(
        "## Writing below snapshots: LVM and btrfs\n\n\
         ![Bytes written]({CHARTS}/{BYTES_CHART})\n\n\
         ![Time]({CHARTS}/{TIME_CHART})\n\n\
         The same seeded writing on ext4 on a logical volume and on btrfs, made anew for each measurement on the same disk: \
         a large file and {SMALL_FILES} small ones are written, the snapshots are taken, then the work is done, from cold caches \
         to the end of `syncfs`.\n\n\
         * *Overwriting*: {overwritten:.1} MB in pieces of 4 to 64 KiB at random places of a file of {large} MiB, fsync after every \
         {OVERWRITES_PER_FSYNC}th.\n\
         * *School day*: {saved:.1} MB in files of 4 to 64 KiB; half of the operations save a file as editors do (new file, fsync, \
         rename), a quarter copies one in, a quarter deletes one.\n\
         * *LVM*: `lvcreate --snapshot`, dm-snapshot, chunks of {thick} KiB, all valid at the end. *Thin LVM*: dm-thin, chunks of \
         {thin} KiB. *btrfs*: on the disk itself. `mkfs` with its defaults, so btrfs writes its metadata twice.\n\n\
         What the disk did is from `/sys/block/*/stat` of the disk below it all. Medians of {rounds} rounds, in which all are measured in \
         turns. Linux {kernel} in a VM with an emulated processor, whose virtio disk answers {requests_per_second} requests a \
         second at most; its flushes cost nothing, which a real disk's do not. So times are good for ratios only, and where \
         requests are few they show the processor.\n\n\
         *To none* compares with the same store without snapshots, *to btrfs* with btrfs below as many snapshots; less than 1 is \
         less than btrfs.\n",
        overwritten = megabytes(Workload::Overwrite)?,
        saved = megabytes(Workload::SchoolDay)?,
        large = LARGE_FILE >> 20,
        thick = thick_chunk >> 10,
        thin = thin_chunk >> 10,
    ))
}

fn rounds(result: &Lvm) -> usize {
    result.samples.iter().map(|sample| sample.round).collect::<BTreeSet<_>>().len()
}

fn chart(result: &Lvm, title: String) -> BarChart {
    let how = format!(
        "Linux {} in a VM, a disk of {} requests a second, median of {} rounds",
        result.kernel,
        result.requests_per_second,
        rounds(result)
    );
    BarChart::new(title).subtitle(how).highlight(name(Store::Btrfs))
}

/// The medians of one case.
struct Row {
    key: (Workload, Store, u32),
    written: f64,
    read: f64,
    requests: f64,
    flushes: f64,
    seconds: f64,
}

impl Row {
    fn group(&self) -> String {
        let (workload, _, snapshots) = self.key;
        let workload = match workload {
            Workload::Overwrite => "overwriting",
            Workload::SchoolDay => "school day",
        };
        match snapshots {
            0 => format!("{workload}, no snapshot"),
            1 => format!("{workload}, 1 snapshot"),
            _ => format!("{workload}, {snapshots} snapshots"),
        }
    }
}

fn rows(result: &Lvm) -> Result<Vec<Row>> {
    let key = |sample: &Sample| (sample.workload, sample.store, sample.snapshots);
    let keys: BTreeSet<_> = result.samples.iter().map(key).collect();
    let row = |wanted| {
        let of = |value: fn(&Sample) -> Result<f64>| {
            let samples = result.samples.iter().filter(|sample| key(sample) == wanted);
            samples.map(value).collect::<Result<Vec<_>>>().and_then(|values| median(values.into_iter()))
        };
        Ok(Row {
            key: wanted,
            written: of(|sample| Ok(real(sample.device.bytes_written)? / real(sample.application_bytes)?))?,
            read: of(|sample| Ok(real(sample.device.bytes_read)? / real(sample.application_bytes)?))?,
            requests: of(|sample| real(sample.device.reads + sample.device.writes))?,
            flushes: of(|sample| real(sample.device.flushes))?,
            seconds: of(|sample| Ok(sample.seconds))?,
        })
    };
    keys.into_iter().map(row).collect()
}

fn name(store: Store) -> &'static str {
    match store {
        Store::Btrfs => "btrfs",
        Store::LvmThick => "ext4 on LVM",
        Store::LvmThin => "ext4 on thin LVM",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Counters;

    fn sample(store: Store, snapshots: u32, workload: Workload, (written, seconds): (u64, f64)) -> Sample {
        let device = Counters { reads: 5, bytes_read: 500, writes: 7, bytes_written: written, flushes: 3 };
        Sample { store, snapshots, workload, round: 0, application_bytes: 1000, device, seconds }
    }

    fn result() -> Lvm {
        let mut samples = Vec::new();
        for workload in [Workload::Overwrite, Workload::SchoolDay] {
            for store in Store::ALL {
                let seven = if store == Store::LvmThick { (9000, 6.0) } else { (1500, 2.0) };
                samples.push(sample(store, 0, workload, (1500, 2.0)));
                samples.push(sample(store, 7, workload, seven));
            }
        }
        let kernel = "6.1.0-56-amd64".to_owned();
        Lvm { kernel, requests_per_second: 500, thick_chunk: 4096, thin_chunk: 65536, samples }
    }

    #[test]
    fn what_was_measured_is_told_per_byte_and_as_a_ratio() {
        let section = section(&result()).unwrap();
        assert!(
            section.markdown.contains("| ext4 on LVM | 7 | 9.00 | 6.00 | 0.50 | 12 | 3 | 6.0 s | 3.00 | 3.00 |"),
            "{section:?}"
        );
        assert!(
            section.markdown.contains("| btrfs | 7 | 1.50 | 1.00 | 0.50 | 12 | 3 | 2.0 s | 1.00 | 1.00 |"),
            "{section:?}"
        );
        let mut columns =
            section.markdown.lines().filter(|line| line.starts_with('|')).map(|row| row.matches('|').count());
        let first = columns.next().unwrap();
        assert!(columns.all(|count| count == first), "{}", section.markdown);
        for chart in &section.charts {
            assert!(section.markdown.contains(&format!("({CHARTS}/{})", chart.file)), "{} is not shown", chart.file);
        }
        assert!(section.charts[1].svg.contains("3.0 times as slow on LVM, 1.0 times on btrfs"));
    }

    #[test]
    fn a_ratio_to_what_was_not_measured_is_not_told() {
        let mut result = result();
        result.samples.retain(|sample| (sample.store, sample.snapshots) != (Store::LvmThin, 0));
        assert!(section(&result).unwrap_err().to_string().contains("LvmThin"));
        result.samples.clear();
        assert!(section(&result).is_err());
    }
}
