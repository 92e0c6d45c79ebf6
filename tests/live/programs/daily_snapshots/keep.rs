//! What `daily_snapshots` keeps and deletes, and why it says so.

use std::collections::BTreeSet;

use anyhow::Result;
use testbed::harness::Test;

use super::{done, names, run, school, ten_days};

pub(crate) const TESTS: &[Test] = testbed::tests![
    a_week_keeps_seven_days_and_deletes_the_rest,
    a_year_of_days_leaves_the_ladder,
    the_last_three_are_three,
    the_maximum_age_overrules_what_keeps,
    a_pinned_snapshot_stays_until_it_is_unpinned,
    nothing_gets_old_at_once_when_the_clock_leaps_ahead,
    every_snapshot_has_its_reasons,
];

/// The stamps of what was deleted.
fn deleted(report: &serde_json::Value) -> Vec<&str> {
    let paths = report["deleted"].as_array().into_iter().flatten().filter_map(|deleted| deleted["path"].as_str());
    paths.filter_map(|path| path.rsplit('/').next()).collect()
}

fn a_week_keeps_seven_days_and_deletes_the_rest() -> Result<()> {
    let world = school()?;
    ten_days(&world, &["home", "mail"])?;
    let week: BTreeSet<_> = (4..=10).map(|day| format!("2026-03-{day:02}")).collect();
    for part in ["home", "mail"] {
        assert_eq!(names(&world.join(".snapshots").join(part))?, week);
    }
    // The witness: nothing else is left.
    assert_eq!(world.btrfs(&["subvolume", "list", "-s"], "")?.lines().count(), 14);
    Ok(())
}

fn a_year_of_days_leaves_the_ladder() -> Result<()> {
    let world = school()?;
    let policy = ["--keep-daily", "7", "--keep-weekly", "4", "--keep-monthly", "12", "--keep-yearly", "2"];
    let first = jiff::civil::date(2025, 11, 1);
    // Of days long ago, only those of which something should stay: each run takes time.
    let recent = jiff::civil::date(2026, 10, 20);
    let days = first.series(jiff::ToSpan::days(1)).take(400);
    for day in days.filter(|day| *day >= recent || *day == day.last_of_month()) {
        done(&world, &[&["home", "--stamp", &day.to_string()][..], &policy].concat())?;
    }
    let ladder = [
        "2025-12-31",
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
        "2026-05-31",
        "2026-06-30",
        "2026-07-31",
        "2026-08-31",
        "2026-09-30",
        "2026-10-31",
        "2026-11-15",
        "2026-11-22",
        "2026-11-29",
        "2026-11-30",
        "2026-12-01",
        "2026-12-02",
        "2026-12-03",
        "2026-12-04",
        "2026-12-05",
    ];
    assert_eq!(names(&world.join(".snapshots/home"))?, ladder.map(str::to_owned).into());
    assert_eq!(world.btrfs(&["subvolume", "list", "-s"], "")?.lines().count(), ladder.len());
    Ok(())
}

fn the_last_three_are_three() -> Result<()> {
    let world = school()?;
    ten_days(&world, &["home"])?;
    done(&world, &["home", "--stamp", "2026-03-10", "--keep-last", "3"])?;
    let three = ["2026-03-08", "2026-03-09", "2026-03-10"].map(str::to_owned);
    assert_eq!(names(&world.join(".snapshots/home"))?, three.into());
    Ok(())
}

fn the_maximum_age_overrules_what_keeps() -> Result<()> {
    let world = school()?;
    ten_days(&world, &["home"])?;
    done(&world, &["home", "--pin", "2026-03-04"])?;
    let report = done(&world, &["home", "--stamp", "2026-03-10", "--keep-daily", "10", "--max-age", "4d"])?;
    assert_eq!(deleted(&report), ["2026-03-05", "2026-03-06"], "{report}");
    assert_eq!(report["deleted"][0]["reasons"][0]["rule"], "too_old", "{report}");
    Ok(())
}

fn a_pinned_snapshot_stays_until_it_is_unpinned() -> Result<()> {
    let world = school()?;
    for stamp in ["2026-02-01", "2026-02-02"] {
        done(&world, &["home", "mail", "--stamp", stamp])?;
    }
    let before = names(&world.join(".snapshots/home"))?;
    done(&world, &["home", "mail", "--pin", "2026-02-02", "--dry-run"])?;
    let report = done(&world, &["home", "--pin", "2026-02-01"])?;
    assert_eq!(report["pinned"].as_array().map(Vec::len), Some(1), "{report}");
    // Nothing else was done: none was taken and none deleted.
    assert_eq!(names(&world.join(".snapshots/home"))?, before);
    ten_days(&world, &["home", "mail"])?;
    let week = |from| (from..=10).map(|day| format!("2026-03-{day:02}")).collect::<BTreeSet<_>>();
    assert_eq!(names(&world.join(".snapshots/mail"))?, week(4));
    let mut expected = week(4);
    expected.insert("2026-02-01".to_owned());
    assert_eq!(names(&world.join(".snapshots/home"))?, expected);

    let output = run(&world, &["home", "--pin", "2026-03-01"])?;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("2026-03-01"), "{output:?}");
    done(&world, &["home", "--unpin", "2026-02-01"])?;
    let report = done(&world, &["home", "--stamp", "2026-03-10"])?;
    assert_eq!(deleted(&report), ["2026-02-01"], "{report}");
    Ok(())
}

fn nothing_gets_old_at_once_when_the_clock_leaps_ahead() -> Result<()> {
    let world = school()?;
    ten_days(&world, &["home"])?;
    let before = names(&world.join(".snapshots/home"))?;
    let output = run(&world, &["home", "--stamp", "2038-01-19"])?;
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("leapt ahead"), "{output:?}");
    assert!(before.is_subset(&names(&world.join(".snapshots/home"))?));
    let report = done(&world, &["home", "--stamp", "2038-01-19", "--dry-run"])?;
    assert_eq!(report["clock_may_have_leapt"].as_array().map(Vec::len), Some(1), "{report}");
    assert_eq!(report["deleted"].as_array().map(Vec::len), Some(0), "{report}");
    // A day later by the same clock: a day's worth goes.
    let report = done(&world, &["home", "--stamp", "2038-01-20"])?;
    assert_eq!(deleted(&report), ["2026-03-04"], "{report}");
    // For one who knows that the clock is right, all of it.
    let report = done(&world, &["home", "--stamp", "2038-01-20", "--max-gap", "5000d"])?;
    assert_eq!(report["deleted"].as_array().map(Vec::len), Some(6), "{report}");
    Ok(())
}

fn every_snapshot_has_its_reasons() -> Result<()> {
    let world = school()?;
    ten_days(&world, &["home"])?;
    done(&world, &["home", "--pin", "2026-03-05"])?;
    let policy = ["home", "--stamp", "2026-03-11", "--keep-daily", "2", "--keep-weekly", "2", "--dry-run"];
    let report = done(&world, &policy)?;
    assert_eq!(deleted(&report), ["2026-03-04", "2026-03-06", "2026-03-07", "2026-03-09"], "{report}");
    for list in ["kept", "deleted"] {
        for snapshot in report[list].as_array().into_iter().flatten() {
            assert!(snapshot["reasons"].as_array().is_some_and(|reasons| !reasons.is_empty()), "{snapshot}");
        }
    }
    let week = serde_json::json!({"unit": "week", "name": "2026-W10"});
    assert_eq!(report["kept"][1]["reasons"][0]["period"], week, "{report}");

    let output = run(&world, &policy)?;
    let told = String::from_utf8(output.stdout)?;
    for (stamp, why) in [
        ("2026-03-04", "the day 2026-03-04 is not among the newest 2 days; the week 2026-W10 has a newer one"),
        ("2026-03-05", ": pinned"),
        ("2026-03-08", ": the newest of the week 2026-W10, 2 of 2"),
        ("2026-03-10", ": the newest of the day 2026-03-10, 2 of 2"),
    ] {
        assert!(told.lines().any(|line| line.contains(stamp) && line.contains(why)), "{stamp}: {told}");
    }
    // Without being asked, only what was done.
    let told = String::from_utf8(run(&world, &[&policy[..7], &["--keep", "1d"]].concat())?.stdout)?;
    assert!(told.contains("deleted") && !told.contains("kept") && !told.contains("newest"), "{told}");
    Ok(())
}
