//! The kernel's rules, by version: a table of what changed and when; the allocator and the balance ask it.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use crate::profile::Profile;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// A kernel's version, as far as it decides about rules.
///
/// Read from what `uname -r` says: `6.18.44-custom`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct KernelVersion(pub u16, pub u16);

impl fmt::Display for KernelVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

impl FromStr for KernelVersion {
    type Err = ParseIntError;

    fn from_str(release: &str) -> Result<Self, ParseIntError> {
        let mut numbers = release.split(|c: char| !c.is_ascii_digit());
        let mut number = || numbers.next().unwrap_or_default().parse();
        Ok(Self(number()?, number()?))
    }
}

/// How a kernel allocates chunks and relocates block groups.
///
/// The default is the kernel that the rules were measured on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct KernelRules {
    /// The kernel they are for.
    pub version: KernelVersion,
    /// The fewest devices of a new raid0 and of a new raid10 chunk.
    pub striped_min_devices: (u16, u16),
    /// Whether a block group of a profile that is only just being converted to may be made before there is one.
    pub convert_at_once: bool,
    /// Whether an extent is put into the largest free range of a block group, and not into the first that it fits.
    pub largest_range_first: bool,
    /// Whether extents are put with others of about their size before a new chunk is made.
    pub size_classes: bool,
    /// Whether redundant extents are put into a block group that is not, where none of their own can be written to.
    pub strays: bool,
    /// Whether metadata that is promised beyond its block groups spares the room of one data chunk.
    pub overcommit_spares_data: bool,
    /// Whether of a device that is made smaller what leaves it counts as free for that promise.
    pub leaving_is_free: bool,
    /// Whether that promise looks at each device, and not at the sum of what they have unallocated.
    pub overcommit_per_profile: bool,
    /// Whether a chunk of the chunk tree is made only along with another chunk.
    pub system_on_demand: bool,
}

/// One change of the rules.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RuleChange {
    /// The first version that has it.
    pub since: KernelVersion,
    /// Where it stands in the kernel.
    pub source: &'static str,
    /// What it is.
    pub what: &'static str,
    apply: fn(&mut KernelRules),
}

/// The rules of Linux 5.4, before any change.
const FIRST: KernelRules = KernelRules {
    version: KernelVersion(5, 4),
    striped_min_devices: (2, 4),
    convert_at_once: false,
    largest_range_first: false,
    size_classes: false,
    strays: false,
    overcommit_spares_data: false,
    leaving_is_free: false,
    overcommit_per_profile: false,
    system_on_demand: false,
};

const CHANGES: &[RuleChange] = &[
    RuleChange {
        since: KernelVersion(5, 6),
        source: "block-group.c:get_restripe_target",
        what: "new block groups have a conversion's target, also where there is none of it yet",
        apply: |rules| rules.convert_at_once = true,
    },
    RuleChange {
        since: KernelVersion(5, 14),
        source: "block-group.c:btrfs_chunk_alloc",
        what: "system chunks are made only by check_system_chunk, along with another chunk",
        apply: |rules| rules.system_on_demand = true,
    },
    RuleChange {
        since: KernelVersion(5, 15),
        source: "volumes.c:btrfs_raid_array",
        what: "raid0 on one device, raid10 on two",
        apply: |rules| rules.striped_min_devices = (1, 2),
    },
    RuleChange {
        since: KernelVersion(5, 17),
        source: "free-space-cache.c:btrfs_find_space_for_alloc",
        what: "of a block group's free ranges the largest one is taken",
        apply: |rules| rules.largest_range_first = true,
    },
    RuleChange {
        since: KernelVersion(6, 3),
        source: "extent-tree.c:find_free_extent_check_size_class",
        what: "extents lie with others of their size class",
        apply: |rules| rules.size_classes = true,
    },
    RuleChange {
        since: KernelVersion(6, 3),
        source: "extent-tree.c:find_free_extent",
        what: "where no block group of its profile can be written to, an extent goes into one of single or raid0",
        apply: |rules| rules.strays = true,
    },
    RuleChange {
        since: KernelVersion(6, 7),
        source: "space-info.c:calc_available_free_space",
        what: "overcommitted metadata spares the room of one data chunk",
        apply: |rules| rules.overcommit_spares_data = true,
    },
    RuleChange {
        since: KernelVersion(6, 7),
        source: "volumes.c:btrfs_shrink_device",
        what: "of a device that is made smaller, what leaves it counts as unallocated",
        apply: |rules| rules.leaving_is_free = true,
    },
    RuleChange {
        since: KernelVersion(7, 1),
        source: "volumes.c:btrfs_update_per_profile_avail",
        what: "overcommitted metadata has to find room on as many devices as its profile takes",
        apply: |rules| rules.overcommit_per_profile = true,
    },
];

/// The kernel that most was measured on.
const USUAL: KernelVersion = KernelVersion(6, 18);
/// The kernels that the rules were held against: how often, and how often a verdict that was certain was wrong. The trials
/// of balances and of devices that leave, in `docs/trials`.
const MEASURED: [(KernelVersion, u32, u32); 3] =
    [(KernelVersion(6, 1), 75, 0), (KernelVersion(6, 12), 50, 0), (USUAL, 310, 0)];
/// Older ones were not looked at, newer ones are not known.
const READ: std::ops::RangeInclusive<KernelVersion> = KernelVersion(6, 1)..=KernelVersion(6, 19);

/// How well rules are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Standing {
    /// A kernel that was not looked at: too old, or newer than this library.
    Unknown,
    /// Read in the kernel's source.
    Read,
    /// Held against this kernel, on random filesystems.
    Measured {
        /// How often.
        trials: u32,
        /// How often what was said to be safe was not, or what was said to fail went well.
        wrong: u32,
    },
}

impl KernelRules {
    /// The rules of a kernel. Of one that is not known they are those of its nearest neighbour: see
    /// [`KernelRules::standing`].
    #[must_use]
    pub fn of(version: KernelVersion) -> Self {
        let mut rules = Self { version, ..FIRST };
        for change in CHANGES.iter().filter(|change| change.since <= version) {
            (change.apply)(&mut rules);
        }
        rules
    }

    /// How well these rules are known.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match MEASURED.iter().find(|(version, ..)| *version == self.version) {
            Some((_, trials, wrong)) => Standing::Measured { trials: *trials, wrong: *wrong },
            None if READ.contains(&self.version) => Standing::Read,
            None => Standing::Unknown,
        }
    }

    /// The fewest devices of a new chunk of this profile.
    #[must_use]
    pub fn min_devices(&self, profile: Profile) -> u16 {
        match profile {
            Profile::Raid0 => self.striped_min_devices.0,
            Profile::Raid10 => self.striped_min_devices.1,
            other => other.min_devices(),
        }
    }

    /// What changed between kernels, oldest first.
    pub fn changes() -> impl Iterator<Item = &'static RuleChange> {
        CHANGES.iter()
    }
}

impl Default for KernelRules {
    fn default() -> Self {
        Self::of(USUAL)
    }
}

/// Bytes of a device that no chunk is laid on: `BTRFS_DEVICE_RANGE_RESERVED`, Linux 6.18.
pub(super) const RESERVED: u64 = MIB;
/// The granularity of stripes: `BTRFS_STRIPE_LEN`, Linux 6.18.
pub(super) const STRIPE: u64 = 64 << 10;
/// The greatest stripe: `BTRFS_MAX_DATA_CHUNK_SIZE` and `decide_stripe_size_regular` in volumes.c, Linux 6.18.
pub(super) const MAX_STRIPE: u64 = GIB;
/// To what stripes are rounded up that the greatest chunk size has cut: `decide_stripe_size_regular`.
pub(super) const CUT_STRIPE: u64 = 16 * MIB;
/// Where superblocks lie on a device, which no data may cover: `btrfs_sb_offset` in disk-io.h; the first of them is in
/// [`RESERVED`].
pub(super) const SUPERBLOCKS: [u64; 2] = [64 * MIB, 256 * GIB];
/// How many extents a relocation handles at once: `MAX_EXTENTS` in relocation.c, Linux 6.18.
pub(super) const CLUSTER: usize = 128;
/// How many tree blocks a relocation reserves: `RELOCATION_RESERVED_NODES` in relocation.c, Linux 6.18.
pub(super) const RELOCATION_NODES: u64 = 256;
/// The longest extent of data: `BTRFS_MAX_EXTENT_SIZE`, Linux 6.18.
pub(super) const MAX_EXTENT: u64 = 128 * MIB;

/// The greatest chunks where the filesystem has no others: `calc_chunk_size` in space-info.c, Linux 6.0.
pub(super) mod chunk_size {
    use super::{GIB, MIB};

    pub(in super::super) const DATA: u64 = 10 * GIB;
    pub(in super::super) const SYSTEM: u64 = 32 * MIB;

    pub(in super::super) fn metadata(writable: u64) -> u64 {
        if writable > 50 * GIB { GIB } else { 256 * MIB }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_uname_says() {
        for (release, version) in [
            ("6.18.44-custom", Some((6, 18))),
            ("6.1", Some((6, 1))),
            ("5.10-rc1", Some((5, 10))),
            ("six", None),
            ("6", None),
        ] {
            let parsed = release.parse::<KernelVersion>().ok();
            assert_eq!(parsed, version.map(|(major, minor)| KernelVersion(major, minor)), "{release}");
        }
    }

    #[test]
    fn each_kernel_has_the_changes_up_to_it() {
        let old = KernelRules::of(KernelVersion(6, 1));
        assert!(old.largest_range_first && !old.size_classes && !old.overcommit_spares_data);
        let measured = KernelRules::default();
        assert!(measured.size_classes && measured.overcommit_spares_data && !measured.overcommit_per_profile);
        assert!(matches!(measured.standing(), Standing::Measured { .. }));
        assert_eq!(KernelRules::of(KernelVersion(6, 8)).standing(), Standing::Read);
        for unknown in [KernelVersion(5, 4), KernelVersion(9, 0)] {
            assert_eq!(KernelRules::of(unknown).standing(), Standing::Unknown);
        }
    }

    #[test]
    fn changes_stand_in_order() {
        assert!(CHANGES.is_sorted_by_key(|change| change.since));
    }
}
