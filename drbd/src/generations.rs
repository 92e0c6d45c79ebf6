//! Who has the good data: the identifiers of data generations, of two nodes that are to be compared.
//!
//! Each time data is written while a peer is away, the writing node begins a new generation, and keeps the one that the
//! peer still has beside the bitmap of what differs since. So two nodes that don't talk, as before a split brain is
//! resolved, can be compared by what each of them says of itself: [`Recording`](crate::Recording) carries it.
//!
//! ```no_run
//! use drbd::Status;
//! use drbd::generations::{Relation, relations};
//!
//! let theirs = Status::from_recorded(&std::fs::read("bravo.drbd")?)?;
//! for volume in relations(&Status::read()?, &theirs) {
//!     if volume.relation == Relation::SplitBrain {
//!         println!("{} volume {:?}: written on both since they last agreed", volume.resource, volume.volume);
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use crate::resource::{Device, PeerDevice};
use crate::status::Status;
use crate::value::{Generation, Name};

/// What a node says of its data, towards one peer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Generations {
    /// Of the data.
    pub current: Generation,
    /// What the peer was left with, if data was written since. 0 if none was.
    pub bitmap: Generation,
    /// Former ones, newest first.
    pub history: Vec<Generation>,
}

/// How the data of two nodes stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Relation {
    /// The same generation: what differs, if anything, is known to both.
    Same,
    /// Here it goes on from what is there. This node has the good data.
    OursIsNewer,
    /// There it goes on from what is here. The other node has the good data.
    TheirsIsNewer,
    /// Both have gone on from what they once had in common: whichever is kept, what was written on the other is lost.
    SplitBrain,
    /// They have nothing in common: not copies of each other, or too long apart.
    Unrelated,
    /// One of them has no data yet, or no disk, or does not tell.
    Unknown,
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Same => "the same data",
            Self::OursIsNewer => "the data here is newer: the other node lacks what was written since",
            Self::TheirsIsNewer => "the data there is newer: this node lacks what was written since",
            Self::SplitBrain => "split brain: both were written since they last had the same data",
            Self::Unrelated => "not copies of the same data",
            Self::Unknown => "can't be told: a disk is missing, or has no data yet",
        })
    }
}

/// One volume on both nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Compared {
    /// The resource.
    pub resource: Name,
    /// The number of the volume.
    pub volume: Option<u32>,
    /// What is here towards what is there.
    pub relation: Relation,
}

/// Lowest bit: the node was Primary. It is no part of the identifier.
const PRIMARY: u64 = 1;
/// Of a disk that was just made.
const JUST_CREATED: u64 = 4;

impl Generations {
    /// What a device says towards one peer; `None` where the source does not tell.
    #[must_use]
    pub fn of(device: &Device, peer: &PeerDevice) -> Option<Self> {
        let (current, bitmap) = (device.current_uuid?, peer.bitmap_uuid?);
        Some(Self { current, bitmap, history: device.history_uuids.clone() })
    }

    fn former(&self) -> impl Iterator<Item = u64> {
        let all = std::iter::once(&self.bitmap).chain(&self.history).map(|own| own.0 & !PRIMARY);
        all.filter(|own| ![0, JUST_CREATED].contains(own))
    }

    /// How the data here stands to that there.
    #[must_use]
    pub fn relation(&self, theirs: &Self) -> Relation {
        let [ours_now, theirs_now] = [self, theirs].map(|own| own.current.0 & !PRIMARY);
        if [ours_now, theirs_now].iter().any(|own| [0, JUST_CREATED].contains(own)) {
            return Relation::Unknown;
        }
        if ours_now == theirs_now {
            return Relation::Same;
        }
        match (self.former().any(|own| own == theirs_now), theirs.former().any(|own| own == ours_now)) {
            (true, false) => Relation::OursIsNewer,
            (false, true) => Relation::TheirsIsNewer,
            _ if self.former().any(|own| theirs.former().any(|other| other == own)) => Relation::SplitBrain,
            _ => Relation::Unrelated,
        }
    }
}

/// Compares each volume that two nodes have in common.
///
/// Of a resource with several peers, the connection between the two is found by their numbers; 8.4's have one.
#[must_use]
pub fn relations(ours: &Status, theirs: &Status) -> Vec<Compared> {
    let mut all = Vec::new();
    for resource in &ours.resources {
        let Some(name) = &resource.name else { continue };
        let Some(other) = theirs.resource(name.as_bytes()) else { continue };
        for device in &resource.devices {
            let Some(there) = other.devices.iter().find(|there| there.volume == device.volume) else { continue };
            let towards = |of: &crate::Resource, device: &Device, node: Option<u32>| {
                let mut peers = of.peers_of(device).filter(|(connection, _)| connection.peer_node_id == node);
                peers.next().and_then(|(_, peer)| Generations::of(device, peer))
            };
            let here = towards(resource, device, other.node_id);
            let relation = match (here, towards(other, there, resource.node_id)) {
                (Some(here), Some(there)) => here.relation(&there),
                _ => Relation::Unknown,
            };
            all.push(Compared { resource: name.clone(), volume: device.volume, relation });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generations(current: u64, bitmap: u64, history: &[u64]) -> Generations {
        let history = history.iter().copied().map(Generation).collect();
        Generations { current: Generation(current), bitmap: Generation(bitmap), history }
    }

    #[test]
    fn each_relation_seen_from_the_other_side_is_its_mirror() {
        let mirror = |relation| match relation {
            Relation::OursIsNewer => Relation::TheirsIsNewer,
            Relation::TheirsIsNewer => Relation::OursIsNewer,
            other => other,
        };
        for (ours, theirs, relation) in [
            (generations(0x10, 0, &[]), generations(0x11, 0, &[]), Relation::Same),
            (generations(0x20, 0x10, &[]), generations(0x10, 0, &[]), Relation::OursIsNewer),
            (generations(0x30, 0, &[0x20, 0x11]), generations(0x10, 0, &[]), Relation::OursIsNewer),
            (generations(0x20, 0x10, &[]), generations(0x30, 0x10, &[]), Relation::SplitBrain),
            (generations(0x20, 0x10, &[]), generations(0x30, 0x40, &[0x10]), Relation::SplitBrain),
            (generations(0x20, 0, &[0x50]), generations(0x30, 0, &[0x60]), Relation::Unrelated),
            (generations(JUST_CREATED, 0, &[]), generations(0x30, 0, &[]), Relation::Unknown),
            (generations(0x20, 0, &[]), generations(0, 0, &[]), Relation::Unknown),
            // What is made new has nothing in common with another that is.
            (generations(0x20, JUST_CREATED, &[]), generations(0x30, JUST_CREATED, &[]), Relation::Unrelated),
        ] {
            assert_eq!(ours.relation(&theirs), relation, "{ours:?} {theirs:?}");
            assert_eq!(theirs.relation(&ours), mirror(relation), "{theirs:?} {ours:?}");
        }
    }
}
