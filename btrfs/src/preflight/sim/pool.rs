//! What the block groups of one type have together.

use super::first_fit::FirstFit;
use super::group::Group;
use super::{DATA, PROFILES, index, pool_of};
use crate::profile::Profile;

/// What block groups of one type have together; `btrfs_space_info`.
#[derive(Debug, Clone, Default)]
pub(super) struct Pool {
    pub(super) total: u64,
    /// In use or excluded.
    pub(super) used: u64,
    /// In use.
    pub(super) content: u64,
    /// Free in block groups that are read-only.
    pub(super) read_only: u64,
    /// Whether the last attempt to make a chunk failed, and nothing was freed since.
    pub(super) full: bool,
    pub(super) by_profile: [ByProfile; PROFILES],
}

/// The block groups of one type and profile.
#[derive(Debug, Clone, Default)]
pub(super) struct ByProfile {
    pub(super) groups: u64,
    /// How many of them are not read-only.
    pub(super) open: u64,
    /// Free bytes of these.
    pub(super) free: u64,
    pub(super) fit: FirstFit,
}

impl Pool {
    pub(super) fn account(&mut self, group: &Group) {
        self.used += group.used + group.excluded;
        self.content += group.used;
        let of = &mut self.by_profile[index(group.profile)];
        let room = match (group.read_only, pool_of(group.holds)) {
            (true, _) => None,
            (false, DATA) => Some(group.longest()),
            (false, _) => Some(group.free()),
        };
        match room {
            None => self.read_only += group.free(),
            Some(_) => {
                of.open += 1;
                of.free += group.free();
            }
        }
        of.fit.set(group.place, group.class, room);
    }

    pub(super) fn forget(&mut self, group: &Group) {
        self.used -= group.used + group.excluded;
        self.content -= group.used;
        if group.read_only {
            self.read_only -= group.free();
        } else {
            let of = &mut self.by_profile[index(group.profile)];
            of.open -= 1;
            of.free -= group.free();
        }
    }

    /// Free bytes of block groups that extents of a profile may be put into. Those that are to be single may lie in any:
    /// that profile has no bit that a block group would have to have (`find_free_extent` in extent-tree.c, Linux 6.18).
    pub(super) fn free_for(&self, profile: Profile) -> u64 {
        match profile {
            Profile::Single => self.by_profile.iter().map(|of| of.free).sum(),
            other => self.by_profile[index(other)].free,
        }
    }

    /// In use or read-only: `btrfs_space_info_used`.
    pub(super) fn taken(&self) -> u64 {
        self.used + self.read_only
    }
}
