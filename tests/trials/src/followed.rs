//! A plan for what would fail, followed on the real kernel.

use std::time::Duration;

use anyhow::{Context, Result};
use btrfs::device::{AddDevice, DeviceRemoval, RemovalOutcome};
use btrfs::preflight::{Follow, FsState, KernelRules, Next, Operation, Purpose, Step};
use btrfs::{Balance, BalanceOutcome, DevId, Filesystem};
use testbed::World;

use crate::built::{checksum, is_writable};
use crate::record::{Did, Followed, Foreseen, Record, Said};

/// `None` where the operation would not fail: there is nothing to plan.
pub(crate) fn trial(seed: u64, world: &mut World, operation: &Operation) -> Result<Option<Record>> {
    let filesystem = Filesystem::open(world.path())?;
    let state = FsState::read(&filesystem)?;
    let foreseen = Foreseen::from(&operation.foresee(&state, &KernelRules::running()?));
    if foreseen.said != Said::Fail {
        return Ok(None);
    }
    let before = checksum(world.path())?;
    let mut plan = Followed::default();
    let followed = follow(world, &filesystem, operation, &mut plan);
    plan.end = followed.as_ref().err().map(|error| format!("{error:#}")).unwrap_or_default();
    plan.writable = is_writable(world)?;
    drop(filesystem);
    // From the disks, not from memory.
    if plan.writable {
        world.umount()?;
        world.mount("noatime")?;
        plan.writable = is_writable(world)?;
    }
    plan.data_intact = checksum(world.path())? == before;
    let did = if plan.reached { Did::Well } else { Did::OutOfSpace };
    let what = operation.to_string();
    Ok(Some(Record {
        seed,
        what,
        foreseen,
        did,
        chunks: None,
        errors: None,
        aborted_in: None,
        plan: Some(plan),
        usage: None,
    }))
}

fn follow(world: &mut World, filesystem: &Filesystem, goal: &Operation, told: &mut Followed) -> Result<()> {
    let rules = KernelRules::running()?;
    let mut follow = Follow::new(goal.clone());
    while let Next::Step(plan) = follow.next(&FsState::read(filesystem)?, &rules) {
        told.promised = true;
        let step = &plan.steps[0];
        told.steps.push(step.to_string());
        let added = match step {
            Step::CancelBalance => {
                filesystem.cancel_balance()?;
                None
            }
            Step::AddDevice { bytes, stays } => {
                told.lent += usize::from(!stays);
                let path = world.spare(*bytes)?;
                Some(AddDevice::new().add(filesystem, path)?.id)
            }
            Step::Run { operation, purpose } => {
                run(filesystem, operation)?;
                told.given_back += usize::from(*purpose == Purpose::GiveBack);
                None
            }
            other => anyhow::bail!("no way to do {other}"),
        };
        follow.done(step, added);
        told.reached = follow.is_reached();
    }
    Ok(())
}

fn run(filesystem: &Filesystem, operation: &Operation) -> Result<()> {
    match operation {
        Operation::Balance(request) => {
            let outcome = Balance::start(filesystem, request)?.join()?;
            anyhow::ensure!(matches!(outcome, BalanceOutcome::Completed(_)), "{operation}: {outcome}");
        }
        Operation::RemoveDevice(DevId(id)) => {
            let outcome = DeviceRemoval::start(filesystem, DevId(*id))?.wait(Duration::from_secs(200))?;
            anyhow::ensure!(outcome == Some(RemovalOutcome::Removed), "{operation}: {outcome:?}");
        }
        Operation::Shrink(device, bytes) => filesystem.resize_device(*device, *bytes).context("resizing")?,
        other => anyhow::bail!("no way to do {other}"),
    }
    Ok(())
}
