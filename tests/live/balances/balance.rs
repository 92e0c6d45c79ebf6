//! Balances at work: watched, refused, out of space, left alone.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use btrfs::balance::{BalanceState, Filters};
use btrfs::{Balance, BalanceOutcome, BalanceRequest, ErrorKind, ExclusiveOperation, Filesystem, Profile};
use testbed::harness::Test;
use testbed::{MIB, World, command};

use crate::witness::refused;

pub(crate) const TESTS: &[Test] = testbed::tests![
    where_none_is_there_is_no_status,
    a_balance_is_watched_to_its_end,
    a_status_of_btrfs_progs_balance_says_what_was_asked,
    a_second_one_is_refused,
    another_exclusive_operation_refuses_it,
    a_deadline_passes_and_the_balance_goes_on,
    dropped_it_goes_on,
    without_space_it_says_so,
    nobody_may_balance,
    nothing_is_asked_for_everything_has_to_be,
    it_leaves_no_descriptors,
];

/// Enough chunks to be found in the middle of them, and space enough for more.
pub(crate) fn world() -> Result<World> {
    let world = World::new(&[1024 * MIB], &["-dsingle", "-msingle", "-b512M"])?;
    // Written at a go, it would all be allocated.
    for file in 0..5 {
        zeros(&world, &file.to_string(), 60 * MIB)?;
        world.btrfs(&["filesystem", "sync"], "")?;
    }
    world.btrfs(&["filesystem", "resize", "max"], "")?;
    Ok(world)
}

/// A file whose contents do not matter, only that there are so many bytes to move.
pub(crate) fn zeros(world: &World, name: &str, size: u64) -> Result<()> {
    let mut file = File::create(world.join(name))?;
    io::copy(&mut io::repeat(0).take(size), &mut file)?;
    Ok(())
}

pub(crate) fn data() -> BalanceRequest {
    BalanceRequest::new().data(Filters::new())
}

/// What the witness says: whether it is running, and completed, expected, considered.
pub(crate) fn shown(world: &World) -> Result<Option<(String, [u64; 3])>> {
    let output = command::output("btrfs", [OsStr::new("balance"), OsStr::new("status"), world.path().as_os_str()])?;
    let text = String::from_utf8(output.stdout)?;
    if text.starts_with("No balance found") {
        return Ok(None);
    }
    let mut lines = text.lines();
    let state = lines.next().and_then(|line| line.split_once(" is ")).with_context(|| text.clone())?.1.to_owned();
    let numbers = lines.next().unwrap_or_default().split(|c: char| !c.is_ascii_digit()).filter(|word| !word.is_empty());
    let numbers = numbers.take(3).map(|word| Ok(word.parse()?)).collect::<Result<Vec<u64>>>()?;
    Ok(Some((state, numbers.try_into().map_err(|_| anyhow::anyhow!("{text}"))?)))
}

/// A balance of this world that is paused in the middle.
pub(crate) fn paused(world: &World, filesystem: &Filesystem, request: &BalanceRequest) -> Result<BalanceOutcome> {
    for _ in 0..20 {
        let balance = Balance::start(filesystem, request)?;
        while balance.progress()?.is_some_and(|status| status.counters.completed == 0) {
            thread::sleep(Duration::from_millis(1));
        }
        balance.pause()?;
        match balance.join()? {
            outcome @ BalanceOutcome::Paused(_) => return Ok(outcome),
            // It was done before it could be paused: the next one is as long.
            BalanceOutcome::Completed(_) => {}
            other => bail!("{other}"),
        }
    }
    bail!("no balance of {} could be paused", world.path().display())
}

pub(crate) fn exclusive(world: &World) -> Result<ExclusiveOperation> {
    let filesystem = Filesystem::open(world.path())?;
    // What others are doing may end between the two answers.
    for _ in 0..20 {
        let ours = filesystem.exclusive_operation()?;
        if ours.to_string() == world.sysfs("exclusive_operation")?.trim_end() {
            return Ok(ours);
        }
    }
    bail!("our answer is another one than the kernel's")
}

fn where_none_is_there_is_no_status() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    assert_eq!(filesystem.balance_status()?, None);
    assert_eq!(shown(&world)?, None);
    assert_eq!(exclusive(&world)?, ExclusiveOperation::None);
    refused(filesystem.pause_balance(), &ErrorKind::NotInProgress, "no balance is in progress");
    refused(filesystem.cancel_balance(), &ErrorKind::NotInProgress, "no balance is in progress");
    refused(Balance::resume(&filesystem), &ErrorKind::NotInProgress, "no balance is in progress");
    assert_eq!(filesystem.wait_for_balance(Duration::ZERO)?, None);
    Ok(())
}

fn a_balance_is_watched_to_its_end() -> Result<()> {
    let world = world()?;
    let filesystem = Filesystem::open(world.path())?;
    let balance = Balance::start(&filesystem, &data())?;
    assert_eq!(exclusive(&world)?, ExclusiveOperation::Balance);
    let mut last = None;
    for status in balance.watch(Duration::from_millis(5)) {
        let status = status?;
        assert!(status.state.contains(BalanceState::RUNNING), "{status:?}");
        assert_eq!(status.request, data());
        let counters = status.counters;
        ensure!(last <= Some((counters.considered, counters.completed)), "{last:?}, then {counters}");
        last = Some((counters.considered, counters.completed));
    }
    let outcome = balance.join()?;
    let BalanceOutcome::Completed(counters) = outcome else { bail!("{outcome}") };
    ensure!(Some((counters.considered, counters.completed)) >= last && counters.completed > 3, "{last:?}, {counters}");
    assert_eq!(balance.join()?, outcome, "it can be asked again");
    assert!(balance.is_over() && balance.progress()?.is_none());
    balance.pause()?;
    assert_eq!(exclusive(&world)?, ExclusiveOperation::None);
    assert_eq!(shown(&world)?, None);
    Ok(())
}

fn a_status_of_btrfs_progs_balance_says_what_was_asked() -> Result<()> {
    let world = world()?;
    let filesystem = Filesystem::open(world.path())?;
    let asked =
        ["-dusage=1..100,devid=1,drange=0..99999999999,vrange=0..99999999999", "-mstripes=1..3,profiles=single"];
    for _ in 0..20 {
        let mut theirs = Command::new("btrfs")
            .args(["balance", "start"])
            .args(asked)
            .arg(world.path())
            .stdout(Stdio::null())
            .spawn()?;
        let mut seen = None;
        while seen.is_none() && theirs.try_wait()?.is_none() {
            seen = filesystem.balance_status()?;
        }
        ensure!(theirs.wait()?.success());
        if let Some(status) = seen {
            let expected = BalanceRequest::new()
                .data("usage=1..100,devid=1,drange=0..99999999999,vrange=0..99999999999".parse()?)
                .metadata("stripes=1..3,profiles=single".parse()?);
            assert_eq!(status.request, expected);
            return Ok(());
        }
    }
    bail!("their balances were all too short to be seen")
}

fn a_second_one_is_refused() -> Result<()> {
    let world = world()?;
    let filesystem = Filesystem::open(world.path())?;
    let first = Balance::start(&filesystem, &data())?;
    for second in [Balance::start(&filesystem, &data()), Balance::resume(&filesystem)] {
        // Where the first is still at it, it can't have begun; the witness can't either.
        if !first.is_over() {
            refused(second, &ErrorKind::ExclusiveOperation, "a balance is running already (-d): wait for it");
        }
    }
    first.cancel()?;
    first.join()?;
    filesystem.wait_for_balance(Duration::from_secs(60))?;
    paused(&world, &filesystem, &data())?;
    let advice = "a balance is paused already (-d): resume it or cancel it";
    refused(Balance::start(&filesystem, &data()), &ErrorKind::ExclusiveOperation, advice);
    world.btrfs(&["balance", "start", "-d"], "").expect_err("the witness is refused too");
    filesystem.cancel_balance()?;
    Ok(())
}

/// The kernel answers with a positive number here, and errno is 0.
fn another_exclusive_operation_refuses_it() -> Result<()> {
    let world = World::new(&[2048 * MIB; 2], &["-dsingle", "-msingle"])?;
    zeros(&world, "file", 300 * MIB)?;
    let filesystem = Filesystem::open(world.path())?;
    for _ in 0..20 {
        let mut removal = Command::new("btrfs")
            .args(["device", "remove"])
            .args([world.device(1), world.path()])
            .stdout(Stdio::null())
            .spawn()?;
        while exclusive(&world)? != ExclusiveOperation::DeviceRemove && removal.try_wait()?.is_none() {}
        let balance = Balance::start(&filesystem, &data());
        ensure!(removal.wait()?.success());
        match balance {
            Err(error) => {
                assert_eq!(error.kind(), &ErrorKind::ExclusiveOperation, "{error}");
                assert_eq!(error.raw_os_error(), None);
                if error.to_string().contains("is going on (device remove)") {
                    return Ok(());
                }
                // It was over before it could be asked what it was.
                ensure!(error.to_string().contains("was going on"), "{error}");
            }
            Ok(balance) => drop(balance.join()?),
        }
        let device = world.device(1).as_os_str();
        command::run(
            "btrfs",
            ["device", "add", "-f"].map(OsStr::new).into_iter().chain([device, world.path().as_os_str()]),
        )?;
    }
    bail!("the device was always removed before a balance could be tried")
}

fn a_deadline_passes_and_the_balance_goes_on() -> Result<()> {
    let world = world()?;
    let filesystem = Filesystem::open(world.path())?;
    let balance = Balance::start(&filesystem, &data())?;
    let nearly = balance.wait(Duration::ZERO);
    let theirs = filesystem.wait_for_balance(Duration::ZERO);
    let outcome = balance.wait(Duration::from_secs(120))?;
    ensure!(matches!(outcome, BalanceOutcome::Completed(_)), "{outcome}");
    refused(nearly, &ErrorKind::TimedOut, "the balance is still running");
    refused(theirs, &ErrorKind::TimedOut, "the balance is still running");
    Ok(())
}

fn dropped_it_goes_on() -> Result<()> {
    let world = world()?;
    let filesystem = Filesystem::open(world.path())?;
    drop(Balance::start(&filesystem, &data())?);
    let (state, _) = shown(&world)?.context("it ended")?;
    assert_eq!(state, "running");
    assert_eq!(filesystem.wait_for_balance(Duration::from_secs(120))?, None);
    Ok(())
}

fn without_space_it_says_so() -> Result<()> {
    let world = World::new(&[512 * MIB], &["-dsingle", "-msingle"])?;
    // Full to the last chunk: nothing can be copied anywhere.
    zeros(&world, "file", 512 * MIB).expect_err("more than there is");
    world.btrfs(&["filesystem", "sync"], "")?;
    let filesystem = Filesystem::open(world.path())?;
    let balance = Balance::start(&filesystem, &BalanceRequest::new().data(Filters::new().convert(Profile::Dup)))?;
    let outcome = balance.join()?;
    let BalanceOutcome::OutOfSpace(counters) = outcome else { bail!("{outcome}") };
    ensure!(counters.completed <= counters.considered, "{counters}");
    ensure!(outcome.to_string().contains("-dusage=0"), "{outcome}");
    assert_eq!(shown(&world)?, None);
    let theirs = world.btrfs(&["balance", "start", "-dconvert=dup"], "").expect_err("the witness has no space either");
    ensure!(theirs.to_string().contains("No space left"), "{theirs}");
    Ok(())
}

fn nobody_may_balance() -> Result<()> {
    let world = World::small()?;
    let may_not = |error: btrfs::Error| {
        assert_eq!(error.kind(), &ErrorKind::PermissionDenied, "{error}");
        assert!(error.to_string().contains("needs CAP_SYS_ADMIN"), "{error}");
    };
    testbed::unprivileged(|| {
        let filesystem = Filesystem::open(world.path())?;
        may_not(filesystem.balance_status().unwrap_err());
        may_not(Balance::start(&filesystem, &data()).unwrap_err());
        may_not(Balance::resume(&filesystem).unwrap_err());
        may_not(filesystem.pause_balance().unwrap_err());
        may_not(filesystem.cancel_balance().unwrap_err());
        may_not(filesystem.wait_for_balance(Duration::ZERO).unwrap_err());
        assert_eq!(filesystem.exclusive_operation()?, ExclusiveOperation::None);
        Ok(())
    })
}

fn nothing_is_asked_for_everything_has_to_be() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    let start = |request: &BalanceRequest| Balance::start(&filesystem, request);
    refused(start(&BalanceRequest::new()), &ErrorKind::NeedsConsent, "nothing is selected");
    refused(start(&data().system(Filters::new())), &ErrorKind::NeedsConsent, "have to be forced");
    refused(start(&BalanceRequest::new().data(Filters::new().soft())), &ErrorKind::InvalidArgument, "\"soft\"");
    let outcome = start(&BalanceRequest::everything())?.join()?;
    let BalanceOutcome::Completed(counters) = outcome else { bail!("{outcome}") };
    assert_eq!(counters.considered, counters.completed);
    Ok(())
}

fn it_leaves_no_descriptors() -> Result<()> {
    let world = World::small()?;
    let left = testbed::left_open(|| {
        let filesystem = Filesystem::open(world.path())?;
        let balance = Balance::start(&filesystem, &data())?;
        balance.join()?;
        filesystem.exclusive_operation()?;
        Ok(())
    })?;
    assert!(left.is_empty(), "{left:?}");
    Ok(())
}
