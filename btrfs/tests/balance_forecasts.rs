//! What the forecast says of balances that a kernel has run: states of small filesystems, each with what Linux 6.18 then
//! did. Recorded once, so that no test needs a kernel or root.

use std::fmt::Write as _;

use btrfs::balance::{BalanceRequest, Filters};
use btrfs::preflight::{
    BlockGroup, DeviceState, FsState, KernelRules, Operation, Report, Step, Verdict, plan, preflight,
};
use btrfs::{BlockGroupFlags, BlockGroupType, DevId};
use serde::Deserialize;

/// A line of the recording. Bytes are in blocks of 4096; extents are the gap before each and its length.
#[derive(Deserialize)]
struct Line {
    seed: u64,
    request: String,
    outcome: Outcome,
    relocated: Option<usize>,
    errors: u64,
    nodesize: u32,
    reserve: u64,
    devices: Vec<(u64, u64)>,
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    start: u64,
    length: u64,
    flags: u64,
    used: u64,
    stripes: Vec<(u64, u64)>,
    extents: Option<Vec<u64>>,
}

/// What the kernel did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Ok,
    Enospc,
    /// The filesystem became read-only.
    Abort,
}

const BLOCK: u64 = 4096;

impl Line {
    fn state(&self) -> FsState {
        let mut state = FsState::new(self.nodesize, 4096);
        state.global_reserve = self.reserve * BLOCK;
        state.devices = self.devices.iter().map(|(id, total)| DeviceState::new(DevId(*id), total * BLOCK)).collect();
        state.block_groups = self.groups.iter().map(Group::state).collect();
        state.mixed = state.block_groups.iter().any(|group| group.holds == BlockGroupType::Mixed);
        state
    }

    fn request(&self) -> BalanceRequest {
        self.request.split(' ').fold(BalanceRequest::new(), |request, word| {
            let filters = |text: &str| text.trim_start_matches('=').parse::<Filters>().unwrap();
            match word.split_at(2) {
                ("-f", _) => request.force(),
                ("-d", text) => request.data(filters(text)),
                ("-m", text) => request.metadata(filters(text)),
                _ => BalanceRequest::everything(),
            }
        })
    }
}

impl Group {
    fn state(&self) -> BlockGroup {
        let flags = BlockGroupFlags::from_bits_retain(self.flags);
        let (holds, profile) = (flags.block_group_type().unwrap(), flags.profile().unwrap());
        let mut group = BlockGroup::new(holds, profile, self.start * BLOCK, self.length * BLOCK);
        for (device, offset) in &self.stripes {
            group = group.stripe(DevId(*device), offset * BLOCK);
        }
        let Some(extents) = &self.extents else { return group.used(self.used * BLOCK) };
        let mut at = self.start;
        for extent in extents.chunks_exact(2) {
            at += extent[0];
            group = group.extent(at * BLOCK, extent[1] * BLOCK);
            at += extent[1];
        }
        group
    }
}

fn recording() -> Vec<Line> {
    let lines = include_str!("data/balances.ndjson").lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// How often the forecast was right.
#[derive(Default)]
struct Score {
    /// By what the kernel did, as [`Outcome`]: how often the verdict was safe, tight, won't fit.
    verdicts: [[u32; 3]; 3],
    /// Of the balances that ended well: those of which it said how many block groups would be relocated.
    relocated: (u32, u32),
    /// Of those that ran out of room: those of which it said how often.
    errors: (u32, u32),
    /// Of those that ended read-only: those that it warned of.
    aborts: (u32, u32),
    warnings: (u32, u32),
}

impl Score {
    fn add(&mut self, line: &Line, report: &Report) {
        let (column, errors) = match &report.verdict {
            Verdict::Safe(_) => (0, 0),
            Verdict::Tight { .. } => (1, 0),
            Verdict::WontFit { errors, .. } => (2, usize::try_from(*errors).unwrap()),
            other => panic!("{}: {other:?}", line.seed),
        };
        let row = [Outcome::Ok, Outcome::Enospc, Outcome::Abort].iter().position(|is| *is == line.outcome).unwrap();
        self.verdicts[row][column] += 1;
        let count = |(right, all): &mut (u32, u32), is| {
            *right += u32::from(is);
            *all += 1;
        };
        match line.outcome {
            Outcome::Ok => count(&mut self.relocated, Some(report.moves.len()) == line.relocated),
            Outcome::Enospc => count(&mut self.errors, u64::try_from(errors).unwrap() == line.errors),
            Outcome::Abort => count(&mut self.aborts, report.abort_risk),
        }
        if line.outcome != Outcome::Abort {
            count(&mut self.warnings, report.abort_risk);
        }
    }

    fn table(&self) -> String {
        let mut text = String::from("           safe  tight  won't fit\n");
        for (name, row) in ["well", "ENOSPC", "read-only"].into_iter().zip(self.verdicts) {
            writeln!(text, "{name:9}  {:4}  {:5}  {:9}", row[0], row[1], row[2]).unwrap();
        }
        let of = |(right, all)| format!("{right} of {all}");
        writeln!(text, "relocated block groups exact: {}", of(self.relocated)).unwrap();
        writeln!(text, "errors exact: {}", of(self.errors)).unwrap();
        writeln!(text, "read-only foreseen: {}; warned of else: {}", of(self.aborts), of(self.warnings)).unwrap();
        text
    }
}

/// Seeds from here on are of filesystems that were made to just fit, or just not.
const NEAR_THE_BOUNDARY: u64 = 1_000_000;

#[test]
fn forecasts_agree_with_what_the_kernel_did() {
    let (mut any, mut near, mut all) = (Score::default(), Score::default(), Score::default());
    for line in recording() {
        let report = preflight(&line.state(), &line.request(), &KernelRules::default());
        report.end.check().unwrap_or_else(|unsound| panic!("{}: {unsound}", line.seed));
        let part = if line.seed < NEAR_THE_BOUNDARY { &mut any } else { &mut near };
        part.add(&line, &report);
        all.add(&line, &report);
    }
    println!("Filesystems of all sorts\n{}\nNear the boundary\n{}\nAll\n{}", any.table(), near.table(), all.table());
    let [[_, well, alarms], [safe, tight, _], [safe_too, tight_too, _]] = all.verdicts;
    assert_eq!((safe + safe_too, alarms), (0, 0), "no verdict is wrong");
    let least = |percent, (right, of): (u32, u32)| right * 100 >= percent * of;
    assert!(least(95, (323 - well - tight - tight_too, 323)), "few are undecided");
    assert!(least(99, all.relocated) && least(90, all.errors) && least(95, all.aborts));
    assert!(!least(10, all.warnings), "a warning that comes too often is none");
}

#[test]
fn without_extents_more_is_undecided_and_nothing_wrong() {
    let mut score = Score::default();
    for line in recording() {
        score.add(&line, &preflight(&line.state().without_extents(), &line.request(), &KernelRules::default()));
    }
    println!("{}", score.table());
    let [[well, _, alarms], [safe, ..], [safe_too, ..]] = score.verdicts;
    assert_eq!((safe + safe_too, alarms), (0, 0), "no verdict is wrong");
    assert!(well >= 90, "{well} of 120 are still called safe");
}

/// What became of the failures that were recorded, each of which wants a way out.
#[test]
fn failures_have_a_plan() {
    let rules = KernelRules::default();
    let (mut planned, mut all, mut with_device, mut stay) = (0, 0, 0, 0);
    for line in recording().into_iter().filter(|line| line.outcome != Outcome::Ok).step_by(EVERY) {
        all += 1;
        let Some(plan) = plan(&line.state(), &Operation::from(line.request()), &rules) else {
            println!("{}: none for {}", line.seed, line.request);
            continue;
        };
        planned += 1;
        with_device += u32::from(plan.added().count() > 0);
        stay += u32::from(plan.steps.iter().any(|step| matches!(step, Step::AddDevice { stays: true, .. })));
    }
    println!("{planned} of {all} have a plan; {with_device} ask for devices, {stay} to stay");
    assert!(planned * 100 >= 95 * all);
}

/// All of them take a while.
const EVERY: usize = 8;
