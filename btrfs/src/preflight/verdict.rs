//! From runs to a verdict.

use super::perturbation::Perturbation;
use super::report::{Assumption, Margin, Reason, Refused, Report, Runs, Verdict};
use super::rules::{KernelRules, Standing};
use super::sim::{Outcome, Simulation, Surveyed, Task};
use super::state::FsState;
use crate::balance::BalanceRequest;
use crate::block_group::BlockGroupType;
use crate::exclusive::ExclusiveOperation;
use crate::id::DevId;

/// How a balance would end: [`Preflight::balance`] with the standard runs.
#[must_use]
pub fn preflight(state: &FsState, request: &BalanceRequest, rules: &KernelRules) -> Report {
    Preflight::new(state, rules).balance(request)
}

/// No device is made smaller: `btrfs_ioctl_resize` in ioctl.c, Linux 6.18.
const LEAST: u64 = 256 << 20;

/// Some 20 TiB. All block groups of 100 TB are relocated within a second in four runs.
const MANY: usize = 20_000;

/// What is simulated: a state, the rules of a kernel, and the runs.
///
/// The same always gives the same report.
#[derive(Debug, Clone)]
pub struct Preflight<'a> {
    state: &'a FsState,
    rules: &'a KernelRules,
    runs: Vec<Perturbation>,
}

impl<'a> Preflight<'a> {
    /// With [`Perturbation::standard`], or, for more than 20 000 block groups, [`Perturbation::few`].
    #[must_use]
    pub fn new(state: &'a FsState, rules: &'a KernelRules) -> Self {
        let many = state.block_groups.len() > MANY;
        Self { state, rules, runs: if many { Perturbation::few() } else { Perturbation::standard() } }
    }

    /// With other runs. The first one tells what moves, the others only whether they end likewise; without any,
    /// [`Perturbation::NOMINAL`] is run.
    #[must_use]
    pub fn perturbations(mut self, runs: impl IntoIterator<Item = Perturbation>) -> Self {
        self.runs = runs.into_iter().collect();
        self
    }

    /// How a balance would end.
    #[must_use]
    pub fn balance(&self, request: &BalanceRequest) -> Report {
        let refused = self.begin().or_else(|| self.check(request));
        self.report(refused, Task::Balance(request))
    }

    /// How the removal of a device would end, `btrfs device remove`: all that is on it has to go elsewhere.
    #[must_use]
    pub fn remove_device(&self, device: DevId) -> Report {
        let at = self.state.devices.iter().position(|is| is.id == device);
        let refused = self.begin().or_else(|| match at {
            None => Some(Refused::NoDevice(device)),
            Some(_) => self.check_removal(device),
        });
        self.report(refused, Task::Remove(at.unwrap_or(0)))
    }

    /// How making a device smaller would end, `btrfs filesystem resize`. To a size that it has not, nothing is to do.
    #[must_use]
    pub fn shrink(&self, device: DevId, to: u64) -> Report {
        let at = self.state.devices.iter().position(|is| is.id == device);
        let small =
            (to < LEAST).then(|| Refused::Request(format!("device {device} can't have less than {LEAST} bytes")));
        let refused = self.begin().or_else(|| at.is_none().then_some(Refused::NoDevice(device))).or(small);
        self.report(refused, Task::Shrink(at.unwrap_or(0), to))
    }

    fn begin(&self) -> Option<Refused> {
        if let Err(unsound) = self.state.check() {
            return Some(Refused::Unsound(unsound));
        }
        let running = self.state.exclusive != ExclusiveOperation::None;
        running.then(|| Refused::Exclusive(self.state.exclusive.clone()))
    }

    fn check(&self, request: &BalanceRequest) -> Option<Refused> {
        use crate::balance::consent;
        let profiles = |holds: BlockGroupType| {
            self.state.block_groups.iter().filter(|group| group.holds == holds).map(|group| group.profile).collect()
        };
        let writable = self.state.devices.iter().filter(|device| device.writable).count();
        let writable = u64::try_from(writable).unwrap_or(u64::MAX);
        let checked = consent::check_against("the filesystem", request, writable, profiles);
        checked.err().map(|error| Refused::request(&error))
    }

    fn check_removal(&self, device: DevId) -> Option<Refused> {
        let left = self.state.devices.iter().filter(|other| other.id != device && other.writable).count();
        let needs = self.state.block_groups.iter().map(|group| group.profile);
        let needs = needs.filter(|profile| usize::from(self.rules.min_devices(*profile)) > left);
        if left == 0 {
            return Some(Refused::Request(format!("device {device} is the only writable one: add another first")));
        }
        let profile = needs.max_by_key(|profile| profile.min_devices())?;
        let needed = self.rules.min_devices(profile);
        Some(Refused::Request(format!("{profile} needs {needed} devices, and {left} would remain: convert it first")))
    }

    fn report(&self, refused: Option<Refused>, task: Task<'_>) -> Report {
        let mut report = Report {
            verdict: Verdict::Tight { reasons: Vec::new(), failure: None },
            expected: 0,
            moves: Vec::new(),
            bytes_moved: 0,
            end: self.state.clone(),
            abort_risk: false,
            runs: Runs::default(),
            assumptions: vec![Assumption::NoOtherWriters, Assumption::Rules(self.rules.standing())],
            rules: *self.rules,
        };
        if let Some(refused) = refused {
            report.verdict = Verdict::Refused(refused);
            return report;
        }
        if !self.state.has_extents() {
            report.assumptions.push(Assumption::ExtentsNotRead);
        }
        let surveyed = Surveyed::new(self.state);
        let nominal = [Perturbation::NOMINAL];
        let runs = if self.runs.is_empty() { nominal.as_slice() } else { &self.runs };
        let mut gathered = Gathered::default();
        for (nth, run) in Run::all(&surveyed, self.rules, runs, task).into_iter().enumerate() {
            gathered.add(&run);
            if nth == 0 {
                report.bytes_moved = run.outcome.moves.iter().map(|one| one.bytes).sum();
                report.expected = run.outcome.expected;
                report.end = run.end.unwrap_or_else(|| self.state.clone());
                gathered.nominal = run.outcome;
            }
        }
        report.runs = gathered.runs;
        report.abort_risk = gathered.nominal.metadata_short || gathered.runs.aborted > 0;
        report.verdict = self.verdict(&mut gathered);
        report.moves = gathered.nominal.moves;
        report
    }

    fn verdict(&self, gathered: &mut Gathered) -> Verdict {
        let runs = gathered.runs;
        if runs.failed == runs.run {
            if let Some(first) = gathered.nominal.first.take() {
                let (errors, aborts) = (gathered.nominal.errors, gathered.nominal.aborted);
                return Verdict::WontFit { first: Box::new(first), errors, aborts };
            }
        }
        let mut reasons = Vec::new();
        if runs.failed > 0 {
            reasons.push(Reason::SomeRunsFail(runs));
        }
        let nominal = &gathered.nominal;
        let free = nominal.least_metadata;
        if let Some(free) = free.filter(|free| nominal.metadata_tight || *free < self.comfortable()) {
            reasons.push(Reason::LittleMetadata(free));
        }
        if nominal.system_tight {
            reasons.push(Reason::LittleForSystem);
        }
        reasons.extend(doubts(self.state, self.rules));
        if reasons.is_empty() {
            Verdict::Safe(gathered.margin)
        } else {
            Verdict::Tight { reasons, failure: gathered.failure.take().map(Box::new) }
        }
    }

    /// So much free metadata is enough where no more can be allocated. Measured on Linux 6.18.
    fn comfortable(&self) -> u64 {
        let metadata = self
            .state
            .block_groups
            .iter()
            .filter(|group| matches!(group.holds, BlockGroupType::Metadata | BlockGroupType::Mixed));
        (metadata.map(|group| group.used).sum::<u64>() / 100 * 3).max(16 << 20)
    }
}

/// Why nothing that is done in this state is certain to end well.
pub(super) fn doubts(state: &FsState, rules: &KernelRules) -> impl Iterator<Item = Reason> {
    let doubts = [
        (rules.standing() == Standing::Unknown, Reason::UnknownKernel),
        (state.changing, Reason::Changing),
        (state.quota, Reason::Quota),
        (state.zoned, Reason::Zoned),
        (state.background_reclaim, Reason::BackgroundReclaim),
    ];
    doubts.into_iter().filter(|(doubtful, _)| *doubtful).map(|(_, reason)| reason)
}

/// What one run comes to.
struct Run {
    outcome: Outcome,
    unallocated: u64,
    /// Of the first run only.
    end: Option<FsState>,
}

/// With fewer block groups than this a thread takes longer to start than a run does.
const WORTH_A_THREAD: usize = 1000;

impl Run {
    fn new(surveyed: &Surveyed<'_>, rules: &KernelRules, knobs: &Perturbation, task: Task<'_>, nominal: bool) -> Self {
        let mut simulation = Simulation::new(surveyed, rules, knobs);
        simulation.run(task, nominal);
        let outcome = std::mem::take(&mut simulation.outcome);
        let unallocated = simulation.least_unallocated();
        Self { outcome, unallocated, end: nominal.then(|| simulation.into_state()) }
    }

    /// All runs. They have nothing to do with each other, so large ones are made at the same time.
    fn all(surveyed: &Surveyed<'_>, rules: &KernelRules, runs: &[Perturbation], task: Task<'_>) -> Vec<Self> {
        let numbered: Vec<_> = runs.iter().enumerate().collect();
        let each = |(nth, knobs): &(usize, &Perturbation)| Self::new(surveyed, rules, knobs, task, *nth == 0);
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        if threads == 1 || surveyed.state.block_groups.len() < WORTH_A_THREAD {
            return numbered.iter().map(each).collect();
        }
        std::thread::scope(|scope| {
            let share = numbered.len().div_ceil(threads);
            let shares: Vec<_> = numbered
                .chunks(share)
                .map(|share| scope.spawn(move || share.iter().map(each).collect::<Vec<_>>()))
                .collect();
            shares
                .into_iter()
                .flat_map(|share| share.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        })
    }
}

/// What the runs come to together.
#[derive(Debug, Default)]
struct Gathered {
    nominal: Outcome,
    runs: Runs,
    failure: Option<super::report::Failure>,
    margin: Margin,
}

impl Gathered {
    fn add(&mut self, run: &Run) {
        let Run { outcome, unallocated, .. } = run;
        let failed = outcome.first.is_some();
        let first = self.runs.run == 0;
        self.runs.run += 1;
        self.runs.failed += usize::from(failed);
        self.runs.aborted += usize::from(outcome.aborted);
        if self.failure.is_none() {
            self.failure.clone_from(&outcome.first);
        }
        self.margin = Margin {
            unallocated: if first { *unallocated } else { self.margin.unallocated.min(*unallocated) },
            metadata: [self.margin.metadata, outcome.least_metadata].into_iter().flatten().min(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::balance::Filters;
    use crate::preflight::{BlockGroup, DeviceState, KernelVersion, Phase};
    use crate::profile::Profile;

    const MIB: u64 = 1 << 20;

    /// Two devices, the smaller of them full; raid1 metadata with most of its free bytes in the last block group.
    fn uneven() -> FsState {
        let mut state = FsState::new(16384, 4096);
        state.global_reserve = 12 * MIB;
        state.devices = [(1, 768), (2, 384)].map(|(id, mib)| DeviceState::new(DevId(id), mib * MIB)).to_vec();
        let group = |holds, start, length, used| {
            let group = BlockGroup::new(holds, Profile::Raid1, start * MIB, length * MIB).used(used * MIB);
            group.stripe(DevId(1), start * MIB).stripe(DevId(2), start * MIB)
        };
        state.block_groups = vec![
            group(BlockGroupType::System, 1, 8, 0),
            group(BlockGroupType::Metadata, 9, 125, 120),
            group(BlockGroupType::Metadata, 134, 125, 120),
            group(BlockGroupType::Metadata, 259, 125, 10),
        ];
        state
    }

    fn last_metadata() -> BalanceRequest {
        BalanceRequest::new().metadata(Filters::new().limit(0..=1))
    }

    #[test]
    fn metadata_that_counts_on_a_full_device_ends_read_only_until_the_kernel_looks_at_each() {
        let report = preflight(&uneven(), &last_metadata(), &KernelRules::default());
        let Verdict::WontFit { first, aborts: true, .. } = &report.verdict else { panic!("{:?}", report.verdict) };
        assert_eq!((first.phase, first.block_group.0), (Phase::TreeBlock, 259 * MIB));
        assert_eq!(first.devices.iter().map(|room| room.longest / MIB).collect::<Vec<_>>(), [384, 0]);
        assert!(report.abort_risk);
        let report = preflight(&uneven(), &last_metadata(), &KernelRules::of(KernelVersion(7, 1)));
        let Verdict::WontFit { first, aborts: false, .. } = &report.verdict else { panic!("{:?}", report.verdict) };
        assert_eq!(first.phase, Phase::ReadOnly);
    }

    #[test]
    fn a_third_device_is_the_cure() {
        let mut state = uneven();
        state.devices.push(DeviceState::new(DevId(3), 768 * MIB));
        let report = preflight(&state, &last_metadata(), &KernelRules::default());
        assert!(report.is_safe(), "{:?}", report.verdict);
    }

    #[test]
    fn doubts_make_it_tight_and_what_can_t_begin_is_refused() {
        let mut state = uneven();
        state.devices.push(DeviceState::new(DevId(3), 768 * MIB));
        let verdict = |state: &FsState, rules| preflight(state, &last_metadata(), rules).verdict;
        let future = KernelRules::of(KernelVersion(9, 0));
        let Verdict::Tight { reasons, failure: None } = verdict(&state, &future) else { panic!("not tight") };
        assert_eq!(reasons, [Reason::UnknownKernel]);
        state.exclusive = ExclusiveOperation::BalancePaused;
        let Verdict::Refused(refused) = verdict(&state, &KernelRules::default()) else { panic!("not refused") };
        assert_eq!(refused.to_string(), "a balance is paused: resume it or cancel it first");
        state.exclusive = ExclusiveOperation::None;
        let request = BalanceRequest::new().metadata(Filters::new().convert(Profile::Raid1c4));
        let report = preflight(&state, &request, &KernelRules::default());
        assert!(matches!(&report.verdict, Verdict::Refused(Refused::Request(text)) if text.contains("needs 4")));
    }

    #[test]
    fn many_block_groups_are_each_relocated_once() {
        const GIB: u64 = 1 << 30;
        let mut state = FsState::new(16384, 4096);
        state.devices = (1..=50).map(|id| DeviceState::new(DevId(id), 200 * GIB)).collect();
        let place = |at: u64| (DevId(at % 50 + 1), at / 50 * GIB + MIB);
        let groups = (0..4000).map(|nth| {
            let ((one, at), (other, there)) = (place(2 * nth), place(2 * nth + 1));
            let holds = if nth < 10 { BlockGroupType::Metadata } else { BlockGroupType::Data };
            let group = BlockGroup::new(holds, Profile::Raid1, nth * GIB + MIB, GIB).used(GIB / 2);
            group.stripe(one, at).stripe(other, there)
        });
        let system = BlockGroup::new(BlockGroupType::System, Profile::Raid1, 4000 * GIB + MIB, 32 * MIB);
        state.block_groups = groups.collect();
        state.block_groups.push(system.stripe(DevId(1), 199 * GIB).stripe(DevId(2), 199 * GIB));
        let report = preflight(&state, &BalanceRequest::everything(), &KernelRules::default());
        assert!(report.is_safe(), "{:?}", report.verdict);
        assert_eq!((report.expected, report.moves.len()), (4001, 4001));
        // What fills the gaps of the first half is moved once more when their turn comes.
        assert!((2000 * GIB..=3000 * GIB).contains(&report.bytes_moved), "{}", report.bytes_moved);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_state_is_saved_and_read_again() {
        let state = uneven();
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<FsState>(&text).unwrap(), state);
        let report = preflight(&state, &last_metadata(), &KernelRules::default());
        assert!(serde_json::to_string(&report).unwrap().contains("tree_block"));
    }
}
