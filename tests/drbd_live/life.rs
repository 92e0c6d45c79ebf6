//! The life of a replicated volume, step by step.

use anyhow::{Result, ensure};
use drbd::health::{Reason, Severity, assess_all};
use drbd::state::{ConnectionState, DiskState, Protocol, ReplicationState, Role};
use drbd::{Bytes, PeerDevice, Source, Status};
use testbed::command;
use testbed::harness::Test;

use crate::pair::{A, B, End, MOUNT, Pair, drbdsetup, write};
use crate::witness::agree;

pub(crate) const TESTS: &[Test] = testbed::tests![
    nothing_then_resource_then_minor_then_attached,
    connecting_then_connected,
    syncing_then_paused_then_in_sync,
    primary_with_btrfs_mounted,
    disconnected_then_written_then_back_in_sync,
    diskless_then_attached_again,
    secondary_diskless,
    taken_down,
];

fn disk(status: &Status, end: End) -> &DiskState {
    &status.device(end.minor).expect("the device is there").1.disk
}

pub(crate) fn peer(status: &Status, end: End) -> &PeerDevice {
    &status.resource(end.name).expect("the resource is there").connections[0].peer_devices[0]
}

fn connection(status: &Status, end: End) -> &ConnectionState {
    &status.resource(end.name).expect("the resource is there").connections[0].state
}

fn nothing_then_resource_then_minor_then_attached() -> Result<()> {
    let _pair = Pair::nothing()?;
    let status = agree("nothing configured")?;
    ensure!(status.source == Source::NetlinkV1, "8.4 speaks version 1: {:?}", status.source);
    ensure!(status.version.as_deref().is_some_and(|version| version.starts_with("8.4.")), "{:?}", status.version);
    ensure!(status.resources.is_empty() && assess_all(&status).severity == Severity::Unknown);
    A.create()?;
    let status = agree("resource only")?;
    ensure!(status.resource("a").is_some_and(|resource| resource.devices.is_empty()));
    A.new_minor()?;
    let status = agree("minor, without disk")?;
    ensure!(*disk(&status, A) == DiskState::Diskless && *connection(&status, A) == ConnectionState::StandAlone);
    A.attach(&[])?;
    let status = agree("attached")?;
    let device = status.device(0).expect("the device is there").1;
    ensure!(device.disk == DiskState::Inconsistent);
    ensure!(device.backing_dev.as_deref() == Some("/dev/ram0".as_ref()), "{:?}", device.backing_dev);
    let sectors: u64 = std::fs::read_to_string("/sys/block/drbd0/size")?.trim().parse()?;
    ensure!(device.size == Bytes::from_sectors(sectors), "{:?}, {sectors} sectors", device.size);
    Ok(())
}

fn connecting_then_connected() -> Result<()> {
    let pair = Pair::attached()?;
    A.connect(&[])?;
    let status = agree("connecting")?;
    ensure!(*connection(&status, A) == ConnectionState::Connecting);
    A.disconnect()?;
    A.wait("cs:StandAlone")?;
    pair.connect(&[], &[])?;
    A.wait("cs:Connected")?;
    let status = agree("connected")?;
    let connection = &status.resource("a").expect("it is there").connections[0];
    ensure!(connection.state == ConnectionState::Connected && connection.protocol == Some(Protocol::C));
    let [path] = connection.paths.as_slice() else { anyhow::bail!("{:?}", connection.paths) };
    ensure!(
        (path.local.to_string(), path.peer.to_string()) == ("ipv4:127.0.0.1:7001".into(), "ipv4:127.0.0.1:7002".into())
    );
    ensure!(peer(&status, A).replication == ReplicationState::Established);
    Ok(())
}

fn syncing_then_paused_then_in_sync() -> Result<()> {
    let _pair = Pair::connected()?;
    for minor in ["0", "1"] {
        drbdsetup(&["disk-options", minor, "--c-plan-ahead=0", "--resync-rate=2M"])?;
    }
    drbdsetup(&["primary", "0", "--force"])?;
    A.wait("cs:SyncSource")?;
    let status = agree("resync runs")?;
    ensure!(peer(&status, A).replication == ReplicationState::SyncSource);
    ensure!(peer(&status, B).replication == ReplicationState::SyncTarget);
    let progress = peer(&status, B).progress().expect("a resync has a progress");
    ensure!(progress.total == status.device(0).expect("it is there").1.size, "{progress:?}");
    ensure!(assess_all(&status).severity == Severity::Warning);

    drbdsetup(&["pause-sync", "0"])?;
    A.wait("cs:PausedSyncS")?;
    B.wait("cs:PausedSyncT")?;
    let status = agree("resync paused by the user, here")?;
    let (own, other) = (peer(&status, A).resync_suspended, peer(&status, B).resync_suspended);
    ensure!((own.to_string(), other.to_string()) == ("user".into(), "peer".into()), "{own}, {other}");
    let progress = peer(&status, A).progress().expect("a paused resync has a progress");
    ensure!(progress.left > Some(Bytes(0)) && progress.left < progress.total, "{progress:?}");
    drbdsetup(&["pause-sync", "1"])?;
    agree("resync paused on both sides")?;

    for minor in ["0", "1"] {
        drbdsetup(&["resume-sync", minor])?;
        drbdsetup(&["disk-options", minor, "--c-plan-ahead=0", "--resync-rate=400M"])?;
    }
    A.wait("ds:UpToDate/UpToDate")?;
    B.wait("cs:Connected")?;
    let status = agree("in sync")?;
    ensure!(*disk(&status, B) == DiskState::UpToDate && peer(&status, B).progress().is_none());
    ensure!(assess_all(&status).severity == Severity::Ok, "{:?}", assess_all(&status));
    Ok(())
}

fn primary_with_btrfs_mounted() -> Result<()> {
    let _pair = Pair::up_to_date()?;
    let status = agree("Primary")?;
    let resource = status.resource("a").expect("it is there");
    ensure!((&resource.role, &resource.connections[0].role) == (&Role::Primary, &Role::Secondary));
    let before = status.device(0).expect("it is there").1.written.expect("8.4 counts");
    command::run("mkfs.btrfs", ["-q", "-f", "/dev/drbd0"])?;
    std::fs::create_dir_all(MOUNT)?;
    command::run("mount", ["-t", "btrfs", "/dev/drbd0", MOUNT])?;
    agree("btrfs mounted")?;
    write(format!("{MOUNT}/data"), 8)?;
    let status = agree("8 MiB written to btrfs")?;
    let after = status.device(0).expect("it is there").1.written.expect("8.4 counts");
    ensure!(after.0 - before.0 > 8 << 20, "{before} to {after}");
    let sent = peer(&status, A).sent.expect("8.4 counts");
    ensure!(Some(sent) == peer(&status, B).received, "what one sent the other received");
    Ok(())
}

fn disconnected_then_written_then_back_in_sync() -> Result<()> {
    let pair = Pair::up_to_date()?;
    A.disconnect()?;
    B.wait("cs:WFConnection")?;
    let status = agree("disconnected on one side")?;
    ensure!(
        *connection(&status, A) == ConnectionState::StandAlone
            && *connection(&status, B) == ConnectionState::Connecting
    );
    let paths = &status.resource("a").expect("it is there").connections[0].paths;
    ensure!(paths.is_empty(), "the network isn't configured any more: {paths:?}");
    B.disconnect()?;
    B.wait("cs:StandAlone")?;
    write(DEVICE, 6)?;
    let status = agree("written while disconnected")?;
    ensure!(peer(&status, A).out_of_sync.is_some_and(|amount| amount.0 >= 6 << 20), "{:?}", peer(&status, A));
    ensure!(assess_all(&status).findings.iter().filter(|finding| finding.reason == Reason::StandAlone).count() == 2);
    drbdsetup(&["outdate", "1"])?;
    let status = agree("outdated")?;
    ensure!(*disk(&status, B) == DiskState::Outdated);
    ensure!(assess_all(&status).findings.iter().any(|own| own.reason == Reason::NoGoodCopy(DiskState::Outdated)));
    pair.connect(&[], &[])?;
    B.wait("ds:UpToDate/UpToDate")?;
    A.wait("cs:Connected")?;
    let status = agree("back in sync")?;
    ensure!(peer(&status, A).out_of_sync.is_some_and(|amount| amount.0 == 0));
    Ok(())
}

const DEVICE: &str = "/dev/drbd0";

fn diskless_then_attached_again() -> Result<()> {
    let _pair = Pair::up_to_date()?;
    drbdsetup(&["detach", "0"])?;
    A.wait("ds:Diskless/UpToDate")?;
    B.wait("ds:UpToDate/Diskless")?;
    let status = agree("diskless Primary")?;
    ensure!(*disk(&status, A) == DiskState::Diskless && peer(&status, B).disk == DiskState::Diskless);
    let device = status.device(0).expect("it is there").1;
    ensure!(device.backing_dev.is_none() && device.exposed_uuid.is_some_and(|uuid| uuid.0 != 0), "{device:?}");
    let verdict = assess_all(&status);
    ensure!(verdict.severity == Severity::Critical);
    ensure!(verdict.findings[0].reason == Reason::NoDisk(DiskState::Diskless), "{verdict:?}");
    A.attach(&[])?;
    A.wait("ds:UpToDate/UpToDate")?;
    B.wait("cs:Connected")?;
    let status = agree("attached again")?;
    ensure!(assess_all(&status).severity == Severity::Ok, "{:?}", assess_all(&status));
    Ok(())
}

fn secondary_diskless() -> Result<()> {
    let _pair = Pair::up_to_date()?;
    drbdsetup(&["detach", "1"])?;
    A.wait("ds:UpToDate/Diskless")?;
    let status = agree("diskless Secondary")?;
    ensure!(*disk(&status, B) == DiskState::Diskless);
    Ok(())
}

fn taken_down() -> Result<()> {
    let _pair = Pair::up_to_date()?;
    drbdsetup(&["secondary", "0"])?;
    drbdsetup(&["down", "a"])?;
    B.wait("cs:WFConnection")?;
    let status = agree("one of two down")?;
    ensure!(status.resource("a").is_none() && status.resources.len() == 1);
    drbdsetup(&["down", "b"])?;
    let status = agree("both down")?;
    ensure!(status.resources.is_empty());
    Ok(())
}
