//! The state as it is, and every change of it, without a gap between them.
//!
//! ```no_run
//! use drbd::monitor::{Cause, Monitor};
//!
//! let mut monitor = Monitor::open()?;
//! println!("{:?}", monitor.status());
//! while let Some(update) = monitor.next(None)? {
//!     if let Cause::Lost(lost) = &update.cause {
//!         println!("some changes went unseen: {lost:?}");
//!     }
//!     for change in &update.changes {
//!         println!("{change:?}");
//!     }
//! }
//! # Ok::<(), drbd::Error>(())
//! ```
//!
//! [`Monitor::status`] is the state after the last [`Update`]. States follow the kernel's events; counters are those of
//! the last event about their object, and [`Monitor::refresh`] reads them all. The kernel tells of a state a little
//! after it came about: right after a snapshot, events that are still on their way can take a state back for a moment.
//!
//! Nothing is polled for, and nothing waited for in vain: where messages are lost (the receive buffer was full, a
//! number is missing) the next update is [`Cause::Lost`] with the difference to a fresh snapshot. A module that is
//! unloaded and loaded again is told of, and followed. In an event loop, wait for the monitor's descriptor to be
//! readable, then call [`Monitor::try_next`] until it gives `None`; the program `drbd_tokio` does that with tokio.
//! [`Tracker`] is the same for recorded messages, without I/O.

mod configuration;
mod difference;
mod event;
mod options;
mod stream;
mod tracker;
mod update;
mod waiting;

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

pub use difference::difference;
pub use options::MonitorOptions;
pub use tracker::Tracker;
pub use update::{Cause, Change, Lost, Peer, Update, Why};
pub use waiting::Condition;

use crate::error::Error;
use crate::netlink;
use crate::netlink::family::{CONTROLLER, Family, is_about_drbd};
use crate::netlink::frame::{self, Frame};
use crate::status::{Source, Status};
use stream::{Received, Stream};

/// How long to wait for a message that others have overtaken, or that ends a change.
const PATIENCE: Duration = Duration::from_millis(500);
/// When the descriptor becomes readable after an error.
const AGAIN: Duration = Duration::from_secs(1);
/// How many datagrams are looked through for news before a fresh snapshot is taken.
const BACKLOG: usize = 1 << 14;

/// DRBD's state, kept up to date by the kernel's events. Dropping it closes its descriptors.
pub struct Monitor {
    stream: Stream,
    /// `None` while DRBD isn't loaded.
    family: Option<Family>,
    tracker: Tracker,
    /// A fresh snapshot has to be taken, for a reason of its own or for a loss.
    stale: bool,
    waiting_since: Option<Instant>,
}

impl Monitor {
    /// Starts with the state as it is.
    ///
    /// # Errors
    ///
    /// As [`MonitorOptions::open`].
    pub fn open() -> Result<Self, Error> {
        MonitorOptions::new().open()
    }

    /// The state after the last update.
    pub fn status(&self) -> &Status {
        self.tracker.status()
    }

    /// Whether DRBD's module is loaded, as far as updates told.
    pub fn is_loaded(&self) -> bool {
        self.family.is_some()
    }

    /// Has the next update tell of everything that changed without an event: counters, and configuration.
    ///
    /// The snapshot is taken by the call of [`Self::next`] or [`Self::try_next`] that gives the update, which may be
    /// without changes; the descriptor doesn't become readable for it.
    pub fn refresh(&mut self) {
        self.stale = true;
    }

    /// Waits for the next update; `None` if there is none within `timeout`. Without one, it waits for ever.
    ///
    /// # Errors
    ///
    /// As [`netlink::read`], where a fresh snapshot is needed; the next call tries that again.
    pub fn next(&mut self, timeout: Option<Duration>) -> Result<Option<Update>, Error> {
        let start = Instant::now();
        loop {
            if let Some(update) = self.try_next()? {
                return Ok(Some(update));
            }
            let left = match timeout {
                None => PollTimeout::NONE,
                Some(timeout) => {
                    let left = timeout.saturating_sub(start.elapsed());
                    if left.is_zero() {
                        return Ok(None);
                    }
                    // Rounded up, or the last millisecond would be a busy one.
                    PollTimeout::try_from(left.as_millis().saturating_add(1)).unwrap_or(PollTimeout::MAX)
                }
            };
            match poll(&mut [PollFd::new(self.as_fd(), PollFlags::POLLIN)], left) {
                Ok(_) | Err(nix::Error::EINTR) => {}
                Err(error) => return Err(Error::Io { call: "poll", source: error.into() }),
            }
        }
    }

    /// The next update, if there is one already.
    ///
    /// In an event loop: when the descriptor is readable, call this until it gives `None`.
    ///
    /// # Errors
    ///
    /// As [`Self::next`].
    pub fn try_next(&mut self) -> Result<Option<Update>, Error> {
        let next = self.step();
        if next.is_err() {
            // What failed is tried again, though the queue may stay empty.
            self.waiting_since = Some(Instant::now());
            self.stream.wake(Some(AGAIN))?;
        }
        next
    }

    fn step(&mut self) -> Result<Option<Update>, Error> {
        loop {
            if self.stale || self.tracker.lost().is_some() {
                return self.heal().map(Some);
            }
            if let Some(update) = self.tracker.next_update() {
                return Ok(Some(update));
            }
            if self.tracker.lost().is_some() {
                continue;
            }
            match self.stream.receive()? {
                Received::Datagram(datagram) => {
                    if let Some(update) = self.take(&datagram)? {
                        return Ok(Some(update));
                    }
                }
                Received::Overrun => self.tracker.lose(Why::Overrun, None),
                Received::Nothing if self.tracker.configuration => {
                    if let Some(update) = self.configure()? {
                        return Ok(Some(update));
                    }
                }
                Received::Nothing => {
                    if !self.wait()? {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// The queue is empty. True if something was waited for in vain.
    fn wait(&mut self) -> Result<bool, Error> {
        if !self.tracker.is_waiting() {
            if self.waiting_since.take().is_some() {
                self.stream.wake(None)?;
            }
            return Ok(false);
        }
        let since = *self.waiting_since.get_or_insert_with(Instant::now);
        match PATIENCE.checked_sub(since.elapsed()).filter(|left| !left.is_zero()) {
            Some(left) => {
                self.stream.wake(Some(left))?;
                Ok(false)
            }
            None => {
                self.tracker.give_up();
                self.waiting_since = None;
                self.stream.wake(None)?;
                Ok(true)
            }
        }
    }

    /// Takes a datagram; an update if DRBD came or went with it.
    fn take(&mut self, datagram: &[u8]) -> Result<Option<Update>, Error> {
        const NAME: &str = "of the group events";
        let frames = match frame::frames(datagram, NAME) {
            Ok(frames) => frames,
            Err(error) => {
                self.tracker.lose(Why::Malformed(error.to_string()), None);
                return Ok(None);
            }
        };
        for frame in &frames {
            match frame {
                Frame::Message(message) if message.family == CONTROLLER => {
                    if is_about_drbd(message.body)? && self.has_another_family()? {
                        return self.reload().map(Some);
                    }
                }
                Frame::Message(message) if self.family.as_ref().is_some_and(|own| own.id == message.family) => {
                    self.tracker.message(message);
                }
                // Of a module that isn't there any more.
                Frame::Message(_) | Frame::Done => {}
            }
        }
        Ok(None)
    }

    fn has_another_family(&self) -> Result<bool, Error> {
        Ok(self.family != family_now()?)
    }

    /// A fresh snapshot, and what differs in it.
    fn heal(&mut self) -> Result<Update, Error> {
        if self.has_another_family()? {
            return self.reload();
        }
        // What is in the queue is older than the snapshot: of it, only what no snapshot has is of interest.
        for _ in 0..BACKLOG {
            match self.stream.receive()? {
                Received::Datagram(datagram) => {
                    if let Some(update) = self.take(&datagram)? {
                        return Ok(update);
                    }
                }
                Received::Overrun => self.tracker.lose(Why::Overrun, None),
                Received::Nothing => break,
            }
        }
        if self.family.is_none() {
            self.stale = false;
            return Ok(self.tracker.heal(nothing(self.status().source)));
        }
        match netlink::read() {
            Ok(fresh) if fresh.source == self.status().source => {
                self.stale = false;
                Ok(self.tracker.heal(fresh))
            }
            Ok(_) | Err(Error::NotLoaded | Error::Hidden) => self.reload(),
            Err(error) => Err(error),
        }
    }

    /// DRBD came, or went, or did both.
    fn reload(&mut self) -> Result<Update, Error> {
        let source = self.status().source;
        let (family, status, cause) = match snapshot(&mut self.stream) {
            // First it went.
            Ok(_) if self.family.is_some() => (None, nothing(source), Cause::Unloaded),
            Ok((family, status)) => {
                let cause = Cause::Loaded { source: status.source, version: status.version.clone() };
                (Some(family), status, cause)
            }
            Err(Error::NotLoaded | Error::Hidden) => {
                self.stream.join(None)?;
                (None, nothing(source), Cause::Unloaded)
            }
            Err(error) => {
                self.stale = true;
                return Err(error);
            }
        };
        // After "it went" comes "it is there".
        self.stale = family.is_none() && cause == Cause::Unloaded && family_now()?.is_some();
        let changes = difference::difference(self.status(), &status);
        self.tracker = Tracker::new(status)?;
        self.family = family;
        Ok(Update { cause, changes })
    }

    /// Configuration, read again.
    fn configure(&mut self) -> Result<Option<Update>, Error> {
        let mut status = configuration::without_configuration(self.status());
        let configured = match status.source {
            // 8.4 makes a resource's connection, and a volume's part of it, without an event.
            Source::NetlinkV1 => netlink::read().and_then(|fresh| {
                configuration::adopt(&mut status, &fresh);
                netlink::configured(&status)
            }),
            _ => netlink::configured(&status),
        };
        match configured {
            Ok(mut fresh) => {
                configuration::as_the_kernel_lists(&mut fresh);
                Ok(self.tracker.configure(fresh))
            }
            Err(Error::NotLoaded | Error::Hidden) => self.reload().map(Some),
            Err(error) => Err(error),
        }
    }
}

impl AsRawFd for Monitor {
    /// As [`Self::as_fd`].
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

impl AsFd for Monitor {
    /// Readable when [`Self::try_next`] has something to do: an epoll descriptor, only to be waited for.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

/// DRBD's family, if its module is loaded.
fn family_now() -> Result<Option<Family>, Error> {
    match netlink::family() {
        Ok(family) => Ok(Some(family)),
        Err(Error::NotLoaded | Error::Hidden) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Joins the group first: what changes from then on is in the socket's queue.
fn snapshot(stream: &mut Stream) -> Result<(Family, Status), Error> {
    let family = netlink::family()?;
    stream.join(family.events)?;
    Ok((family, netlink::read()?))
}

fn nothing(source: Source) -> Status {
    Status::empty(source)
}
