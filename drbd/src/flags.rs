//! Bits from the meta data. Bits without a name here are kept and shown.

use bitflags::bitflags;

bitflags! {
    /// What a volume's meta data say of it (`MDF_*`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub struct MetaDataFlags: u32 {
        /// The data are consistent.
        const CONSISTENT = 1 << 0;
        /// This node was primary when last seen up.
        const PRIMARY_IND = 1 << 1;
        /// There was a connection. DRBD 8.4; in DRBD 9 a flag of each peer.
        const CONNECTED_IND = 1 << 2;
        /// A full resync is needed. DRBD 8.4; in DRBD 9 a flag of each peer.
        const FULL_SYNC = 1 << 3;
        /// The data were up to date.
        const WAS_UP_TO_DATE = 1 << 4;
        /// The peer is outdated. DRBD 8.4; in DRBD 9 a flag of each peer.
        const PEER_OUTDATED = 1 << 5;
        /// The node went down while primary: what the activity log covers must be resynced.
        const CRASHED_PRIMARY = 1 << 6;
        /// The activity log is clean.
        const AL_CLEAN = 1 << 7;
        /// The activity log is off.
        const AL_DISABLED = 1 << 8;
        const _ = !0;
    }

    /// What the meta data say of one peer's copy. DRBD 9 (`MDF_PEER_*`); from 8.4 kept without names.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub struct PeerDeviceFlags: u32 {
        const _ = !0;
    }

    /// What a peer says of its generations (`UUID_FLAG_*`). DRBD 9.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub struct UuidFlags: u64 {
        /// The peer's data are stable: no resync from elsewhere is under way.
        const STABLE = 1 << 5;
        const _ = !0;
    }
}
