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
    retry(attempt)
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
