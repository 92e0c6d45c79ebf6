//! DRBD over generic netlink: family `drbd`, version 1 (DRBD 8.4) and 2 (DRBD 9).
//!
//! [`read`] asks the kernel; [`Decoder`] turns the bytes of its answers into a [`Status`], and does no I/O.
//!
//! On DRBD 9.3.3 the kernel itself can crash while it answers if a device hangs in attaching or detaching just then
//! (it reads a bitmap that isn't there). No reader can rule that out, `drbdsetup status` neither.

mod decoder;
mod dialect;
mod family;
mod frame;
mod nest;
mod objects;
mod socket;

pub use decoder::Decoder;
#[cfg(feature = "serde")]
pub(crate) use dialect::nest as numbers;
pub use family::Family;

use crate::error::Error;
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

fn attempt() -> Result<Status, Error> {
    let mut socket = Socket::open()?;
    let family = socket.family()?;
    let dialect = Dialect::of(family.version)?;
    let mut decoder = Decoder::new(family.version)?;
    let details = dialect.details.iter().copied().filter(|command| family.has(*command));
    for command in std::iter::once(GET_INITIAL_STATE).chain(details) {
        socket.dump(&family, command, &mut decoder)?;
    }
    let mut status = decoder.finish()?;
    status.version = status::module_version();
    Ok(status)
}
