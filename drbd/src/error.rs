//! What can go wrong, and what to do about it.

use std::io;

/// Why DRBD's state could not be read. Never is a partial answer given instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The kernel has no DRBD: neither the netlink family `drbd` nor `/proc/drbd` is there.
    #[error("DRBD is not loaded on this machine (no netlink family \"drbd\", no /proc/drbd); `modprobe drbd` loads it")]
    NotLoaded,

    /// DRBD is loaded, but this network namespace has no netlink family `drbd`.
    ///
    /// DRBD 8.4 answers in the initial network namespace only. [`Status::read`](crate::Status::read) reads
    /// `/proc/drbd` then; [`netlink::read`](crate::netlink::read) gives this error.
    #[error(
        "DRBD is loaded, but this network namespace has no netlink family \"drbd\": DRBD 8.4 answers in the initial \
         namespace only; run there (`nsenter -t 1 -n`) or read /proc/drbd"
    )]
    Hidden,

    /// The family `drbd` has a version whose numbers are not known here.
    #[error("netlink family \"drbd\" has version {version}; this library knows 1 (DRBD 8.4) and 2 (DRBD 9)")]
    UnknownVersion {
        /// The version the kernel gave.
        version: u32,
    },

    /// Things changed while the kernel listed them (`NLM_F_DUMP_INTR`), again and again.
    #[error("DRBD's state kept changing while it was read ({attempts} attempts); try again")]
    Interrupted {
        /// How often reading was tried.
        attempts: u32,
    },

    /// The kernel dropped or cut a part of its answer, again and again (`ENOBUFS`, or an end without `NLMSG_DONE`).
    #[error("the kernel dropped a part of its answer ({what}); the machine may be short of memory, try again")]
    Lost {
        /// What was seen.
        what: &'static str,
    },

    /// The kernel refused the request.
    #[error("the kernel refused the netlink request {command}: {source}")]
    Refused {
        /// Which request.
        command: &'static str,
        /// The kernel's reason.
        source: io::Error,
    },

    /// A message breaks the rules of its format.
    #[error("malformed netlink message, {object}: {rule}")]
    Malformed {
        /// Which part of which message.
        object: String,
        /// The rule it breaks.
        rule: String,
    },

    /// A text reads as nothing DRBD or its tools ever wrote.
    #[error("{place}: {rule}")]
    Text {
        /// Which text, and where in it: a line, counted from 1, or an object.
        place: String,
        /// The rule it breaks.
        rule: String,
    },

    /// A system call failed.
    #[error("{call}: {source}")]
    Io {
        /// The call and its object.
        call: &'static str,
        /// The kernel's reason.
        source: io::Error,
    },
}

impl Error {
    /// The kernel's error number, where there is one.
    pub fn raw_os_error(&self) -> Option<i32> {
        match self {
            Self::Refused { source, .. } | Self::Io { source, .. } => source.raw_os_error(),
            _ => None,
        }
    }

    pub(crate) fn text(place: impl Into<String>, rule: impl Into<String>) -> Self {
        Self::Text { place: place.into(), rule: rule.into() }
    }

    pub(crate) fn malformed(object: impl Into<String>, rule: impl Into<String>) -> Self {
        Self::Malformed { object: object.into(), rule: rule.into() }
    }
}
