//! The program `daily_snapshots`: what it takes, what it deletes, and above all what it leaves alone.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::Result;
use testbed::World;
use testbed::command::example;
use testbed::harness::Test;

use crate::witness::show;

pub(crate) mod keep;

pub(crate) const TESTS: &[Test] = testbed::tests![
    the_day_s_snapshots_are_read_only_and_one_group,
    one_that_can_t_be_taken_does_not_keep_the_others_from_it,
    a_second_run_changes_nothing,
    a_dry_run_changes_nothing,
    only_what_it_made_itself_is_deleted,
    nothing_is_deleted_when_the_clock_went_backwards,
    the_newest_stays_however_old_it_is,
    killed_at_any_moment_the_next_run_makes_it_whole,
    without_the_primary_nothing_happens,
    two_runs_at_once_are_refused,
    wrong_use_is_told,
];

fn run(world: &World, arguments: &[&str]) -> Result<Output> {
    Ok(Command::new(example("daily_snapshots")?).args(arguments).current_dir(world.path()).output()?)
}

/// A run that has to succeed; its JSON.
fn done(world: &World, arguments: &[&str]) -> Result<serde_json::Value> {
    let output = run(world, &[arguments, &["--json"]].concat())?;
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn school() -> Result<World> {
    let world = World::small()?;
    for part in ["home", "mail", "groups"] {
        world.btrfs(&["subvolume", "create"], part)?;
        fs::write(world.join(part).join("file"), part)?;
    }
    Ok(world)
}

fn names(directory: &Path) -> Result<BTreeSet<String>> {
    fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

fn ten_days(world: &World, parts: &[&str]) -> Result<()> {
    for day in 1..=10 {
        done(world, &[parts, &["--stamp", &format!("2026-03-{day:02}")]].concat())?;
    }
    Ok(())
}

fn the_day_s_snapshots_are_read_only_and_one_group() -> Result<()> {
    let world = school()?;
    let before = world.commits()?;
    let report = done(&world, &["home", "mail", "groups", "--stamp", "2026-03-01"])?;
    // The group's, and the one that makes the names last. Older kernels share no commits.
    assert!(testbed::kernel_version()? < (6, 6) || world.commits()? - before <= 4, "{report}");
    assert_eq!(report["snapshots"].as_array().map(Vec::len), Some(3), "{report}");
    for part in ["home", "mail", "groups"] {
        let path = format!(".snapshots/{part}/2026-03-01");
        let shown = show(&world, &path)?;
        assert_eq!(shown["Flags"], "readonly");
        assert_eq!(shown["Parent UUID"], show(&world, part)?["UUID"]);
        assert_eq!(fs::read_to_string(world.join(&path).join("file"))?, part);
    }
    Ok(())
}

fn one_that_can_t_be_taken_does_not_keep_the_others_from_it() -> Result<()> {
    let world = school()?;
    fs::create_dir(world.join(".snapshots"))?;
    world.btrfs(&["subvolume", "create"], ".snapshots/mail")?;
    let path = world.join(".snapshots/mail");
    testbed::command::run("btrfs", ["property", "set", "-ts", &path.to_string_lossy(), "ro", "true"])?;
    let output = run(&world, &["home", "mail", "groups", "--stamp", "2026-03-01"])?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("/mail: ") && said.contains("read-only"), "{said}");
    for (part, taken) in [("home", true), ("mail", false), ("groups", true)] {
        assert_eq!(world.join(".snapshots").join(part).join("2026-03-01").exists(), taken, "{part}");
    }
    Ok(())
}

fn a_second_run_changes_nothing() -> Result<()> {
    let world = school()?;
    done(&world, &["home", "--stamp", "2026-03-01"])?;
    let before = world.btrfs(&["subvolume", "list", "-u"], "")?;
    let report = done(&world, &["home", "--stamp", "2026-03-01"])?;
    assert_eq!(report["snapshots"][0]["new"], false, "{report}");
    assert_eq!(world.btrfs(&["subvolume", "list", "-u"], "")?, before);
    Ok(())
}

fn a_dry_run_changes_nothing() -> Result<()> {
    let world = school()?;
    done(&world, &["home", "--stamp", "2026-03-01", "--dry-run"])?;
    assert!(!world.join(".snapshots").exists());
    ten_days(&world, &["home"])?;
    let before = names(&world.join(".snapshots/home"))?;
    let report = done(&world, &["home", "--stamp", "2026-03-20", "--dry-run"])?;
    assert_eq!(report["deleted"].as_array().map(Vec::len), Some(7), "{report}");
    assert_eq!(names(&world.join(".snapshots/home"))?, before);
    // What it said is what is done.
    let report = done(&world, &["home", "--stamp", "2026-03-20"])?;
    assert_eq!(report["deleted"].as_array().map(Vec::len), Some(7), "{report}");
    Ok(())
}

fn only_what_it_made_itself_is_deleted() -> Result<()> {
    let world = school()?;
    for stamp in ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"] {
        done(&world, &["home", "--stamp", stamp])?;
    }
    let by_hand = |stamp: &str| {
        let target = world.join(".snapshots/home").join(stamp);
        testbed::command::run(
            "btrfs",
            ["subvolume", "snapshot", "-r", &world.join("home").to_string_lossy(), &target.to_string_lossy()],
        )
    };
    // One by hand under a name of its pattern; one that took the place of its own; one made writable; a directory.
    by_hand("2026-02-01")?;
    world.btrfs(&["subvolume", "delete"], ".snapshots/home/2026-03-01")?;
    by_hand("2026-03-01")?;
    world.btrfs(&["property", "set", "-ts"], ".snapshots/home/2026-03-02").unwrap_err();
    let path = world.join(".snapshots/home/2026-03-02");
    testbed::command::run("btrfs", ["property", "set", "-ts", &path.to_string_lossy(), "ro", "false"])?;
    fs::create_dir(world.join(".snapshots/home/2026-01-01"))?;
    let report = done(&world, &["home", "--stamp", "2026-05-01"])?;
    let left = names(&world.join(".snapshots/home"))?;
    let expected = ["2026-01-01", "2026-02-01", "2026-03-01", "2026-03-02", "2026-05-01"].map(str::to_owned);
    assert_eq!(left, expected.into(), "{report}");
    assert_eq!(report["left_alone"].as_array().map(Vec::len), Some(2), "{report}");

    // Another subvolume in the source's place: its predecessor's snapshots are not its own.
    fs::rename(world.join("home"), world.join("home.old"))?;
    world.btrfs(&["subvolume", "create"], "home")?;
    let report = done(&world, &["home", "--stamp", "2026-06-01"])?;
    assert_eq!(report["deleted"].as_array().map(Vec::len), Some(0), "{report}");
    assert!(world.join(".snapshots/home/2026-05-01").exists());
    Ok(())
}

fn nothing_is_deleted_when_the_clock_went_backwards() -> Result<()> {
    let world = school()?;
    ten_days(&world, &["home"])?;
    let before = names(&world.join(".snapshots/home"))?;
    let output = run(&world, &["home", "--stamp", "2026-03-09T12:00:00", "--keep", "1d"])?;
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).contains("clock went backwards"));
    assert!(before.is_subset(&names(&world.join(".snapshots/home"))?));
    Ok(())
}

fn the_newest_stays_however_old_it_is() -> Result<()> {
    let world = school()?;
    done(&world, &["home", "--stamp", "2026-03-01"])?;
    // The next snapshot can't be taken: its place is occupied by something that is none.
    fs::write(world.join(".snapshots/home/2026-12-01"), "")?;
    let output = run(&world, &["home", "--stamp", "2026-12-01"])?;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(world.join(".snapshots/home/2026-03-01/file").exists());
    Ok(())
}

/// Kills the program at moments spread over the time that it takes, so that every step is hit.
fn killed_at_any_moment_the_next_run_makes_it_whole() -> Result<()> {
    const KILLS: u32 = 20;
    let world = school()?;
    let parts = ["home", "mail", "groups"];
    let mut takes = Duration::MAX;
    for stamp in ["2025-12-26", "2025-12-27", "2025-12-28"] {
        let started = Instant::now();
        done(&world, &[&parts[..], &["--stamp", stamp]].concat())?;
        takes = takes.min(started.elapsed());
    }
    let (mut killed, mut round) = (0, 0_u32);
    while killed < KILLS {
        assert!(round < 12 * 28, "only {killed} of {round} were killed before they were done");
        let stamp = format!("2026-{:02}-{:02}", 1 + round / 28, 1 + round % 28);
        let arguments = [&parts[..], &["--stamp", &stamp, "--keep", "5d"]].concat();
        let mut child = Command::new(example("daily_snapshots")?);
        child.args(&arguments).current_dir(world.path());
        let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        std::thread::sleep(takes * (round % KILLS) / KILLS);
        child.kill()?;
        killed += u32::from(child.wait()?.code().is_none());
        round += 1;
        // Nothing half-made is visible as finished: what has a final name is whole.
        for part in parts {
            for name in names(&world.join(".snapshots").join(part)).unwrap_or_default() {
                let whole = world.join(".snapshots").join(part).join(&name).join("file");
                assert!(name.starts_with('.') || whole.exists(), "{}", whole.display());
            }
        }
        let report = done(&world, &arguments)?;
        for part in parts {
            let names = names(&world.join(".snapshots").join(part))?;
            assert!(names.contains(&stamp), "round {round}: {report}");
            assert!(names.iter().all(|name| !name.starts_with('.')), "round {round}: {names:?} {report}");
            assert!(names.len() <= 5, "round {round}: {names:?}");
        }
    }
    Ok(())
}

fn without_the_primary_nothing_happens() -> Result<()> {
    let world = school()?;
    let output = run(&world, &["home", "--require-primary", "no-such-resource"])?;
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("DRBD"), "{output:?}");
    assert!(!world.join(".snapshots").exists());
    Ok(())
}

fn two_runs_at_once_are_refused() -> Result<()> {
    let world = school()?;
    done(&world, &["home", "--stamp", "2026-03-01"])?;
    let directory = fs::File::open(world.join(".snapshots/home"))?;
    let lock = nix::fcntl::Flock::lock(directory, nix::fcntl::FlockArg::LockExclusive).map_err(|(_, errno)| errno)?;
    let output = run(&world, &["home", "--stamp", "2026-03-02"])?;
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("another run"), "{output:?}");
    drop(lock);
    done(&world, &["home", "--stamp", "2026-03-02"])?;
    Ok(())
}

fn wrong_use_is_told() -> Result<()> {
    let world = school()?;
    fs::create_dir(world.join("plain"))?;
    world.btrfs(&["subvolume", "create"], "plain/home")?;
    for (arguments, code, says) in [
        (vec![], 2, "SUBVOLUME"),
        (vec!["home", "--keep", "soon"], 2, "7d"),
        (vec!["home", "--keep", "1 month"], 2, "no fixed length"),
        (vec!["home", "--stamp", "today"], 2, "2026-11-22"),
        (vec!["home", "--keep-daily", "0"], 2, "--keep-daily"),
        (vec!["home", "--pin", "2026-03-01", "--keep-daily", "3"], 2, "--pin"),
        (vec!["home", "--unpin", "2026-03-01"], 1, "no snapshot"),
        (vec!["nowhere"], 1, "nowhere"),
        (vec!["plain"], 1, "subvolume"),
        (vec!["/proc"], 1, "btrfs"),
        (vec!["home", "home"], 1, "another run"),
    ] {
        let output = run(&world, &arguments)?;
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(says), "{arguments:?}: {output:?}");
    }
    assert!(!world.join(".snapshots").join("plain").exists());
    Ok(())
}
