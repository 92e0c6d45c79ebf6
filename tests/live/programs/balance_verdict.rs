//! The verdict of the program `balance`: what it says before anything moves, whether it lets the balance begin, and
//! whether it was right.

use std::fs::File;

use anyhow::{Context, Result, ensure};
use btrfs::preflight::{FsState, StripeState};
use btrfs::{Filesystem, Logical};
use serde_json::{Value, json};
use testbed::harness::{Test, skip};
use testbed::{GIB, MIB, World, kernel_version};

use super::balance::{ends, json, run, shown};

pub(crate) const TESTS: &[Test] = testbed::tests![
    what_is_safe_relocates_as_many_chunks,
    what_fails_is_not_started_and_forced_runs_out_of_space,
    what_would_end_read_only_is_not_started,
    what_can_t_begin_is_refused,
    what_is_in_doubt_is_warned_of_and_started,
    without_the_extents_the_verdict_says_so,
];

/// What a script may rely on.
const KEYS: [&str; 17] = [
    "abort_risk",
    "aborts",
    "assumptions",
    "bytes",
    "chunks",
    "errors",
    "expected",
    "failure",
    "kernel",
    "margin",
    "missing",
    "path",
    "plan",
    "reasons",
    "refused",
    "runs",
    "verdict",
];

/// The verdict on a balance, which ends with this code.
fn foreseen(world: &World, arguments: &[&str], code: i32) -> Result<Value> {
    let verdict = json(world, &[arguments, &["--dry-run", "."]].concat(), code)?;
    let mut keys: Vec<_> = verdict.as_object().context("an object")?.keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, KEYS);
    Ok(verdict)
}

/// What a balance changes: the addresses of the block groups, and where they lie.
fn chunks(world: &World) -> Result<Vec<(Logical, Vec<StripeState>)>> {
    let state = FsState::read_without_extents(&Filesystem::open(world.path())?)?;
    Ok(state.block_groups.into_iter().map(|group| (group.start, group.stripes)).collect())
}

fn what_is_safe_relocates_as_many_chunks() -> Result<()> {
    let world = World::new(&[2 * GIB, 2 * GIB], &["-dsingle", "-mraid1"])?;
    world.fill("file", 100 * MIB)?;
    world.btrfs(&["filesystem", "sync"], "")?;
    let arguments = ["-dconvert=raid1", "-m"];
    let before = chunks(&world)?;
    let verdict = foreseen(&world, &arguments, 0)?;
    assert_eq!(verdict["verdict"], "safe", "{verdict:#}");
    for (key, is) in [
        ("aborts", json!(false)),
        ("errors", json!(0)),
        ("missing", json!(0)),
        ("failure", Value::Null),
        ("refused", Value::Null),
        ("reasons", json!([])),
    ] {
        assert_eq!(verdict[key], is, "{key} of {verdict:#}");
    }
    ensure!(verdict["bytes"].as_u64() >= Some(100 * MIB), "{verdict:#}");
    let said = ends(&world, &["-dconvert=raid1", "-m", "--dry-run", "."], 0)?;
    for says in ["safe: it fits", "unallocated on the fullest device", "nobody else writes", "the rules of Linux"] {
        ensure!(said.contains(says), "{says}: {said}");
    }
    assert_eq!(chunks(&world)?, before, "a dry run moves nothing");
    let outcome = json(&world, &[&arguments[..], &["."]].concat(), 0)?;
    assert_eq!(outcome["counters"]["completed"], verdict["chunks"], "{outcome:#} {verdict:#}");
    Ok(())
}

fn what_fails_is_not_started_and_forced_runs_out_of_space() -> Result<()> {
    let world = World::new(&[GIB], &["-dsingle", "-msingle"])?;
    world.reserve("file", 700 * MIB)?;
    world.btrfs(&["filesystem", "sync"], "")?;
    let before = chunks(&world)?;
    let verdict = foreseen(&world, &["-dconvert=dup"], 11)?;
    assert_eq!((&verdict["verdict"], &verdict["aborts"]), (&json!("fail"), &json!(false)), "{verdict:#}");
    ensure!(verdict["missing"].as_u64() > Some(0) && verdict["errors"].as_u64() > Some(0), "{verdict:#}");
    assert_eq!(verdict["failure"]["devices"][0]["path"], json!(world.device(0)), "{verdict:#}");
    let said = ends(&world, &["-dconvert=dup", "--dry-run", "."], 11)?;
    let left = format!("left on {}", world.device(0).display());
    for says in ["fail: it runs out of space", "bytes are missing", "enospc errors", &left] {
        ensure!(said.contains(says), "{says}: {said}");
    }
    let said = ends(&world, &["-dconvert=dup", "."], 11)?;
    for says in ["not started: fail", "bytes are missing", "--force"] {
        ensure!(said.contains(says), "{says}: {said}");
    }
    // The object of the dry run; what the kernel does by itself meanwhile moves its figures a little.
    let object = json(&world, &["-dconvert=dup", "."], 11)?;
    for key in ["verdict", "aborts", "expected", "refused", "path"] {
        assert_eq!(object[key], verdict[key], "{key} of {object:#}");
    }
    ensure!(shown(&world)?.starts_with("No balance found"));
    assert_eq!(chunks(&world)?, before, "nothing was moved");
    // The kernel agrees.
    let outcome = json(&world, &["-dconvert=dup", "--force", "."], 1)?;
    assert_eq!(outcome["outcome"], "out_of_space", "{outcome:#}");
    Ok(())
}

/// A raid1 over two devices, of which the smaller is full and the larger is not: what the kernel finds too late. It is
/// not forced: the filesystem would go down.
fn what_would_end_read_only_is_not_started() -> Result<()> {
    if kernel_version()? >= (7, 1) {
        return skip("since Linux 7.1 the kernel looks at each device");
    }
    let world = World::new(&[512 * MIB, 192 * MIB], &[])?;
    fill_trees(&world)?;
    let before = chunks(&world)?;
    for arguments in [&["--full-balance"][..], &["-m"]] {
        let verdict = foreseen(&world, arguments, 11)?;
        assert_eq!((&verdict["verdict"], &verdict["aborts"]), (&json!("fail"), &json!(true)), "{verdict:#}");
        let said = ends(&world, &[arguments, &["."]].concat(), 11)?;
        for says in ["becomes read-only", "skip_balance"] {
            ensure!(said.contains(says), "{says}: {said}");
        }
    }
    ensure!(shown(&world)?.starts_with("No balance found"));
    assert_eq!(chunks(&world)?, before, "nothing was moved");
    Ok(())
}

/// Fills trees, with attributes that have a tree block each, until the second device is full.
fn fill_trees(world: &World) -> Result<()> {
    let attribute = [0; 16_000];
    for nth in 0..20_000 {
        if nth % 250 == 0 {
            world.btrfs(&["filesystem", "sync"], "")?;
            let table = world.btrfs(&["device", "usage", "-b"], "")?;
            let mut unallocated = table.lines().filter_map(|line| line.trim().strip_prefix("Unallocated:"));
            if unallocated.next_back().context("unallocated")?.trim().parse::<u64>()? < 8 * MIB {
                return Ok(());
            }
        }
        let path = world.join(nth.to_string());
        File::create(&path)?;
        xattr::set(&path, "user.block", &attribute)?;
    }
    anyhow::bail!("the device does not fill up")
}

fn what_can_t_begin_is_refused() -> Result<()> {
    let world = World::small()?;
    let verdict = foreseen(&world, &["-mconvert=raid1"], 12)?;
    assert_eq!((&verdict["verdict"], &verdict["chunks"]), (&json!("refused"), &json!(0)), "{verdict:#}");
    ensure!(verdict["refused"].as_str().is_some_and(|text| text.contains("needs 2 writable devices")), "{verdict:#}");
    let said = ends(&world, &["-mconvert=raid1", "--dry-run", "."], 12)?;
    ensure!(said.starts_with("refused: "), "{said}");
    // --force is no consent to less redundancy.
    let said = ends(&world, &["-mconvert=single", "--force", "."], 1)?;
    ensure!(said.contains("reduces redundancy") && said.contains("-f is for less redundancy"), "{said}");
    ends(&world, &["-mconvert=single", "--dry-run", "."], 12)?;
    ends(&world, &["-f", "-mconvert=single", "--dry-run", "."], 0)?;
    ends(&world, &["-m", "--dry-run", "--force", "."], 2)?;
    Ok(())
}

fn what_is_in_doubt_is_warned_of_and_started() -> Result<()> {
    let world = World::new(&[2 * GIB], &[])?;
    world.fill("file", 10 * MIB)?;
    world.btrfs(&["quota", "enable"], "")?;
    world.btrfs(&["quota", "rescan", "-w"], "")?;
    let verdict = foreseen(&world, &["-d"], 10)?;
    assert_eq!((&verdict["verdict"], &verdict["reasons"]), (&json!("tight"), &json!(["quota"])), "{verdict:#}");
    ensure!(ends(&world, &["-d", "--dry-run", "."], 10)?.contains("because quotas are on"));
    let output = run(&world, &["-d", "."])?;
    let warning = String::from_utf8(output.stderr)?;
    ensure!(output.status.success() && warning.contains("tight: ") && warning.lines().count() == 1, "{warning}");
    Ok(())
}

fn without_the_extents_the_verdict_says_so() -> Result<()> {
    let world = World::new(&[2 * GIB], &[])?;
    world.fill("file", 10 * MIB)?;
    let assumes = |arguments: &[&str]| -> Result<bool> {
        let verdict = foreseen(&world, arguments, 0)?;
        Ok(verdict["assumptions"].as_array().context("a list")?.contains(&json!("extents_not_read")))
    };
    ensure!(!assumes(&["-d"])? && assumes(&["-d", "--fast"])?);
    ensure!(!assumes(&["-m"])?, "nothing is assumed of data that stays where it is");
    ensure!(ends(&world, &["-d", "--fast", "--dry-run", "."], 0)?.contains("extents were not read"));
    Ok(())
}
