use super::*;
use crate::balance::Filters;
use crate::block_group::BlockGroupType;
use crate::exclusive::ExclusiveOperation;
use crate::preflight::{BlockGroup, DeviceState};
use crate::profile::Profile;

const MIB: u64 = 1 << 20;

/// A device of 4 GiB whose data chunks are each used to so many per cent, and all of it allocated.
fn full(percent: u64) -> FsState {
    let mut state = FsState::new(16384, 4096);
    state.devices = vec![DeviceState::new(DevId(1), 4096 * MIB)];
    let group = |holds, start, length| {
        BlockGroup::new(holds, Profile::Single, start * MIB, length * MIB).stripe(DevId(1), start * MIB)
    };
    state.block_groups =
        vec![group(BlockGroupType::System, 1, 4).used(16384), group(BlockGroupType::Metadata, 5, 251).used(100 * MIB)];
    for start in (256..4096).step_by(256) {
        let data = group(BlockGroupType::Data, start, 256);
        let pieces = 256 * percent / 100;
        state.block_groups.push((0..pieces).fold(data, |data, piece| data.extent((start + piece) * MIB, MIB)));
    }
    state
}

fn to_dup() -> Operation {
    let dup = Filters::new().convert(Profile::Dup);
    Operation::from(BalanceRequest::new().metadata(dup))
}

fn checked(state: &FsState, goal: &Operation) -> Plan {
    let rules = KernelRules::default();
    let plan = plan(state, goal, &rules).expect("a plan");
    // Each step is safe on what those before it lead to.
    let mut at = state.clone();
    for step in &plan.steps {
        match step {
            Step::CancelBalance => at.exclusive = ExclusiveOperation::None,
            Step::AddDevice { bytes, .. } => {
                let id = at.devices.iter().map(|device| device.id.0).max().unwrap_or(0) + 1;
                at.devices.push(DeviceState::new(DevId(id), *bytes));
            }
            Step::Run { operation, .. } => {
                let report = operation.foresee(&at, &rules);
                assert!(report.is_safe(), "{step}: {:?}", report.verdict);
                at = report.end;
            }
        }
    }
    assert_eq!(at, plan.end);
    plan
}

#[test]
fn what_fits_is_one_step() {
    let mut state = full(50);
    state.devices.push(DeviceState::new(DevId(2), 4096 * MIB));
    let plan = checked(&state, &to_dup());
    assert_eq!(plan.steps, [Step::Run { operation: to_dup(), purpose: Purpose::Goal }]);
}

#[test]
fn half_empty_chunks_are_brought_together_first() {
    let state = full(40);
    assert!(!to_dup().foresee(&state, &KernelRules::default()).is_safe());
    let plan = checked(&state, &to_dup());
    let compacts = |step: &Step| matches!(step, Step::Run { purpose: Purpose::Compact, .. });
    assert!(compacts(&plan.steps[0]), "{:?}", plan.steps);
    assert_eq!(plan.added().count(), 0);
    assert_eq!(plan.steps.last(), Some(&Step::Run { operation: to_dup(), purpose: Purpose::Goal }));
}

#[test]
fn where_nothing_is_free_a_device_is_added() {
    let state = full(100);
    let plan = checked(&state, &to_dup());
    let [bytes] = plan.added().collect::<Vec<_>>()[..] else { panic!("{:?}", plan.steps) };
    // Metadata twice, and what the kernel wants free before it sets the chunk tree's block group read-only.
    assert!((512 * MIB..=2048 * MIB).contains(&bytes), "{bytes}");
}

#[test]
fn a_paused_balance_is_cancelled_first() {
    let mut state = full(40);
    state.exclusive = ExclusiveOperation::BalancePaused;
    assert_eq!(checked(&state, &to_dup()).steps[0], Step::CancelBalance);
}

#[test]
fn a_device_can_be_removed_when_another_takes_its_place() {
    let mut state = full(90);
    let goal = Operation::RemoveDevice(DevId(1));
    state.devices.push(DeviceState::new(DevId(2), 512 * MIB));
    assert!(!goal.foresee(&state, &KernelRules::default()).is_safe());
    let plan = checked(&state, &goal);
    assert!(matches!(plan.steps[0], Step::AddDevice { stays: true, .. }), "{:?}", plan.steps);
    assert!(plan.end.devices.iter().all(|device| device.id != DevId(1)));
}

#[test]
fn there_is_no_plan_while_something_else_runs_but_for_as_many_devices_as_it_takes() {
    let mut state = full(100);
    state.exclusive = ExclusiveOperation::DeviceReplace;
    assert_eq!(plan(&state, &to_dup(), &KernelRules::default()), None);
    state.exclusive = ExclusiveOperation::None;
    let to_raid1c4 = BalanceRequest::new().metadata(Filters::new().convert(Profile::Raid1c4));
    let plan = checked(&state, &Operation::from(to_raid1c4));
    let stays = matches!(plan.steps[0], Step::AddDevice { stays: true, .. });
    assert!(plan.added().count() >= 3 && stays, "{:?}", plan.steps);
}

#[test]
fn a_plan_is_followed_step_by_step_and_what_was_lent_is_given_back() {
    let rules = KernelRules::default();
    let mut state = full(97);
    state.exclusive = ExclusiveOperation::BalancePaused;
    let mut follow = Follow::new(Operation::from(BalanceRequest::everything()));
    let mut purposes = Vec::new();
    loop {
        let step = match follow.next(&state, &rules) {
            Next::Step(plan) => plan.steps[0].clone(),
            Next::Reached => break,
            Next::NoPlan => panic!("no plan after {purposes:?}"),
        };
        let mut added = None;
        match &step {
            Step::CancelBalance => state.exclusive = ExclusiveOperation::None,
            Step::AddDevice { bytes, stays } => {
                assert!(!stays);
                state.devices.push(DeviceState::new(DevId(2), *bytes));
                added = Some(DevId(2));
            }
            Step::Run { operation, purpose } => {
                state = operation.foresee(&state, &rules).end;
                purposes.push(*purpose);
            }
        }
        follow.done(&step, added);
    }
    assert!(follow.is_reached() && follow.lent().is_empty());
    assert_eq!(purposes.last(), Some(&Purpose::GiveBack));
    assert_eq!(state.devices.len(), 1);
}

#[test]
fn of_a_goal_in_parts_each_is_done_once() {
    let convert = |profile| Filters::new().convert(profile);
    let goal = BalanceRequest::new().data(convert(Profile::Single)).metadata(convert(Profile::Dup));
    let mut follow = Follow::new(Operation::from(goal.clone()));
    let part = BalanceRequest { data: None, ..goal.clone() };
    follow.done(&Step::Run { operation: Operation::from(part.clone()), purpose: Purpose::Part }, None);
    assert_eq!(follow.goal, Some(Operation::from(BalanceRequest { metadata: None, ..goal.clone() })));
    let part = BalanceRequest { metadata: None, ..goal };
    follow.done(&Step::Run { operation: Operation::from(part), purpose: Purpose::Part }, None);
    assert!(follow.is_reached());
}
