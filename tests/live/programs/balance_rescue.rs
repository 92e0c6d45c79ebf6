//! The story that the project began with: two uneven disks, half full of small files. A plain balance makes the filesystem
//! read-only, and so does each mount after it. What the program `balance` says before, and how it brings it back.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use btrfs::Filesystem;
use serde_json::{Value, json};
use testbed::command::example;
use testbed::harness::{Test, skip};
use testbed::{MIB, World, kernel_version};

pub(crate) const TESTS: &[Test] = testbed::tests![
    the_balance_of_2010_is_refused_rescued_and_done,
    there_is_nothing_to_rescue_where_nothing_is_wrong,
    half_empty_chunks_are_brought_together_on_the_way,
    devices_are_asked_for_and_only_suitable_ones_added,
];

/// A run of the program that does not stand in the way of unmounting.
fn balance(arguments: &[&str], path: &Path) -> Result<Output> {
    let mut command = Command::new(example("balance")?);
    command.args(arguments).arg(path).current_dir("/");
    Ok(command.output()?)
}

fn ends(arguments: &[&str], path: &Path, code: i32) -> Result<String> {
    let output = balance(arguments, path)?;
    let said = String::from_utf8([output.stdout, output.stderr].concat())?;
    ensure!(output.status.code() == Some(code), "{arguments:?} ends with {}: {said}", output.status);
    Ok(said)
}

/// So many bytes lie in the tree, beside their name.
const SMALL: usize = 1800;

/// What a file holds.
fn contents(nth: usize) -> Vec<u8> {
    let mut bytes = vec![0; SMALL];
    fastrand::Rng::with_seed(u64::try_from(nth).unwrap_or(0)).fill(&mut bytes);
    bytes
}

/// Fills the filesystem with small files until the second disk is full; says how many there are.
fn fill(world: &World) -> Result<usize> {
    let filesystem = Filesystem::open(world.path())?;
    for nth in 0..200_000 {
        if nth % 2000 == 0 {
            fs::create_dir(world.join(format!("d{}", nth / 2000)))?;
            filesystem.sync()?;
            if filesystem.devices()?.iter().any(|device| device.unallocated() < 8 * MIB) {
                return Ok(nth);
            }
        }
        File::create(file(world, nth))?.write_all(&contents(nth))?;
    }
    anyhow::bail!("the second disk does not fill up")
}

fn file(world: &World, nth: usize) -> std::path::PathBuf {
    world.join(format!("d{}/f{nth}", nth / 2000))
}

fn the_balance_of_2010_is_refused_rescued_and_done() -> Result<()> {
    if kernel_version()? >= (7, 1) {
        return skip("since Linux 7.1 the kernel looks at each device");
    }
    let mut world = World::new(&[768 * MIB, 384 * MIB], &[])?;
    world.umount()?;
    world.mount("noatime")?;
    let files = fill(&world)?;
    world.umount()?;
    world.mount("noatime")?;
    let spare = world.spare(1024 * MIB)?;
    let path = world.path().to_owned();

    // It names the disk, and the bytes, and starts nothing.
    let said = ends(&["--full-balance"], &path, 11)?;
    let full = format!("left on {}: 1.00 MiB unallocated", world.device(1).display());
    for says in
        ["not started: fail", "becomes read-only", "bytes are missing", "the way out", "btrfs device add", &full]
    {
        ensure!(said.contains(says), "{says}: {said}");
    }
    let output = balance(&["--full-balance", "--dry-run", "--json"], &path)?;
    let verdict: Value = serde_json::from_slice(&output.stdout)?;
    assert_eq!((&verdict["verdict"], &verdict["aborts"]), (&json!("fail"), &json!(true)), "{verdict:#}");
    let bytes = verdict["plan"][0]["bytes"].as_u64().with_context(|| format!("a device to add: {verdict:#}"))?;
    ensure!(bytes <= 1024 * MIB, "{verdict:#}");

    // It was right.
    let output = balance(&["--full-balance", "--force"], &path)?;
    ensure!(!output.status.success() && world.is_read_only()?, "the kernel did it: {output:?}");
    ensure!(File::create(world.join("not")).is_err());

    // Back again, with the balance given up.
    let said = ends(&["rescue"], &path, 0)?;
    ensure!(said.contains("is cancelled") && said.contains("fail: it runs out of space"), "{said}");
    ensure!(!world.is_read_only()?);
    ensure!(world.btrfs(&["balance", "status"], "")?.starts_with("No balance found"));
    fs::write(world.join("written"), "again")?;

    // And what was wanted is done by the plan, which takes the device away again.
    let add = ["--full-balance", "--follow-plan", "--yes", "--add", spare.to_str().context("a path")?];
    let said = ends(&add, &path, 0)?;
    ensure!(said.contains("done: balance"), "{said}");
    ensure!(!world.is_read_only()?);
    world.umount()?;
    world.mount("noatime")?;
    for nth in 0..files {
        ensure!(fs::read(file(&world, nth))? == contents(nth), "file {nth} of {files} changed");
    }
    world.btrfs(&["scrub", "start", "-B"], "")?;
    Ok(())
}

fn there_is_nothing_to_rescue_where_nothing_is_wrong() -> Result<()> {
    let world = World::small()?;
    let said = ends(&["rescue"], world.path(), 2)?;
    ensure!(said.contains("no balance is paused"), "{said}");
    let directory = world.join("directory");
    fs::create_dir(&directory)?;
    let said = ends(&["rescue"], &directory, 1)?;
    ensure!(said.contains("name the mount point"), "{said}");
    Ok(())
}

fn half_empty_chunks_are_brought_together_on_the_way() -> Result<()> {
    let world = World::new(&[2048 * MIB], &["-dsingle", "-msingle"])?;
    let filesystem = Filesystem::open(world.path())?;
    // More metadata than the small chunk of it that mkfs makes.
    for nth in 0..6000 {
        fs::write(world.join(format!("small{nth}")), contents(nth))?;
    }
    filesystem.sync()?;
    // Nothing unallocated, and every chunk of data three quarters empty.
    let mut nth = 0;
    while world.reserve(format!("f{nth}"), 4 * MIB).is_ok() {
        nth += 1;
    }
    for gone in (0..=nth).filter(|nth| nth % 4 > 0) {
        let _ = fs::remove_file(world.join(format!("f{gone}")));
    }
    fs::write(world.join("kept"), contents(1))?;
    filesystem.sync()?;
    let arguments = ["-f", "-mconvert=dup"];
    let output = balance(&[&arguments[..], &["--dry-run"]].concat(), world.path())?;
    let said = String::from_utf8(output.stdout)?;
    ensure!(matches!(output.status.code(), Some(10 | 11)) && said.contains("brings data together"), "{said}");
    let said = ends(&[&arguments[..], &["--follow-plan"]].concat(), world.path(), 0)?;
    ensure!(said.contains("step: balance -dusage="), "{said}");
    let usage = world.btrfs(&["filesystem", "df"], "")?;
    ensure!(usage.contains("Metadata, DUP") && !usage.contains("Metadata, single"), "{usage}");
    assert_eq!(fs::read(world.join("kept"))?, contents(1));
    Ok(())
}

fn devices_are_asked_for_and_only_suitable_ones_added() -> Result<()> {
    let mut world = World::new(&[1024 * MIB], &["-dsingle", "-msingle"])?;
    let (small, large) = (world.spare(100 * MIB)?, world.spare(2048 * MIB)?);
    let [small, large] = [&small, &large].map(|path| path.to_str().unwrap_or_default().to_owned());
    let convert = ["-dconvert=raid1", "-mconvert=raid1", "--follow-plan"];
    let with = |more: &[&str], code| ends(&[&convert[..], more].concat(), world.path(), code);
    let said = with(&[], 11)?;
    ensure!(said.contains("it takes a device of") && said.contains("--add"), "{said}");
    let said = with(&["--add", &small, "--yes"], 1)?;
    ensure!(said.contains("and it takes"), "{said}");
    let said = with(&["--add", &large], 1)?;
    ensure!(said.contains("nobody is there to be asked"), "{said}");
    assert_eq!(Filesystem::open(world.path())?.devices()?.len(), 1);
    let said = with(&["--add", &large, "--yes"], 0)?;
    ensure!(said.contains("to stay"), "{said}");
    let usage = world.btrfs(&["filesystem", "df"], "")?;
    ensure!(usage.contains("Data, RAID1") && !usage.contains("Data, single"), "{usage}");
    Ok(())
}
