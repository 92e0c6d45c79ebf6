//! Which block groups a balance takes: `should_balance_chunk` in volumes.c, Linux 6.18.

use super::sim::Group;
use crate::balance::Filters;
use crate::block_group::BlockGroupType;
use crate::id::DevId;
use crate::profile::Profiles;

/// The filters of a balance, and how many block groups they may take still.
#[derive(Debug, Clone)]
pub(super) struct Selection<'r> {
    filters: [Option<&'r Filters>; 3],
    devices: &'r [DevId],
    taken: [u32; 3],
    closed: [bool; 3],
}

impl<'r> Selection<'r> {
    /// Of data, metadata and system block groups.
    pub(super) fn new(filters: [Option<&'r Filters>; 3], devices: &'r [DevId]) -> Self {
        Self { filters, devices, taken: [0; 3], closed: [false; 3] }
    }

    /// The same from the start, knowing how many there are: where they are fewer than the lower limit none is taken.
    pub(super) fn counted(&self) -> Self {
        let few = |kind: usize| {
            let limit = self.filters[kind].and_then(|filters| filters.limit.as_ref());
            limit.is_some_and(|limit| self.taken[kind] < *limit.start())
        };
        Self { taken: [0; 3], closed: std::array::from_fn(few), ..*self }
    }

    /// Whether a block group is taken; if so, it counts.
    pub(super) fn takes(&mut self, group: &Group<'_>) -> bool {
        let kind = match group.holds {
            BlockGroupType::Data | BlockGroupType::Mixed => 0,
            BlockGroupType::Metadata => 1,
            BlockGroupType::System => 2,
        };
        let Some(filters) = self.filters[kind].filter(|_| !self.closed[kind]) else { return false };
        let room = filters.limit.as_ref().is_none_or(|limit| self.taken[kind] < *limit.end());
        let takes = room && self.passes(filters, group);
        self.taken[kind] += u32::from(takes);
        takes
    }

    fn passes(&self, filters: &Filters, group: &Group<'_>) -> bool {
        let Group { start, length, used, .. } = *group;
        let profile = Profiles::from(group.profile);
        let stripes = u32::try_from(group.stripes.len()).unwrap_or(u32::MAX);
        let on_device = |devid: DevId| {
            let range = filters.drange.as_ref();
            let mut pieces = group.stripes.iter().filter(|(at, _)| self.devices.get(*at) == Some(&devid));
            pieces.any(|(_, at)| range.is_none_or(|range| *at < range.end.0 && at + group.stripe > range.start.0))
        };
        filters.profiles.is_none_or(|profiles| profiles.contains(profile))
            && filters.usage.as_ref().is_none_or(|usage| {
                let least = percent(length, usage.start);
                let most = if usage.end == 0 { 1 } else { percent(length, usage.end) };
                (least..most).contains(&used)
            })
            && filters.devid.is_none_or(on_device)
            && filters.vrange.as_ref().is_none_or(|range| start < range.end.0 && start + length > range.start.0)
            && filters.stripes.as_ref().is_none_or(|range| range.contains(&stripes))
            && !(filters.soft && filters.convert == Some(profile))
    }
}

fn percent(of: u64, percent: u8) -> u64 {
    let percent = u64::from(percent);
    of / 100 * percent + of % 100 * percent / 100
}
