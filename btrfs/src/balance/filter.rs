//! Which block groups a balance takes, and what it does with them.

use std::borrow::Cow;
use std::ops::{Range, RangeInclusive};

use thiserror::Error;

use crate::id::{DevId, Logical, Physical};
use crate::profile::{Profile, Profiles};

/// The filters for the block groups of one type: a block group is relocated if it passes all of them. Without any, all
/// do.
///
/// Read and written in btrfs-progs' syntax: `usage=50,limit=2`, `convert=raid1,soft`.
///
/// ```
/// use btrfs::balance::Filters;
/// use btrfs::profile::Profile;
///
/// let filters: Filters = "convert=raid1,soft".parse()?;
/// assert_eq!(filters, Filters::new().convert(Profile::Raid1).soft());
/// # Ok::<(), btrfs::balance::FilterError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Filters {
    /// `profiles=raid1|dup`: of one of these profiles.
    pub profiles: Option<Profiles>,
    /// `usage=50`, `usage=10..50`: used to so many percent of its size; the lower bound included, the upper one not. So
    /// a block group that is full passes no such filter, not even `usage=100`. `usage=0` takes those in which nothing
    /// is used.
    pub usage: Option<Range<u8>>,
    /// `devid=1`: with a stripe on this device.
    pub devid: Option<DevId>,
    /// `drange=0..1073741824`: with a stripe that has bytes in this range of the device, which `devid` names.
    pub drange: Option<Range<Physical>>,
    /// `vrange=0..1073741824`: with bytes in this range of the logical address space.
    pub vrange: Option<Range<Logical>>,
    /// `limit=2`, `limit=3..5`: no more than so many block groups, and none at all where fewer than the lower bound
    /// pass the other filters.
    pub limit: Option<RangeInclusive<u32>>,
    /// `stripes=1..2`: laid out over so many stripes.
    pub stripes: Option<RangeInclusive<u32>>,
    /// `convert=raid1`: what passes is rewritten with this profile. One profile; a kernel may report one that this
    /// library does not know.
    pub convert: Option<Profiles>,
    /// `soft`: what has the profile of `convert` already is left alone.
    pub soft: bool,
    /// Flags of a balance the kernel reports, whose filters this library does not know: `BTRFS_BALANCE_ARGS_*` bits.
    pub unknown: u64,
}

impl Filters {
    /// No filters: all block groups of the type.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Block groups of one of these profiles.
    #[must_use]
    pub fn profiles(mut self, profiles: impl IntoIterator<Item = Profile>) -> Self {
        self.profiles = Some(profiles.into_iter().collect());
        self
    }

    /// Block groups used to so many percent, the end not included: `0..50` is btrfs-progs' `usage=50`. `0..0` takes
    /// those in which nothing is used. Since Linux 4.4.
    #[must_use]
    pub fn usage(mut self, percent: Range<u8>) -> Self {
        self.usage = Some(percent);
        self
    }

    /// Block groups with a stripe on this device.
    #[must_use]
    pub fn devid(mut self, device: DevId) -> Self {
        self.devid = Some(device);
        self
    }

    /// Block groups with a stripe that has bytes in this range of the device that [`Filters::devid`] names. An end of
    /// [`u64::MAX`] leaves it open.
    #[must_use]
    pub fn drange(mut self, bytes: Range<Physical>) -> Self {
        self.drange = Some(bytes);
        self
    }

    /// Block groups with bytes in this range of logical addresses. An end of [`u64::MAX`] leaves it open.
    #[must_use]
    pub fn vrange(mut self, bytes: Range<Logical>) -> Self {
        self.vrange = Some(bytes);
        self
    }

    /// So many block groups at most, and none where there are fewer than the lower bound: `0..=2` is btrfs-progs'
    /// `limit=2`. An end of [`u32::MAX`] leaves it open. Since Linux 4.4.
    ///
    /// The kernel (6.18 at least) misreads the older form of this filter, which `btrfs balance start -dlimit=5` uses:
    /// where fewer block groups pass than about half of the limit it relocates none. This library uses the newer form
    /// always.
    #[must_use]
    pub fn limit(mut self, block_groups: RangeInclusive<u32>) -> Self {
        self.limit = Some(block_groups);
        self
    }

    /// Block groups over so many stripes. Since Linux 4.4.
    #[must_use]
    pub fn stripes(mut self, stripes: RangeInclusive<u32>) -> Self {
        self.stripes = Some(stripes);
        self
    }

    /// Rewrites what passes with this profile.
    #[must_use]
    pub fn convert(mut self, target: Profile) -> Self {
        self.convert = Some(target.into());
        self
    }

    /// Leaves alone what has the profile of [`Filters::convert`] already: the way to go on with a conversion that was
    /// cancelled.
    #[must_use]
    pub fn soft(mut self) -> Self {
        self.soft = true;
        self
    }

    /// Whether the filters make sense together.
    ///
    /// # Errors
    ///
    /// The filter that breaks a rule, and the rule.
    pub fn check(&self) -> Result<(), FilterError> {
        let word = |name: &str| {
            let text = self.to_string();
            text.split(',').find(|word| word.starts_with(name)).unwrap_or(name).to_owned()
        };
        let broken = |name, rule: &'static str| Err(FilterError { word: word(name), rule: rule.into() });
        if self.profiles.is_some_and(|profiles| profiles.is_empty()) {
            return broken("profiles", "name at least one profile");
        }
        if self.usage.as_ref().is_some_and(|usage| usage.start > usage.end || usage.end > 100) {
            return broken("usage", "percentages are 0 to 100, the smaller one first");
        }
        if self.devid == Some(DevId(0)) {
            return broken("devid", "devices are numbered from 1, as `btrfs filesystem show` lists them");
        }
        if self.drange.is_some() && self.devid.is_none() {
            return broken("drange", "it is a range of one device: name that with devid=");
        }
        if self.drange.as_ref().is_some_and(Range::is_empty) {
            return broken("drange", "the end has to be greater than the start");
        }
        if self.vrange.as_ref().is_some_and(Range::is_empty) {
            return broken("vrange", "the end has to be greater than the start");
        }
        if self.limit.as_ref().is_some_and(RangeInclusive::is_empty) {
            return broken("limit", "the smaller number has to come first");
        }
        if self.stripes.as_ref().is_some_and(RangeInclusive::is_empty) {
            return broken("stripes", "the smaller number has to come first");
        }
        if self.convert.is_some_and(|target| target.only().is_none()) {
            return broken("convert", "name one profile");
        }
        if self.soft && self.convert.is_none() {
            return broken("soft", "it says which chunks a conversion leaves alone: use it together with convert=");
        }
        Ok(())
    }
}

/// A filter that can't be: the word, and the rule it breaks.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("balance filter {word:?}: {rule}")]
pub struct FilterError {
    pub(super) word: String,
    pub(super) rule: Cow<'static, str>,
}

impl FilterError {
    /// The offending word, `usage=101`.
    #[must_use]
    pub fn word(&self) -> &str {
        &self.word
    }
}
