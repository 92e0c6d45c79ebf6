//! The program `snapshot_latency`: that it measures what it says, and leaves a filesystem as it was.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use testbed::command::{self, example};
use testbed::harness::Test;
use testbed::{GIB, MIB, NOBODY, World, unprivileged};

pub(crate) const TESTS: &[Test] = testbed::tests![
    every_phase_has_its_samples_and_nothing_stays,
    as_many_snapshots_exist_as_it_says,
    interrupted_at_any_moment_it_leaves_nothing,
    killed_at_any_moment_a_clean_leaves_nothing_but_what_is_of_others,
    what_is_in_use_by_a_run_is_not_cleaned,
    who_may_not_delete_is_told_before,
    wrong_use_is_told,
];

/// A short run, whose load is small.
const SHORT: [&str; 6] = ["--rate", "5", "--dirty", "8", "--group", "3"];

/// Room for a run, and something in it that is of others.
fn world() -> Result<World> {
    let world = World::new(&[2 * GIB], &[])?;
    world.btrfs(&["subvolume", "create"], "theirs")?;
    world.fill("theirs/file", MIB)?;
    fs::create_dir(world.join(".snapshot_latency-not"))?;
    fs::write(world.join(".snapshot_latency-not/file"), "a file")?;
    Ok(world)
}

fn program(world: &World, arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(example("snapshot_latency")?);
    command.args(arguments).arg(".").current_dir(world.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Ok(command)
}

/// What a run says that ends with this code, on both channels.
fn ends(output: Output, code: i32) -> Result<String> {
    let said = String::from_utf8([output.stdout, output.stderr].concat())?;
    assert_eq!(output.status.code(), Some(code), "{said}");
    Ok(said)
}

/// The paths of the subvolumes, as the witness lists them.
fn listed(world: &World) -> Result<BTreeSet<String>> {
    let list = world.btrfs(&["subvolume", "list"], "")?;
    Ok(list.lines().filter_map(|line| line.split(" path ").nth(1)).map(str::to_owned).collect())
}

/// Everything that can be seen: paths, and the contents of the files.
fn seen(world: &World) -> Result<String> {
    command::run(
        "sh",
        ["-c", "cd \"$1\" && find . | sort && find . -type f | sort | xargs md5sum", "sh"]
            .iter()
            .map(|word| (*word).into())
            .chain([world.path().as_os_str().to_owned()]),
    )
}

/// Checks that the run left the filesystem as it was, deleted subvolumes too.
fn as_before(world: &World, before: &str) -> Result<()> {
    assert_eq!(seen(world)?, before);
    assert_eq!(listed(world)?, BTreeSet::from(["theirs".to_owned()]));
    assert_eq!(world.btrfs(&["subvolume", "list", "-d"], "")?, "");
    Ok(())
}

fn every_phase_has_its_samples_and_nothing_stays() -> Result<()> {
    let world = world()?;
    let before = seen(&world)?;
    let svg = tempfile::NamedTempFile::new()?;
    let file = svg.path().to_str().context("a path")?;
    let options = ["--existing", "3,0", "--count", "4", "--dirty-count", "2", "--flush", "--json", "--svg", file];
    let output = program(&world, &[&SHORT[..], &options].concat())?.output()?;
    ensure!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let object: Value = serde_json::from_slice(&output.stdout)?;
    assert_eq!(object["schema"], 1);
    assert_eq!(object["filesystem"]["fsid"], world.fsid()?);
    assert_eq!(object["kernel"], command::run("uname", ["-r"])?.trim());
    assert_eq!(object["parameters"]["existing"], serde_json::json!([0, 3]));
    let mut expected = Vec::new();
    for existing in [0, 3] {
        for (beside, flushed) in [("idle", false), ("load", false), ("load", true)] {
            expected.extend(["single", "group"].map(|what| (what, beside, flushed, existing, 4)));
        }
    }
    for (what, flushed) in [("nothing", false), ("single", false), ("single", true)] {
        expected.push((what, "dirty", flushed, 3, 2));
    }
    let phases = object["phases"].as_array().context("phases")?;
    assert_eq!(phases.len(), expected.len());
    for (phase, (what, beside, flushed, existing, samples)) in phases.iter().zip(expected) {
        let is = (&phase["what"], &phase["beside"], &phase["flushed"], &phase["existing"]);
        assert_eq!(is, (&what.into(), &beside.into(), &flushed.into(), &existing.into()));
        let snapshots = samples * if what == "group" { 3 } else { u64::from(what == "single") };
        assert_eq!((&phase["samples"], &phase["snapshots"]), (&samples.into(), &snapshots.into()));
        let times = &phase["nanoseconds"];
        ensure!(times["min"].as_u64() > Some(0) && times["min"].as_u64() <= times["p50"].as_u64(), "{times}");
        ensure!(times["p50"].as_u64() <= times["max"].as_u64(), "{times}");
        assert_eq!(times["p99"], Value::Null, "too few samples to tell");
        let counted: u64 = times["histogram"].as_array().context("a curve")?.iter().filter_map(|p| p[2].as_u64()).sum();
        assert_eq!(counted, samples, "the histogram has every sample");
        // Each snapshot is in some commit; one alone in one of its own. Now and then the kernel commits by itself.
        if (what, beside) == ("single", "idle") {
            ensure!(phase["commits"].as_u64() <= Some(samples + 2), "{phase}");
        }
        ensure!(what == "nothing" || phase["commits"].as_u64() >= Some(samples), "{phase}");
        let operations = phase["held_up_nanoseconds"].as_array().context("operations")?;
        let names: BTreeSet<_> = operations.iter().filter_map(|operation| operation["operation"].as_str()).collect();
        let load = if beside == "idle" { BTreeSet::new() } else { BTreeSet::from(["create_rename", "fsync"]) };
        // A writer that is slow enough may not be at work in any of the samples.
        ensure!(names.is_superset(&load) && (beside != "idle" || names.is_empty()), "{names:?}");
    }
    let drawn = fs::read_to_string(svg.path())?;
    for text in ["3 snapshots exist", "group of 3, load, flushed", "single, idle"] {
        ensure!(drawn.contains(text), "{text} is not in {drawn}");
    }
    as_before(&world, &before)
}

fn as_many_snapshots_exist_as_it_says() -> Result<()> {
    let world = world()?;
    let options = ["--existing", "7,40", "--count", "60", "--one-moment"];
    let mut child = program(&world, &[&SHORT[..], &options].concat())?.spawn()?;
    let mut counts = BTreeSet::new();
    while child.try_wait()?.is_none() {
        // The witness may stumble over what is deleted while it looks.
        let Ok(paths) = listed(&world) else { continue };
        let count = |name| paths.iter().filter(|path| path.contains(name)).count();
        if count("/sample-") > 0 {
            counts.insert(count("/existing-"));
        }
        ensure!(count("/sample-") <= 16 + 3, "{} of samples", count("/sample-"));
    }
    let said = ends(child.wait_with_output()?, 0)?;
    assert_eq!(counts, BTreeSet::from([7, 40]), "while samples were there");
    let words: Vec<String> = said.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for begins in ["group of 3, idle 7 ", "group of 3, load 40 ", "groups that are in one transaction"] {
        ensure!(words.iter().any(|line| line.starts_with(begins)), "{begins:?} is not in {said}");
    }
    ensure!(said.lines().all(|line| line.chars().count() <= 100), "wider than 100 columns: {said}");
    Ok(())
}

fn signal(child: &Child, signal: Signal) -> Result<()> {
    Ok(kill(Pid::from_raw(child.id().try_into()?), signal)?)
}

fn interrupted_at_any_moment_it_leaves_nothing() -> Result<()> {
    let world = world()?;
    let before = seen(&world)?;
    let options = ["--existing", "30", "--count", "100000"];
    for (round, (with, code)) in
        [(Signal::SIGINT, 130), (Signal::SIGTERM, 143), (Signal::SIGHUP, 129), (Signal::SIGINT, 130)]
            .into_iter()
            .enumerate()
    {
        let child = program(&world, &[&SHORT[..], &options].concat())?.spawn()?;
        wait_for(&world, &child, ["/source-", "/existing-", "/sample-", "/sample-"][round])?;
        sleep(Duration::from_millis([0, 3, 0, 500][round]));
        signal(&child, with)?;
        let said = ends(child.wait_with_output()?, code)?;
        ensure!(said.contains(with.as_str()) && said.contains("all that this run made is removed"), "{said}");
        as_before(&world, &before)?;
    }
    Ok(())
}

/// Waits until the run has made a subvolume of such a name.
fn wait_for(world: &World, child: &Child, name: &str) -> Result<()> {
    let end = Instant::now() + Duration::from_secs(60);
    let own = format!(".snapshot_latency-{}-", child.id());
    while !listed(world)?.iter().any(|path| path.starts_with(&own) && path.contains(name)) {
        ensure!(Instant::now() < end, "no {name} is there");
    }
    Ok(())
}

fn killed_at_any_moment_a_clean_leaves_nothing_but_what_is_of_others() -> Result<()> {
    let world = world()?;
    let before = seen(&world)?;
    for round in 0..10 {
        let mut child = program(&world, &[&SHORT[..], &["--existing", "30"]].concat())?.spawn()?;
        if round < 6 {
            sleep(Duration::from_millis(2 + 7 * round));
        } else {
            wait_for(&world, &child, ["/existing-", "/sample-"][usize::try_from(round)? % 2])?;
        }
        signal(&child, Signal::SIGKILL)?;
        child.wait()?;
        ends(program(&world, &["--clean"])?.output()?, 0)?;
        as_before(&world, &before)?;
    }
    // Things that look alike, or lie in the leftover.
    let mut child = program(&world, &[&SHORT[..], &["--existing", "30"]].concat())?.spawn()?;
    wait_for(&world, &child, "/sample-")?;
    signal(&child, Signal::SIGKILL)?;
    child.wait()?;
    let leftover = listed(&world)?.into_iter().find(|path| path.starts_with(".snap") && !path.contains('/'));
    let leftover = leftover.context("something is left")?;
    let copy = ".snapshot_latency-1-copy";
    let both = [world.join(&leftover), world.join(copy)];
    command::run("btrfs", [&["subvolume".into(), "snapshot".into()], &both[..]].concat())?;
    world.btrfs(&["subvolume", "create"], ".snapshot_latency-2-foreign")?;
    world.fill(".snapshot_latency-2-foreign/file", MIB)?;
    world.btrfs(&["subvolume", "create"], format!("{leftover}/snapshots-0/foreign"))?;
    world.fill(format!("{leftover}/snapshots-0/foreign/file"), MIB)?;
    fs::write(world.join(&leftover).join("note"), "a note")?;
    let foreign = |path: &str| Ok::<_, anyhow::Error>(fs::read(world.join(path))?.len());
    let said = program(&world, &[&SHORT[..], &["--existing", "0", "--count", "1"]].concat())?.output()?;
    let said = ends(said, 0)?;
    ensure!(said.contains(&leftover) && said.contains("--clean ."), "the next run offers it: {said}");
    let said = ends(program(&world, &["--clean"])?.output()?, 3)?;
    for says in ["it is a copy", "no record proves", "foreign", "note", "stays:"] {
        ensure!(said.contains(says), "{says:?} is not in {said}");
    }
    assert_eq!(foreign(".snapshot_latency-2-foreign/file")?, 1 << 20);
    assert_eq!(foreign(&format!("{leftover}/snapshots-0/foreign/file"))?, 1 << 20);
    assert_eq!(foreign(&format!("{leftover}/note"))?, 6);
    let left = listed(&world)?;
    let expected =
        [copy, ".snapshot_latency-2-foreign", "theirs", &leftover, &format!("{leftover}/snapshots-0/foreign")];
    assert_eq!(left, expected.into_iter().map(str::to_owned).collect(), "all that is the run's is gone");
    Ok(())
}

fn what_is_in_use_by_a_run_is_not_cleaned() -> Result<()> {
    let world = world()?;
    let before = seen(&world)?;
    let child = program(&world, &[&SHORT[..], &["--existing", "0", "--count", "30"]].concat())?.spawn()?;
    wait_for(&world, &child, "/sample-")?;
    let said = ends(program(&world, &["--clean"])?.output()?, 3)?;
    ensure!(said.contains("in use by a run"), "{said}");
    ends(child.wait_with_output()?, 0)?;
    as_before(&world, &before)
}

fn who_may_not_delete_is_told_before() -> Result<()> {
    let world = world()?;
    let directory = world.join("nobody");
    fs::create_dir(&directory)?;
    chown(&directory, Some(NOBODY), Some(NOBODY))?;
    // Nobody can reach the program where it was built.
    let copy = world.join("program");
    fs::copy(example("snapshot_latency")?, &copy)?;
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755))?;
    let run = || {
        let words = [&SHORT[..], &["--existing", "2", "--count", "2"]].concat();
        unprivileged(|| Ok(Command::new(&copy).args(words).arg(&directory).output()?))
    };
    let said = ends(run()?, 1)?;
    ensure!(said.contains("could not remove its snapshots") && said.contains("user_subvol_rm_allowed"), "{said}");
    assert_eq!(listed(&world)?.len(), 1, "{:?}", listed(&world)?);
    command::run("mount", ["-o", "remount,user_subvol_rm_allowed", world.path().to_str().context("a path")?])?;
    let said = ends(run()?, 0)?;
    ensure!(said.contains("group of 3, load") && said.contains("CAP_SYS_ADMIN"), "{said}");
    assert_eq!(listed(&world)?.len(), 1, "{:?}", listed(&world)?);
    assert_eq!(fs::read_dir(&directory)?.count(), 0);
    Ok(())
}

fn wrong_use_is_told() -> Result<()> {
    let world = World::new(&[512 * MIB], &[])?;
    let run = |arguments: &[&str]| {
        Ok::<_, anyhow::Error>(Command::new(example("snapshot_latency")?).args(arguments).output()?)
    };
    let path = world.path().to_str().context("a path")?;
    for (arguments, code, says) in [
        (&[][..], 2, "PATH"),
        (&[path, "--existing", "many"], 2, "many"),
        (&[path, "--existing", "2000000"], 2, "a million"),
        (&[path, "--group", "0"], 2, "1..=256"),
        (&[path, "--count", "0"], 2, "1.."),
        (&[path, "--clean", "--json"], 2, "--json"),
        (&["/proc"], 1, "not on a btrfs filesystem"),
        (&["/nowhere"], 1, "/nowhere"),
        (&[path], 1, "MiB free, and this run may need"),
    ] {
        let said = ends(run(arguments)?, code)?;
        ensure!(said.contains(says), "{arguments:?}: {said}");
    }
    assert_eq!(fs::read_dir(world.path())?.count(), 0);
    let world = World::new(&[2 * GIB], &[])?;
    world.umount()?;
    world.mount("ro")?;
    let said = ends(run(&[world.path().to_str().context("a path")?])?, 1)?;
    ensure!(said.contains("read-only"), "{said}");
    Ok(())
}
