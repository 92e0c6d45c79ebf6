//! The states DRBD's objects can be in, by the names `drbdsetup` and `/proc/drbd` print.
//!
//! Every enumeration ends in `Other`, which keeps a value this version doesn't know: newer kernels add states, and a
//! reader that dropped or refused them would answer wrongly.

use std::fmt;

/// A value this version of the library has no name for, kept as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Raw {
    /// A number, from netlink.
    Number(u32),
    /// A word, from `/proc/drbd`.
    Word(String),
}

impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "unknown({number})"),
            Self::Word(word) => f.write_str(word),
        }
    }
}

macro_rules! states {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A value newer than this library.
            Other(Raw),
        }

        impl $name {
            /// The state called `word`; a word with no meaning here is kept as [`Self::Other`].
            pub fn from_word(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    other => Self::Other(Raw::Word(other.to_owned())),
                }
            }

            /// Whether this library knows what the value means.
            pub const fn is_known(&self) -> bool {
                !matches!(self, Self::Other(_))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant => f.pad($word),)+
                    Self::Other(raw) => f.pad(&raw.to_string()),
                }
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )+};
}

states! {
    /// Who may write: the role of a resource on a node. `role:` in `drbdsetup status`, `ro:` in `/proc/drbd`.
    Role {
        /// Not known: there is no connection to that node.
        Unknown = "Unknown",
        /// May be opened for writing on that node.
        Primary = "Primary",
        /// Replicates only.
        Secondary = "Secondary",
    }

    /// State of the connection to a peer: `connection:`; the first half of `cs:` in `/proc/drbd`.
    ConnectionState {
        /// Not configured, or given up: DRBD won't connect by itself. Also after a refused handshake and a split brain.
        StandAlone = "StandAlone",
        /// On the way to [`Self::StandAlone`].
        Disconnecting = "Disconnecting",
        /// On the way to the next try.
        Unconnected = "Unconnected",
        /// The peer didn't answer in time.
        Timeout = "Timeout",
        /// The connection broke while sending.
        BrokenPipe = "BrokenPipe",
        /// The network failed.
        NetworkFailure = "NetworkFailure",
        /// The peer sent something DRBD doesn't understand.
        ProtocolError = "ProtocolError",
        /// The peer is closing the connection.
        TearDown = "TearDown",
        /// Waiting for the peer. `WFConnection` in `/proc/drbd`.
        Connecting = "Connecting",
        /// Connected; on 8.4 also while the handshake lasts (`WFReportParams`), with replication `Off`.
        Connected = "Connected",
    }

    /// What happens with one volume between here and one peer: `replication:`; `cs:` in `/proc/drbd` once connected.
    ReplicationState {
        /// Nothing is replicated: not connected.
        Off = "Off",
        /// Every write goes to the peer. `Connected` in `/proc/drbd`.
        Established = "Established",
        /// A full resync starts, from here.
        StartingSyncS = "StartingSyncS",
        /// A full resync starts, to here.
        StartingSyncT = "StartingSyncT",
        /// The bitmap is being exchanged, to resync from here.
        WfBitMapS = "WFBitMapS",
        /// The bitmap is being exchanged, to resync to here.
        WfBitMapT = "WFBitMapT",
        /// Waiting for a new generation identifier.
        WfSyncUuid = "WFSyncUUID",
        /// Resyncing, from here.
        SyncSource = "SyncSource",
        /// Resyncing, to here: this copy is no good until it ends.
        SyncTarget = "SyncTarget",
        /// Verifying; this side asked for it.
        VerifyS = "VerifyS",
        /// Verifying; the peer asked for it.
        VerifyT = "VerifyT",
        /// Resync from here, paused.
        PausedSyncS = "PausedSyncS",
        /// Resync to here, paused.
        PausedSyncT = "PausedSyncT",
        /// Congested: this side writes on and only notes what the peer lacks.
        Ahead = "Ahead",
        /// Congested: the peer writes on without this side.
        Behind = "Behind",
    }

    /// State of a copy of the data: `disk:` and `peer-disk:`; `ds:` in `/proc/drbd`.
    DiskState {
        /// No backing device.
        Diskless = "Diskless",
        /// Reading its meta data.
        Attaching = "Attaching",
        /// Being detached. DRBD 9.
        Detaching = "Detaching",
        /// The backing device failed.
        Failed = "Failed",
        /// Attached; waiting for what the peer says about the data.
        Negotiating = "Negotiating",
        /// No good: a resync is needed, or under way.
        Inconsistent = "Inconsistent",
        /// Consistent, but older than another copy.
        Outdated = "Outdated",
        /// Not known: no connection to that copy.
        DUnknown = "DUnknown",
        /// Consistent; whether it is the newest can only be told with the peer.
        Consistent = "Consistent",
        /// The good copy.
        UpToDate = "UpToDate",
    }

    /// How write order is kept on the backing device: `write-ordering:`; `wo:` in `/proc/drbd`.
    WriteOrdering {
        /// Not at all: the device must have a safe cache.
        None = "none",
        /// By waiting until the queue is empty.
        Drain = "drain",
        /// By flushes.
        Flush = "flush",
        /// By barriers. 8.3 and older.
        Barrier = "barrier",
    }

    /// When a write counts as done: the letter in `/proc/drbd`, `protocol` in drbd.conf.
    Protocol {
        /// When it is on the local disk and in the send buffer.
        A = "A",
        /// When it is on the local disk and in the peer's memory.
        B = "B",
        /// When it is on both disks.
        C = "C",
    }
}

impl ReplicationState {
    /// Whether blocks are being, or wait to be, brought up to date, in either direction.
    pub const fn is_resync(&self) -> bool {
        matches!(
            self,
            Self::StartingSyncS
                | Self::StartingSyncT
                | Self::WfBitMapS
                | Self::WfBitMapT
                | Self::WfSyncUuid
                | Self::SyncSource
                | Self::SyncTarget
                | Self::PausedSyncS
                | Self::PausedSyncT
        )
    }

    /// Whether, as far as is known, there is neither a resync nor a verify.
    pub(crate) const fn is_idle(&self) -> bool {
        matches!(self, Self::Off | Self::Established | Self::Ahead | Self::Behind)
    }

    /// Whether the two copies are being compared.
    pub const fn is_verify(&self) -> bool {
        matches!(self, Self::VerifyS | Self::VerifyT)
    }
}
