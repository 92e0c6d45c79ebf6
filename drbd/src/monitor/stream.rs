//! The socket that hears of changes, and the one descriptor to wait for.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use netlink_sys::{Socket, protocols::NETLINK_GENERIC};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

use crate::error::Error;

/// Number of the controller's group `notify`, the same on every kernel.
const CONTROLLER_GROUP: u32 = 16;

/// A socket in the groups, and a timer, behind one descriptor.
pub(crate) struct Stream {
    socket: Socket,
    timer: TimerFd,
    both: Epoll,
    group: Option<u32>,
}

/// What came.
pub(crate) enum Received {
    Datagram(Vec<u8>),
    /// The kernel had to drop messages: `ENOBUFS`.
    Overrun,
    Nothing,
}

impl Stream {
    /// Hears of families that come and go; of changes after [`Self::join`].
    pub(crate) fn open(buffer: Option<u32>) -> Result<Self, Error> {
        let failed = |call| move |source: io::Error| Error::Io { call, source };
        let mut socket = Socket::new(NETLINK_GENERIC).map_err(failed("socket(AF_NETLINK, NETLINK_GENERIC)"))?;
        if let Some(bytes) = buffer {
            // The option takes an int.
            let bytes = i32::try_from(bytes).unwrap_or(i32::MAX);
            socket.set_rx_buf_sz(bytes).map_err(failed("setsockopt(SO_RCVBUF)"))?;
        }
        socket.bind_auto().map_err(failed("bind(AF_NETLINK)"))?;
        socket.set_non_blocking(true).map_err(failed("ioctl(FIONBIO)"))?;
        socket.add_membership(CONTROLLER_GROUP).map_err(failed("setsockopt(NETLINK_ADD_MEMBERSHIP)"))?;
        let failed = |call| move |error: nix::Error| Error::Io { call, source: error.into() };
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_CLOEXEC | TimerFlags::TFD_NONBLOCK);
        let timer = timer.map_err(failed("timerfd_create"))?;
        let both = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC).map_err(failed("epoll_create1"))?;
        let readable = |data| EpollEvent::new(EpollFlags::EPOLLIN, data);
        both.add(&socket, readable(0)).map_err(failed("epoll_ctl"))?;
        both.add(&timer, readable(1)).map_err(failed("epoll_ctl"))?;
        Ok(Self { socket, timer, both, group: None })
    }

    /// Joins that group, and leaves the one joined before.
    pub(crate) fn join(&mut self, group: Option<u32>) -> Result<(), Error> {
        if self.group == group {
            return Ok(());
        }
        if let Some(old) = self.group.take() {
            // The kernel may have given its number away or taken all out of it.
            let _ = self.socket.drop_membership(old);
        }
        if let Some(new) = group {
            let joined = self.socket.add_membership(new);
            joined.map_err(|source| Error::Io { call: "setsockopt(NETLINK_ADD_MEMBERSHIP)", source })?;
        }
        self.group = group;
        Ok(())
    }

    pub(crate) fn receive(&self) -> Result<Received, Error> {
        loop {
            match self.socket.recv_from_full() {
                Ok((datagram, sender)) if sender.port_number() == 0 => return Ok(Received::Datagram(datagram)),
                // Not from the kernel.
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Received::Nothing),
                Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => return Ok(Received::Overrun),
                Err(source) => return Err(Error::Io { call: "recvfrom(AF_NETLINK)", source }),
            }
        }
    }

    /// Makes the descriptor readable after that time; `None`: not by time.
    pub(crate) fn wake(&self, after: Option<Duration>) -> Result<(), Error> {
        let set = match after {
            Some(after) => self.timer.set(Expiration::OneShot(after.into()), TimerSetTimeFlags::empty()),
            None => self.timer.unset(),
        };
        set.map_err(|error| Error::Io { call: "timerfd_settime", source: error.into() })
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.both.0.as_fd()
    }
}
