//! Balances that are paused, resumed and cancelled, by us and by others, and over mounts.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use btrfs::balance::BalanceState;
use btrfs::{Balance, BalanceOutcome, BalanceRequest, BalanceStatus, ErrorKind, ExclusiveOperation, Filesystem};
use testbed::World;
use testbed::harness::Test;

use crate::balances::balance::{data, exclusive, paused, shown, world};
use crate::witness::refused;

pub(crate) const TESTS: &[Test] = testbed::tests![
    paused_it_waits_and_resumed_it_completes,
    paused_by_somebody_else_it_ends_the_wait,
    cancelled_it_keeps_its_counters,
    a_paused_one_can_be_cancelled,
    cancelled_while_it_is_pausing_it_is_gone,
    paused_over_a_mount_it_is_still_there,
    a_mount_resumes_it_by_itself,
];

/// The status of a balance that does not move, held against the witness's.
fn resting(world: &World) -> Result<BalanceStatus> {
    let status = Filesystem::open(world.path())?.balance_status()?.context("there is none")?;
    let counters = status.counters;
    let ours = (status.state.to_string(), [counters.completed, counters.expected, counters.considered]);
    assert_eq!(Some(ours), shown(world)?);
    Ok(status)
}

fn paused_it_waits_and_resumed_it_completes() -> Result<()> {
    let world = world()?;
    let filesystem = Filesystem::open(world.path())?;
    let request = BalanceRequest::new().data("usage=1..100".parse()?);
    let outcome = paused(&world, &filesystem, &request)?;
    let status = resting(&world)?;
    assert!(status.state.is_paused(), "{status:?}");
    assert_eq!((status.counters, &status.request), (outcome.counters(), &request));
    assert_eq!(exclusive(&world)?, ExclusiveOperation::BalancePaused);

    let begun = Instant::now();
    assert_eq!(filesystem.wait_for_balance(Duration::from_secs(60))?, Some(status));
    ensure!(begun.elapsed() < Duration::from_secs(10), "it waited for what is paused");

    let outcome = Balance::resume(&filesystem)?.join()?;
    ensure!(matches!(outcome, BalanceOutcome::Completed(_)), "{outcome}");
    assert_eq!(shown(&world)?, None);
    Ok(())
}

fn paused_by_somebody_else_it_ends_the_wait() -> Result<()> {
    let world = world()?;
    let filesystem = Filesystem::open(world.path())?;
    for _ in 0..20 {
        let balance = Balance::start(&filesystem, &data())?;
        let theirs = world.btrfs(&["balance", "pause"], "");
        match balance.join()? {
            BalanceOutcome::Paused(counters) => {
                theirs?;
                assert_eq!(resting(&world)?.counters, counters);
                return filesystem.cancel_balance().context("cancelling");
            }
            BalanceOutcome::Completed(_) => {}
            other => bail!("{other}"),
        }
    }
    bail!("no balance could be paused")
}

fn cancelled_it_keeps_its_counters() -> Result<()> {
    let world = world()?;
    let filesystem = Filesystem::open(world.path())?;
    for _ in 0..20 {
        let balance = Balance::start(&filesystem, &data())?;
        let mut last = None;
        while let Some(status) = balance.progress()?.filter(|status| status.counters.completed == 0) {
            last = Some(status);
            thread::sleep(Duration::from_millis(1));
        }
        balance.cancel()?;
        match balance.join()? {
            BalanceOutcome::Cancelled(counters) => {
                ensure!(counters.considered > 0 && counters.completed > 0 && counters.expected > counters.completed);
                ensure!(last.is_none_or(|last| last.counters.considered <= counters.considered), "{counters}");
                assert_eq!(shown(&world)?, None);
                assert_eq!(exclusive(&world)?, ExclusiveOperation::None);
                return Ok(());
            }
            BalanceOutcome::Completed(_) => {}
            other => bail!("{other}"),
        }
    }
    bail!("no balance could be cancelled")
}

fn a_paused_one_can_be_cancelled() -> Result<()> {
    let world = world()?;
    let filesystem = Filesystem::open(world.path())?;
    paused(&world, &filesystem, &data())?;
    filesystem.cancel_balance()?;
    assert_eq!(shown(&world)?, None);
    assert_eq!(exclusive(&world)?, ExclusiveOperation::None);
    refused(Balance::resume(&filesystem), &ErrorKind::NotInProgress, "no balance is in progress");
    Ok(())
}

/// The kernel lets the pause win, and tells the one who cancels that all is well.
fn cancelled_while_it_is_pausing_it_is_gone() -> Result<()> {
    let world = world()?;
    let filesystem = Filesystem::open(world.path())?;
    for _ in 0..10 {
        let balance = Balance::start(&filesystem, &data())?;
        thread::scope(|scope| -> Result<()> {
            let pausing = scope.spawn(|| balance.pause());
            while balance.progress()?.is_some_and(|status| status.state == BalanceState::RUNNING) {}
            balance.cancel()?;
            pausing.join().expect("the thread pauses")?;
            Ok(())
        })?;
        let outcome = balance.join()?;
        assert_eq!(shown(&world)?, None, "{outcome}");
        ensure!(matches!(outcome, BalanceOutcome::Cancelled(_) | BalanceOutcome::Completed(_)), "{outcome}");
    }
    Ok(())
}

fn paused_over_a_mount_it_is_still_there() -> Result<()> {
    let world = world()?;
    let request = BalanceRequest::new().data("convert=dup,limit=1..9".parse()?);
    paused(&world, &Filesystem::open(world.path())?, &request)?;
    world.umount()?;
    world.mount("skip_balance")?;
    let status = resting(&world)?;
    assert!(status.state.is_paused(), "{status:?}");
    assert_eq!(status.request, request);
    assert_eq!(exclusive(&world)?, ExclusiveOperation::BalancePaused);
    let filesystem = Filesystem::open(world.path())?;
    let outcome = Balance::resume(&filesystem)?.join()?;
    ensure!(matches!(outcome, BalanceOutcome::Completed(_) | BalanceOutcome::OutOfSpace(_)), "{outcome}");
    assert_eq!(shown(&world)?, None);
    Ok(())
}

fn a_mount_resumes_it_by_itself() -> Result<()> {
    let world = world()?;
    paused(&world, &Filesystem::open(world.path())?, &BalanceRequest::new().data("usage=1..100".parse()?))?;
    world.umount()?;
    world.mount("")?;
    let filesystem = Filesystem::open(world.path())?;
    // Until the kernel's thread gets to it, it is still paused.
    let begun = Instant::now();
    while let Some(status) = filesystem.wait_for_balance(Duration::from_secs(120))? {
        ensure!(begun.elapsed() < Duration::from_secs(120), "{status:?}");
        thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(shown(&world)?, None);
    Ok(())
}
