//! Waiting until a resource is as it should be.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use super::Monitor;
use crate::error::Error;
use crate::resource::Resource;
use crate::state::{ConnectionState, DiskState, ReplicationState};
use crate::status::Status;
use crate::value::Name;

/// What is waited for, of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Condition {
    /// Every peer is connected: `drbdadm wait-connect`, which is content with one volume's.
    Connected,
    /// No peer is connected any more.
    Disconnected,
    /// Each volume's copy on this node is good.
    UpToDate,
    /// Every peer is connected, and each copy is good, with nothing left to resync: `drbdadm wait-sync`.
    InSync,
    /// This node may become Primary: [`Promotion::may_promote`](crate::Promotion::may_promote).
    MayPromote,
}

impl Condition {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Connected, Self::Disconnected, Self::UpToDate, Self::InSync, Self::MayPromote];

    /// What it is called on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Disconnected => "disconnected",
            Self::UpToDate => "uptodate",
            Self::InSync => "in-sync",
            Self::MayPromote => "may-promote",
        }
    }

    /// Whether a resource is so. One without volumes, or without peers where it is about these, is not.
    #[must_use]
    pub fn holds(self, resource: &Resource) -> bool {
        self.holds_but_for_counters(resource) && (self != Self::InSync || !differs(resource))
    }

    /// The same as far as events tell, which they don't of counters.
    fn holds_but_for_counters(self, resource: &Resource) -> bool {
        let connected = |state: &ConnectionState| *state == ConnectionState::Connected;
        let devices = &resource.devices;
        match self {
            Self::Connected => {
                let mut peers = resource.connections.iter();
                // While the handshake lasts 8.4 has the connection, and nothing that is replicated.
                let replicating = |own: &crate::Connection| {
                    own.peer_devices.iter().all(|peer| peer.replication != ReplicationState::Off)
                };
                !resource.connections.is_empty() && peers.all(|own| connected(&own.state) && replicating(own))
            }
            Self::Disconnected => !resource.connections.iter().any(|own| connected(&own.state)),
            Self::UpToDate => !devices.is_empty() && devices.iter().all(|own| own.disk == DiskState::UpToDate),
            Self::InSync => {
                let mut peers = resource.connections.iter().flat_map(|own| &own.peer_devices);
                Self::Connected.holds(resource)
                    && Self::UpToDate.holds(resource)
                    && peers.all(|peer| {
                        peer.replication == ReplicationState::Established
                            && (peer.disk == DiskState::UpToDate
                                || peer.disk == DiskState::Diskless && peer.client == Some(true))
                    })
            }
            Self::MayPromote => resource.promotion().may_promote,
        }
    }

    /// Whether all of these resources are there and so; all that there are, if none is named, of which there has to be one.
    #[must_use]
    pub fn holds_for(self, status: &Status, names: &[Name]) -> bool {
        all(status, names, |own| self.holds(own))
    }
}

fn all(status: &Status, names: &[Name], holds: impl Fn(&Resource) -> bool) -> bool {
    if names.is_empty() {
        return !status.resources.is_empty() && status.resources.iter().all(holds);
    }
    names.iter().all(|name| status.resource(name.as_bytes()).is_some_and(&holds))
}

/// Whether copies are known to differ.
fn differs(resource: &Resource) -> bool {
    let mut peers = resource.connections.iter().flat_map(|own| &own.peer_devices);
    peers.any(|peer| peer.out_of_sync.is_some_and(|amount| amount.0 > 0))
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|own| own.name() == word).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|own| own.name()).collect();
            format!("one of {}", names.join(", "))
        })
    }
}

/// Counters come without events: how often they are read while only they are in the way.
const COUNTERS: Duration = Duration::from_secs(1);

impl Monitor {
    /// Waits until the resources are so: those of these names, which need not be there yet, or all of them. False where
    /// they are not within that time; [`Monitor::status`] is the last that was seen.
    ///
    /// Resources that come and go, lost messages and a reloaded module make no difference. A connection that is
    /// `StandAlone` does not connect by itself, but somebody may have it connect: it is waited for.
    ///
    /// # Errors
    ///
    /// As [`Monitor::next`].
    pub fn wait_until(
        &mut self,
        condition: Condition,
        names: &[Name],
        timeout: Option<Duration>,
    ) -> Result<bool, Error> {
        let begun = Instant::now();
        loop {
            if condition.holds_for(self.status(), names) {
                return Ok(true);
            }
            let left = timeout.map(|timeout| timeout.saturating_sub(begun.elapsed()));
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(false);
            }
            let counts = all(self.status(), names, |own| condition.holds_but_for_counters(own));
            let next = match (left, counts) {
                (left, false) => left,
                (left, true) => Some(left.map_or(COUNTERS, |left| left.min(COUNTERS))),
            };
            if self.next(next)?.is_none() && counts {
                self.refresh();
            }
        }
    }
}
