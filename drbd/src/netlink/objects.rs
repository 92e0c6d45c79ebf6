//! Attributes into the objects of the model, field by field.
//!
//! Numbers as in `linux/drbd_genl.h`; those above 8.4's last one are DRBD 9's.

use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

use super::dialect::{self, Dialect, nest};
use super::nest::Nest;
use crate::address::{Address, Path};
use crate::error::Error;
use crate::flags::{MetaDataFlags, PeerDeviceFlags, UuidFlags};
use crate::progress::{Resync, Speed, Verify};
use crate::resource::{Connection, Device, PeerDevice, Resource};
use crate::suspension::{ResyncSuspended, Suspended};
use crate::value::{Attribute, Bytes, Name};

/// Which object a message is about: `cfg_context`.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) resource: Name,
    pub(crate) volume: Option<u32>,
    pub(crate) connection_name: Option<Name>,
    pub(crate) peer_node_id: Option<u32>,
    pub(crate) local: Option<Address>,
    pub(crate) peer: Option<Address>,
}

impl Context {
    pub(crate) fn parse(context: &mut Nest<'_>) -> Result<Self, Error> {
        Ok(Self {
            volume: context.u32(1)?,
            resource: Name::new(context.string(2).unwrap_or_default()),
            local: context.take(3).map(Address::from_sockaddr),
            peer: context.take(4).map(Address::from_sockaddr),
            connection_name: context.string(5).map(Name::new),
            peer_node_id: context.u32(6)?,
        })
    }

    /// On 8.4 a resource has exactly one connection, without name or number.
    pub(crate) fn is_of(&self, connection: &Connection) -> bool {
        self.peer_node_id == connection.peer_node_id
            && (self.peer_node_id.is_some() || self.connection_name == connection.name)
    }

    pub(crate) fn connection<'a>(&self, resource: &'a mut Resource) -> Option<&'a mut Connection> {
        resource.connections.iter_mut().find(|connection| self.is_of(connection))
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.resource)?;
        if let Some(volume) = self.volume {
            write!(f, "/{volume}")?;
        }
        if let Some(peer) = self.peer_node_id {
            write!(f, " to node {peer}")?;
        }
        Ok(())
    }
}

impl Resource {
    pub(crate) fn decode(context: Context, mut message: Nest<'_>, mut unknown: Vec<Attribute>) -> Result<Self, Error> {
        let mut info = message.nest(nest::RESOURCE_INFO, "resource_info")?;
        let mut statistics = message.nest(nest::RESOURCE_STATISTICS, "resource_statistics")?;
        let role = info.u32(1)?;
        let resource = Self {
            name: Some(context.resource),
            node_id: None,
            role: dialect::role(info.required(1, role)?),
            suspended: Suspended {
                user: info.flag(2)?.unwrap_or_default(),
                no_data: info.flag(3)?.unwrap_or_default(),
                fencing: info.flag(4)?.unwrap_or_default(),
                quorum: info.flag(5)?.unwrap_or_default(),
                untold: false,
            },
            fail_io: info.flag(6)?,
            write_ordering: statistics.u32(1)?.map(dialect::write_ordering),
            devices: Vec::new(),
            connections: Vec::new(),
            options: Vec::new(),
            unknown: Vec::new(),
        };
        unknown.extend([info, statistics, message].into_iter().flat_map(Nest::rest));
        Ok(Self { unknown, ..resource })
    }
}

impl Device {
    pub(crate) fn decode(
        dialect: &Dialect,
        context: &Context,
        minor: Option<u32>,
        mut message: Nest<'_>,
        mut unknown: Vec<Attribute>,
    ) -> Result<Self, Error> {
        let mut info = message.nest(nest::DEVICE_INFO, "device_info")?;
        let mut statistics = message.nest(nest::DEVICE_STATISTICS, "device_statistics")?;
        let disk = info.u32(1)?;
        let device = Self {
            volume: context.volume,
            minor: minor.ok_or_else(|| Error::malformed("device", format!("{context} has no minor")))?,
            disk: dialect.disk_state(info.required(1, disk)?),
            client: info.flag(2)?,
            quorum: info.flag(3)?,
            backing_dev: info.string(4).map(path_of),
            open: info.flag(5)?,
            meta_dev: None,
            size: statistics.sectors(1)?,
            read: statistics.sectors(2)?,
            written: statistics.sectors(3)?,
            al_writes: statistics.u64(4)?,
            bm_writes: statistics.u64(5)?,
            upper_pending: statistics.u32(6)?,
            lower_pending: statistics.u32(7)?,
            upper_blocked: statistics.flag(8)?,
            lower_blocked: statistics.flag(9)?,
            al_suspended: statistics.flag(10)?,
            exposed_uuid: statistics.generation(11)?,
            current_uuid: statistics.generation(12)?,
            meta_data_flags: statistics.u32(13)?.map(MetaDataFlags::from_bits_retain),
            history_uuids: statistics.generations(14)?,
            options: Vec::new(),
            unknown: Vec::new(),
        };
        unknown.extend([info, statistics, message].into_iter().flat_map(Nest::rest));
        Ok(Self { unknown, ..device })
    }
}

impl Connection {
    pub(crate) fn decode(context: Context, mut message: Nest<'_>, mut unknown: Vec<Attribute>) -> Result<Self, Error> {
        let mut info = message.nest(nest::CONNECTION_INFO, "connection_info")?;
        let mut statistics = message.nest(nest::CONNECTION_STATISTICS, "connection_statistics")?;
        let (state, role) = (info.u32(1)?, info.u32(2)?);
        let mut connection = Self {
            name: context.connection_name,
            peer_node_id: context.peer_node_id,
            state: dialect::connection_state(info.required(1, state)?),
            role: dialect::role(info.required(2, role)?),
            protocol: None,
            paths: Vec::new(),
            congested: statistics.flag(1)?,
            ap_in_flight: statistics.sectors(2)?,
            rs_in_flight: statistics.sectors(3)?,
            peer_devices: Vec::new(),
            options: Vec::new(),
            unknown: Vec::new(),
        };
        if let (Some(local), Some(peer)) = (context.local, context.peer) {
            connection.paths.push(Path { local, peer, established: None });
        }
        path_parms(&mut connection, &mut message)?;
        unknown.extend([info, statistics, message].into_iter().flat_map(Nest::rest));
        connection.unknown.extend(unknown);
        Ok(connection)
    }
}

impl PeerDevice {
    pub(crate) fn decode(
        dialect: &Dialect,
        context: &Context,
        mut message: Nest<'_>,
        mut unknown: Vec<Attribute>,
    ) -> Result<Self, Error> {
        let mut info = message.nest(nest::PEER_DEVICE_INFO, "peer_device_info")?;
        let mut statistics = message.nest(nest::PEER_DEVICE_STATISTICS, "peer_device_statistics")?;
        let (replication, disk) = (info.u32(1)?, info.u32(2)?);
        let replication = dialect::replication_state(info.required(1, replication)?);
        // The marks of what is over stay until something new begins.
        let idle = replication.is_idle();
        let peer = Self {
            volume: context.volume,
            replication,
            disk: dialect.disk_state(info.required(2, disk)?),
            // Counts, not flags: how many reasons of that kind there are.
            resync_suspended: ResyncSuspended {
                user: info.u32(3)?.is_some_and(|count| count > 0),
                peer: info.u32(4)?.is_some_and(|count| count > 0),
                dependency: info.u32(5)?.is_some_and(|count| count > 0),
                max_parallel: info.u32(7)?.is_some_and(|count| count > 0),
            },
            client: info.flag(6)?,
            received: statistics.sectors(1)?,
            sent: statistics.sectors(2)?,
            pending: statistics.u32(3)?,
            unacked: statistics.u32(4)?,
            out_of_sync: statistics.sectors(5)?,
            resync_failed: statistics.sectors(6)?,
            bitmap_uuid: statistics.generation(7)?,
            flags: statistics.u32(9)?.map(PeerDeviceFlags::from_bits_retain),
            resync: resync(&mut statistics)?.filter(|_| !idle),
            uuid_flags: statistics.u64(24)?.map(UuidFlags::from_bits_retain),
            options: Vec::new(),
            unknown: Vec::new(),
        };
        unknown.extend([info, statistics, message].into_iter().flat_map(Nest::rest));
        Ok(Self { unknown, ..peer })
    }
}

/// The marks of a resync or verify; DRBD 9 sends them always, as zeros where nothing was ever to do.
fn resync(statistics: &mut Nest<'_>) -> Result<Option<Resync>, Error> {
    const TO_THE_END: u64 = !0;
    let total = statistics.sectors(10)?;
    let verify = Verify {
        start: statistics.sectors(11)?,
        stop: match statistics.u64(12)? {
            None | Some(0 | TO_THE_END) => None,
            Some(sectors) => {
                Some(Bytes::from_sectors(sectors).ok_or_else(|| statistics.wrong(12, "is above 2^64 bytes"))?)
            }
        },
        position: statistics.sectors(13)?,
        left: statistics.sectors(14)?,
        skipped: statistics.sectors(15)?,
    };
    let verifying = [verify.start, verify.position, verify.left, verify.skipped].iter().flatten().any(|at| at.0 > 0);
    let resync = Resync {
        total,
        verify: verifying.then_some(verify),
        same_checksum: statistics.sectors(16)?,
        elapsed: statistics.u64(17)?.map(Duration::from_millis),
        paused: statistics.u64(18)?.map(Duration::from_millis),
        lately: speed(statistics.u64(19)?, statistics.sectors(20)?),
        now: speed(statistics.u64(21)?, statistics.sectors(22)?),
        wanted_rate: statistics.u32(23)?.and_then(|kib| Bytes::from_kib(kib.into())),
        rate: None,
        done: None,
        finish: None,
    };
    Ok(total.filter(|total| total.0 > 0).map(|_| resync))
}

fn speed(milliseconds: Option<u64>, done: Option<Bytes>) -> Option<Speed> {
    Some(Speed { done: done?, within_ms: milliseconds? })
}

/// Two attributes for each path, this end and the peer's: 8.4's context has them, early 9 this list.
fn path_parms(connection: &mut Connection, message: &mut Nest<'_>) -> Result<(), Error> {
    let mut list = message.nest(nest::PATH_PARMS, "path_parms")?;
    while let Some(local) = list.take(1) {
        let peer = list.take(2);
        let peer = list.required(2, peer)?;
        add_path(connection, Address::from_sockaddr(local), Address::from_sockaddr(peer));
    }
    keep(&mut connection.unknown, list.rest());
    Ok(())
}

fn add_path(connection: &mut Connection, local: Address, peer: Address) -> &mut Path {
    let index = connection.paths.iter().position(|path| path.local == local && path.peer == peer);
    let index = index.unwrap_or_else(|| {
        connection.paths.push(Path { local, peer, established: None });
        connection.paths.len() - 1
    });
    &mut connection.paths[index]
}

/// A message about a path of `connection`.
pub(crate) fn path(
    connection: &mut Connection,
    context: &Context,
    mut message: Nest<'_>,
    mut unknown: Vec<Attribute>,
) -> Result<(), Error> {
    let (Some(local), Some(peer)) = (context.local.clone(), context.peer.clone()) else {
        return Err(Error::malformed("path", format!("{context} has no addresses")));
    };
    let mut info = message.nest(nest::PATH_INFO, "path_info")?;
    let established = info.flag(1)?;
    let path = add_path(connection, local, peer);
    path.established = established.or(path.established);
    unknown.extend([info, message].into_iter().flat_map(Nest::rest));
    keep(&mut connection.unknown, unknown);
    Ok(())
}

/// Configuration, from any of the dumps that hold it. States in them are later than the snapshot's, and left alone.
pub(crate) fn details(
    resource: &mut Resource,
    context: &Context,
    mut message: Nest<'_>,
    unknown: Vec<Attribute>,
) -> Result<(), Error> {
    let mut res_opts = message.nest(nest::RES_OPTS, "res_opts")?;
    let mut disk_conf = message.nest(nest::DISK_CONF, "disk_conf")?;
    let device_conf = message.nest(nest::DEVICE_CONF, "device_conf")?;
    let mut net_conf = message.nest(nest::NET_CONF, "net_conf")?;
    let peer_device_conf = message.nest(nest::PEER_DEVICE_CONF, "peer_device_conf")?;
    let mut state_info = message.nest(nest::STATE_INFO, "state_info")?;
    for again in nest::RESOURCE_INFO..=nest::PEER_DEVICE_STATISTICS {
        message.take(again);
    }
    if !res_opts.is_empty() {
        resource.node_id = res_opts.u32(4)?.or(resource.node_id);
        resource.options = res_opts.rest();
    }
    if let Some(device) = resource.devices.iter_mut().find(|device| device.volume == context.volume) {
        device.backing_dev = disk_conf.string(1).map(path_of).or_else(|| device.backing_dev.take());
        device.meta_dev = disk_conf.string(2).map(path_of).or_else(|| device.meta_dev.take());
        let options = [disk_conf, device_conf].into_iter().flat_map(Nest::rest);
        device.options.extend(options);
    }
    let Some(connection) = context.connection(resource) else {
        keep(&mut resource.unknown, message.rest().into_iter().chain(unknown));
        return Ok(());
    };
    path_parms(connection, &mut message)?;
    if !net_conf.is_empty() {
        const SHARED_SECRET: u16 = 1;
        net_conf.take(SHARED_SECRET);
        connection.protocol = net_conf.u32(6)?.map(dialect::protocol);
        connection.options = net_conf.rest();
    }
    if let Some(peer) = connection.peer_devices.iter_mut().find(|peer| peer.volume == context.volume) {
        peer.options.extend(peer_device_conf.rest());
        legacy_resync(peer, &mut state_info)?;
        keep(&mut peer.unknown, state_info.rest());
    }
    keep(&mut connection.unknown, message.rest().into_iter().chain(unknown));
    Ok(())
}

/// 8.4's older report of a state has the total of a resync. What else it has is in the snapshot.
pub(crate) fn legacy_resync(peer: &mut PeerDevice, state_info: &mut Nest<'_>) -> Result<(), Error> {
    const BITS_RS_TOTAL: u16 = 11;
    const LAST: u16 = 23;
    if let Some(bits) = state_info.u64(BITS_RS_TOTAL)? {
        let total = Some(state_info.required(BITS_RS_TOTAL, of_bits(bits))?);
        peer.resync = Some(Resync { total, ..Resync::default() });
    }
    for again in 1..=LAST {
        state_info.take(again);
    }
    Ok(())
}

/// What so many bits of the bitmap stand for: 4 KiB each.
pub(crate) fn of_bits(bits: u64) -> Option<Bytes> {
    bits.checked_mul(4).and_then(Bytes::from_kib)
}

/// Several messages can tell of one object: what one said already isn't kept again.
fn keep(known: &mut Vec<Attribute>, more: impl IntoIterator<Item = Attribute>) {
    for attribute in more {
        if !known.contains(&attribute) {
            known.push(attribute);
        }
    }
}

fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}
