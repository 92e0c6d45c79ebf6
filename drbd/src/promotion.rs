//! Whether a node can become Primary, and how well it would do.

use crate::flags::UuidFlags;
use crate::resource::{Device, PeerDevice, Resource};
use crate::state::{ConnectionState, DiskState, Role};

/// What `drbdsetup events2` says of a resource as `may_promote` and `promotion_score`, which it works out itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Promotion {
    /// Whether it could become Primary now: nobody is, there is a good copy of each volume within reach, and quorum.
    pub may_promote: bool,
    /// How good a Primary it would make: the node with the highest score is the one to promote. 0 if it can't be one;
    /// else 10,000 where each volume has a disk here, 100 for each volume with a good copy here (99 at most), and how many
    /// good copies there are of the volume that has the fewest (99 at most).
    pub score: u32,
}

const FULL: u32 = 10_000;
const LOCAL: u32 = 100;
const MOST: usize = 99;

impl Resource {
    /// Whether this node can become Primary, and how well it would do, as `drbdsetup events2` of DRBD 9 reckons. 8.4 has
    /// neither quorum nor stable generations, which count as there.
    #[must_use]
    pub fn promotion(&self) -> Promotion {
        let none = Promotion { may_promote: false, score: 0 };
        let has_quorum = self.devices.iter().all(|device| device.quorum != Some(false));
        let copies = self.devices.iter().map(|device| self.good_copies(device)).min().unwrap_or(0);
        if !has_quorum || self.fail_io == Some(true) || copies == 0 {
            return none;
        }
        let disks = self
            .devices
            .iter()
            .all(|device| matches!(device.disk, DiskState::UpToDate | DiskState::Consistent | DiskState::Inconsistent));
        let local = self.devices.iter().filter(|device| device.disk == DiskState::UpToDate).count();
        let count = |count: usize| u32::try_from(count.min(MOST)).unwrap_or(0);
        let score = u32::from(disks) * FULL + LOCAL * count(local) + count(copies);
        let primary = self.role == Role::Primary || self.connections.iter().any(|own| own.role == Role::Primary);
        let may_promote = !primary && self.devices.iter().all(|device| self.is_good_enough(device));
        Promotion { may_promote, score }
    }

    /// How many copies of a volume are good, this node's included.
    fn good_copies(&self, device: &Device) -> usize {
        self.good_peers(device).count() + usize::from(device.disk == DiskState::UpToDate)
    }

    fn good_peers<'a>(&'a self, device: &'a Device) -> impl Iterator<Item = &'a PeerDevice> {
        let connected = self.peers_of(device).filter(|(own, _)| own.state == ConnectionState::Connected);
        connected.map(|(_, peer)| peer).filter(|peer| peer.disk == DiskState::UpToDate)
    }

    fn is_good_enough(&self, device: &Device) -> bool {
        let stable = |peer: &PeerDevice| peer.uuid_flags.is_none_or(|flags| flags.contains(UuidFlags::STABLE));
        device.disk == DiskState::UpToDate || self.good_peers(device).any(stable)
    }
}
