//! DRBD over generic netlink: family `drbd`, version 1 (DRBD 8.4) and 2 (DRBD 9).
//!
//! [`read`] asks the kernel; [`Decoder`] turns the bytes of its answers into a [`Status`], and does no I/O.
//!
//! On DRBD 9.3.3 the kernel itself can crash while it answers if a device hangs in attaching or detaching just then
//! (it reads a bitmap that isn't there). No reader can rule that out, `drbdsetup status` neither.

pub(crate) mod decoder;
pub(crate) mod dialect;
pub(crate) mod family;
pub(crate) mod frame;
pub(crate) mod nest;
pub(crate) mod objects;
pub(crate) mod socket;

pub use decoder::Decoder;
#[cfg(feature = "serde")]
pub(crate) use dialect::nest as numbers;
pub use family::Family;

pub(crate) use dialect::nest::NET_CONF;

use crate::error::Error;
use crate::recording::Dump;
use crate::status::{self, Status};
use dialect::{Dialect, GET_INITIAL_STATE};
use socket::Socket;

/// How often an interrupted dump is taken again.
const ATTEMPTS: u32 = 5;

/// Reads the state of every resource over generic netlink.
///
/// `DRBD_ADM_GET_INITIAL_STATE` and, for configuration, the other dumps; like `drbdsetup status --verbose
/// --statistics`. Needs no capability. DRBD 8.4 or newer.
///
/// # Errors
///
/// As [`Status::read`]; and [`Error::Hidden`] where DRBD is loaded, but its family can't be seen from here.
pub fn read() -> Result<Status, Error> {
    retry(|| attempt(&mut |_, _| {}).map(|(_, status)| status))
}

/// The family's version, and what was dumped to read the state.
pub(crate) fn record() -> Result<(u32, Vec<Dump>), Error> {
    retry(|| {
        let mut dumps: Vec<Dump> = Vec::new();
        let (version, _) = attempt(&mut |command, datagram| match dumps.last_mut() {
            Some(dump) if dump.command == command => dump.datagrams.push(datagram),
            _ => dumps.push(Dump { command, datagrams: vec![datagram] }),
        })?;
        Ok((version, dumps))
    })
}

/// Tries again while the kernel can't give a whole answer, a bounded number of times.
fn retry<T>(mut attempt: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match attempt() {
            Err(Error::Interrupted { .. } | Error::Lost { .. }) if attempts < ATTEMPTS => {}
            Err(Error::Interrupted { .. }) => return Err(Error::Interrupted { attempts }),
            answer => return answer,
        }
    }
}

fn attempt(heard: &mut dyn FnMut(u8, Vec<u8>)) -> Result<(u32, Status), Error> {
    let mut socket = Socket::open()?;
    let family = socket.family()?;
    let mut decoder = Decoder::new(family.version)?;
    socket.dump(&family, GET_INITIAL_STATE, &mut decoder, heard)?;
    details(&mut socket, &family, &mut decoder, heard)?;
    let mut status = decoder.finish()?;
    status.version = status::module_version();
    Ok((family.version, status))
}

/// Everything that adds to the snapshot.
fn details(
    socket: &mut Socket,
    family: &Family,
    decoder: &mut Decoder,
    heard: &mut dyn FnMut(u8, Vec<u8>),
) -> Result<(), Error> {
    let commands = Dialect::of(family.version)?.details;
    let mut commands = commands.iter().filter(|command| family.has(**command));
    commands.try_for_each(|own| socket.dump(family, *own, decoder, heard))
}

/// The family as it is now.
pub(crate) fn family() -> Result<Family, Error> {
    Socket::open()?.family()
}

/// The same state with its configuration asked for again.
pub(crate) fn configured(status: &Status) -> Result<Status, Error> {
    retry(|| {
        let mut socket = Socket::open()?;
        let family = socket.family()?;
        let mut decoder = Decoder::resume(family.version, status.clone())?;
        details(&mut socket, &family, &mut decoder, &mut |_, _| {})?;
        decoder.finish()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of an answer that fails that often before it is whole, and how often it was asked for.
    fn failing(times: u32, error: fn() -> Error) -> (Result<u32, Error>, u32) {
        let mut asked = 0;
        let answer = retry(|| {
            asked += 1;
            if asked <= times { Err(error()) } else { Ok(asked) }
        });
        (answer, asked)
    }

    #[test]
    fn an_answer_with_holes_is_asked_for_again_but_not_for_ever() {
        for error in [|| Error::Interrupted { attempts: 1 }, || Error::Lost { what: "ENOBUFS" }] {
            assert!(matches!(failing(4, error), (Ok(5), 5)));
        }
        assert!(matches!(
            failing(99, || Error::Interrupted { attempts: 1 }),
            (Err(Error::Interrupted { attempts: 5 }), 5)
        ));
        assert!(matches!(failing(99, || Error::Lost { what: "ENOBUFS" }), (Err(Error::Lost { .. }), 5)));
        assert!(matches!(failing(99, || Error::NotLoaded), (Err(Error::NotLoaded), 1)));
    }
}
