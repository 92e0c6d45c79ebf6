//! Words into the objects of the model. Amounts are KiB there, unless a comment says otherwise.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::words::Words;
use crate::address::{Address, Path};
use crate::error::Error;
use crate::progress::{Resync, Speed, Verify};
use crate::resource::{Connection, Device, PeerDevice, Resource};
use crate::state::{ConnectionState, DiskState, ReplicationState, Role, WriteOrdering};
use crate::suspension::{ResyncSuspended, Suspended};
use crate::value::{Bytes, Name};

pub(super) fn resource(words: &mut Words) -> Result<Resource, Error> {
    // `yes` is that of a drbdsetup without reasons.
    let [user, no_data, fencing, quorum, untold] =
        words.reasons("suspended", ["user", "no-data", "fencing", "quorum", "yes"])?;
    // What drbdsetup works out by itself, as Resource::promotion does.
    words.take("may_promote");
    words.take("promotion_score");
    Ok(Resource {
        name: words.take("name").map(Name::new),
        node_id: words.number("node-id")?,
        suspended: Suspended { user, no_data, fencing, quorum, untold },
        fail_io: words.yes("force-io-failures")?,
        write_ordering: words.take("write-ordering").as_deref().map(WriteOrdering::from_word),
        ..Resource::of(words.state("role", Role::from_word)?)
    })
}

pub(super) fn device(words: &mut Words) -> Result<Device, Error> {
    let blocked = match words.has("blocked") {
        true => words.reasons("blocked", ["upper", "lower"])?.map(Some),
        false => [None; 2],
    };
    let minor = words.number("minor")?.ok_or_else(|| words.wrong("minor", "is missing"))?;
    Ok(Device {
        volume: words.number("volume")?,
        client: words.yes("client")?,
        quorum: words.yes("quorum")?,
        open: words.yes("open")?,
        backing_dev: words.take("backing_dev").filter(|path| path != "none").map(PathBuf::from),
        size: words.kib("size")?,
        read: words.kib("read")?,
        written: words.kib("written")?,
        al_writes: words.number("al-writes")?,
        bm_writes: words.number("bm-writes")?,
        upper_pending: words.number("upper-pending")?,
        lower_pending: words.number("lower-pending")?,
        upper_blocked: blocked[0],
        lower_blocked: blocked[1],
        al_suspended: words.yes("al-suspended")?,
        ..Device::of(minor, words.state("disk", DiskState::from_word)?)
    })
}

pub(super) fn connection(words: &mut Words) -> Result<Connection, Error> {
    Ok(Connection {
        name: words.take("conn-name").map(Name::new),
        peer_node_id: words.number("peer-node-id")?,
        congested: words.yes("congested")?,
        // These two are sectors.
        ap_in_flight: words.sectors("ap-in-flight")?,
        rs_in_flight: words.sectors("rs-in-flight")?,
        ..Connection::of(words.state("connection", ConnectionState::from_word)?, words.state("role", Role::from_word)?)
    })
}

pub(super) fn peer_device(words: &mut Words) -> Result<PeerDevice, Error> {
    let [user, peer, dependency, max_parallel] =
        words.reasons("resync-suspended", ["user", "peer", "dependency", "max-parallel"])?;
    let replication = words.state("replication", ReplicationState::from_word)?;
    let resync = resync(words)?.filter(|_| !replication.is_idle());
    Ok(PeerDevice {
        volume: words.number("volume")?,
        client: words.yes("peer-client")?,
        resync_suspended: ResyncSuspended { user, peer, dependency, max_parallel },
        received: words.kib("received")?,
        sent: words.kib("sent")?,
        out_of_sync: words.kib("out-of-sync")?,
        pending: words.number("pending")?,
        unacked: words.number("unacked")?,
        resync_failed: words.sectors("rs-failed")?,
        resync,
        ..PeerDevice::of(replication, words.state("peer-disk", DiskState::from_word)?)
    })
}

/// The marks of the JSON, in sectors and milliseconds; or what events2 makes of them.
fn resync(words: &mut Words) -> Result<Option<Resync>, Error> {
    let verify = Verify {
        start: words.sectors("ov-start-sector")?,
        stop: match words.take("ov-stop-sector").as_deref() {
            None | Some("0" | "-1" | "18446744073709551615") => None,
            Some(sectors) => {
                let sectors = sectors.parse().ok().and_then(Bytes::from_sectors);
                Some(sectors.ok_or_else(|| words.wrong("ov-stop-sector", "is no number that fits"))?)
            }
        },
        position: words.sectors("ov-position")?,
        left: words.sectors("ov-left")?,
        skipped: words.sectors("ov-skipped")?,
    };
    let hundredths = words.hundredths("done")?;
    let finish = words.hundredths("eta")?;
    let resync = Resync {
        total: words.sectors("rs-total")?,
        same_checksum: words.sectors("rs-same-csum")?,
        elapsed: words.number("rs-dt-start-ms")?.map(Duration::from_millis),
        paused: words.number("rs-paused-ms")?.map(Duration::from_millis),
        lately: speed(words, "rs-dt0-ms", "rs-db0-sectors")?,
        now: speed(words, "rs-dt1-ms", "rs-db1-sectors")?,
        wanted_rate: words.mib("want")?,
        rate: words.mib("dbdt1")?,
        done: hundredths.map(|share| u32::try_from(share).unwrap_or(10_000)),
        finish: finish.map(|hundredths| Duration::from_millis(hundredths.saturating_mul(10))),
        verify: verify.left.is_some().then_some(verify),
    };
    Ok((resync.total.is_some() || resync.done.is_some()).then_some(resync))
}

fn speed(words: &mut Words, time: &str, amount: &str) -> Result<Option<Speed>, Error> {
    let (time, done) = (words.number(time)?, words.sectors(amount)?);
    Ok(time.zip(done).map(|(within_ms, done)| Speed { done, within_ms }))
}

pub(super) fn path(words: &mut Words) -> Result<Path, Error> {
    Ok(Path {
        local: address(&words.required("local")?),
        peer: address(&words.required("peer")?),
        established: words.yes("established")?,
    })
}

/// `ipv4:10.0.0.1:7000`, `ipv6:[::1]:7000`.
fn address(word: &str) -> Address {
    let ip = word.strip_prefix("ipv4:").or_else(|| word.strip_prefix("ipv6:"));
    match ip.and_then(|ip| ip.parse::<SocketAddr>().ok()) {
        Some(address) => Address::Ip(address),
        None => Address::Word(word.to_owned()),
    }
}
