//! What the versions of the family `drbd` number differently, and how numbers become states.

use crate::error::Error;
use crate::state::{ConnectionState, DiskState, Protocol, Raw, ReplicationState, Role, WriteOrdering};
use crate::status::Source;

/// The dialect of one version of the family.
pub(crate) struct Dialect {
    pub(crate) source: Source,
    disk_states: &'static [DiskState],
    /// The dumps that add to the snapshot: configuration, and what the snapshot leaves out.
    pub(crate) details: &'static [u8],
}

/// DRBD 8.4, in the kernel since 3.3.
static V1: Dialect = Dialect {
    source: Source::NetlinkV1,
    disk_states: &[
        DiskState::Diskless,
        DiskState::Attaching,
        DiskState::Failed,
        DiskState::Negotiating,
        DiskState::Inconsistent,
        DiskState::Outdated,
        DiskState::DUnknown,
        DiskState::Consistent,
        DiskState::UpToDate,
    ],
    // GET_STATUS repeats all of the configuration, and alone has a resync's total.
    details: &[GET_STATUS],
};

/// DRBD 9: put Detaching between the states of a disk.
static V2: Dialect = Dialect {
    source: Source::NetlinkV2,
    disk_states: &[
        DiskState::Diskless,
        DiskState::Attaching,
        DiskState::Detaching,
        DiskState::Failed,
        DiskState::Negotiating,
        DiskState::Inconsistent,
        DiskState::Outdated,
        DiskState::DUnknown,
        DiskState::Consistent,
        DiskState::UpToDate,
    ],
    details: &[GET_RESOURCES, GET_DEVICES, GET_CONNECTIONS, GET_PEER_DEVICES, GET_PATHS],
};

/// DRBD 8.4's older report of changes, with a sequence of its own.
pub(crate) const EVENT: u8 = 1;
pub(crate) const GET_STATUS: u8 = 2;
pub(crate) const GET_RESOURCES: u8 = 30;
pub(crate) const GET_DEVICES: u8 = 31;
pub(crate) const GET_CONNECTIONS: u8 = 32;
pub(crate) const GET_PEER_DEVICES: u8 = 33;
pub(crate) const RESOURCE_STATE: u8 = 34;
pub(crate) const DEVICE_STATE: u8 = 35;
pub(crate) const CONNECTION_STATE: u8 = 36;
pub(crate) const PEER_DEVICE_STATE: u8 = 37;
pub(crate) const GET_INITIAL_STATE: u8 = 38;
pub(crate) const HELPER: u8 = 40;
pub(crate) const INITIAL_STATE_DONE: u8 = 41;
pub(crate) const PATH_STATE: u8 = 48;
/// DRBD 9, since September 2023.
pub(crate) const GET_PATHS: u8 = 50;

/// What `drbd_genl.h` calls the command.
pub(crate) fn command_name(command: u8) -> &'static str {
    match command {
        GET_STATUS => "DRBD_ADM_GET_STATUS",
        GET_RESOURCES => "DRBD_ADM_GET_RESOURCES",
        GET_DEVICES => "DRBD_ADM_GET_DEVICES",
        GET_CONNECTIONS => "DRBD_ADM_GET_CONNECTIONS",
        GET_PEER_DEVICES => "DRBD_ADM_GET_PEER_DEVICES",
        GET_INITIAL_STATE => "DRBD_ADM_GET_INITIAL_STATE",
        GET_PATHS => "DRBD_ADM_GET_PATHS",
        _ => "of the family drbd",
    }
}

/// Numbers of the attributes that hold the others: the first level of a message.
pub(crate) mod nest {
    pub(crate) const REPLY: u16 = 1;
    pub(crate) const CONTEXT: u16 = 2;
    pub(crate) const DISK_CONF: u16 = 3;
    pub(crate) const RES_OPTS: u16 = 4;
    pub(crate) const NET_CONF: u16 = 5;
    pub(crate) const STATE_INFO: u16 = 8;
    pub(crate) const DEVICE_CONF: u16 = 14;
    pub(crate) const RESOURCE_INFO: u16 = 15;
    pub(crate) const DEVICE_INFO: u16 = 16;
    pub(crate) const CONNECTION_INFO: u16 = 17;
    pub(crate) const PEER_DEVICE_INFO: u16 = 18;
    pub(crate) const RESOURCE_STATISTICS: u16 = 19;
    pub(crate) const DEVICE_STATISTICS: u16 = 20;
    pub(crate) const CONNECTION_STATISTICS: u16 = 21;
    pub(crate) const PEER_DEVICE_STATISTICS: u16 = 22;
    pub(crate) const NOTIFICATION: u16 = 23;
    pub(crate) const HELPER: u16 = 24;
    pub(crate) const PEER_DEVICE_CONF: u16 = 27;
    pub(crate) const PATH_PARMS: u16 = 28;
    pub(crate) const PATH_INFO: u16 = 30;
    pub(crate) const RENAME: u16 = 32;
}

impl Dialect {
    pub(crate) fn of(version: u32) -> Result<&'static Self, Error> {
        match version {
            1 => Ok(&V1),
            2 => Ok(&V2),
            version => Err(Error::UnknownVersion { version }),
        }
    }

    pub(crate) fn disk_state(&self, number: u32) -> DiskState {
        named(self.disk_states, 0, number).unwrap_or(DiskState::Other(Raw::Number(number)))
    }
}

pub(crate) fn role(number: u32) -> Role {
    named(&[Role::Unknown, Role::Primary, Role::Secondary], 0, number).unwrap_or(Role::Other(Raw::Number(number)))
}

pub(crate) fn connection_state(number: u32) -> ConnectionState {
    const NAMES: &[ConnectionState] = &[
        ConnectionState::StandAlone,
        ConnectionState::Disconnecting,
        ConnectionState::Unconnected,
        ConnectionState::Timeout,
        ConnectionState::BrokenPipe,
        ConnectionState::NetworkFailure,
        ConnectionState::ProtocolError,
        ConnectionState::TearDown,
        ConnectionState::Connecting,
        ConnectionState::Connected,
    ];
    named(NAMES, 0, number).unwrap_or(ConnectionState::Other(Raw::Number(number)))
}

pub(crate) fn replication_state(number: u32) -> ReplicationState {
    const NAMES: &[ReplicationState] = &[
        ReplicationState::Off,
        ReplicationState::Established,
        ReplicationState::StartingSyncS,
        ReplicationState::StartingSyncT,
        ReplicationState::WfBitMapS,
        ReplicationState::WfBitMapT,
        ReplicationState::WfSyncUuid,
        ReplicationState::SyncSource,
        ReplicationState::SyncTarget,
        ReplicationState::VerifyS,
        ReplicationState::VerifyT,
        ReplicationState::PausedSyncS,
        ReplicationState::PausedSyncT,
        ReplicationState::Ahead,
        ReplicationState::Behind,
    ];
    // They go on where the states of a connection end.
    named(NAMES, 9, number).unwrap_or(ReplicationState::Other(Raw::Number(number)))
}

pub(crate) fn write_ordering(number: u32) -> WriteOrdering {
    const NAMES: &[WriteOrdering] =
        &[WriteOrdering::None, WriteOrdering::Drain, WriteOrdering::Flush, WriteOrdering::Barrier];
    named(NAMES, 0, number).unwrap_or(WriteOrdering::Other(Raw::Number(number)))
}

pub(crate) fn protocol(number: u32) -> Protocol {
    named(&[Protocol::A, Protocol::B, Protocol::C], 1, number).unwrap_or(Protocol::Other(Raw::Number(number)))
}

fn named<T: Clone>(names: &[T], first: usize, number: u32) -> Option<T> {
    let index = usize::try_from(number).ok()?.checked_sub(first)?;
    names.get(index).cloned()
}
