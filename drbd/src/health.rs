//! Is my data safe? A verdict with its reasons.
//!
//! Severities are those of monitoring plugins. What counts, for each resource:
//!
//! | critical | warning |
//! |---|---|
//! | I/O suspended or made to fail, quorum lost | a peer can't be reached, or there is none |
//! | no good copy can be reached | this node's or a peer's copy isn't good, or is being made good |
//! | this node's disk failed or is gone | the copies differ though both count as good (found by a verify) |
//! | a peer was given up (`StandAlone`, as after a split brain) | this side or the peer runs ahead, congested |
//! | a resync could not read or write everything | nothing is there to replicate |
//!
//! A state newer than this library is unknown, and so is a machine where nothing is configured. A running verify, a
//! diskless client and a Secondary are as they should be.

use std::fmt;

use crate::progress::Progress;
use crate::resource::{Connection, Device, PeerDevice, Resource};
use crate::state::{ConnectionState, DiskState, ReplicationState};
use crate::status::Status;
use crate::suspension::{ResyncSuspended, Suspended};
use crate::value::{Bytes, Name};

/// How bad it is, in the order in which one outweighs the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
pub enum Severity {
    /// As it should be.
    Ok,
    /// Can't be told.
    Unknown,
    /// Should be looked at: the data are there, but less safe than they should be.
    Warning,
    /// Must be looked at now.
    Critical,
}

impl Severity {
    /// The exit code of a monitoring plugin.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Warning => 1,
            Self::Critical => 2,
            Self::Unknown => 3,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "OK",
            Self::Unknown => "UNKNOWN",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
        })
    }
}

/// What is the matter.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Reason {
    /// DRBD is loaded, but has no resource.
    NothingConfigured,
    /// I/O is suspended.
    Suspended(Suspended),
    /// I/O is made to fail.
    FailIo,
    /// Too few peers to be allowed to write.
    QuorumLost,
    /// Neither here nor on a connected peer is a good copy.
    NoGoodCopy(DiskState),
    /// This node has no disk, though it should, or its disk failed.
    NoDisk(DiskState),
    /// This node's copy isn't good, and not being made good.
    NotUpToDate(DiskState),
    /// The peer was given up: DRBD won't connect by itself.
    StandAlone,
    /// The peer can't be reached.
    NotConnected(ConnectionState),
    /// The resource has no peer.
    NoPeer,
    /// The resource has no volume.
    NoDevice,
    /// A resync is running or waiting.
    Resync {
        /// Its direction and state.
        replication: ReplicationState,
        /// Why it waits, if it does.
        suspended: ResyncSuspended,
        /// How far it is.
        progress: Option<Progress>,
    },
    /// One side writes without the other: [`ReplicationState::Ahead`] or [`ReplicationState::Behind`].
    Congested(ReplicationState),
    /// The peer's copy isn't good.
    PeerDisk(DiskState),
    /// The copies differ in that much, though both count as good.
    OutOfSync(Bytes),
    /// A resync left that much out.
    ResyncFailed(Bytes),
    /// A state this library doesn't know.
    UnknownState(String),
}

impl Reason {
    /// How bad it is.
    pub const fn severity(&self) -> Severity {
        match self {
            Self::Suspended(_)
            | Self::FailIo
            | Self::QuorumLost
            | Self::NoGoodCopy(_)
            | Self::NoDisk(_)
            | Self::StandAlone
            | Self::ResyncFailed(_) => Severity::Critical,
            Self::NotUpToDate(_)
            | Self::NotConnected(_)
            | Self::NoPeer
            | Self::NoDevice
            | Self::Resync { .. }
            | Self::Congested(_)
            | Self::PeerDisk(_)
            | Self::OutOfSync(_) => Severity::Warning,
            Self::NothingConfigured | Self::UnknownState(_) => Severity::Unknown,
        }
    }
}

impl Reason {
    /// What an administrator would do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NothingConfigured => "bring the resources up: `drbdadm up all`",
            Self::Suspended(Suspended { no_data: true, .. }) => {
                "bring back a peer with good data, or attach this node's disk; I/O goes on by itself then"
            }
            Self::Suspended(Suspended { quorum: true, .. }) => {
                "bring back peers until there is quorum; I/O goes on by itself then"
            }
            Self::Suspended(Suspended { fencing: true, .. }) => {
                "see in the kernel's log what the handler `fence-peer` said; when the peer certainly is down: `drbdadm resume-io`"
            }
            Self::Suspended(_) => "`drbdadm resume-io`, if nobody has a reason to keep it suspended",
            Self::FailIo => "end whatever holds the device open: I/O is possible again when nothing does",
            Self::QuorumLost => "bring back peers until there is quorum",
            Self::NoGoodCopy(_) => {
                "bring back a peer with a good copy; only if there is none for certain: `drbdadm primary --force` here, which \
                 declares this copy to be the good one"
            }
            Self::NoDisk(_) => {
                "look at the disk and the kernel's log; then `drbdadm attach`, after `drbdadm create-md` if the disk is a new one"
            }
            Self::NotUpToDate(_) => "connect it with the peer that has the newer data",
            Self::StandAlone => {
                "the kernel's log says why. After a split brain: compare both nodes, decide whose changes are to be lost, there \
                 `drbdadm connect --discard-my-data`, then `drbdadm connect` on the other; else `drbdadm connect`"
            }
            Self::NotConnected(_) => "see whether the peer is up and reached from here, and has the resource up",
            Self::NoPeer => "configure a peer, or do without DRBD",
            Self::NoDevice => "configure a volume",
            Self::Resync { suspended: ResyncSuspended { user: true, .. }, .. } => "`drbdadm resume-sync`",
            Self::Resync { suspended: ResyncSuspended { peer: true, .. }, .. } => {
                "`drbdadm resume-sync` on the peer, or wait for what it waits for"
            }
            Self::Resync { .. } => "wait for its end; until then the copy that is resynced to is no good",
            Self::Congested(_) => {
                "the network or the peer's disk is too slow for what is written; it resyncs by itself afterwards"
            }
            Self::PeerDisk(_) => "look at the disk on the peer",
            Self::OutOfSync(_) => {
                "`drbdadm disconnect` and `drbdadm connect` resync what differs; find out what changed it: memory, a disk, or a \
                 program that changes buffers while they are written"
            }
            Self::ResyncFailed(_) => {
                "look for errors of the disks in the kernel's log of both nodes; replace the one that has them"
            }
            Self::UnknownState(_) => "use a newer version of this program",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingConfigured => f.write_str("DRBD is loaded, but no resource is configured"),
            Self::Suspended(Suspended { untold: true, .. }) => f.write_str("I/O is suspended"),
            Self::Suspended(why) => write!(f, "I/O is suspended ({why})"),
            Self::FailIo => f.write_str("I/O is made to fail"),
            Self::QuorumLost => f.write_str("quorum is lost"),
            Self::NoGoodCopy(disk) => write!(f, "no good copy of the data within reach, this one is {disk}"),
            Self::NoDisk(disk) => write!(f, "this node is without its disk ({disk})"),
            Self::NotUpToDate(disk) => write!(f, "this node's copy is {disk}"),
            Self::StandAlone => {
                f.write_str("StandAlone: won't connect by itself (disconnected, refused or split brain)")
            }
            Self::NotConnected(state) => write!(f, "not connected ({state})"),
            Self::NoPeer => f.write_str("no peer is configured"),
            Self::NoDevice => f.write_str("no volume is configured"),
            Self::Resync { replication, suspended, progress } => {
                write!(f, "{replication}")?;
                if let Some(progress) = progress {
                    write!(f, ", {progress}")?;
                }
                if suspended.any() {
                    write!(f, ", waiting ({suspended})")?;
                }
                Ok(())
            }
            Self::Congested(replication) => write!(f, "{replication}: congested, the peer isn't getting every write"),
            Self::PeerDisk(disk) => write!(f, "the peer's copy is {disk}"),
            Self::OutOfSync(amount) => write!(f, "both copies count as good, but differ in {amount}"),
            Self::ResyncFailed(amount) => write!(f, "{amount} could not be resynced"),
            Self::UnknownState(what) => write!(f, "{what} is a state this program doesn't know"),
        }
    }
}

/// A reason, with the object it is about. Displayed in one line.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Name of the resource.
    pub resource: Option<Name>,
    /// Number of the block device, if it is about one.
    pub minor: Option<u32>,
    /// The peer, if it is about one: [`Connection::peer_label`].
    pub peer: Option<String>,
    /// What is the matter.
    pub reason: Reason,
}

impl Finding {
    /// What it is about: `home /dev/drbd0 to bravo`; empty if about DRBD as a whole.
    #[must_use]
    pub fn about(&self) -> String {
        let resource = self.resource.as_ref().map(ToString::to_string);
        let minor = self.minor.map(|minor| format!("/dev/drbd{minor}"));
        let peer = self.peer.as_ref().map(|peer| format!("to {peer}"));
        let object: Vec<String> = [resource, minor, peer].into_iter().flatten().collect();
        object.join(" ")
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = self.about();
        if !about.is_empty() {
            write!(f, "{about}: ")?;
        }
        write!(f, "{}", self.reason)
    }
}

/// How it stands, and why.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Verdict {
    /// The worst of the findings; [`Severity::Ok`] if there are none.
    pub severity: Severity,
    /// What is the matter, worst first.
    pub findings: Vec<Finding>,
}

impl Verdict {
    fn new(mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        Self { severity: findings.first().map_or(Severity::Ok, |finding| finding.severity), findings }
    }
}

/// The verdict on one resource.
pub fn assess(resource: &Resource) -> Verdict {
    Verdict::new(findings(resource))
}

/// The verdict on everything.
pub fn assess_all(status: &Status) -> Verdict {
    if status.resources.is_empty() {
        let reason = Reason::NothingConfigured;
        let nothing = Finding { severity: reason.severity(), resource: None, minor: None, peer: None, reason };
        return Verdict::new(vec![nothing]);
    }
    Verdict::new(status.resources.iter().flat_map(findings).collect())
}

fn findings(resource: &Resource) -> Vec<Finding> {
    let mut findings = Vec::new();
    // Without a name, the minor says which resource it is.
    let only = resource.devices.first().filter(|_| resource.name.is_none()).map(|device| device.minor);
    let mut add = |minor: Option<u32>, peer: Option<&Connection>, reason: Reason| {
        let minor = minor.or(only);
        let (resource, peer) = (resource.name.clone(), peer.map(Connection::peer_label));
        findings.push(Finding { severity: reason.severity(), resource, minor, peer, reason });
    };
    if resource.suspended.any() {
        add(None, None, Reason::Suspended(resource.suspended));
    }
    if resource.fail_io == Some(true) {
        add(None, None, Reason::FailIo);
    }
    if !resource.role.is_known() {
        add(None, None, Reason::UnknownState(format!("role {}", resource.role)));
    }
    if resource.devices.is_empty() {
        add(None, None, Reason::NoDevice);
    }
    if resource.connections.is_empty() {
        add(None, None, Reason::NoPeer);
    }
    for connection in &resource.connections {
        match &connection.state {
            ConnectionState::Connected => {}
            ConnectionState::StandAlone => add(None, Some(connection), Reason::StandAlone),
            ConnectionState::Other(raw) => {
                add(None, Some(connection), Reason::UnknownState(format!("connection {raw}")));
            }
            state => add(None, Some(connection), Reason::NotConnected(state.clone())),
        }
    }
    for device in &resource.devices {
        for reason in of_device(resource, device) {
            add(Some(device.minor), None, reason);
        }
        for (connection, peer) in resource.peers_of(device) {
            for reason in of_peer(device, connection, peer) {
                add(Some(device.minor), Some(connection), reason);
            }
        }
    }
    findings
}

fn of_device(resource: &Resource, device: &Device) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if device.quorum == Some(false) {
        reasons.push(Reason::QuorumLost);
    }
    if !device.disk.is_known() {
        reasons.push(Reason::UnknownState(format!("disk {}", device.disk)));
        return reasons;
    }
    let reachable = |connection: &Connection| connection.state == ConnectionState::Connected;
    // A peer's state that isn't known may be a good one: that is told, but not called the loss of every copy.
    let good_peer = resource.peers_of(device).any(|(connection, peer)| {
        reachable(connection) && matches!(peer.disk, DiskState::UpToDate | DiskState::Other(_))
    });
    let being_made_good = resource
        .peers_of(device)
        .any(|(_, peer)| peer.replication.is_resync() || matches!(peer.replication, ReplicationState::Behind));
    match &device.disk {
        DiskState::UpToDate => {}
        disk if !good_peer => reasons.push(Reason::NoGoodCopy(disk.clone())),
        DiskState::Diskless if device.client == Some(true) => {}
        disk @ (DiskState::Diskless | DiskState::Failed) => reasons.push(Reason::NoDisk(disk.clone())),
        _ if being_made_good => {}
        disk => reasons.push(Reason::NotUpToDate(disk.clone())),
    }
    reasons
}

fn of_peer(device: &Device, connection: &Connection, peer: &PeerDevice) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if let Some(failed) = peer.resync_failed.filter(|failed| failed.0 > 0) {
        reasons.push(Reason::ResyncFailed(failed));
    }
    if connection.state != ConnectionState::Connected {
        return reasons;
    }
    let replication = &peer.replication;
    let both_good = device.disk == DiskState::UpToDate && peer.disk == DiskState::UpToDate;
    match replication {
        replication if replication.is_resync() => reasons.push(Reason::Resync {
            replication: replication.clone(),
            suspended: peer.resync_suspended,
            progress: peer.progress(),
        }),
        ReplicationState::Ahead | ReplicationState::Behind => reasons.push(Reason::Congested(replication.clone())),
        ReplicationState::Other(raw) => reasons.push(Reason::UnknownState(format!("replication {raw}"))),
        ReplicationState::Established if both_good => {
            reasons.extend(peer.out_of_sync.filter(|amount| amount.0 > 0).map(Reason::OutOfSync));
        }
        _ => {}
    }
    match &peer.disk {
        DiskState::UpToDate => {}
        DiskState::Diskless if peer.client == Some(true) => {}
        DiskState::Other(raw) => reasons.push(Reason::UnknownState(format!("peer disk {raw}"))),
        // Said already, by what is being done about it.
        _ if replication.is_resync() || matches!(replication, ReplicationState::Ahead) => {}
        disk => reasons.push(Reason::PeerDisk(disk.clone())),
    }
    reasons
}
