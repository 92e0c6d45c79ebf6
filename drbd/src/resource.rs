//! The model: resources, their devices, their connections to peers, and what each device has with each peer.
//!
//! One model for every source. A field that not every source or version has is an `Option`; `None` means that the
//! source didn't say, never "no". Amounts are [`Bytes`]; counters run from when the object was configured. Fields are
//! named as in `drbdsetup status --verbose --statistics`.

use std::path::PathBuf;

use crate::address::{Address, Path};
use crate::flags::{MetaDataFlags, PeerDeviceFlags, UuidFlags};
use crate::progress::{Progress, Resync};
use crate::state::{ConnectionState, DiskState, Protocol, ReplicationState, Role, WriteOrdering};
use crate::suspension::{ResyncSuspended, Suspended};
use crate::value::{Attribute, Bytes, Generation, Name};

/// A resource: one or more volumes replicated together, with one role.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Resource {
    /// Its name. `None` from `/proc/drbd`, which knows minors only: there every minor is a resource of its own.
    pub name: Option<Name>,
    /// This node's number. DRBD 9.
    pub node_id: Option<u32>,
    /// This node's role.
    pub role: Role,
    /// Why I/O is suspended, if it is.
    pub suspended: Suspended,
    /// I/O is made to fail (`force-io-failures`), as after `secondary --force`. DRBD 9.
    pub fail_io: Option<bool>,
    /// How write order is kept.
    pub write_ordering: Option<WriteOrdering>,
    /// The volumes, in their order.
    pub devices: Vec<Device>,
    /// The peers, in the order of their node ids. A peer without connection is listed too, as `StandAlone`.
    pub connections: Vec<Connection>,
    /// Configuration (`res_opts`) not interpreted here; `drbdsetup show` prints it.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::options"))]
    pub options: Vec<Attribute>,
    /// State this version of the library doesn't know.
    pub unknown: Vec<Attribute>,
}

/// A volume of a resource on this node: `/dev/drbdMINOR`.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Device {
    /// Number of the volume in its resource. `None` from `/proc/drbd`.
    pub volume: Option<u32>,
    /// Number of the block device.
    pub minor: u32,
    /// State of this node's copy.
    pub disk: DiskState,
    /// Diskless on purpose: a client. DRBD 9.
    pub client: Option<bool>,
    /// Enough peers are there to be allowed to write. DRBD 9; true where quorum is off.
    pub quorum: Option<bool>,
    /// Some process or file system holds the device open. DRBD 9, since June 2024.
    pub open: Option<bool>,
    /// The backing device; `None` when diskless.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::path"))]
    pub backing_dev: Option<PathBuf>,
    /// The device that holds the meta data; the backing device itself if they are internal.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::path"))]
    pub meta_dev: Option<PathBuf>,
    /// Size of the volume.
    pub size: Option<Bytes>,
    /// Read from the backing device.
    pub read: Option<Bytes>,
    /// Written to the backing device.
    pub written: Option<Bytes>,
    /// Updates of the activity log.
    pub al_writes: Option<u64>,
    /// Updates of the bitmap.
    pub bm_writes: Option<u64>,
    /// Requests from above (a file system) not finished yet.
    pub upper_pending: Option<u32>,
    /// Requests to the backing device not finished yet.
    pub lower_pending: Option<u32>,
    /// Requests from above have to wait, as when I/O is suspended.
    pub upper_blocked: Option<bool>,
    /// The backing device is congested.
    pub lower_blocked: Option<bool>,
    /// The activity log isn't being updated.
    pub al_suspended: Option<bool>,
    /// Generation of the data last shown to users; tells a diskless node which data it may attach.
    pub exposed_uuid: Option<Generation>,
    /// Generation of the data; 0 without a disk.
    pub current_uuid: Option<Generation>,
    /// Former generations, newest first, without the zeros. 8.4 hands out four at most.
    pub history_uuids: Vec<Generation>,
    /// What the meta data say of the disk.
    pub meta_data_flags: Option<MetaDataFlags>,
    /// Configuration (`disk_conf`, `device_conf`) not interpreted here; `drbdsetup show` prints it.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::options"))]
    pub options: Vec<Attribute>,
    /// State this version of the library doesn't know.
    pub unknown: Vec<Attribute>,
}

/// A peer node, as a resource sees it.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Connection {
    /// Its name, most often the peer's host name. DRBD 9.
    pub name: Option<Name>,
    /// The peer's number. DRBD 9.
    pub peer_node_id: Option<u32>,
    /// State of the connection.
    pub state: ConnectionState,
    /// The peer's role.
    pub role: Role,
    /// When a write counts as done. `None` while the network isn't configured, as after `disconnect` on 8.4.
    pub protocol: Option<Protocol>,
    /// The network paths. None while the network isn't configured; on 8.4 exactly one otherwise.
    pub paths: Vec<Path>,
    /// The send buffer is so full that DRBD minds.
    pub congested: Option<bool>,
    /// Writes on their way to the peer. DRBD 9.
    pub ap_in_flight: Option<Bytes>,
    /// Resync data on its way to the peer. DRBD 9.
    pub rs_in_flight: Option<Bytes>,
    /// What each volume has with this peer, in the order of volumes.
    pub peer_devices: Vec<PeerDevice>,
    /// Configuration (`net_conf`) not interpreted here; `drbdsetup show` prints it. The shared secret, which the
    /// kernel hands to root, is never kept.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::options"))]
    pub options: Vec<Attribute>,
    /// State this version of the library doesn't know.
    pub unknown: Vec<Attribute>,
}

/// A volume between this node and one peer: how the two copies stand to each other.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PeerDevice {
    /// Number of the volume in its resource. `None` from `/proc/drbd`.
    pub volume: Option<u32>,
    /// What happens between the two copies.
    pub replication: ReplicationState,
    /// State of the peer's copy.
    pub disk: DiskState,
    /// The peer is diskless on purpose, as far as it said so: a client. DRBD 9.
    pub client: Option<bool>,
    /// Why resync waits, if it does.
    pub resync_suspended: ResyncSuspended,
    /// Received from the peer. 8.4 counts in 32 bits of sectors: it wraps at 2 TiB.
    pub received: Option<Bytes>,
    /// Sent to the peer. Wraps as [`Self::received`].
    pub sent: Option<Bytes>,
    /// What the two copies are known to differ in.
    pub out_of_sync: Option<Bytes>,
    /// Requests sent that the peer hasn't answered.
    pub pending: Option<u32>,
    /// Requests of the peer that aren't answered yet.
    pub unacked: Option<u32>,
    /// What could not be brought up to date, for errors.
    pub resync_failed: Option<Bytes>,
    /// Generation the bitmap is based on; 0 if none.
    pub bitmap_uuid: Option<Generation>,
    /// What the meta data say of this peer's copy.
    pub flags: Option<PeerDeviceFlags>,
    /// What the peer said with its generations. DRBD 9.
    pub uuid_flags: Option<UuidFlags>,
    /// Marks of the running resync or verify, if one is.
    pub resync: Option<Resync>,
    /// Configuration (`peer_device_conf`) not interpreted here; `drbdsetup show` prints it. DRBD 9.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::options"))]
    pub options: Vec<Attribute>,
    /// State this version of the library doesn't know.
    pub unknown: Vec<Attribute>,
}

impl Resource {
    /// Of which nothing is told but this.
    pub(crate) fn of(role: Role) -> Self {
        Self {
            name: None,
            node_id: None,
            role,
            suspended: Suspended::default(),
            fail_io: None,
            write_ordering: None,
            devices: Vec::new(),
            connections: Vec::new(),
            options: Vec::new(),
            unknown: Vec::new(),
        }
    }

    /// The peer device of every connection that belongs to `device`, with its connection.
    pub fn peers_of<'a>(&'a self, device: &'a Device) -> impl Iterator<Item = (&'a Connection, &'a PeerDevice)> {
        self.connections.iter().flat_map(move |connection| {
            let of_volume = connection.peer_devices.iter().filter(move |peer| peer.volume == device.volume);
            of_volume.map(move |peer| (connection, peer))
        })
    }
}

impl Device {
    /// Of which nothing is told but this.
    pub(crate) fn of(minor: u32, disk: DiskState) -> Self {
        Self {
            volume: None,
            minor,
            disk,
            client: None,
            quorum: None,
            open: None,
            backing_dev: None,
            meta_dev: None,
            size: None,
            read: None,
            written: None,
            al_writes: None,
            bm_writes: None,
            upper_pending: None,
            lower_pending: None,
            upper_blocked: None,
            lower_blocked: None,
            al_suspended: None,
            exposed_uuid: None,
            current_uuid: None,
            history_uuids: Vec::new(),
            meta_data_flags: None,
            options: Vec::new(),
            unknown: Vec::new(),
        }
    }
}

impl Connection {
    /// Of which nothing is told but this.
    pub(crate) fn of(state: ConnectionState, role: Role) -> Self {
        Self {
            name: None,
            peer_node_id: None,
            state,
            role,
            protocol: None,
            paths: Vec::new(),
            congested: None,
            ap_in_flight: None,
            rs_in_flight: None,
            peer_devices: Vec::new(),
            options: Vec::new(),
            unknown: Vec::new(),
        }
    }

    /// What to call the peer: its name; or `node N`; or, on 8.4, its address; or, without network, `peer`.
    pub fn peer_label(&self) -> String {
        match (&self.name, self.peer_node_id, self.paths.first().map(|path| &path.peer)) {
            (Some(name), _, _) => name.to_string(),
            (None, Some(node), _) => format!("node {node}"),
            (None, None, Some(Address::Ip(address))) => address.to_string(),
            (None, None, Some(address)) => address.to_string(),
            (None, None, None) => "peer".to_owned(),
        }
    }
}

impl PeerDevice {
    /// Of which nothing is told but this.
    pub(crate) fn of(replication: ReplicationState, disk: DiskState) -> Self {
        Self {
            volume: None,
            replication,
            disk,
            client: None,
            resync_suspended: ResyncSuspended::default(),
            received: None,
            sent: None,
            out_of_sync: None,
            pending: None,
            unacked: None,
            resync_failed: None,
            bitmap_uuid: None,
            flags: None,
            uuid_flags: None,
            resync: None,
            options: Vec::new(),
            unknown: Vec::new(),
        }
    }

    /// How far a running resync or verify is; `None` if there is none or the source doesn't tell.
    ///
    /// 8.4 tells of a verify in `/proc/drbd` only.
    pub fn progress(&self) -> Option<Progress> {
        Progress::of(self)
    }
}
