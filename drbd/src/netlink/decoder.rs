//! Bytes of the kernel's answers in, a [`Status`] out. No I/O.

use std::collections::HashMap;
use std::io;

use super::dialect::{self, Dialect, nest};
use super::frame::{self, DRBD_HEADER, Frame};
use super::nest::Nest;
use super::objects::{self, Context};
use crate::error::Error;
use crate::resource::{Connection, Device, PeerDevice, Resource};
use crate::status::{Status, UnknownMessage};
use crate::value::{Attribute, Name};

/// Puts a [`Status`] together from the datagrams of several dumps.
///
/// The first dump has to be that of `DRBD_ADM_GET_INITIAL_STATE`: the kernel's snapshot, which says what there is.
/// 8.4's other dumps leave peers without connection out. What the other dumps say of objects the snapshot doesn't
/// have is of a later time, and not taken over.
pub struct Decoder {
    dialect: &'static Dialect,
    request: &'static str,
    sequence: Option<u32>,
    ended: bool,
    complete: bool,
    status: Status,
    /// Where each resource is in it.
    places: HashMap<Name, usize>,
}

/// What a reply says when there is no error; all else is DRBD's own error number.
pub(crate) const NO_ERROR: i32 = 101;

impl Decoder {
    /// For the answers of the family `drbd` of that version.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownVersion`] for versions other than 1 and 2: their numbers could mean something else.
    pub fn new(version: u32) -> Result<Self, Error> {
        let dialect = Dialect::of(version)?;
        Ok(Self {
            dialect,
            request: dialect::command_name(0),
            sequence: None,
            ended: true,
            complete: false,
            status: Status::empty(dialect.source),
            places: HashMap::new(),
        })
    }

    /// Adds to a state that is there already.
    pub(crate) fn resume(version: u32, status: Status) -> Result<Self, Error> {
        let names = status.resources.iter().enumerate().filter_map(|(at, own)| Some((own.name.clone()?, at)));
        Ok(Self { complete: true, places: names.collect(), status, ..Self::new(version)? })
    }

    /// From here on, every datagram answers this request.
    pub(crate) fn expect(&mut self, command: u8, sequence: u32) {
        self.request = dialect::command_name(command);
        self.sequence = Some(sequence);
    }

    /// Takes one datagram; true if the dump ends with it.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] for bytes the kernel never sends; [`Error::Refused`], [`Error::Interrupted`] and
    /// [`Error::Lost`] for an answer that says so itself.
    pub fn datagram(&mut self, bytes: &[u8]) -> Result<bool, Error> {
        self.ended = false;
        for frame in frame::frames(bytes, self.request)? {
            match frame {
                Frame::Done => self.ended = true,
                Frame::Message(message) => {
                    if self.sequence.is_some_and(|sequence| sequence != message.sequence) {
                        return Err(Error::malformed(self.request, "an answer to another request"));
                    }
                    self.message(message.command, message.body)?;
                }
            }
        }
        Ok(self.ended)
    }

    /// The state, if the answers were complete.
    ///
    /// # Errors
    ///
    /// [`Error::Lost`] if a dump has no end.
    pub fn finish(mut self) -> Result<Status, Error> {
        if !self.complete {
            return Err(Error::Lost { what: "no DRBD_INITIAL_STATE_DONE" });
        }
        if !self.ended {
            return Err(Error::Lost { what: "no NLMSG_DONE" });
        }
        self.status.sort();
        Ok(self.status)
    }

    fn message(&mut self, command: u8, body: &[u8]) -> Result<(), Error> {
        let (minor, ret_code, attributes) = split_header(body)
            .ok_or_else(|| Error::malformed(self.request, format!("{} bytes hold no drbd_genlmsghdr", body.len())))?;
        if ret_code != NO_ERROR {
            let source = io::Error::other(format!("DRBD error {ret_code}"));
            return Err(Error::Refused { command: self.request, source });
        }
        let mut message = Nest::parse(self.request, None, attributes)?;
        // An answer's ret_code once more, in words. Nothing to tell, if it isn't an error.
        message.take(nest::REPLY);
        let mut unknown = message.nest(nest::NOTIFICATION, "notification_header")?;
        unknown.take(1);
        let mut context = message.nest(nest::CONTEXT, "cfg_context")?;
        let known = Context::parse(&mut context)?;
        let mut unknown = unknown.rest();
        unknown.extend(context.rest());
        match command {
            dialect::INITIAL_STATE_DONE => {
                self.complete = true;
                Ok(())
            }
            dialect::RESOURCE_STATE => self.resource(known, message, unknown),
            dialect::DEVICE_STATE => self.device(&known, minor, message, unknown),
            dialect::CONNECTION_STATE => self.connection(known, message, unknown),
            dialect::PEER_DEVICE_STATE => self.peer_device(&known, message, unknown),
            dialect::PATH_STATE | dialect::GET_PATHS => self.path(&known, message, unknown),
            dialect::GET_STATUS
            | dialect::GET_RESOURCES
            | dialect::GET_DEVICES
            | dialect::GET_CONNECTIONS
            | dialect::GET_PEER_DEVICES => self.details(&known, message, unknown),
            command => {
                let attributes = Nest::parse(self.request, None, attributes)?.rest();
                self.status.unknown.push(UnknownMessage { command, minor, attributes });
                Ok(())
            }
        }
    }

    fn resource(&mut self, context: Context, message: Nest<'_>, unknown: Vec<Attribute>) -> Result<(), Error> {
        if self.places.insert(context.resource.clone(), self.status.resources.len()).is_some() {
            return Err(Error::malformed("resource", format!("{} is there twice", context.resource)));
        }
        self.status.resources.push(Resource::decode(context, message, unknown)?);
        Ok(())
    }

    fn device(
        &mut self,
        context: &Context,
        minor: Option<u32>,
        message: Nest<'_>,
        unknown: Vec<Attribute>,
    ) -> Result<(), Error> {
        let dialect = self.dialect;
        let parent = self.parent(context, "device")?;
        let device = Device::decode(dialect, context, minor, message, unknown)?;
        if parent.devices.iter().any(|other| other.volume == device.volume) {
            return Err(Error::malformed("device", format!("{context} is there twice")));
        }
        parent.devices.push(device);
        Ok(())
    }

    fn connection(&mut self, context: Context, message: Nest<'_>, unknown: Vec<Attribute>) -> Result<(), Error> {
        let parent = self.parent(&context, "connection")?;
        if parent.connections.iter().any(|other| context.is_of(other)) {
            return Err(Error::malformed("connection", format!("{context} is there twice")));
        }
        parent.connections.push(Connection::decode(context, message, unknown)?);
        Ok(())
    }

    fn peer_device(&mut self, context: &Context, message: Nest<'_>, unknown: Vec<Attribute>) -> Result<(), Error> {
        let dialect = self.dialect;
        let parent = self.parent(context, "peer device")?;
        let connection = parent.connections.iter_mut().find(|connection| context.is_of(connection));
        let connection = connection
            .ok_or_else(|| Error::malformed("peer device", format!("{context} is of no connection named before")))?;
        let peer = PeerDevice::decode(dialect, context, message, unknown)?;
        if connection.peer_devices.iter().any(|other| other.volume == peer.volume) {
            return Err(Error::malformed("peer device", format!("{context} is there twice")));
        }
        connection.peer_devices.push(peer);
        Ok(())
    }

    fn path(&mut self, context: &Context, message: Nest<'_>, unknown: Vec<Attribute>) -> Result<(), Error> {
        let Some(connection) = self.find(context).and_then(|resource| context.connection(resource)) else {
            return Ok(());
        };
        objects::path(connection, context, message, unknown)
    }

    fn details(&mut self, context: &Context, message: Nest<'_>, unknown: Vec<Attribute>) -> Result<(), Error> {
        match self.find(context) {
            Some(resource) => objects::details(resource, context, message, unknown),
            None => Ok(()),
        }
    }

    fn find(&mut self, context: &Context) -> Option<&mut Resource> {
        self.status.resources.get_mut(*self.places.get(&context.resource)?)
    }

    fn parent(&mut self, context: &Context, object: &'static str) -> Result<&mut Resource, Error> {
        let missing = Error::malformed(object, format!("{context} is of no resource named before"));
        self.find(context).ok_or(missing)
    }
}

/// `drbd_genlmsghdr` and what follows it.
pub(crate) fn split_header(body: &[u8]) -> Option<(Option<u32>, i32, &[u8])> {
    const NO_MINOR: u32 = !0;
    let (minor, rest) = body.split_first_chunk()?;
    let (ret_code, _) = rest.split_first_chunk()?;
    let minor = u32::from_ne_bytes(*minor);
    Some(((minor != NO_MINOR).then_some(minor), i32::from_ne_bytes(*ret_code), body.get(DRBD_HEADER..)?))
}
