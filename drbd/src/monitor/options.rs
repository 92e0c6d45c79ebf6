//! How a monitor is opened.

use super::stream::Stream;
use super::tracker::Tracker;
use super::{Monitor, nothing, snapshot};
use crate::error::Error;
use crate::status::Source;

/// How to open a [`Monitor`].
#[derive(Debug, Clone, Default)]
pub struct MonitorOptions {
    buffer: Option<u32>,
    wait_for_module: bool,
}

impl MonitorOptions {
    /// The kernel's receive buffer, and DRBD has to be loaded.
    pub fn new() -> Self {
        Self::default()
    }

    /// `SO_RCVBUF`: how many bytes of events the kernel keeps for a reader that is slow. The kernel doubles it, and
    /// bounds it by `net.core.rmem_max`; an event takes about 1 KiB.
    #[must_use]
    pub fn receive_buffer(mut self, bytes: u32) -> Self {
        self.buffer = Some(bytes);
        self
    }

    /// Opens where DRBD is not loaded, too: nothing is there, until [`Cause::Loaded`](super::Cause::Loaded).
    #[must_use]
    pub fn wait_for_module(mut self) -> Self {
        self.wait_for_module = true;
        self
    }

    /// Joins the group `events`, then takes the snapshot.
    ///
    /// Like `drbdsetup events2`. Needs no capability. DRBD 8.4 or newer.
    ///
    /// # Errors
    ///
    /// As [`netlink::read`](crate::netlink::read); [`Error::Io`] where descriptors are short.
    pub fn open(self) -> Result<Monitor, Error> {
        let mut stream = Stream::open(self.buffer)?;
        let (family, status) = match snapshot(&mut stream) {
            Ok((family, status)) => (Some(family), status),
            Err(Error::NotLoaded) if self.wait_for_module => (None, nothing(Source::NetlinkV1)),
            Err(error) => return Err(error),
        };
        let tracker = Tracker::new(status)?;
        Ok(Monitor { stream, family, tracker, stale: false, waiting_since: None })
    }
}
