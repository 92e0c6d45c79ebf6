//! The netlink socket: one request, all of its answer.

use std::io;

use netlink_sys::{SocketAddr, protocols::NETLINK_GENERIC};

use super::decoder::Decoder;
use super::family::Family;
use super::frame::{self, Dump};
use crate::error::Error;
use crate::status;

/// A socket, opened close-on-exec.
pub(crate) struct Socket {
    socket: netlink_sys::Socket,
    sequence: u32,
}

impl Socket {
    pub(crate) fn open() -> Result<Self, Error> {
        let mut socket = netlink_sys::Socket::new(NETLINK_GENERIC)
            .map_err(|source| Error::Io { call: "socket(AF_NETLINK, NETLINK_GENERIC)", source })?;
        socket.bind_auto().map_err(|source| Error::Io { call: "bind(AF_NETLINK)", source })?;
        // The kernel answers within send(2), and goes on with a dump within recv(2): there never is anything to wait
        // for. An answer without end is an error then, not a hang.
        socket.set_non_blocking(true).map_err(|source| Error::Io { call: "ioctl(FIONBIO)", source })?;
        Ok(Self { socket, sequence: 0 })
    }

    /// Asks the controller for the family `drbd`.
    pub(crate) fn family(&mut self) -> Result<Family, Error> {
        self.sequence += 1;
        self.send(&Family::request(self.sequence))?;
        match Family::parse(&self.receive()?) {
            Err(Error::Refused { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Err(if status::is_loaded() { Error::Hidden } else { Error::NotLoaded })
            }
            answer => answer,
        }
    }

    /// Feeds everything `command` dumps to the decoder, and then hands it over.
    pub(crate) fn dump(
        &mut self,
        family: &Family,
        command: u8,
        decoder: &mut Decoder,
        heard: &mut dyn FnMut(u8, Vec<u8>),
    ) -> Result<(), Error> {
        self.sequence += 1;
        let version = u8::try_from(family.version).map_err(|_| Error::UnknownVersion { version: family.version })?;
        decoder.expect(command, self.sequence);
        self.send(&frame::request(Dump { command, version }, family.id, self.sequence, true))?;
        loop {
            let datagram = self.receive()?;
            let ended = decoder.datagram(&datagram)?;
            heard(command, datagram);
            if ended {
                return Ok(());
            }
        }
    }

    fn send(&self, request: &[u8]) -> Result<(), Error> {
        let sent = self.socket.send_to(request, &SocketAddr::new(0, 0), 0);
        sent.map(drop).map_err(|source| Error::Io { call: "sendto(AF_NETLINK)", source })
    }

    /// One datagram of the kernel's, whole however long it is.
    fn receive(&self) -> Result<Vec<u8>, Error> {
        loop {
            match self.socket.recv_from_full() {
                Ok((datagram, sender)) if sender.port_number() == 0 => return Ok(datagram),
                // Not from the kernel.
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Err(Error::Lost { what: "no NLMSG_DONE" });
                }
                Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => {
                    return Err(Error::Lost { what: "ENOBUFS" });
                }
                Err(source) => return Err(Error::Io { call: "recvfrom(AF_NETLINK)", source }),
            }
        }
    }
}
