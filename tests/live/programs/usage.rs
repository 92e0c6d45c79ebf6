//! The program `usage`, held against `btrfs filesystem usage -b`, and what it says fits still, filled for real.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use btrfs::Filesystem;
use nix::fcntl::{FallocateFlags, fallocate};
use serde_json::Value;
use testbed::command::example;
use testbed::harness::Test;
use testbed::{GIB, MIB, ROOT, World, kernel_version, unprivileged};
use trials::figures;

pub(crate) const TESTS: &[Test] = testbed::tests![
    its_figures_are_the_witness_s,
    what_it_says_fits_still_does,
    what_is_free_in_another_profile_does_not_fit,
    data_may_be_free_and_metadata_too_short_for_a_file,
    without_privileges_the_figures_are_the_same,
    the_screen_shows_what_lies_where,
    wrong_paths_are_told,
];

/// Sizes, options of mkfs, bytes of data.
const WORLDS: [(&[u64], &[&str]); 8] = [
    (&[GIB], &["-dsingle", "-mdup"]),
    (&[GIB, 2 * GIB], &["-dsingle", "-mraid1"]),
    (&[GIB, 3 * GIB / 2], &["-draid0", "-mraid1"]),
    (&[2 * GIB, GIB, GIB / 2], &["-draid1", "-mraid1c3"]),
    (&[GIB, GIB, 3 * GIB / 4, GIB / 2], &["-draid10", "-mraid1c4"]),
    (&[GIB, GIB, GIB / 2], &["-draid5", "-mraid1"]),
    (&[GIB, GIB, GIB / 2, 2 * GIB], &["-draid6", "-mraid1c3"]),
    (&[GIB / 2, GIB], &["--mixed", "-draid1", "-mraid1"]),
];

fn json(world: &World) -> Result<Value> {
    let output = Command::new(example("usage")?).arg("--json").arg(world.path()).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn world(sizes: &[u64], options: &[&str]) -> Result<World> {
    let world = World::new(sizes, options)?;
    world.fill("file", 60 * MIB)?;
    world.reserve("reserved", 100 * MIB)?;
    Filesystem::open(world.path())?.sync()?;
    Ok(world)
}

/// By type and profile: size and use; by device: what is unallocated.
type Figures = (BTreeMap<String, (u64, u64)>, BTreeMap<String, u64>);

fn witness(world: &World) -> Result<Figures> {
    let text = world.btrfs(&["filesystem", "usage", "-b"], "")?;
    let mut spaces = figures::parse(&text);
    spaces.retain(|name, _| name.contains(','));
    let (_, last) = text.split_once("\nUnallocated:").context("what is unallocated")?;
    let unallocated =
        last.lines().filter_map(|line| line.split_whitespace().next().zip(line.split_whitespace().nth(1)));
    let unallocated = unallocated.map(|(path, free)| Ok((path.to_owned(), free.parse()?)));
    Ok((spaces, unallocated.collect::<Result<_>>()?))
}

fn ours(usage: &Value) -> Result<Figures> {
    let list = |key: &str| usage[key].as_array().cloned().context("a list");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let number = |value: &Value| value.as_u64().unwrap_or(u64::MAX);
    let spaces = list("spaces")?.into_iter().map(|space| {
        let name = format!("{},{}", text(&space["type"]), text(&space["profile"])).to_lowercase();
        (name, (number(&space["size"]), number(&space["used"])))
    });
    let devices = list("devices")?.into_iter().map(|device| (text(&device["path"]), number(&device["unallocated"])));
    Ok((spaces.collect(), devices.collect()))
}

fn its_figures_are_the_witness_s() -> Result<()> {
    for (sizes, options) in WORLDS {
        let world = world(sizes, options)?;
        // Until nothing moves by itself between the two.
        let mut same = false;
        for _ in 0..20 {
            let before = witness(&world)?;
            let usage = json(&world)?;
            if witness(&world)? == before {
                assert_eq!(ours(&usage)?, before, "{options:?}");
                ensure!(before.0.len() >= 2 && before.1.len() == sizes.len(), "{before:?}");
                same = true;
                break;
            }
        }
        ensure!(same, "{options:?} does not come to rest");
    }
    Ok(())
}

fn what_it_says_fits_still_does() -> Result<()> {
    for (sizes, options) in [WORLDS[1], WORLDS[3], WORLDS[5]] {
        let world = world(sizes, options)?;
        fill_as_said(&world, sizes.iter().sum::<u64>() / 10).with_context(|| format!("{options:?}"))?;
    }
    Ok(())
}

/// What fits still is written, and is what was said, within so many bytes. Says what is shown then.
fn fill_as_said(world: &World, within: u64) -> Result<Value> {
    let said = json(world)?;
    let fits = said["fits"]["data"].as_u64().context("bytes")?;
    let mut written = 0;
    for size in [32 * MIB, MIB, 64 << 10] {
        while world.reserve(format!("more{written}"), size).is_ok() {
            written += size;
        }
    }
    // What was written since the last commit need not be counted as used yet.
    Filesystem::open(world.path())?.sync()?;
    ensure!(written.abs_diff(fits) <= within, "{fits} were to fit, and {written} did: {said:#}");
    let after = json(world)?;
    ensure!(after["fits"]["data"].as_u64() < Some(within), "{after:#}");
    Ok(after)
}

fn data_may_be_free_and_metadata_too_short_for_a_file() -> Result<()> {
    let world = World::new(&[200 * MIB], &["-ddup", "-msingle"])?;
    ensure!(json(&world)?["fits"]["short_of_metadata"] == false);
    let file = File::create(world.join("file"))?;
    let mut end = 0;
    for size in [4 << 20, 1 << 20, 64 << 10] {
        while fallocate(&file, FallocateFlags::empty(), end, size).is_ok() {
            end += size;
        }
    }
    // Two whole extents out of the middle of a chunk, lest one that is empty goes away by itself.
    let hole = FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE;
    fallocate(&file, hole, 8 << 20, 8 << 20)?;
    Filesystem::open(world.path())?.sync()?;
    let shown = json(&world)?;
    ensure!(shown["fits"]["short_of_metadata"] == true && shown["fits"]["data"].as_u64() > Some(4 * MIB), "{shown:#}");
    let screen = Command::new(example("usage")?).arg(world.path()).output()?;
    ensure!(String::from_utf8(screen.stdout)?.contains("\nthat is too little, and no more can be allocated: "));
    // Older kernels ask for less.
    if kernel_version()? >= (6, 8) {
        let refused = File::create(world.join("another"));
        ensure!(refused.as_ref().is_err_and(|error| error.kind() == ErrorKind::StorageFull), "{refused:?}: {shown:#}");
    }
    Ok(())
}

/// A conversion that did not go on leaves two profiles, of which the kernel writes to one.
fn what_is_free_in_another_profile_does_not_fit() -> Result<()> {
    let world = World::new(&[3 * GIB, 3 * GIB], &["-draid1", "-mraid1"])?;
    for nth in 0..20 {
        world.reserve(format!("file{nth}"), 50 * MIB)?;
    }
    world.btrfs(&["balance", "start", "--force", "-dconvert=single,limit=1"], "")?;
    // No chunk is empty then, so none goes away by itself.
    for nth in (0..20).step_by(2) {
        fs::remove_file(world.path().join(format!("file{nth}")))?;
    }
    Filesystem::open(world.path())?.sync()?;
    let before = json(&world)?;
    let elsewhere = before["fits"]["free_elsewhere"].as_u64().context("bytes")?;
    ensure!(before["fits"]["profile"] == "raid1" && elsewhere > 200 * MIB, "{before:#}");
    let after = fill_as_said(&world, 64 * MIB)?;
    ensure!(after["fits"]["free_elsewhere"] == elsewhere, "{before:#} {after:#}");
    let output = Command::new(example("usage")?).arg(world.path()).output()?;
    let screen = String::from_utf8(output.stdout)?;
    ensure!(screen.contains("in chunks of another profile"), "{screen}");
    Ok(())
}

fn without_privileges_the_figures_are_the_same() -> Result<()> {
    let world = world(&[GIB, 2 * GIB], &["-draid1", "-mraid1"])?;
    // A copy that anybody may run, wherever this was built.
    let directory = tempfile::tempdir_in(ROOT)?;
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755))?;
    let copy = directory.path().join("usage");
    fs::copy(example("usage")?, &copy)?;
    let run =
        |arguments: &[&str]| unprivileged(|| Ok(Command::new(&copy).args(arguments).arg(world.path()).output()?));
    let all = json(&world)?;
    let output = run(&["--json"])?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: Value = serde_json::from_slice(&output.stdout)?;
    assert_eq!((&seen["spaces"], &seen["chunks_seen"]), (&all["spaces"], &Value::from(false)));
    let bytes = |usage: &Value| usage["fits"]["data"].as_u64().unwrap_or(0);
    ensure!(bytes(&seen).abs_diff(bytes(&all)) < 300 * MIB, "{seen:#} {all:#}");
    let output = run(&[])?;
    let screen = String::from_utf8(output.stdout)?;
    ensure!(screen.contains("only root may know") && screen.contains("fits still"), "{screen}");
    Ok(())
}

fn the_screen_shows_what_lies_where() -> Result<()> {
    let world = world(&[GIB, 3 * GIB], &["-draid1", "-mraid1"])?;
    let output = Command::new(example("usage")?).arg(world.path()).output()?;
    let screen = String::from_utf8(output.stdout)?;
    for says in ["TYPE", "raid1", "UNREACHABLE", "fits still: ", "in new ones, raid1", "kept back", "D data", "single "]
    {
        let says = if says == "kept back" { "keeps back" } else { says };
        ensure!(screen.contains(says), "{says}: {screen}");
    }
    let line = |nth: usize| screen.lines().find(|line| line.starts_with(&*world.device(nth).to_string_lossy()));
    let (small, large) = line(0).zip(line(1)).with_context(|| screen.clone())?;
    ensure!(small.contains('D') && small.contains('M'), "{screen}");
    // A raid1 can't use what the larger has more.
    ensure!(small.contains(" 0 B ") && large.contains("GiB") && large.ends_with('.'), "{screen}");
    Ok(())
}

fn wrong_paths_are_told() -> Result<()> {
    let run = |path: &str| Command::new(example("usage")?).arg(path).output().map_err(anyhow::Error::from);
    let output = run("/proc")?;
    let said = String::from_utf8(output.stderr)?;
    ensure!(!output.status.success() && said.contains("not on a btrfs filesystem"), "{said}");
    let output = run("/does/not/exist")?;
    ensure!(!output.status.success() && String::from_utf8(output.stderr)?.contains("No such file"));
    Ok(())
}
