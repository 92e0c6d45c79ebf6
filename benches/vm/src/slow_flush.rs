//! Many snapshots on a disk whose flushes take long: one after the other, and as a group.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use bench_vm::{Flush, How, SlowFlush, Taking};
use btrfs::subvolume::{CreateOptions, SnapshotGroup};
use btrfs::{Filesystem, Subvolume};
use testbed::command::run as run_program;

use crate::bare;
use crate::disk::Disk;
use crate::mounted::Mounted;

const SNAPSHOTS: u32 = 256;
const DIRTY_BYTES: usize = 16 << 10;
/// Without delay it is the processor's work that takes the time, in a VM without KVM several times what it takes
/// elsewhere; the last delay is there to outweigh it.
const DELAYS: [u32; 3] = [0, 5, 50];
const FLUSHES_TRIED: usize = 20;
const NAME: &str = "slow-flush";
/// The unit in which device-mapper's tables count.
const SECTOR: u64 = 512;

/// Measures both ways `rounds` times, in turns, with each delay.
pub(crate) fn run(disk: &Disk, kernel: String, rounds: u32) -> Result<SlowFlush> {
    let device = SlowDevice::new(disk)?;
    let filesystem = Mounted::btrfs(&device.path)?;
    let sources = Sources::new(&filesystem)?;
    let (mut flushes, mut samples) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        for delay_milliseconds in DELAYS {
            filesystem.sync()?;
            device.delay(delay_milliseconds)?;
            let times = device.flush_times(delay_milliseconds)?;
            flushes.extend(times.into_iter().map(|seconds| Flush { delay_milliseconds, seconds }));
            for how in [How::Ioctls, How::Group] {
                let case = Case { disk, delay_milliseconds, how, round };
                samples.push(case.measure(&filesystem, &sources)?);
            }
        }
    }
    Ok(SlowFlush { kernel, snapshots: SNAPSHOTS, flushes, samples })
}

/// A disk through dm-delay, which holds up flushes and nothing else.
struct SlowDevice<'a> {
    disk: &'a Disk,
    path: PathBuf,
}

impl<'a> SlowDevice<'a> {
    fn new(disk: &'a Disk) -> Result<Self> {
        let device = Self { disk, path: Path::new("/dev/mapper").join(NAME) };
        dmsetup(&["create", NAME, "--table", &device.table(0)?])?;
        Ok(device)
    }

    /// Holds every flush up for so long from now on.
    fn delay(&self, milliseconds: u32) -> Result<()> {
        dmsetup(&["load", NAME, "--table", &self.table(milliseconds)?])?;
        dmsetup(&["resume", NAME])
    }

    /// Where to read and the delay, where to write and the delay, where to flush and the delay.
    fn table(&self, milliseconds: u32) -> Result<String> {
        let (sectors, path) = (self.disk.size()? / SECTOR, self.disk.path.display());
        Ok(format!("0 {sectors} delay {path} 0 0 {path} 0 0 {path} 0 {milliseconds}"))
    }

    /// How long flushes take while nothing else is done, shortest first: most of them at least as long as they are to be
    /// held up.
    fn flush_times(&self, milliseconds: u32) -> Result<Vec<f64>> {
        let device = File::open(&self.path).with_context(|| format!("opening {}", self.path.display()))?;
        let before = self.disk.counters()?;
        let mut times = Vec::new();
        for _ in 0..FLUSHES_TRIED {
            let start = Instant::now();
            device.sync_all().with_context(|| format!("fsync of {}", self.path.display()))?;
            times.push(start.elapsed().as_secs_f64());
        }
        let flushes = self.disk.counters()?.since(before).flushes;
        ensure!(flushes >= FLUSHES_TRIED.try_into()?, "{FLUSHES_TRIED} times fsync made {flushes} flushes of the disk");
        times.sort_by(f64::total_cmp);
        let middle = times[FLUSHES_TRIED / 2] * 1000.0;
        ensure!(middle >= milliseconds.into(), "a flush took {middle:.1} ms, with a delay of {milliseconds} ms");
        Ok(times)
    }
}

fn dmsetup(arguments: &[&str]) -> Result<()> {
    let words = ["DM_DISABLE_UDEV=1", "dmsetup"];
    run_program("env", words.iter().chain(arguments)).map(drop)
}

/// The subvolumes, each with a file to make dirty and a directory for its snapshots.
struct Sources {
    subvolumes: Vec<Subvolume>,
    files: Vec<File>,
    parents: Vec<File>,
    fsid: String,
}

impl Sources {
    fn new(filesystem: &Mounted) -> Result<Self> {
        let fsid = Filesystem::open(filesystem.path())?.fsid().to_string();
        let mut sources = Self { subvolumes: Vec::new(), files: Vec::new(), parents: Vec::new(), fsid };
        for number in 0..SNAPSHOTS {
            let source = filesystem.path().join(format!("source-{number}"));
            let parent = filesystem.path().join(format!("snapshots-{number}"));
            CreateOptions::new().create_at(&source)?;
            fs::create_dir(&parent).with_context(|| format!("making {}", parent.display()))?;
            let file = source.join("file");
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            sources.files.push(options.open(&file).with_context(|| format!("making {}", file.display()))?);
            sources.subvolumes.push(Subvolume::open(&source)?);
            sources.parents.push(File::open(&parent).with_context(|| format!("opening {}", parent.display()))?);
        }
        Ok(sources)
    }

    fn commits(&self) -> Result<u64> {
        testbed::commits(&self.fsid)
    }
}

/// One measurement.
struct Case<'a> {
    disk: &'a Disk,
    delay_milliseconds: u32,
    how: How,
    round: u32,
}

impl Case<'_> {
    fn measure(&self, filesystem: &Mounted, sources: &Sources) -> Result<Taking> {
        let Self { disk, delay_milliseconds, how, round } = *self;
        filesystem.sync()?;
        let name = format!("{how:?}-{delay_milliseconds}-{round}");
        let mut bytes = [0; DIRTY_BYTES];
        for file in &sources.files {
            fastrand::fill(&mut bytes);
            file.write_all_at(&bytes, 0).context("writing to a source")?;
        }

        let (device, commits, worked) = (disk.counters()?, sources.commits()?, processor_seconds()?);
        let start = Instant::now();
        match how {
            How::Ioctls => {
                for (source, parent) in sources.subvolumes.iter().zip(&sources.parents) {
                    bare::snapshot(source, parent, &name)?;
                }
            }
            How::Group => {
                let members = sources.subvolumes.iter().zip(&sources.parents);
                let group = members
                    .fold(SnapshotGroup::new().read_only(), |group, (source, parent)| group.add(source, parent, &name));
                let outcome = group.take()?;
                ensure!(outcome.is_complete(), "the group is not complete");
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        let sample = Taking {
            delay_milliseconds,
            how,
            round,
            seconds,
            processor_seconds: processor_seconds()? - worked,
            commits: sources.commits()? - commits,
            device: disk.counters()?.since(device),
        };
        println!("round {round}, {delay_milliseconds} ms, {how:?}: {seconds:.2} s, {} commits", sample.commits);
        Ok(sample)
    }
}

/// What all processors have worked since the kernel started.
fn processor_seconds() -> Result<f64> {
    let text = fs::read_to_string("/proc/stat").context("reading /proc/stat")?;
    worked(&text).context("/proc/stat has no line for all processors")
}

/// User, nice, system, idle, waiting, interrupts and soft interrupts, in hundredths of a second on amd64.
fn worked(stat: &str) -> Option<f64> {
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let ticks: Vec<u32> = line.split_whitespace().map_while(|word| word.parse().ok()).collect();
    let [user, nice, system, _idle, _waiting, interrupts, soft, ..] = ticks[..] else { return None };
    Some(f64::from(user + nice + system + interrupts + soft) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idling_and_waiting_are_not_work() {
        assert_eq!(worked("cpu  100 20 300 4000 500 6 7 0 0 0\ncpu0 1 1 1 1 1 1 1\n"), Some(4.33));
        assert_eq!(worked("cpu0 100 20 300 4000 500 6 7 0 0 0\n"), None);
        assert_eq!(worked("cpu  1 2 3\n"), None);
    }
}
