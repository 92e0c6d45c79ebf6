//! What events don't tell of: configuration, and what 8.4 makes without a word.

use super::update::{Change, Peer};
use crate::resource::Connection;
use crate::state::{ConnectionState, DiskState, Role};
use crate::status::{Source, Status};

/// 8.4 calls a connection destroyed when it has lost its network configuration. Its snapshot still lists it, and so
/// does the model, as it lists one that never had any.
pub(super) fn without_network(connection: &mut Connection) {
    connection.state = ConnectionState::StandAlone;
    connection.role = Role::Unknown;
    connection.protocol = None;
    connection.paths.clear();
    connection.options.clear();
}

/// The state without what the dumps of configuration say anew.
pub(super) fn without_configuration(status: &Status) -> Status {
    let mut status = status.clone();
    let legacy = status.source == Source::NetlinkV1;
    for resource in &mut status.resources {
        resource.options.clear();
        for device in &mut resource.devices {
            device.options.clear();
            device.meta_dev = None;
            if legacy {
                device.backing_dev = None;
            }
        }
        for connection in &mut resource.connections {
            connection.options.clear();
            connection.protocol = None;
            if !legacy {
                connection.paths.clear();
            }
            for peer in &mut connection.peer_devices {
                peer.options.clear();
                if legacy {
                    peer.resync = None;
                }
            }
        }
    }
    status
}

/// Takes over connections and peer devices that only `fresh` has, of resources and volumes that both have.
pub(super) fn adopt(status: &mut Status, fresh: &Status) {
    for resource in &mut status.resources {
        let Some(told) = fresh.resources.iter().find(|own| own.name == resource.name) else { continue };
        for connection in &told.connections {
            let Some(known) = resource.connections.iter_mut().find(|own| Peer::of(connection).is(own)) else {
                resource.connections.push(connection.clone());
                continue;
            };
            for peer in &connection.peer_devices {
                let is_new = !known.peer_devices.iter().any(|own| own.volume == peer.volume);
                if is_new && resource.devices.iter().any(|own| own.volume == peer.volume) {
                    known.peer_devices.push(peer.clone());
                }
            }
        }
    }
}

/// On 8.4, configuration can be read of a connection that is just losing it.
pub(super) fn as_the_kernel_lists(status: &mut Status) {
    if status.source == Source::NetlinkV1 {
        let connections = status.resources.iter_mut().flat_map(|own| &mut own.connections);
        connections.filter(|own| own.state == ConnectionState::StandAlone).for_each(without_network);
    }
}

/// Whether configuration may have changed with it: something was made, attached, detached, connected or given up, or a
/// resync began, whose total 8.4 tells with the configuration.
pub(super) fn touches_configuration(change: &Change) -> bool {
    match change {
        Change::Resource { old, new, .. } => old.is_none() && new.is_some(),
        Change::Device { old, new: Some(new), .. } => {
            let had = old.as_ref().is_some_and(|own| own.disk != DiskState::Diskless);
            let attaching = old.as_ref().is_some_and(|own| own.disk == DiskState::Attaching);
            had != (new.disk != DiskState::Diskless) || old.is_none() || attaching && new.disk != DiskState::Attaching
        }
        Change::Connection { old, new: Some(new), .. } => old.as_ref().is_none_or(|old| {
            old.paths != new.paths
                || (old.state == ConnectionState::StandAlone) != (new.state == ConnectionState::StandAlone)
        }),
        Change::PeerDevice { old, new: Some(new), .. } => {
            old.as_ref().is_none_or(|old| new.replication.is_resync() && old.replication != new.replication)
        }
        _ => false,
    }
}
