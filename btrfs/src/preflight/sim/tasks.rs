//! What the kernel does chunk by chunk: balance, device removal, shrinking.

use super::{DATA, METADATA, SYSTEM, Short, Simulation, pool_of};
use crate::balance::BalanceRequest;
use crate::preflight::report::Phase;
use crate::preflight::select::Selection;
use crate::profile::Profiles;

/// What is to be done.
#[derive(Debug, Clone, Copy)]
pub(in crate::preflight) enum Task<'r> {
    Balance(&'r BalanceRequest),
    /// Emptying a device, by its index, to remove it.
    Remove(usize),
    /// Making a device smaller.
    Shrink(usize, u64),
}

impl Simulation<'_> {
    /// Does it. Unless all is to be known, the first failure is the end.
    pub(in crate::preflight) fn run(&mut self, task: Task<'_>, to_the_end: bool) {
        self.to_the_end = to_the_end;
        match task {
            Task::Balance(request) => self.balance(request),
            Task::Remove(device) => {
                self.devices[device].writable = false;
                self.shrink(device, 0);
            }
            Task::Shrink(device, to) => self.shrink(device, to),
        }
        self.note_metadata(0);
    }

    /// `__btrfs_balance` in volumes.c, Linux 6.18: from the last chunk to the first. One that finds no room is counted,
    /// and the next is taken.
    fn balance(&mut self, request: &BalanceRequest) {
        let filters = [request.data.as_ref(), request.metadata.as_ref(), request.effective_system()];
        let target = |pool: usize| filters[pool]?.convert.and_then(Profiles::only);
        self.targets = [target(DATA), target(METADATA), target(SYSTEM)];
        let ids: Vec<_> = self.devices.iter().map(|device| device.id).collect();
        let mut counting = Selection::new(filters, &ids);
        self.outcome.expected =
            u64::try_from(self.groups.iter().rev().filter(|group| counting.takes(group)).count()).unwrap_or(u64::MAX);
        let mut selection = counting.counted();
        let mut before = u64::MAX;
        let mut has_data = false;
        while let Some(group) = self.groups.before(before) {
            let start = group.start;
            before = start;
            if !selection.takes(group) {
                continue;
            }
            if !has_data && !self.keep_data(start, &mut has_data) || !self.relocate(start) {
                break;
            }
        }
        self.targets = [None; 3];
    }

    /// Makes a data chunk where no data is in use, lest its profile be lost: `btrfs_may_alloc_data_chunk` in volumes.c.
    /// Says whether the kernel would go on.
    fn keep_data(&mut self, start: u64, done: &mut bool) -> bool {
        let Some(group) = self.groups.get(start) else { return true };
        let holds = group.holds;
        if pool_of(holds) != DATA || self.pools[DATA].content > 0 {
            return true;
        }
        match self.make_chunk(DATA, self.profile(DATA)) {
            Ok(Some(_)) => {
                *done = true;
                true
            }
            Ok(None) => {
                self.fail(start, holds, Short { phase: Phase::FirstDataChunk, missing: 0 });
                false
            }
            Err(short) => self.fail(start, holds, short),
        }
    }

    /// `btrfs_shrink_device` in volumes.c, Linux 6.18: from the end of the device to where it is to end. What finds no
    /// room is tried once more.
    fn shrink(&mut self, device: usize, to: u64) {
        self.writable -= self.devices[device].shrink(to);
        let beyond = |this: &Self| -> Vec<u64> {
            let pieces = this.groups.iter().flat_map(|group| {
                group.stripes.iter().filter(|(on, _)| *on == device).map(|(_, at)| (*at, group.start, group.stripe))
            });
            let mut pieces: Vec<_> = pieces.filter(|(at, _, length)| at + length > to).collect();
            pieces.sort_unstable();
            let mut starts: Vec<_> = pieces.into_iter().rev().map(|(_, start, _)| start).collect();
            starts.dedup();
            starts
        };
        let mut left = beyond(self);
        self.outcome.expected = u64::try_from(left.len()).unwrap_or(u64::MAX);
        for _ in 0..2 {
            self.outcome.errors = 0;
            self.outcome.first = None;
            for start in left {
                if !self.keep_data(start, &mut false) || !self.relocate(start) {
                    return;
                }
            }
            left = beyond(self);
            if left.is_empty() {
                return;
            }
        }
    }
}
