//! The search for a plan: what costs least first.

use std::ops::RangeInclusive;

use super::super::perturbation::Perturbation;
use super::super::rules::KernelRules;
use super::super::state::{DeviceState, FsState};
use super::super::verdict::{Preflight, doubts};
use super::{Operation, Plan, Purpose, Step};
use crate::balance::{BalanceRequest, Filters};
use crate::block_group::BlockGroupType;
use crate::exclusive::ExclusiveOperation;
use crate::id::DevId;

const MIB: u64 = 1 << 20;

/// Devices are not asked for smaller, or to the byte.
const SMALLEST: u64 = 256 * MIB;
/// How many devices are added at the most.
const DEVICES: RangeInclusive<usize> = 1..=4;
/// To what block groups are brought together: those that are used to less than so many per cent.
const RISING: [u8; 10] = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90];
/// So many steps bring data together at the most.
const COMPACTIONS: usize = 24;

pub(super) struct Search<'a> {
    state: &'a FsState,
    goal: &'a Operation,
    rules: &'a KernelRules,
}

/// Steps, and what they lead to.
type Way = (Vec<Step>, FsState);

impl<'a> Search<'a> {
    pub(super) fn new(state: &'a FsState, goal: &'a Operation, rules: &'a KernelRules) -> Self {
        Self { state, goal, rules }
    }

    pub(super) fn find(&self) -> Option<Plan> {
        self.state.check().ok()?;
        if doubts(self.state, self.rules).next().is_some() {
            return None;
        }
        let mut begin = self.state.clone();
        let mut steps = Vec::new();
        if begin.exclusive == ExclusiveOperation::BalancePaused {
            begin.exclusive = ExclusiveOperation::None;
            steps.push(Step::CancelBalance);
        }
        let (more, end) = self
            .directly(&begin)
            .or_else(|| self.compacted(&begin))
            .or_else(|| DEVICES.into_iter().find_map(|count| self.with_devices(&begin, count)))?;
        steps.extend(more);
        Some(Plan { steps, end })
    }

    /// One step where it is safe. Looked at quickly first: most steps that are tried are not.
    fn run(&self, state: &FsState, operation: Operation, purpose: Purpose) -> Option<Way> {
        let quick = Preflight::new(state, self.rules).perturbations([Perturbation::NOMINAL]);
        if !operation.by(&quick).is_safe() {
            return None;
        }
        let report = operation.foresee(state, self.rules);
        report.is_safe().then(|| (vec![Step::Run { operation, purpose }], report.end))
    }

    /// The goal as it is, or its parts one after the other.
    fn directly(&self, state: &FsState) -> Option<Way> {
        if let Some(way) = self.run(state, self.goal.clone(), Purpose::Goal) {
            return Some(way);
        }
        let Operation::Balance(request) = self.goal else { return None };
        let (data, metadata) = (request.data.clone()?, request.metadata.clone()?);
        if state.mixed {
            return None;
        }
        let alone = |data: Option<Filters>, metadata: Option<Filters>| {
            let mut part = BalanceRequest::clone(request);
            part.system = part.system.filter(|_| metadata.is_some());
            (part.data, part.metadata) = (data, metadata);
            Operation::from(part)
        };
        let (data, metadata) = (alone(Some(data), None), alone(None, Some(metadata)));
        [[data.clone(), metadata.clone()], [metadata, data]].into_iter().find_map(|parts| {
            let mut way = (Vec::new(), state.clone());
            for part in parts {
                way = self.then(way, |state| self.run(state, part, Purpose::Part))?;
            }
            Some(way)
        })
    }

    fn then(&self, (mut steps, state): Way, next: impl FnOnce(&FsState) -> Option<Way>) -> Option<Way> {
        let (more, end) = next(&state)?;
        steps.extend(more);
        Some((steps, end))
    }

    /// Brings data together, the emptiest block groups first, until the goal fits.
    fn compacted(&self, state: &FsState) -> Option<Way> {
        let mut way = (Vec::new(), state.clone());
        // Where all at once do not fit, one by one may.
        let gently = RISING.into_iter().flat_map(|usage| [(usage, None), (usage, Some(1))]);
        for (usage, limit) in gently {
            while way.0.len() < COMPACTIONS {
                let Some((step, end)) = self.compaction(&way.1, usage, limit) else { break };
                way.0.extend(step);
                way.1 = end;
                if let Some((rest, end)) = self.directly(&way.1) {
                    way.0.extend(rest);
                    return Some((way.0, end));
                }
            }
        }
        None
    }

    /// One balance that brings data together, where it is safe and leaves more unallocated.
    fn compaction(&self, state: &FsState, usage: u8, limit: Option<u32>) -> Option<Way> {
        let filters = Filters::new().usage(0..usage);
        let filters = limit.map_or(filters.clone(), |limit| filters.limit(0..=limit));
        let mut request = BalanceRequest::new().data(filters.clone());
        if state.mixed {
            request = request.metadata(filters);
        }
        let way = self.run(state, Operation::from(request), Purpose::Compact)?;
        (allocated(&way.1) < allocated(state)).then_some(way)
    }

    /// With so many devices more, of the smallest size that is found to do; to be taken away again, if that can be.
    fn with_devices(&self, state: &FsState, count: usize) -> Option<Way> {
        self.smallest(state, count, false).or_else(|| self.smallest(state, count, true))
    }

    fn smallest(&self, state: &FsState, count: usize, stays: bool) -> Option<Way> {
        let total = state.devices.iter().map(|device| device.total).sum::<u64>();
        // A greater one need not do where a smaller one does: more comes to lie on it, which has to leave it again.
        let sizes = std::iter::successors(Some(SMALLEST), |size| Some(size * 2)).take_while(|size| *size / 2 <= total);
        let mut found = sizes.map(|size| (size, self.with_size(state, count, size, stays)));
        let (mut enough, mut way) = found.find_map(|(size, way)| Some((size, way?)))?;
        let mut too_small = enough / 2;
        while enough - too_small > SMALLEST.max(enough / 8) {
            let middle = too_small + (enough - too_small) / 2;
            match self.with_size(state, count, middle, stays) {
                Some(smaller) => (way, enough) = (smaller, middle),
                None => too_small = middle,
            }
        }
        Some(way)
    }

    fn with_size(&self, state: &FsState, count: usize, bytes: u64, stays: bool) -> Option<Way> {
        let mut larger = state.clone();
        let free = larger.devices.iter().map(|device| device.id.0).max().unwrap_or(0) + 1;
        let added: Vec<_> = (free..).take(count).map(DevId).collect();
        larger.devices.extend(added.iter().map(|id| DeviceState::new(*id, bytes)));
        let mut way = self.directly(&larger).or_else(|| self.compacted(&larger))?;
        for id in added.iter().rev().filter(|_| !stays) {
            let removal = Operation::RemoveDevice(*id);
            way = self.then(way, |state| self.run(state, removal, Purpose::GiveBack))?;
        }
        let mut steps: Vec<_> = added.iter().map(|_| Step::AddDevice { bytes, stays }).collect();
        steps.extend(way.0);
        Some((steps, way.1))
    }
}

/// Bytes of block groups of data.
fn allocated(state: &FsState) -> u64 {
    let data = |holds| matches!(holds, BlockGroupType::Data | BlockGroupType::Mixed);
    state.block_groups.iter().filter(|group| data(group.holds)).map(|group| group.length).sum()
}
