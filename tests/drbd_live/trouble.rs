//! States nobody wants.

use anyhow::{Result, ensure};
use drbd::health::{Reason, Severity, assess_all};
use drbd::state::{ConnectionState, ReplicationState};
use drbd::{Bytes, proc};
use testbed::command;
use testbed::harness::Test;

use crate::life::peer;
use crate::pair::{A, B, Pair, drbdsetup, write};
use crate::witness::agree;

pub(crate) const TESTS: &[Test] = testbed::tests![split_brain, suspended_by_the_user, verify_that_finds_a_difference];

fn split_brain() -> Result<()> {
    let pair = Pair::up_to_date()?;
    pair.disconnect()?;
    write("/dev/drbd0", 2)?;
    drbdsetup(&["primary", "1", "--force"])?;
    write("/dev/drbd1", 3)?;
    A.connect(&[])?;
    B.connect(&[])?;
    A.wait("cs:StandAlone")?;
    B.wait("cs:StandAlone")?;
    let status = agree("split brain")?;
    let verdict = assess_all(&status);
    ensure!(verdict.severity == Severity::Critical, "{verdict:?}");
    for name in ["a", "b"] {
        let resource = status.resource(name).expect("it is there");
        ensure!(resource.connections[0].state == ConnectionState::StandAlone);
        ensure!(resource.connections[0].peer_devices.len() == 1, "there, though drbdsetup status leaves it out");
    }
    drbdsetup(&["secondary", "1"])?;
    pair.connect(&[], &["--discard-my-data"])?;
    B.wait("ds:UpToDate/UpToDate")?;
    A.wait("cs:Connected")?;
    agree("split brain resolved")?;
    Ok(())
}

fn suspended_by_the_user() -> Result<()> {
    let _pair = Pair::up_to_date()?;
    drbdsetup(&["suspend-io", "0"])?;
    let status = agree("suspended")?;
    let resource = status.resource("a").expect("it is there");
    ensure!(resource.suspended.user && resource.suspended.to_string() == "user");
    ensure!(assess_all(&status).findings[0].reason == Reason::Suspended(resource.suspended));
    drbdsetup(&["resume-io", "0"])?;
    ensure!(!agree("resumed")?.resource("a").expect("it is there").suspended.any());
    Ok(())
}

fn verify_that_finds_a_difference() -> Result<()> {
    let pair = Pair::up_to_date()?;
    // Change one copy behind DRBD's back.
    drbdsetup(&["detach", "1"])?;
    B.wait("ds:Diskless/UpToDate")?;
    command::run("dd", ["if=/dev/urandom", "of=/dev/ram1", "bs=1M", "count=1", "seek=40", "conv=fsync,notrunc"])?;
    B.attach(&["--c-plan-ahead=0", "--resync-rate=2M"])?;
    B.wait("ds:UpToDate/UpToDate")?;
    drbdsetup(&["disk-options", "0", "--c-plan-ahead=0", "--resync-rate=2M"])?;
    drbdsetup(&["verify", "0"])?;
    A.wait("cs:VerifyS")?;
    let status = agree("verify runs")?;
    ensure!(peer(&status, A).replication == ReplicationState::VerifyS);
    let told = proc::read()?.status().expect("8.4 lists its minors");
    let (resource, device) = told.device(0).expect("it is there");
    let (_, own) = resource.peers_of(device).next().expect("it has a peer");
    let progress = own.progress().expect("/proc/drbd tells of a verify");
    ensure!(progress.total > Some(Bytes(0)) && progress.left <= progress.total, "{progress:?}");
    for minor in ["0", "1"] {
        drbdsetup(&["disk-options", minor, "--c-plan-ahead=0", "--resync-rate=400M"])?;
    }
    A.wait("cs:Connected")?;
    let status = agree("verify done")?;
    let differ = peer(&status, A).out_of_sync.expect("8.4 counts");
    ensure!(differ.0 == 1 << 20, "{differ}");
    ensure!(assess_all(&status).findings.iter().any(|finding| finding.reason == Reason::OutOfSync(differ)));
    drop(pair);
    Ok(())
}
