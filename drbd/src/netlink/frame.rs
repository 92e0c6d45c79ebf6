//! Netlink framing: requests out, datagrams taken apart.

use std::io;

use netlink_packet_core::{
    DoneBuffer, Emitable, ErrorBuffer, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NetlinkBuffer, NetlinkHeader,
    NetlinkMessage, NetlinkPayload,
};
use netlink_packet_generic::{GenlFamily, GenlHeader, GenlMessage};

use crate::error::Error;

const NLMSG_NOOP: u16 = 1;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const NLMSG_OVERRUN: u16 = 4;
/// `nlmsghdr`.
pub(crate) const NETLINK_HEADER: usize = 16;
/// `genlmsghdr`.
pub(crate) const GENERIC_HEADER: usize = 4;

/// A message of a datagram.
pub(crate) enum Frame<'a> {
    /// A generic netlink message.
    Message(Message<'a>),
    /// The dump is complete.
    Done,
}

/// A generic netlink message: what follows its headers.
pub(crate) struct Message<'a> {
    /// Number of the family it is of.
    pub(crate) family: u16,
    pub(crate) sequence: u32,
    pub(crate) command: u8,
    pub(crate) body: &'a [u8],
}

/// Takes a datagram apart. What the kernel refuses, drops or interrupts is an error; `request` names it.
pub(crate) fn frames<'a>(datagram: &'a [u8], request: &'static str) -> Result<Vec<Frame<'a>>, Error> {
    if datagram.is_empty() {
        return Err(Error::malformed(request, "an empty datagram"));
    }
    let mut frames = Vec::new();
    let mut rest = datagram;
    while !rest.is_empty() {
        let buffer = NetlinkBuffer::new_checked(rest).map_err(|error| Error::malformed(request, error.to_string()))?;
        let length = usize::try_from(buffer.length()).unwrap_or(usize::MAX);
        let payload = rest.get(NETLINK_HEADER..length).unwrap_or_default();
        if buffer.flags() & NLM_F_DUMP_INTR != 0 {
            return Err(Error::Interrupted { attempts: 1 });
        }
        match buffer.message_type() {
            NLMSG_NOOP => {}
            NLMSG_OVERRUN => return Err(Error::Lost { what: "NLMSG_OVERRUN" }),
            NLMSG_ERROR => {
                let error =
                    ErrorBuffer::new_checked(payload).map_err(|error| Error::malformed(request, error.to_string()))?;
                refused(request, error.code().map_or(0, std::num::NonZeroI32::get))?;
            }
            NLMSG_DONE => {
                // Old kernels end a dump without a code.
                if !payload.is_empty() {
                    let done = DoneBuffer::new_checked(payload)
                        .map_err(|error| Error::malformed(request, error.to_string()))?;
                    refused(request, done.code())?;
                }
                frames.push(Frame::Done);
            }
            family => {
                let header =
                    GenlHeader::parse(payload).map_err(|error| Error::malformed(request, error.to_string()))?;
                let body = payload.get(GENERIC_HEADER..).unwrap_or_default();
                let sequence = buffer.sequence_number();
                frames.push(Frame::Message(Message { family, sequence, command: header.cmd, body }));
            }
        }
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(frames)
}

/// Errors are negative error numbers; 0 is none.
fn refused(command: &'static str, code: i32) -> Result<(), Error> {
    match code {
        0 => Ok(()),
        code => Err(Error::Refused { command, source: io::Error::from_raw_os_error(code.saturating_abs()) }),
    }
}

/// The bytes of a request for a generic netlink family: for one answer, or for a dump.
pub(crate) fn request<F>(payload: F, family: u16, sequence: u32, dump: bool) -> Vec<u8>
where
    F: GenlFamily + Emitable + std::fmt::Debug,
{
    let mut message = GenlMessage::from_payload(payload);
    message.set_resolved_family_id(family);
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_REQUEST | if dump { NLM_F_DUMP } else { 0 };
    header.sequence_number = sequence;
    let mut message = NetlinkMessage::new(header, NetlinkPayload::from(message));
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    bytes
}

/// The request for a dump of the family `drbd`: no filter, about no minor.
#[derive(Debug)]
pub(crate) struct Dump {
    pub(crate) command: u8,
    pub(crate) version: u8,
}

/// `drbd_genlmsghdr`: minor, here none; flags, here none.
pub(crate) const DRBD_HEADER: usize = 8;

impl GenlFamily for Dump {
    fn family_name() -> &'static str {
        "drbd"
    }

    fn command(&self) -> u8 {
        self.command
    }

    fn version(&self) -> u8 {
        self.version
    }
}

impl Emitable for Dump {
    fn buffer_len(&self) -> usize {
        DRBD_HEADER
    }

    fn emit(&self, buffer: &mut [u8]) {
        buffer.copy_from_slice(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
    }
}
