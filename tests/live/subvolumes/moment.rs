//! Groups of one moment: whether they are, how often they come about, and what that promises.

use std::process::ExitCode;

use anyhow::Result;
use btrfs::ErrorKind;
use btrfs::subvolume::{OneMoment, SnapshotGroup, SnapshotOptions, Taking};
use testbed::harness::{Test, skip};
use testbed::{NOBODY, kernel_version, unprivileged};

use super::group::Sources;
use crate::witness::show;

mod promise;
mod rates;
mod soak;

use promise::{Order, Pair};
use rates::Rates;

pub(crate) const TESTS: &[Test] = testbed::tests![
    idle_groups_are_of_one_moment_and_leave_nothing_else,
    groups_under_writers_are_of_one_moment_or_say_so,
    a_member_that_fails_is_not_tried_again,
    what_can_t_be_removed_stays_and_is_told,
    a_kernel_that_can_t_is_given_up_on_early,
    all_written_before_is_in_it_with_and_without_flushing,
    the_checker_finds_what_was_put_later,
    durable_writes_are_never_out_of_order_in_one_moment,
    directories_are_never_out_of_order_in_one_moment,
];

/// What `cargo xtask soak moments` starts this binary for.
pub(crate) fn soak(arguments: &[String]) -> Option<ExitCode> {
    soak::run(arguments)
}

/// Before it, a transaction takes nobody in once its commit was asked for.
fn needs_6_6() -> Result<()> {
    if kernel_version()? < (6, 6) {
        skip("needs Linux 6.6: before it, snapshots hardly share a transaction")
    } else {
        Ok(())
    }
}

/// What the witness says of the eight: the transactions in which they were taken.
fn shown(all: &Sources) -> Result<Vec<String>> {
    (0..8).map(|n| Ok(show(&all.world, format!(".snapshots/s{n}/day"))?["Gen at creation"].clone())).collect()
}

fn idle_groups_are_of_one_moment_and_leave_nothing_else() -> Result<()> {
    needs_6_6()?;
    let all = Sources::new(8)?;
    let mut one = 0;
    for _ in 0..24 {
        all.dirty()?;
        let outcome = all.group().take_as_one(&OneMoment::new())?;
        assert!(outcome.is_complete(), "{:?}", outcome.failed().collect::<Vec<_>>());
        let shown = shown(&all)?;
        assert_eq!(outcome.is_one_moment(), shown.iter().all(|otransid| *otransid == shown[0]), "{shown:?}");
        one += usize::from(outcome.is_one_moment());
        let (last, before) = outcome.attempts().split_last().expect("an attempt");
        assert!(before.iter().all(|attempt| attempt.transactions > 1 && attempt.removed == 8), "{before:?}");
        assert_eq!((last.transactions == 1, last.removed), (outcome.is_one_moment(), 0));
        assert_eq!(all.world.btrfs(&["subvolume", "list", "-s"], "")?.lines().count(), 8);
        assert!(outcome.remove_taken().iter().all(|removal| removal.result.is_ok()));
        assert_eq!(all.world.btrfs(&["subvolume", "list", "-s"], "")?, "");
    }
    // Nearly all of them, but the machine may be busy.
    assert!(one >= 12, "{one} of 24");
    Ok(())
}

fn groups_under_writers_are_of_one_moment_or_say_so() -> Result<()> {
    needs_6_6()?;
    let all = Sources::new(8)?;
    let rates = Rates::of(&all, 12, 2, |all| {
        let outcome = all.group().take_as_one(&OneMoment::new())?;
        let shown = shown(all)?;
        assert_eq!(outcome.is_one_moment(), shown.iter().all(|otransid| *otransid == shown[0]), "{shown:?}");
        Ok(outcome)
    })?;
    assert_eq!(rates.groups(), 12);
    assert!(rates.reached() >= 3, "{rates:?}");
    assert_eq!(all.world.btrfs(&["subvolume", "list", "-s"], "")?, "");
    Ok(())
}

fn a_member_that_fails_is_not_tried_again() -> Result<()> {
    let mut all = Sources::new(4)?;
    all.limit(2)?;
    let outcome = all.group().take_as_one(&OneMoment::new())?;
    assert!(!outcome.is_complete() && !outcome.is_one_moment());
    assert_eq!((outcome.attempts().len(), outcome.taken().count()), (1, 3));
    let Taking::Failed(error) = &outcome.members()[2].taking else { panic!("{outcome:?}") };
    assert_eq!(error.kind(), &ErrorKind::NoSpace);
    Ok(())
}

fn what_can_t_be_removed_stays_and_is_told() -> Result<()> {
    needs_6_6()?;
    let all = Sources::new(8)?;
    for n in 0..8 {
        for path in [format!("s{n}"), format!(".snapshots/s{n}")] {
            std::os::unix::fs::chown(all.world.join(path), Some(NOBODY), Some(NOBODY))?;
        }
    }
    unprivileged(|| {
        // Deleting takes more than making. Until the first attempt fails, at times, to be of one moment.
        for name in (0..400).map(|n| n.to_string()) {
            let pairs = all.sources.iter().zip(&all.parents);
            let group = pairs.fold(SnapshotGroup::new(), |group, (source, parent)| group.add(source, parent, &name));
            let outcome = group.take_as_one(&OneMoment::new())?;
            assert!(outcome.is_complete() && outcome.attempts().len() == 1, "{outcome:?}");
            if !outcome.is_one_moment() {
                assert_eq!(outcome.attempts()[0].removed, 0);
                assert_eq!(outcome.gave_up().map(btrfs::Error::kind), Some(&ErrorKind::PermissionDenied));
                return Ok(());
            }
        }
        skip("400 groups of 400 were of one moment at the first attempt")
    })
}

fn a_kernel_that_can_t_is_given_up_on_early() -> Result<()> {
    if kernel_version()? >= (6, 6) {
        return skip("needs Linux before 6.6: since then, snapshots share a transaction");
    }
    let all = Sources::new(8)?;
    let outcome = all.group().take_as_one(&OneMoment::new())?;
    assert!(outcome.is_complete() && !outcome.is_one_moment(), "{:?}", outcome.attempts());
    assert!(outcome.attempts().len() < 16, "{:?}", outcome.attempts());
    assert_eq!(outcome.gave_up().map(btrfs::Error::kind), Some(&ErrorKind::Unsupported));
    let shown = shown(&all)?;
    let different: std::collections::BTreeSet<_> = shown.iter().collect();
    assert_eq!(outcome.transactions().len(), different.len());
    assert_eq!(all.world.btrfs(&["subvolume", "list", "-s"], "")?.lines().count(), 8);
    Ok(())
}

fn all_written_before_is_in_it_with_and_without_flushing() -> Result<()> {
    let all = Sources::new(8)?;
    for flush in [false, true] {
        all.dirty()?;
        let group = if flush { all.group().flush_first() } else { all.group() };
        let outcome = group.take_as_one(&OneMoment::new())?;
        assert!(outcome.is_complete());
        for n in 0..8 {
            let path = format!(".snapshots/s{n}/day/file");
            assert_eq!(std::fs::read(all.world.join(path))?, std::fs::read(all.world.join(format!("s{n}/file")))?);
        }
        assert!(outcome.remove_taken().iter().all(|removal| removal.result.is_ok()));
    }
    let before = all.world.commits()?;
    SnapshotOptions::new().create(&all.sources[0], &all.parents[0], "plain")?;
    let plain = all.world.commits()? - before;
    all.dirty()?;
    let before = all.world.commits()?;
    SnapshotOptions::new().flush_first().create(&all.sources[0], &all.parents[0], "flushed")?;
    assert!(all.world.commits()? - before > plain);
    Ok(())
}

fn the_checker_finds_what_was_put_later() -> Result<()> {
    for order in [Order::Durable, Order::Directories] {
        let pair = Pair::new(order)?;
        pair.put(0, 1)?;
        pair.put(1, 1)?;
        pair.snapshot(0)?;
        pair.put(0, 2)?;
        pair.put(1, 2)?;
        pair.snapshot(1)?;
        assert_eq!(pair.seen()?, [1, 2]);
    }
    Ok(())
}

fn durable_writes_are_never_out_of_order_in_one_moment() -> Result<()> {
    never_out_of_order(Order::Durable)
}

fn directories_are_never_out_of_order_in_one_moment() -> Result<()> {
    never_out_of_order(Order::Directories)
}

fn never_out_of_order(order: Order) -> Result<()> {
    needs_6_6()?;
    let found = promise::check(order, 100, 1)?;
    assert!(found.one >= 100, "{found:?}");
    assert_eq!(found.one_out_of_order, 0, "{found:?}");
    Ok(())
}
