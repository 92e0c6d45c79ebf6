//! Two states in, the changes that lead from one to the other out.

use super::update::{Change, Peer};
use crate::resource::{Connection, Device, PeerDevice, Resource};
use crate::status::Status;
use crate::value::Name;

/// The changes that lead from one state to the other: what is gone from the bottom up, what is new from the top down.
pub fn difference(old: &Status, new: &Status) -> Vec<Change> {
    let mut changes = Vec::new();
    for was in &old.resources {
        if !new.resources.iter().any(|is| is.name == was.name) {
            resource(Some(was), None, &mut changes);
        }
    }
    for is in &new.resources {
        resource(old.resources.iter().find(|was| was.name == is.name), Some(is), &mut changes);
    }
    changes
}

/// A resource with all that is in it.
pub(crate) fn resource(old: Option<&Resource>, new: Option<&Resource>, changes: &mut Vec<Change>) {
    let Some(name) = old.or(new).and_then(|own| own.name.clone()) else { return };
    let (old_devices, new_devices) = (list(old, |own| &own.devices), list(new, |own| &own.devices));
    let (old_peers, new_peers) = (list(old, |own| &own.connections), list(new, |own| &own.connections));
    for was in old_peers.iter().filter(|was| !new_peers.iter().any(|is| Peer::of(was).is(is))) {
        connection(&name, Some(was), None, changes);
    }
    for was in old_devices.iter().filter(|was| !new_devices.iter().any(|is| is.volume == was.volume)) {
        device(&name, Some(was), None, changes);
    }
    let (was, is) = (old.map(bare_resource), new.map(bare_resource));
    if was != is {
        let (old, new) = (was.map(Box::new), is.map(Box::new));
        changes.push(Change::Resource { resource: name.clone(), old, new });
    }
    for is in new_devices {
        device(&name, old_devices.iter().find(|was| is.volume == was.volume), Some(is), changes);
    }
    for is in new_peers {
        connection(&name, old_peers.iter().find(|was| Peer::of(is).is(was)), Some(is), changes);
    }
}

pub(crate) fn device(resource: &Name, old: Option<&Device>, new: Option<&Device>, changes: &mut Vec<Change>) {
    if old != new {
        let (old, new) = (old.cloned().map(Box::new), new.cloned().map(Box::new));
        changes.push(Change::Device { resource: resource.clone(), old, new });
    }
}

/// A connection with all that is in it.
pub(crate) fn connection(
    resource: &Name,
    old: Option<&Connection>,
    new: Option<&Connection>,
    changes: &mut Vec<Change>,
) {
    let Some(peer) = old.or(new).map(Peer::of) else { return };
    let (old_peers, new_peers) = (list(old, |own| &own.peer_devices), list(new, |own| &own.peer_devices));
    for was in old_peers.iter().filter(|was| !new_peers.iter().any(|is| is.volume == was.volume)) {
        peer_device(resource, &peer, Some(was), None, changes);
    }
    let (was, is) = (old.map(bare_connection), new.map(bare_connection));
    if was != is {
        let (old, new) = (was.map(Box::new), is.map(Box::new));
        changes.push(Change::Connection { resource: resource.clone(), old, new });
    }
    for is in new_peers {
        peer_device(resource, &peer, old_peers.iter().find(|was| is.volume == was.volume), Some(is), changes);
    }
}

pub(crate) fn peer_device(
    resource: &Name,
    peer: &Peer,
    old: Option<&PeerDevice>,
    new: Option<&PeerDevice>,
    changes: &mut Vec<Change>,
) {
    if old != new {
        let (old, new) = (old.cloned().map(Box::new), new.cloned().map(Box::new));
        changes.push(Change::PeerDevice { resource: resource.clone(), peer: peer.clone(), old, new });
    }
}

fn list<T, U>(of: Option<&T>, which: impl Fn(&T) -> &Vec<U>) -> &[U] {
    of.map_or(&[], |own| which(own))
}

fn bare_resource(own: &Resource) -> Resource {
    Resource {
        name: own.name.clone(),
        node_id: own.node_id,
        role: own.role.clone(),
        suspended: own.suspended,
        fail_io: own.fail_io,
        write_ordering: own.write_ordering.clone(),
        devices: Vec::new(),
        connections: Vec::new(),
        options: own.options.clone(),
        unknown: own.unknown.clone(),
    }
}

fn bare_connection(own: &Connection) -> Connection {
    Connection {
        name: own.name.clone(),
        peer_node_id: own.peer_node_id,
        state: own.state.clone(),
        role: own.role.clone(),
        protocol: own.protocol.clone(),
        paths: own.paths.clone(),
        congested: own.congested,
        ap_in_flight: own.ap_in_flight,
        rs_in_flight: own.rs_in_flight,
        peer_devices: Vec::new(),
        options: own.options.clone(),
        unknown: own.unknown.clone(),
    }
}
