//! Draws one chart of each kind into a directory, to look at.

use std::path::PathBuf;

use charts::{BarChart, Better, LineChart, PercentileChart, Scale, Unit};
use hdrhistogram::Histogram;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let to = PathBuf::from(std::env::args_os().nth(1).ok_or("name the directory to draw into")?);
    let bars = BarChart::new("Listing 3,840 subvolumes: 12 times as fast as the next")
        .subtitle("ids and paths, one thread, warm cache; median of 50 runs on Linux 6.18")
        .axis("time of one listing", Unit::Seconds, Scale::Linear, Better::Lower)
        .bar("btrfs-storage", 0.0035)
        .highlight("btrfs-storage")
        .bar("python-btrfs (no paths)", 0.030)
        .bar("libbtrfsutil", 0.042)
        .bar("btrfs subvolume list", 0.049);
    std::fs::write(to.join("bars.svg"), bars.render()?)?;
    let calls = BarChart::new("System calls of one listing: 36 against thousands")
        .axis("system calls", Unit::Count("calls"), Scale::Log, Better::Lower)
        .bar("btrfs-storage", 36.0)
        .highlight("btrfs-storage")
        .bar("btrfs subvolume list", 4448.0)
        .bar("libbtrfsutil", 11576.0);
    std::fs::write(to.join("log_bars.svg"), calls.render()?)?;
    let mut grouped = BarChart::new("Random writes: each LVM snapshot costs, btrfs snapshots do not")
        .subtitle("4 KiB random writes with fsync, 60 s, ext4 on a thick LVM volume against btrfs")
        .axis("writes per second", Unit::Count("writes/s"), Scale::Linear, Better::Higher)
        .highlight("btrfs");
    for (group, lvm, btrfs) in
        [("no snapshot", 5120.0, 4400.0), ("1 snapshot", 812.0, 4390.0), ("7 snapshots", 131.0, 4310.0)]
    {
        grouped = grouped.grouped_bar(group, "ext4 on LVM", lvm).grouped_bar(group, "btrfs", btrfs);
    }
    std::fs::write(to.join("grouped.svg"), grouped.render()?)?;
    let mut chart = PercentileChart::new("A snapshot takes 2 ms; under load one in a hundred takes 80")
        .subtitle("one snapshot after the other, 2,000 of each kind; two writers at 100 MiB/s are the load")
        .axis("time of one snapshot", Unit::Seconds, Scale::Log, Better::Lower);
    for (name, middle) in
        [("single, idle", 1.9e6), ("group of 8, idle", 2.6e6), ("single, load", 9e6), ("group of 8, load", 1.4e7)]
    {
        let mut histogram = Histogram::<u64>::new(3)?;
        for sample in 1..2000_u32 {
            let rare = f64::from(2000 - sample) / 2000.0;
            histogram.record(format!("{:.0}", middle * rare.powf(-0.4)).parse()?)?;
        }
        chart = chart.histogram(name, &histogram);
    }
    std::fs::write(to.join("percentiles.svg"), chart.render()?)?;
    let lines = LineChart::new("256 snapshots or 4,096: taking one more costs the same")
        .subtitle("idle filesystem, 200 snapshots at each count")
        .over("snapshots that exist", Unit::Count("snapshots"), Scale::Log)
        .axis("time of one snapshot", Unit::Seconds, Scale::Linear, Better::Lower)
        .series("p50", [(0.0, 0.0021), (16.0, 0.0021), (256.0, 0.0022), (4096.0, 0.0024)])
        .series("p99", [(0.0, 0.0061), (16.0, 0.0068), (256.0, 0.0066), (4096.0, 0.0072)]);
    std::fs::write(to.join("lines.svg"), lines.render()?)?;
    Ok(())
}
