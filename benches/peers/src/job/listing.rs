//! All subvolumes of a filesystem with their paths.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use btrfs::Filesystem;
use btrfs::subvolume::{Place, SubvolumeEntry};
use btrfs_uapi::subvolume::subvolume_list;

use crate::contestant::{Contestant, interleave};
use crate::memory;
use crate::peer::{bare, libbtrfsutil::Libbtrfsutil, progs, python};
use crate::results::{Benchmark, Bound, Role, Row};
use crate::world::snapshots;

use super::Scale;

const BARE: &str = "bare tree search, paths not looked up";
const LIBBTRFSUTIL: &str = "libbtrfsutil";
const PROGS: &str = "`btrfs subvolume list`";
const PYTHON: &str = "python-btrfs";
const MEMORY: &str = "memory, KiB";

/// What a contestant found, and what that took by its own clock.
pub(crate) struct Listed {
    took: Duration,
    /// None from those who only step over the items.
    list: Option<Vec<(u64, PathBuf)>>,
    /// Where the contestant is a process that measures itself.
    peak: Option<u64>,
}

/// Times something done in this process.
fn here(work: impl FnOnce() -> Result<Option<Vec<(u64, PathBuf)>>>) -> Result<Listed> {
    let begin = Instant::now();
    let list = work()?;
    Ok(Listed { took: begin.elapsed(), list, peak: None })
}

fn contestants(library: &Libbtrfsutil) -> [Contestant<'_, Path, Listed>; 6] {
    [
        Contestant::new("this library: Filesystem::subvolumes", Role::Ours, |mount: &Path| {
            here(|| {
                let filesystem = Filesystem::open(mount)?;
                let mut list = Vec::new();
                for entry in filesystem.subvolumes()? {
                    let SubvolumeEntry { info, place: Place::At(path), .. } = entry? else { bail!("deleted") };
                    list.push((info.id.0, path));
                }
                Ok(Some(list))
            })
        }),
        Contestant::new(BARE, Role::Floor, |mount: &Path| {
            here(|| {
                let first = (btrfs_sys::BTRFS_FIRST_FREE_OBJECTID, 0);
                let last = (btrfs_sys::BTRFS_LAST_FREE_OBJECTID, u8::MAX.into());
                bare::step_over(File::open(mount)?.as_fd(), btrfs_sys::BTRFS_ROOT_TREE_OBJECTID, first, last)?;
                Ok(None)
            })
        }),
        Contestant::new(LIBBTRFSUTIL, Role::Peer, |mount: &Path| {
            here(|| Ok(Some(library.list(File::open(mount)?.as_fd())?)))
        }),
        Contestant::new("btrfs-uapi", Role::Peer, |mount: &Path| {
            here(|| {
                let list = subvolume_list(File::open(mount)?.as_fd())?;
                Ok(Some(list.into_iter().map(|item| (item.root_id, item.name.into())).collect()))
            })
        }),
        Contestant::new(PROGS, Role::Peer, |mount: &Path| here(|| Ok(Some(progs::list(mount)?)))),
        Contestant::new(PYTHON, Role::Peer, |mount: &Path| {
            let python::Listed { took, peak_kib, list } = python::list(mount)?;
            Ok(Listed { took, list: Some(list), peak: Some(peak_kib) })
        }),
    ]
}

pub(crate) fn run(scale: Scale) -> Result<Benchmark> {
    let (sources, days) = (20, scale.of(500, 5));
    eprintln!("listing: making {} snapshots", sources * days);
    let world = snapshots(sources, days)?;
    let mount = world.world.path();
    let library = Libbtrfsutil::load()?;
    let contestants = contestants(&library);
    let mut rows: Vec<Row> = contestants.iter().map(Contestant::row).collect();
    let mut answers = BTreeMap::new();
    interleave("listing", scale.of(15, 2), contestants.len(), |_, index| {
        let listed = (contestants[index].work)(mount)?;
        rows[index].took(listed.took);
        if let Some(list) = listed.list {
            answers.insert(contestants[index].name, list.into_iter().collect::<BTreeMap<_, _>>());
        }
        Ok(())
    })?;
    same(&answers, sources * days + sources)?;
    for (contestant, row) in contestants.iter().zip(&mut rows) {
        row.count(MEMORY, peak(contestant.name, mount)?);
    }
    let how = vec![
        format!(
            "{} subvolumes: {sources} of them sources, with {days} read-only snapshots each, in a directory for each source. \
             Every contestant gives the same set of ids and paths, or the benchmark fails. The bare search steps over the \
             same items with a buffer of 64 KiB and looks at none.",
            sources * (days + 1)
        ),
        "Memory is by how much the peak of a process grows that lists once and keeps ids and paths; of the command and \
         of Python it is that of the whole process. The command's time holds its start, and that its output is read; \
         Python measures itself, so that the start of the interpreter is not in it."
            .to_owned(),
    ];
    let title = format!("{} subvolumes with their paths", sources * (days + 1));
    let mut benchmark = Benchmark { name: "listing".into(), title, how, rows, targets: vec![] };
    for peer in [LIBBTRFSUTIL, PROGS] {
        let faster = benchmark.times(peer)?.recip();
        benchmark.target(&format!("times faster than {peer}"), Bound::AtLeast(8.0), faster);
    }
    let times = benchmark.times(BARE)?;
    benchmark.target("times as long as the bare search", Bound::AtMost(1.5), times);
    Ok(benchmark)
}

/// Fails where not all of them gave the same.
fn same(answers: &BTreeMap<&str, BTreeMap<u64, PathBuf>>, count: usize) -> Result<()> {
    let (first, expected) = answers.first_key_value().context("nobody listed anything")?;
    ensure!(expected.len() == count, "{first} finds {} subvolumes, and {count} were made", expected.len());
    for (name, answer) in answers {
        let differs = expected.iter().find(|(id, path)| answer.get(id) != Some(path));
        ensure!(
            differs.is_none() && answer.len() == count,
            "{name} finds {} subvolumes; {first} has {differs:?}, and {name} {:?}",
            answer.len(),
            differs.and_then(|(id, _)| answer.get(id)),
        );
    }
    Ok(())
}

/// The memory of a process of its own that lists once.
fn peak(name: &str, mount: &Path) -> Result<u64> {
    memory::of_another(["one-listing", "--by", name].map(OsStr::new).into_iter().chain([mount.as_os_str()]))
}

/// That process.
pub(crate) fn child(name: &str, mount: &Path) -> Result<()> {
    if name == PROGS {
        let mut command = progs::listing(mount);
        ensure!(command.stdout(std::process::Stdio::null()).status()?.success(), "btrfs failed");
        println!("{}", memory::children()?);
        return Ok(());
    }
    let library = Libbtrfsutil::load()?;
    let contestants = contestants(&library);
    let contestant = contestants.iter().find(|contestant| contestant.name == name).context("no such contestant")?;
    let before = memory::peak()?;
    let listed = (contestant.work)(mount)?;
    let grown = memory::peak()? - before;
    println!("{}", listed.peak.unwrap_or(grown));
    Ok(())
}
