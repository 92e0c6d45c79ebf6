//! What the netlink controller says of the family `drbd`.

use netlink_packet_generic::ctrl::nlas::GenlCtrlAttrs;
use netlink_packet_generic::ctrl::{GenlCtrl, GenlCtrlCmd};

use super::frame::{self, Frame};
use super::nest::Nest;
use crate::error::Error;

const REQUEST: &str = "CTRL_CMD_GETFAMILY drbd";
/// The controller's own family.
pub(crate) const CONTROLLER: u16 = 16;

const FAMILY_ID: u16 = 1;
const VERSION: u16 = 3;
const HEADER_SIZE: u16 = 4;
const OPERATIONS: u16 = 6;
const OPERATION_ID: u16 = 1;
const GROUPS: u16 = 7;
const GROUP_NAME: u16 = 1;
const GROUP_ID: u16 = 2;

/// The family `drbd` as this kernel has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Family {
    /// Its number, given out when the module is loaded.
    pub id: u16,
    /// Its version: 1 for DRBD 8.4, 2 for DRBD 9.
    pub version: u32,
    /// Numbers of the commands it takes.
    pub commands: Vec<u32>,
    /// Number of the multicast group `events`, which hears of changes.
    pub events: Option<u32>,
}

impl Family {
    /// Decodes the controller's answer to `CTRL_CMD_GETFAMILY`, one datagram.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with `ENOENT` if the kernel, or this network namespace, has no such family;
    /// [`Error::Malformed`] for anything that isn't an answer.
    pub fn parse(datagram: &[u8]) -> Result<Self, Error> {
        let frames = frame::frames(datagram, REQUEST)?;
        let Some(Frame::Message(message)) = frames.first() else {
            return Err(Error::malformed(REQUEST, "the answer holds no family"));
        };
        let mut family = Nest::parse(REQUEST, None, message.body)?;
        let header_size = family.u32(HEADER_SIZE)?;
        if usize::try_from(family.required(HEADER_SIZE, header_size)?).ok() != Some(frame::DRBD_HEADER) {
            return Err(family.wrong(HEADER_SIZE, format!("is not {}", frame::DRBD_HEADER)));
        }
        let (id, version) = (family.u16(FAMILY_ID)?, family.u32(VERSION)?);
        Ok(Self {
            id: family.required(FAMILY_ID, id)?,
            version: family.required(VERSION, version)?,
            commands: commands(family.take(OPERATIONS).unwrap_or_default())?,
            events: events(family.take(GROUPS).unwrap_or_default())?,
        })
    }

    pub(crate) fn has(&self, command: u8) -> bool {
        self.commands.contains(&command.into())
    }

    pub(crate) fn request(sequence: u32) -> Vec<u8> {
        let attributes = vec![GenlCtrlAttrs::FamilyName("drbd".to_owned())];
        frame::request(GenlCtrl { cmd: GenlCtrlCmd::GetFamily, nlas: attributes }, CONTROLLER, sequence, false)
    }
}

/// A list of nests numbered from 1, each with the number of a command.
fn commands(operations: &[u8]) -> Result<Vec<u32>, Error> {
    const NAME: &str = "CTRL_ATTR_OPS";
    let list = Nest::parse(NAME, Some(OPERATIONS), operations)?;
    let mut commands = Vec::new();
    for operation in list.rest() {
        let mut operation = Nest::parse(NAME, Some(OPERATIONS), &operation.value)?;
        let id = operation.u32(OPERATION_ID)?;
        commands.push(operation.required(OPERATION_ID, id)?);
    }
    Ok(commands)
}

/// The number of the group `events`, from a list of nests, each with a group's name and number.
fn events(groups: &[u8]) -> Result<Option<u32>, Error> {
    const NAME: &str = "CTRL_ATTR_MCAST_GROUPS";
    for group in Nest::parse(NAME, Some(GROUPS), groups)?.rest() {
        let mut group = Nest::parse(NAME, Some(GROUPS), &group.value)?;
        if group.string(GROUP_NAME) == Some(b"events") {
            return group.u32(GROUP_ID);
        }
    }
    Ok(None)
}

/// Whether a message of the controller is about the family `drbd`: that it has come, or gone.
pub(crate) fn is_about_drbd(body: &[u8]) -> Result<bool, Error> {
    const FAMILY_NAME: u16 = 2;
    Ok(Nest::parse("of the netlink controller", None, body)?.string(FAMILY_NAME) == Some(b"drbd"))
}
