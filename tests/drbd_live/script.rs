//! A life of a pair in more than forty transitions, the monitor beside it.

use anyhow::{Result, ensure};
use drbd::monitor::{Cause, MonitorOptions};
use testbed::command;
use testbed::harness::Test;

use crate::follow::Follower;
use crate::pair::{A, B, Pair, drbdsetup, write};

pub(crate) const TESTS: &[Test] =
    testbed::tests![after_each_transition_the_model_is_the_kernels, the_module_goes_and_comes];

/// What is done, and how it shows.
type Step = (&'static str, fn(&Pair) -> Result<()>);

const SLOW: &[&str] = &["--c-plan-ahead=0", "--resync-rate=2M"];
/// So that a lost network is noticed soon.
const NETWORK: &[&str] = &["--ping-int=1", "--allow-two-primaries"];

fn rate(minor: &str, rate: &str) -> Result<()> {
    drbdsetup(&["disk-options", minor, "--c-plan-ahead=0", &format!("--resync-rate={rate}")])
}

const STEPS: &[Step] = &[
    ("resource a", |_| A.create()),
    ("minor of a", |_| A.new_minor()),
    ("a attached", |_| A.attach(SLOW)),
    ("resource b", |_| B.create()),
    ("minor of b", |_| B.new_minor()),
    ("b attached", |_| B.attach(SLOW)),
    ("a waits for b", |_| A.connect(NETWORK)),
    ("a no more", |_| A.disconnect().and_then(|()| A.wait("cs:StandAlone"))),
    ("connected", |pair| pair.connect(NETWORK, NETWORK).and_then(|()| B.wait("cs:Connected"))),
    ("resync begins with a Primary", |_| {
        drbdsetup(&["primary", "0", "--force"])?;
        A.wait("cs:SyncSource")
    }),
    ("paused here", |_| drbdsetup(&["pause-sync", "0"]).and_then(|()| A.wait("cs:PausedSyncS"))),
    ("paused there too", |_| drbdsetup(&["pause-sync", "1"])),
    ("not paused here", |_| drbdsetup(&["resume-sync", "0"])),
    ("resync goes on", |_| drbdsetup(&["resume-sync", "1"]).and_then(|()| A.wait("cs:SyncSource"))),
    ("in sync", |_| {
        rate("0", "400M")?;
        rate("1", "400M")?;
        B.wait("ds:UpToDate/UpToDate")?;
        A.wait("cs:Connected")
    }),
    ("b detached", |_| drbdsetup(&["detach", "1"]).and_then(|()| B.wait("ds:Diskless/UpToDate"))),
    ("b attached again, changed meanwhile", |_| {
        command::run("dd", ["if=/dev/urandom", "of=/dev/ram1", "bs=1M", "count=1", "seek=40", "conv=fsync,notrunc"])?;
        B.attach(SLOW)?;
        B.wait("ds:UpToDate/UpToDate")
    }),
    ("verify runs", |_| {
        rate("0", "8M")?;
        drbdsetup(&["verify", "0"])?;
        A.wait("cs:VerifyS")
    }),
    ("verify found differences", |_| {
        rate("0", "400M")?;
        rate("1", "400M")?;
        A.wait("cs:Connected")?;
        B.wait("cs:Connected")
    }),
    ("disconnected here", |_| A.disconnect().and_then(|()| A.wait("cs:StandAlone"))),
    ("disconnected there", |_| B.disconnect().and_then(|()| B.wait("cs:StandAlone"))),
    ("what differed brought in sync", |pair| {
        pair.connect(NETWORK, NETWORK)?;
        B.wait("ds:UpToDate/UpToDate")?;
        A.wait("cs:Connected")
    }),
    ("no Primary", |_| drbdsetup(&["secondary", "0"])),
    ("a Primary", |_| drbdsetup(&["primary", "0"])),
    ("both Primary", |_| drbdsetup(&["primary", "1"]).and_then(|()| A.wait("ro:Primary/Primary"))),
    ("b Secondary", |_| drbdsetup(&["secondary", "1"]).and_then(|()| A.wait("ro:Primary/Secondary"))),
    ("suspended", |_| drbdsetup(&["suspend-io", "0"])),
    ("resumed", |_| drbdsetup(&["resume-io", "0"])),
    ("a diskless Primary", |_| drbdsetup(&["detach", "0"]).and_then(|()| B.wait("ds:UpToDate/Diskless"))),
    ("a attached again", |_| A.attach(&[]).and_then(|()| A.wait("ds:UpToDate/UpToDate"))),
    ("the network lost", |_| {
        command::run("ip", ["link", "set", "lo", "down"])?;
        A.wait("cs:WFConnection")?;
        B.wait("cs:WFConnection")
    }),
    ("written without the peer", |_| write("/dev/drbd0", 3)),
    ("the network back", |_| {
        command::run("ip", ["link", "set", "lo", "up"])?;
        B.wait("ds:UpToDate/UpToDate")?;
        A.wait("cs:Connected")
    }),
    ("b waits no more", |_| B.disconnect().and_then(|()| B.wait("cs:StandAlone"))),
    ("b outdated", |_| drbdsetup(&["outdate", "1"])),
    ("a neither", |_| A.disconnect().and_then(|()| A.wait("cs:StandAlone"))),
    ("connected, as it was", |pair| {
        pair.connect(NETWORK, NETWORK)?;
        B.wait("ds:UpToDate/UpToDate")?;
        A.wait("cs:Connected")
    }),
    ("both alone", Pair::disconnect),
    ("both written to", |_| {
        write("/dev/drbd0", 2)?;
        drbdsetup(&["primary", "1", "--force"])?;
        write("/dev/drbd1", 3)
    }),
    ("split brain", |_| {
        A.connect(&[])?;
        B.connect(&[])?;
        A.wait("cs:StandAlone")?;
        B.wait("cs:StandAlone")
    }),
    ("b gives up its Primary", |_| drbdsetup(&["secondary", "1"])),
    ("split brain resolved", |pair| {
        pair.connect(&[], &["--discard-my-data"])?;
        B.wait("ds:UpToDate/UpToDate")?;
        A.wait("cs:Connected")
    }),
    ("b invalid", |_| drbdsetup(&["invalidate", "1"])),
    ("b in sync again", |_| {
        B.wait("ds:UpToDate/UpToDate")?;
        A.wait("cs:Connected")
    }),
    ("a Secondary", |_| drbdsetup(&["secondary", "0"])),
    ("a down", |_| drbdsetup(&["down", "a"]).and_then(|()| B.wait("cs:WFConnection"))),
    ("b down", |_| drbdsetup(&["down", "b"])),
];

fn after_each_transition_the_model_is_the_kernels() -> Result<()> {
    struct Network;
    impl Drop for Network {
        fn drop(&mut self) {
            let _ = command::output("ip", ["link", "set", "lo", "up"]);
        }
    }
    ensure!(STEPS.len() >= 40);
    let pair = Pair::nothing()?;
    let _network = Network;
    let mut follower = Follower::new(MonitorOptions::new())?;
    for (number, (name, act)) in STEPS.iter().enumerate() {
        let step = format!("step {number}, {name}");
        let split_brains = follower.split_brains;
        act(&pair).map_err(|error| error.context(step.clone()))?;
        follower.catch_up(&step)?;
        let told = follower.split_brains - split_brains;
        match *name {
            "split brain" => ensure!(told >= 2, "{step}: each end finds it, {told} reports"),
            // It is found again, and settled.
            "split brain resolved" => {}
            _ => ensure!(told == 0, "{step}: {told} reports of a split brain"),
        }
        // Seldom, as it would heal what the steps are to show.
        if name.starts_with("in sync") || number % 15 == 0 {
            follower.refresh(&step)?;
        }
    }
    ensure!(follower.losses.is_empty(), "{:?}", follower.losses);
    ensure!(follower.monitor.status().resources.is_empty());
    Ok(())
}

fn the_module_goes_and_comes() -> Result<()> {
    let _turn = Pair::nothing()?;
    let list = std::fs::read_to_string("/modules/list")?;
    let parameters = list.lines().find_map(|line| line.strip_prefix("drbd ")).unwrap_or_default();
    A.create()?;
    let mut follower = Follower::new(MonitorOptions::new())?;
    drbdsetup(&["down", "a"])?;
    command::run("rmmod", ["drbd"])?;
    let load = || command::run("insmod", ["/modules/drbd.ko"].into_iter().chain(parameters.split_whitespace()));
    let mut causes = Vec::new();
    let mut until = |follower: &mut Follower, last: fn(&Cause) -> bool| -> Result<()> {
        loop {
            let update = follower.monitor.next(Some(std::time::Duration::from_secs(30)))?;
            let Some(update) = update else { anyhow::bail!("no word of the module: {causes:?}") };
            follower.take(&update)?;
            causes.push(update.cause.clone());
            if last(&update.cause) {
                return Ok(());
            }
        }
    };
    let gone = until(&mut follower, |cause| *cause == Cause::Unloaded).and_then(|()| {
        ensure!(!follower.monitor.is_loaded() && follower.monitor.status().resources.is_empty());
        ensure!(MonitorOptions::new().open().is_err(), "there is nothing to monitor");
        Follower::new(MonitorOptions::new().wait_for_module())
    });
    // Loaded again whatever came of it: other tests need it.
    load()?;
    let mut waiting = gone?;
    until(&mut follower, |cause| matches!(cause, Cause::Loaded { .. }))?;
    until(&mut waiting, |cause| matches!(cause, Cause::Loaded { .. }))?;
    A.create()?;
    for follower in [&mut follower, &mut waiting] {
        follower.catch_up("loaded again")?;
        ensure!(follower.monitor.status().resource("a").is_some());
    }
    // Gone and back before anybody looks.
    drbdsetup(&["down", "a"])?;
    command::run("rmmod", ["drbd"])?;
    load()?;
    A.create()?;
    until(&mut follower, |cause| *cause == Cause::Unloaded)?;
    until(&mut follower, |cause| matches!(cause, Cause::Loaded { .. }))?;
    follower.catch_up("gone and back")?;
    ensure!(follower.monitor.status().resource("a").is_some());
    Ok(())
}
