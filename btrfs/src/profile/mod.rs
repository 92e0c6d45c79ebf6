//! Profiles: how block groups are laid out over devices. The rules stand in one table; the rest are questions to it.

use std::fmt;
use std::str::FromStr;

use bitflags::bitflags;
use btrfs_sys as sys;
use thiserror::Error;

/// How a block group is laid out over devices; what `mkfs.btrfs -d`, `-m` and `balance -dconvert=` take.
///
/// Written and read by btrfs-progs' names: `raid1c3`; in any case, as btrfs-progs does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
pub enum Profile {
    /// One copy, on one device.
    Single,
    /// Two copies, on one device: heals a bad block, but is lost with the device.
    Dup,
    /// One copy, striped over all devices.
    Raid0,
    /// Two copies, on two devices.
    Raid1,
    /// Three copies, on three devices. Since Linux 5.5.
    Raid1c3,
    /// Four copies, on four devices. Since Linux 5.5.
    Raid1c4,
    /// Two copies, each striped over half of the devices.
    Raid10,
    /// One copy striped over all devices but one, and parity.
    Raid5,
    /// One copy striped over all devices but two, and two parities.
    Raid6,
}

/// The rules of one profile: a line of the kernel's table.
///
/// `btrfs_raid_array` in `fs/btrfs/volumes.c` of Linux 6.18.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Raid {
    /// btrfs-progs' name of the profile.
    pub name: &'static str,
    /// Its bit in a block group's flags; none for single.
    pub flag: u64,
    /// The fewest devices that a block group needs. Before Linux 5.15 that was 2 for raid0 and 4 for raid10.
    pub min_devices: u16,
    /// The most devices that one block group is laid over; `None` for all there are.
    pub max_devices: Option<u16>,
    /// The number of devices is rounded down to a multiple of this.
    pub device_increment: u16,
    /// Stripes of a block group on one device.
    pub device_stripes: u16,
    /// Copies of each byte.
    pub copies: u16,
    /// Stripes that hold parity.
    pub parity: u16,
    /// Stripes that hold the same bytes next to each other: 2 for raid10, 1 for all others. See `btrfs_chunk`.
    pub sub_stripes: u16,
    /// Devices that can be lost without losing data.
    pub tolerated_failures: u16,
}

macro_rules! raid_table {
    ($($profile:ident $name:literal $flag:expr, $min:literal $max:expr, $increment:literal $stripes:literal
       $copies:literal $parity:literal $sub:literal $lost:literal;)*) => {
        impl Profile {
            /// All profiles.
            pub const ALL: &'static [Self] = &[$(Self::$profile),*];

            /// The rules of this profile.
            #[must_use]
            pub const fn raid(self) -> &'static Raid {
                match self {
                    $(Self::$profile => &Raid {
                        name: $name,
                        flag: $flag,
                        min_devices: $min,
                        max_devices: $max,
                        device_increment: $increment,
                        device_stripes: $stripes,
                        copies: $copies,
                        parity: $parity,
                        sub_stripes: $sub,
                        tolerated_failures: $lost,
                    },)*
                }
            }
        }
    };
}

// profile, its name and bit; devices, at least and at most; their increment, stripes on each, copies, parities,
// sub-stripes; devices that can be lost
raid_table! {
    Single  "single"  0,                               1 Some(1), 1 1 1 0 1 0;
    Dup     "dup"     sys::BTRFS_BLOCK_GROUP_DUP,      1 Some(1), 1 2 2 0 1 0;
    Raid0   "raid0"   sys::BTRFS_BLOCK_GROUP_RAID0,    1 None,    1 1 1 0 1 0;
    Raid1   "raid1"   sys::BTRFS_BLOCK_GROUP_RAID1,    2 Some(2), 2 1 2 0 1 1;
    Raid1c3 "raid1c3" sys::BTRFS_BLOCK_GROUP_RAID1C3,  3 Some(3), 3 1 3 0 1 2;
    Raid1c4 "raid1c4" sys::BTRFS_BLOCK_GROUP_RAID1C4,  4 Some(4), 4 1 4 0 1 3;
    Raid10  "raid10"  sys::BTRFS_BLOCK_GROUP_RAID10,   2 None,    2 1 2 0 2 1;
    Raid5   "raid5"   sys::BTRFS_BLOCK_GROUP_RAID5,    2 None,    1 1 1 1 1 1;
    Raid6   "raid6"   sys::BTRFS_BLOCK_GROUP_RAID6,    3 None,    1 1 1 2 1 2;
}

/// What a profile survives. Greater survives more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Redundancy {
    /// Nothing: single, raid0.
    None,
    /// A bad block, but no lost device: dup.
    Block,
    /// The loss of so many devices, and bad blocks on as many.
    Devices(u16),
}

impl Profile {
    /// btrfs-progs' name: `raid1c3`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.raid().name
    }

    /// The fewest devices it needs: 3 for raid6.
    #[must_use]
    pub fn min_devices(self) -> u16 {
        self.raid().min_devices
    }

    /// What it survives: a bad block for dup, one device for raid1, two for raid6 and raid1c3.
    #[must_use]
    pub fn redundancy(self) -> Redundancy {
        match (self.raid().tolerated_failures, self.raid().copies) {
            (0, 0..2) => Redundancy::None,
            (0, _) => Redundancy::Block,
            (devices, _) => Redundancy::Devices(devices),
        }
    }

    /// Whether a bad block can be healed: what the kernel calls redundant, when a balance without `-f` may not convert
    /// metadata away from it (`btrfs_balance`, Linux 6.18). False for single and raid0.
    #[must_use]
    pub fn is_redundant(self) -> bool {
        self.redundancy() > Redundancy::None
    }

    /// How many stripes a block group has that is laid over all it can of so many devices; `None` where they are too
    /// few. On 5 devices 5 for raid6, 4 for raid10, 2 for raid1, and 2, on one of them, for dup.
    #[must_use]
    pub fn stripes_on(self, devices: u16) -> Option<u16> {
        let raid = self.raid();
        let used = devices.min(raid.max_devices.unwrap_or(u16::MAX)) / raid.device_increment * raid.device_increment;
        (used >= raid.min_devices).then(|| used * raid.device_stripes)
    }

    /// How many of a block group's stripes hold distinct data: of 5 stripes 3 for raid6 and 5 for raid0, of 4 stripes 2
    /// for raid10. `None` where that would be none.
    #[must_use]
    pub fn data_stripes(self, stripes: u16) -> Option<u16> {
        let raid = self.raid();
        stripes.checked_sub(raid.parity).map(|data| data / raid.copies).filter(|data| *data > 0)
    }

    /// How many bytes each stripe of a block group has. A raid6 of 3 GiB over 5 stripes has 1 GiB in each; a dup of
    /// 256 MiB has 256 MiB in each of its two.
    #[must_use]
    pub fn stripe_bytes(self, length: u64, stripes: u16) -> Option<u64> {
        self.data_stripes(stripes).map(|data| length / u64::from(data))
    }

    /// How many bytes of the devices a block group takes. A raid6 of 3 GiB over 5 stripes takes 5 GiB; a dup of 256 MiB
    /// 512 MiB.
    #[must_use]
    pub fn raw_bytes(self, length: u64, stripes: u16) -> Option<u64> {
        self.stripe_bytes(length, stripes)?.checked_mul(stripes.into())
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that names no profile.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no profile is called {0:?}: use single, dup, raid0, raid1, raid1c3, raid1c4, raid10, raid5 or raid6")]
pub struct UnknownProfile(pub String);

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(word: &str) -> Result<Self, UnknownProfile> {
        let named = Self::ALL.iter().find(|profile| profile.name().eq_ignore_ascii_case(word));
        named.copied().ok_or_else(|| UnknownProfile(word.to_owned()))
    }
}

bitflags! {
    /// A set of profiles in the kernel's extended format, in which single has a bit too: what the balance filters
    /// `profiles` and `convert` hold. Bits that this library does not know are kept.
    ///
    /// Written as btrfs-progs does: `raid1|dup`.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub struct Profiles: u64 {
        /// [`Profile::Single`]; `BTRFS_AVAIL_ALLOC_BIT_SINGLE`.
        const SINGLE = sys::BTRFS_AVAIL_ALLOC_BIT_SINGLE;
        /// [`Profile::Dup`].
        const DUP = sys::BTRFS_BLOCK_GROUP_DUP;
        /// [`Profile::Raid0`].
        const RAID0 = sys::BTRFS_BLOCK_GROUP_RAID0;
        /// [`Profile::Raid1`].
        const RAID1 = sys::BTRFS_BLOCK_GROUP_RAID1;
        /// [`Profile::Raid1c3`].
        const RAID1C3 = sys::BTRFS_BLOCK_GROUP_RAID1C3;
        /// [`Profile::Raid1c4`].
        const RAID1C4 = sys::BTRFS_BLOCK_GROUP_RAID1C4;
        /// [`Profile::Raid10`].
        const RAID10 = sys::BTRFS_BLOCK_GROUP_RAID10;
        /// [`Profile::Raid5`].
        const RAID5 = sys::BTRFS_BLOCK_GROUP_RAID5;
        /// [`Profile::Raid6`].
        const RAID6 = sys::BTRFS_BLOCK_GROUP_RAID6;
        const _ = !0;
    }
}

impl Profiles {
    /// The known profiles of the set.
    pub fn known(self) -> impl Iterator<Item = Profile> {
        Profile::ALL.iter().copied().filter(move |profile| self.contains((*profile).into()))
    }

    /// The one known profile of the set; `None` where it holds another number of them, or anything unknown.
    #[must_use]
    pub fn only(self) -> Option<Profile> {
        self.known().find(|profile| self == (*profile).into())
    }
}

impl From<Profile> for Profiles {
    fn from(profile: Profile) -> Self {
        match profile.raid().flag {
            0 => Self::SINGLE,
            flag => Self::from_bits_retain(flag),
        }
    }
}

impl FromIterator<Profile> for Profiles {
    fn from_iter<I: IntoIterator<Item = Profile>>(profiles: I) -> Self {
        profiles.into_iter().map(Self::from).fold(Self::empty(), Self::union)
    }
}

impl fmt::Display for Profiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unknown = self.difference(self.known().collect());
        let unknown = (!unknown.is_empty()).then(|| format!("{:#x}", unknown.bits()));
        let names: Vec<_> = self.known().map(|profile| profile.to_string()).chain(unknown).collect();
        f.write_str(&names.join("|"))
    }
}

impl FromStr for Profiles {
    type Err = UnknownProfile;

    fn from_str(words: &str) -> Result<Self, UnknownProfile> {
        words.split('|').map(Profile::from_str).collect()
    }
}

#[cfg(test)]
mod tests;
