//! The main job, told as it happens: what a school's server does in ten days, on a real btrfs on two unequal disks.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use btrfs::Filesystem;
use jiff::{ToSpan, Zoned};
use testbed::{GIB, MIB, World};

/// The subvolumes of the server.
const PARTS: [&str; 3] = ["home", "mail", "groups"];
/// How long a snapshot is kept, and for how many days the server runs.
const KEEP: &str = "7d";
const DAYS: i64 = 10;

/// Does it all with the example programs in `programs`. Nothing outside the process's own mounts is touched, and the
/// kernel takes back loop devices and mounts when it ends, however it ends.
pub(crate) fn tell(programs: &Path) -> Result<()> {
    testbed::isolate()?;
    // So that the commands shown are the commands run.
    std::env::set_current_dir(testbed::ROOT)?;
    let world = World::at(Path::new("srv"), &[4 * GIB, 2 * GIB], &["-L", "school", "-draid1", "-mraid1"])?;
    let story = Story { programs: programs.to_owned(), world };
    story.server()?;
    story.ten_days()?;
    story.restore()?;
    story.convert()?;
    story.replication()?;
    drop(story);
    println!("\nThe filesystem, its mount and its loop devices are gone again.");
    Ok(())
}

struct Story {
    programs: PathBuf,
    world: World,
}

impl Story {
    fn server(&self) -> Result<()> {
        chapter("A btrfs on two disks of unequal size, data and metadata RAID1");
        let filesystem = Filesystem::open(self.world.path())?;
        println!("{}, label {}", filesystem.fsid(), filesystem.label()?.to_string_lossy());
        for device in filesystem.devices()? {
            let path = device.path.as_deref().unwrap_or(Path::new("missing"));
            println!("  device {}  {}  {}", device.id, mebibytes(device.total), path.display());
        }
        for part in PARTS {
            self.world.btrfs(&["subvolume", "create"], part)?;
        }
        let files = self.write_files("home/anna", 400, 8)? + self.write_files("home/ben", 400, 8)?;
        let files = files + self.write_files("mail", 800, 4)? + self.write_files("groups", 100, 64)?;
        self.world.fill("groups/recording.video", 300 * MIB)?;
        println!("  {files} small files and a large one in the subvolumes {}", PARTS.join(", "));
        self.space()
    }

    fn ten_days(&self) -> Result<()> {
        chapter("Ten days: a snapshot of each subvolume every day, kept for a week");
        println!("$ daily_snapshots --keep {KEEP} --stamp DAY {}", PARTS.map(|part| format!("srv/{part}")).join(" "));
        for day in (0..DAYS).rev() {
            self.write_files(&format!("home/anna/day-{day}"), 20, 8)?;
            let stamp = date(day);
            let report = self.json("daily_snapshots", &["--keep", KEEP, "--stamp", &stamp, "--json"])?;
            let group = &report["groups"][0];
            println!(
                "  {stamp}  {} snapshots in {}, {} ms; {} deleted",
                count(&report["snapshots"]),
                if group["transactions"] == 1 {
                    "1 commit".to_owned()
                } else {
                    format!("{} commits", group["transactions"])
                },
                group["milliseconds"],
                count(&report["deleted"]),
            );
        }
        self.show("subvolumes", &["srv"])
    }

    fn restore(&self) -> Result<()> {
        chapter("A student types `rm -rf` in her home directory");
        let home = self.world.join("home/anna");
        let before = contents(&home)?;
        fs::remove_dir_all(&home)?;
        println!("  gone: {} files of {}", before.len(), home.display());
        let yesterday = self.world.join(".snapshots/home").join(date(1)).join("anna");
        let started = Instant::now();
        let copied = Command::new("cp").args(["-a", "--reflink=always"]).args([&yesterday, &home]).status()?;
        ensure!(copied.success(), "cp failed: {copied}");
        let took = started.elapsed();
        let lost: Vec<_> = before.keys().filter(|name| !home.join(name).exists()).collect();
        let after = contents(&home)?;
        ensure!(after.iter().all(|(name, bytes)| before.get(name) == Some(bytes)), "a restored file differs");
        ensure!(lost.iter().all(|name| name.starts_with("day-0")), "more is lost than was written today");
        println!("$ cp -a --reflink=always {} {}", yesterday.display(), home.display());
        println!(
            "  back from yesterday: {} files, byte for byte, in {} ms; lost: the {} files written today",
            after.len(),
            took.as_millis(),
            lost.len()
        );
        Ok(())
    }

    fn convert(&self) -> Result<()> {
        chapter("Data and metadata from RAID1 to RAID0: the mirror is DRBD's job");
        self.show("balance", &["srv", "-dconvert=raid0", "-mconvert=raid0", "-f"])?;
        self.space()
    }

    fn replication(&self) -> Result<()> {
        chapter("The state of DRBD on this machine");
        println!("$ drbd_status");
        let status = Command::new(self.programs.join("drbd_status")).status().context("starting drbd_status")?;
        println!("  exit code {} (0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN)", status.code().unwrap_or(-1));
        Ok(())
    }

    fn space(&self) -> Result<()> {
        let filesystem = Filesystem::open(self.world.path())?;
        filesystem.sync()?;
        for space in filesystem.space()?.spaces {
            println!(
                "  {:16} {:>9} of {:>9} in use",
                space.flags.to_string(),
                mebibytes(space.used),
                mebibytes(space.total)
            );
        }
        Ok(())
    }

    /// Small files of random bytes, as a school's are: many.
    fn write_files(&self, directory: &str, files: usize, kibibytes: usize) -> Result<usize> {
        let directory = self.world.join(directory);
        fs::create_dir_all(&directory)?;
        let mut random = BufReader::new(fs::File::open("/dev/urandom")?);
        for number in 0..files {
            let mut bytes = vec![0; kibibytes * 1024];
            random.read_exact(&mut bytes)?;
            fs::write(directory.join(format!("file-{number:04}")), bytes)?;
        }
        Ok(files)
    }

    fn show(&self, program: &str, arguments: &[&str]) -> Result<()> {
        println!("$ {program} {}", arguments.join(" "));
        let status = Command::new(self.programs.join(program)).args(arguments).status();
        let status = status.with_context(|| format!("starting {program}"))?;
        ensure!(status.success(), "{program} failed: {status}");
        Ok(())
    }

    fn json(&self, program: &str, arguments: &[&str]) -> Result<serde_json::Value> {
        let mut command = Command::new(self.programs.join(program));
        command.args(arguments).args(PARTS.map(|part| self.world.join(part))).stderr(Stdio::inherit());
        let output = command.output().with_context(|| format!("starting {program}"))?;
        ensure!(output.status.success(), "{program} failed: {}", output.status);
        serde_json::from_slice(&output.stdout).with_context(|| format!("the output of {program}"))
    }
}

fn chapter(title: &str) {
    println!("\n== {title}");
}

/// The date so many days ago.
fn date(days: i64) -> String {
    Zoned::now().date().saturating_sub(days.days()).to_string()
}

/// Bytes as a person reads them, rounded up.
fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes.div_ceil(MIB))
}

fn count(list: &serde_json::Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

/// Every file below a directory, with its bytes.
fn contents(directory: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    fn walk(root: &Path, directory: &Path, files: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            if path.is_dir() {
                walk(root, &path, files)?;
            } else {
                files.insert(path.strip_prefix(root)?.to_string_lossy().into_owned(), fs::read(&path)?);
            }
        }
        Ok(())
    }
    let mut files = BTreeMap::new();
    walk(directory, directory, &mut files)?;
    Ok(files)
}
