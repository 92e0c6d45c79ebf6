//! What the kernel does chunk by chunk: balance, device removal, shrinking.

use super::device::Device;
use super::{DATA, METADATA, SYSTEM, Short, Shrinking, Simulation, pool_of};
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
            Task::Remove(device) => self.shrink(device, 0),
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

    /// `btrfs_shrink_device` in volumes.c, Linux 6.18, of which `btrfs_rm_device` makes use too: from the end of the device
    /// to where it is to end. What finds no room is tried once more; then the device stays as it was.
    fn shrink(&mut self, device: usize, to: u64) {
        let before = self.devices[device].state();
        if before.writable {
            let used = self.devices[device].used;
            self.writable -= self.devices[device].shrink(to);
            self.shrinking = Some(Shrinking { device, used, to });
        }
        self.devices[device].writable &= to > 0;
        self.outcome.expected = u64::try_from(self.beyond(device, to).len()).unwrap_or(u64::MAX);
        for _ in 0..2 {
            self.outcome.errors = 0;
            self.outcome.first = None;
            for start in self.beyond(device, to) {
                if !self.keep_data(start, &mut false) || !self.relocate(start) {
                    break;
                }
            }
            if self.outcome.first.is_none() || self.outcome.aborted {
                break;
            }
        }
        self.shrinking = None;
        if self.outcome.first.is_some() {
            self.commit();
            let mut pieces: Vec<_> = self.pieces(device).map(|(at, length, _)| (at, length)).collect();
            pieces.sort_unstable();
            self.devices[device] = Device::new(&before, &pieces);
        }
    }

    /// The pieces of a device: where, how long, and of which block group.
    fn pieces(&self, device: usize) -> impl Iterator<Item = (u64, u64, u64)> {
        let of = move |(on, _): &&(usize, u64)| *on == device;
        self.groups
            .iter()
            .flat_map(move |group| group.stripes.iter().filter(of).map(|(_, at)| (*at, group.stripe, group.start)))
    }

    /// The block groups that go beyond an address of a device, from the last to the first.
    fn beyond(&self, device: usize, to: u64) -> Vec<u64> {
        let mut pieces: Vec<_> = self.pieces(device).filter(|(at, length, _)| at + length > to).collect();
        pieces.sort_unstable_by_key(|piece| std::cmp::Reverse(*piece));
        let mut starts: Vec<_> = pieces.into_iter().map(|(.., start)| start).collect();
        starts.dedup();
        starts
    }
}
