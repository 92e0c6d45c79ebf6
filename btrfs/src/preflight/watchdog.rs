//! A balance at work, predicted again while others write.

use super::perturbation::Perturbation;
use super::report::{Failure, Verdict};
use super::rules::KernelRules;
use super::state::{BlockGroup, FsState};
use super::verdict::Preflight;
use crate::balance::{BalanceRequest, Counters, Filters};
use crate::exclusive::ExclusiveOperation;
use crate::id::Logical;

/// Looks at what is left of a balance, and says when it would end with a filesystem that is read-only.
///
/// A verdict holds for the moment at which the state was read. Who writes meanwhile can take the room that a balance
/// counts on; it is paused in time where that is seen before the kernel has no way back:
///
/// ```no_run
/// # use std::time::Duration;
/// # use btrfs::preflight::{FsState, KernelRules, Watchdog};
/// # fn watched(filesystem: &btrfs::Filesystem, request: &btrfs::BalanceRequest) -> btrfs::Result<()> {
/// let watchdog = Watchdog::new(&FsState::read_without_extents(filesystem)?, request, &KernelRules::default());
/// let balance = btrfs::Balance::start(filesystem, request)?;
/// for status in balance.watch(Duration::from_millis(200)) {
///     let now = FsState::read_uncommitted(filesystem)?;
///     if watchdog.look(&now, &status?.counters).is_some() {
///         balance.pause()?;
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Watchdog {
    request: BalanceRequest,
    rules: KernelRules,
    /// The block groups that there were when it began, from the last to the first, which is the order it takes them in.
    groups: Vec<(Logical, u64)>,
    /// Bytes that belonged to chunks. (What is in use of them the kernel writes down only when it commits.)
    allocated: u64,
}

impl Watchdog {
    /// For a balance that begins in this state.
    #[must_use]
    pub fn new(begin: &FsState, request: &BalanceRequest, rules: &KernelRules) -> Self {
        let groups = begin.block_groups.iter().rev().map(|group| (group.start, group.length)).collect();
        Self { request: request.clone(), rules: *rules, groups, allocated: allocated(begin) }
    }

    /// How what is left of the balance would make the filesystem read-only, as it is now; `None` where it would not, in the
    /// likeliest run. `counters` say how far it is.
    ///
    /// Of the block group that it is at it is not known how much has moved already. What that leaves free in the end is
    /// counted on, unless more than that was allocated since the balance began: others are quicker.
    #[must_use]
    pub fn look(&self, now: &FsState, counters: &Counters) -> Option<Failure> {
        let considered = usize::try_from(counters.considered).unwrap_or(usize::MAX);
        let at = considered.checked_sub(1).and_then(|at| self.groups.get(at));
        let end = if considered == 0 { Logical(u64::MAX) } else { at?.0 };
        let mut state = now.clone();
        state.exclusive = ExclusiveOperation::None;
        let Some((start, length)) = at else { return self.rest(&state, end) };
        let is_at = |group: &BlockGroup| (group.start, group.length) == (*start, *length);
        // Nothing more is put into it.
        for group in state.block_groups.iter_mut().filter(|group| is_at(group)) {
            *group = BlockGroup { extents: None, used: group.length, ..group.clone() };
        }
        let danger = self.rest(&state, end)?;
        if allocated(now) > self.allocated.saturating_add(*length) {
            return Some(danger);
        }
        state.block_groups.retain(|group| !is_at(group));
        self.rest(&state, end)
    }

    /// What becomes of the block groups below an address.
    fn rest(&self, state: &FsState, end: Logical) -> Option<Failure> {
        let below = |filters: Option<&Filters>| {
            let filters = filters?.clone();
            let range = filters.vrange.clone().unwrap_or(Logical(0)..end);
            Some(filters.vrange(range.start.min(end)..range.end.min(end)))
        };
        let mut rest = self.request.clone().force();
        rest.system = below(rest.effective_system());
        (rest.data, rest.metadata) = (below(rest.data.as_ref()), below(rest.metadata.as_ref()));
        let preflight = Preflight::new(state, &self.rules).perturbations([Perturbation::NOMINAL]);
        match preflight.balance(&rest).verdict {
            Verdict::WontFit { first, aborts: true, .. } => Some(*first),
            _ => None,
        }
    }
}

fn allocated(state: &FsState) -> u64 {
    state.block_groups.iter().map(|group| group.length).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block_group::BlockGroupType;
    use crate::id::DevId;
    use crate::preflight::DeviceState;
    use crate::profile::Profile;

    const MIB: u64 = 1 << 20;

    /// Data at the top, metadata below it of which only the last has free bytes, on two devices of which the second is
    /// used up but for so many MiB.
    fn state(left: u64) -> FsState {
        let mut state = FsState::new(16384, 4096);
        state.global_reserve = 6 * MIB;
        state.devices = [(1, 2048), (2, 712 + left)].map(|(id, mib)| DeviceState::new(DevId(id), mib * MIB)).to_vec();
        let group = |holds, start, length| {
            let group = BlockGroup::new(holds, Profile::Raid1, start * MIB, length * MIB);
            group.stripe(DevId(1), start * MIB).stripe(DevId(2), start * MIB)
        };
        let data =
            (0..100).fold(group(BlockGroupType::Data, 512, 200), |data, nth| data.extent((512 + nth) * MIB, MIB));
        state.block_groups = vec![
            group(BlockGroupType::System, 1, 8).used(16384),
            group(BlockGroupType::Metadata, 9, 247).used(246 * MIB),
            group(BlockGroupType::Metadata, 256, 256).used(20 * MIB),
            data,
        ];
        state
    }

    fn at(considered: u64) -> Counters {
        Counters { considered, ..Counters::default() }
    }

    #[test]
    fn it_is_silent_while_there_is_room_and_barks_when_others_have_taken_it() {
        let request = BalanceRequest::everything();
        let begin = state(900);
        let watchdog = Watchdog::new(&begin, &request, &KernelRules::default());
        assert_eq!(watchdog.look(&begin, &at(0)), None);
        assert_eq!(watchdog.look(&begin, &at(1)), None);
        // The same with nothing left of the second device. What the data leaves behind is enough, if nobody takes it.
        let mut taken = state(0);
        assert_eq!(watchdog.look(&taken, &at(1)), None);
        assert!(watchdog.look(&taken, &at(2)).is_none(), "nothing is left that could fail but what it is at");
        let single = BlockGroup::new(BlockGroupType::Data, Profile::Single, 712 * MIB, 300 * MIB);
        taken.block_groups.push(single.stripe(DevId(1), 712 * MIB).used(300 * MIB));
        let failure = watchdog.look(&taken, &at(1)).expect("they take all there is");
        assert!(failure.aborts, "{failure}");
    }
}
