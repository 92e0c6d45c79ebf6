//! One message of the kernel's: bytes and a state in, changes out. No I/O.

use super::configuration::{touches_configuration, without_network};
use super::difference;
use super::update::{Change, Peer, Why};
use crate::error::Error;
use crate::netlink::decoder::{NO_ERROR, split_header};
use crate::netlink::dialect::{self, Dialect, nest};
use crate::netlink::frame::Message;
use crate::netlink::nest::Nest;
use crate::netlink::objects::{self, Context};
use crate::resource::{Connection, Device, PeerDevice, Resource};
use crate::state::ConnectionState;
use crate::status::{Source, Status, UnknownMessage};
use crate::value::{Attribute, Name};

const DESTROY: u32 = 3;
const RENAME: u32 = 6;
/// The bit in an action that says that more messages of the same change follow.
const CONTINUES: u32 = 0x8000;
const OBJECT: &str = "of the group events";

/// A message as it was received.
pub(crate) struct Event {
    pub(crate) sequence: u32,
    pub(crate) command: u8,
    action: u32,
    body: Vec<u8>,
}

/// What a message did.
#[derive(Default)]
pub(crate) struct Effect {
    pub(crate) changes: Vec<Change>,
    /// Configuration, of which events don't tell, may have changed with it.
    pub(crate) configuration: bool,
}

impl Event {
    pub(crate) fn parse(message: &Message<'_>) -> Result<Self, Error> {
        let (_, ret_code, attributes) = split_header(message.body)
            .ok_or_else(|| Error::malformed(OBJECT, format!("{} bytes hold no drbd_genlmsghdr", message.body.len())))?;
        if ret_code != NO_ERROR {
            return Err(Error::malformed(OBJECT, format!("DRBD error {ret_code}")));
        }
        let mut notification =
            Nest::parse(OBJECT, None, attributes)?.nest(nest::NOTIFICATION, "notification_header")?;
        let action = notification.u32(1)?.unwrap_or_default();
        let body = message.body.to_vec();
        Ok(Self { sequence: message.sequence, command: message.command, action, body })
    }

    /// More messages of the same change follow.
    pub(crate) fn continues(&self) -> bool {
        self.action & CONTINUES != 0
    }

    /// It tells of something that isn't a state, so that no snapshot has it.
    pub(crate) fn is_news(&self) -> bool {
        !matches!(
            self.command,
            dialect::EVENT
                | dialect::RESOURCE_STATE
                | dialect::DEVICE_STATE
                | dialect::CONNECTION_STATE
                | dialect::PEER_DEVICE_STATE
                | dialect::PATH_STATE
        )
    }

    /// Does to `status` what the message tells, and gives the changes.
    pub(crate) fn apply(&self, dialect: &'static Dialect, status: &mut Status) -> Result<Effect, Why> {
        let malformed = |error: Error| Why::Malformed(error.to_string());
        let (minor, _, attributes) = split_header(&self.body).unwrap_or((None, 0, &[]));
        let mut message = Nest::parse(OBJECT, None, attributes).map_err(malformed)?;
        message.take(nest::REPLY);
        let mut notification = message.nest(nest::NOTIFICATION, "notification_header").map_err(malformed)?;
        notification.take(1);
        let mut context = message.nest(nest::CONTEXT, "cfg_context").map_err(malformed)?;
        let known = Context::parse(&mut context).map_err(malformed)?;
        let mut unknown = notification.rest();
        unknown.extend(context.rest());
        let told = Told { dialect, action: self.action & !CONTINUES, minor, context: known, message, unknown };
        let mut effect = match self.command {
            dialect::RESOURCE_STATE => told.resource(status),
            dialect::DEVICE_STATE => told.device(status),
            dialect::CONNECTION_STATE => told.connection(status),
            dialect::PEER_DEVICE_STATE => told.peer_device(status),
            dialect::PATH_STATE => told.path(status),
            dialect::HELPER => told.helper(),
            dialect::EVENT if dialect.source == Source::NetlinkV1 => told.progress(status),
            command => {
                let attributes = Nest::parse(OBJECT, None, attributes).map_err(malformed)?.rest();
                Ok(Effect::of(Change::Unknown(UnknownMessage { command, minor, attributes })))
            }
        }?;
        for change in &effect.changes {
            change.apply(status);
            effect.configuration |= touches_configuration(change);
        }
        Ok(effect)
    }
}

impl Effect {
    fn of(change: Change) -> Self {
        Self { changes: vec![change], configuration: false }
    }
}

impl From<Error> for Why {
    fn from(error: Error) -> Self {
        Self::Malformed(error.to_string())
    }
}

/// A message taken apart.
struct Told<'a> {
    dialect: &'static Dialect,
    action: u32,
    minor: Option<u32>,
    context: Context,
    message: Nest<'a>,
    unknown: Vec<Attribute>,
}

impl Told<'_> {
    fn name(&self) -> Name {
        self.context.resource.clone()
    }

    fn parent<'a>(&self, status: &'a Status) -> Result<&'a Resource, Why> {
        status.resource(self.context.resource.as_bytes()).ok_or(Why::Orphan)
    }

    fn resource(mut self, status: &Status) -> Result<Effect, Why> {
        let mut effect = Effect::default();
        let old = status.resource(self.context.resource.as_bytes());
        if self.action == DESTROY {
            difference::resource(old, None, &mut effect.changes);
            return Ok(effect);
        }
        if self.action == RENAME {
            const NEW_NAME: u16 = 1;
            let mut rename = self.message.nest(nest::RENAME, "rename_resource_info")?;
            let name = rename.string(NEW_NAME).map(Name::new);
            let name = rename.required(NEW_NAME, name)?;
            // Known by the new name already, it needs none.
            return match (old, status.resource(name.as_bytes())) {
                (Some(_), None) => Ok(Effect::of(Change::Renamed { resource: self.name(), name })),
                (_, Some(_)) => Ok(effect),
                (None, None) => Err(Why::Orphan),
            };
        }
        let mut new = Resource::decode(self.context, self.message, self.unknown)?;
        if let Some(old) = old {
            new.node_id = old.node_id;
            new.options.clone_from(&old.options);
            new.devices.clone_from(&old.devices);
            new.connections.clone_from(&old.connections);
        }
        difference::resource(old, Some(&new), &mut effect.changes);
        Ok(effect)
    }

    fn device(self, status: &Status) -> Result<Effect, Why> {
        let name = self.name();
        let mut effect = Effect::default();
        if self.action == DESTROY && status.resource(name.as_bytes()).is_none() {
            return Ok(effect);
        }
        let old = self.parent(status)?.devices.iter().find(|own| own.volume == self.context.volume);
        if self.action == DESTROY {
            for connection in &self.parent(status)?.connections {
                let of_volume = connection.peer_devices.iter().filter(|own| own.volume == self.context.volume);
                of_volume.for_each(|own| {
                    difference::peer_device(&name, &Peer::of(connection), Some(own), None, &mut effect.changes);
                });
            }
            difference::device(&name, old, None, &mut effect.changes);
            return Ok(effect);
        }
        let mut new = Device::decode(self.dialect, &self.context, self.minor, self.message, self.unknown)?;
        if let Some(old) = old {
            new.options.clone_from(&old.options);
            new.meta_dev.clone_from(&old.meta_dev);
            if self.dialect.source == Source::NetlinkV1 {
                new.backing_dev.clone_from(&old.backing_dev);
            }
        }
        difference::device(&name, old, Some(&new), &mut effect.changes);
        Ok(effect)
    }

    fn connection(self, status: &Status) -> Result<Effect, Why> {
        let name = self.name();
        let mut effect = Effect::default();
        if self.action == DESTROY && status.resource(name.as_bytes()).is_none() {
            return Ok(effect);
        }
        let old = self.parent(status)?.connections.iter().find(|own| self.context.is_of(own));
        if self.action == DESTROY {
            let mut left = old.cloned().filter(|_| self.dialect.source == Source::NetlinkV1);
            left.iter_mut().for_each(without_network);
            difference::connection(&name, old, left.as_ref(), &mut effect.changes);
            return Ok(effect);
        }
        let mut new = Connection::decode(self.context, self.message, self.unknown)?;
        if let Some(old) = old {
            new.protocol.clone_from(&old.protocol);
            new.options.clone_from(&old.options);
            new.peer_devices.clone_from(&old.peer_devices);
            if self.dialect.source == Source::NetlinkV2 {
                new.paths.clone_from(&old.paths);
            }
        }
        if self.dialect.source == Source::NetlinkV1 && new.state == ConnectionState::StandAlone {
            without_network(&mut new);
        }
        difference::connection(&name, old, Some(&new), &mut effect.changes);
        Ok(effect)
    }

    fn peer_device(self, status: &Status) -> Result<Effect, Why> {
        let name = self.name();
        let mut effect = Effect::default();
        let gone = self.action == DESTROY;
        let connection = match self.parent(status).map(|own| own.connections.iter().find(|own| self.context.is_of(own)))
        {
            Ok(Some(connection)) => connection,
            _ if gone => return Ok(effect),
            _ => return Err(Why::Orphan),
        };
        let peer = Peer::of(connection);
        // See `without_network`; what goes with its volume goes with the volume's message.
        let volume_is_there = self.parent(status)?.devices.iter().any(|own| own.volume == self.context.volume);
        let old = connection.peer_devices.iter().find(|own| own.volume == self.context.volume);
        if gone && self.dialect.source == Source::NetlinkV1 && volume_is_there {
            return Ok(effect);
        }
        if gone {
            difference::peer_device(&name, &peer, old, None, &mut effect.changes);
            return Ok(effect);
        }
        let mut new = PeerDevice::decode(self.dialect, &self.context, self.message, self.unknown)?;
        if let Some(old) = old {
            new.options.clone_from(&old.options);
            // 8.4 tells of a resync's total elsewhere.
            if self.dialect.source == Source::NetlinkV1 && new.replication.is_resync() {
                new.resync.clone_from(&old.resync);
            }
        }
        difference::peer_device(&name, &peer, old, Some(&new), &mut effect.changes);
        Ok(effect)
    }

    fn path(self, status: &Status) -> Result<Effect, Why> {
        let name = self.name();
        let mut effect = Effect::default();
        let gone = self.action == DESTROY;
        let old = match self.parent(status).map(|own| own.connections.iter().find(|own| self.context.is_of(own))) {
            Ok(Some(connection)) => connection,
            _ if gone => return Ok(effect),
            _ => return Err(Why::Orphan),
        };
        let mut new = old.clone();
        if gone {
            let is = |own: &crate::Path| {
                Some(&own.local) == self.context.local.as_ref() && Some(&own.peer) == self.context.peer.as_ref()
            };
            new.paths.retain(|own| !is(own));
        } else {
            objects::path(&mut new, &self.context, self.message, self.unknown)?;
        }
        difference::connection(&name, Some(old), Some(&new), &mut effect.changes);
        Ok(effect)
    }

    fn helper(mut self) -> Result<Effect, Why> {
        const RESPONSE: u32 = 5;
        let mut helper = self.message.nest(nest::HELPER, "drbd_helper_info")?;
        let name = helper.string(1).map(Name::new);
        let name = helper.required(1, name)?;
        let status = helper.u32(2)?.filter(|_| self.action == RESPONSE);
        let status = status.map(|status| i32::from_ne_bytes(status.to_ne_bytes()));
        let peer = Peer { node_id: self.context.peer_node_id, name: self.context.connection_name.clone() };
        Ok(Effect::of(Change::Helper { resource: self.name(), minor: self.minor, peer, name, status }))
    }

    /// 8.4's older report tells how far a resync is, every three seconds; all else in it comes with the newer ones.
    fn progress(mut self, status: &Status) -> Result<Effect, Why> {
        const REASON: u16 = 1;
        const SYNC_PROGRESS: u32 = 5;
        const BITS_OUT_OF_SYNC: u16 = 10;
        const BITS_FAILED: u16 = 12;
        let mut effect = Effect::default();
        let mut info = self.message.nest(nest::STATE_INFO, "state_info")?;
        let Some(resource) = status.resource(self.context.resource.as_bytes()) else { return Ok(effect) };
        let (Some(SYNC_PROGRESS), Some(connection)) = (info.u32(REASON)?, resource.connections.first()) else {
            return Ok(effect);
        };
        let Some(old) = connection.peer_devices.iter().find(|own| own.volume == self.context.volume) else {
            return Ok(effect);
        };
        let mut new = old.clone();
        new.out_of_sync = info.u64(BITS_OUT_OF_SYNC)?.and_then(objects::of_bits).or(new.out_of_sync);
        new.resync_failed = info.u64(BITS_FAILED)?.and_then(objects::of_bits).or(new.resync_failed);
        objects::legacy_resync(&mut new, &mut info)?;
        difference::peer_device(&self.name(), &Peer::of(connection), Some(old), Some(&new), &mut effect.changes);
        Ok(effect)
    }
}
