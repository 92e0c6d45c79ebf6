//! The kernel as judge: what is foreseen of an operation, and what comes of it by btrfs-progs.

use std::ffi::OsStr;

use anyhow::{Result, bail};
use btrfs::balance::Filters;
use btrfs::preflight::{BlockGroup, FsState, KernelRules, Operation};
use btrfs::{BalanceRequest, DevId, Filesystem};
use testbed::World;
use testbed::command::output;

use crate::kernel_log::KernelLog;
use crate::recipe::{Leave, Recipe, share};
use crate::record::{Did, Foreseen, Record};

/// The balance of a recipe, of its words.
pub(crate) fn balance(recipe: &Recipe) -> Result<Operation> {
    let request = recipe.balance.iter().try_fold(BalanceRequest::new(), |request, word| {
        let filters = |text: &str| text.trim_start_matches('=').parse::<Filters>();
        Ok::<_, anyhow::Error>(match word.split_at(2) {
            ("-f", _) => request.force(),
            ("-d", text) => request.data(filters(text)?),
            ("-m", text) => request.metadata(filters(text)?),
            _ => BalanceRequest::everything(),
        })
    })?;
    Ok(Operation::from(request))
}

/// The removal of a recipe, or the shrinking.
pub(crate) fn leave(recipe: &Recipe, filesystem: &Filesystem) -> Result<Operation> {
    let devices = filesystem.devices()?;
    Ok(match recipe.leave {
        Leave::Remove(which) => Operation::RemoveDevice(devices[which].id),
        Leave::Shrink(which, to) => {
            let bytes = share(devices[which].total, to).max(256 << 20) / 65536 * 65536;
            Operation::Shrink(devices[which].id, bytes.min(devices[which].total))
        }
    })
}

/// Foresees an operation, does it, and compares.
pub(crate) fn trial(seed: u64, world: &World, operation: &Operation, keep: Option<&std::path::Path>) -> Result<Record> {
    let filesystem = Filesystem::open(world.path())?;
    let state = FsState::read(&filesystem)?;
    if let Some(keep) = keep {
        std::fs::create_dir_all(keep)?;
        std::fs::write(keep.join(format!("{seed}.json")), serde_json::to_string(&state)?)?;
    }
    let foreseen = Foreseen::from(&operation.foresee(&state, &KernelRules::running()?));
    drop(filesystem);
    let log = KernelLog::from_now()?;
    let words = words(operation)?;
    let words = words.iter().map(OsStr::new).chain([world.path().as_os_str()]);
    let ended = output("btrfs", words)?;
    let said = String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned();
    let lines = log.of(world);
    let errors = lines.iter().find_map(|line| {
        line.split(" enospc errors").next().filter(|first| *first != line)?.rsplit(' ').next()?.parse().ok()
    });
    let read_only = world.is_read_only()?;
    let did = match ended.status.success() {
        _ if read_only => Did::ReadOnly,
        true => Did::Well,
        false if said.contains("No space left") || errors.is_some() => Did::OutOfSpace,
        false if said.contains("Invalid argument") || said.contains("ERROR") => Did::Refused,
        false => bail!("btrfs-progs ends with {}: {said}", ended.status),
    };
    let aborted_in = lines.into_iter().find(|line| did == Did::ReadOnly && line.contains("errno="));
    let chunks = match operation {
        Operation::Balance(_) => said.split("relocate ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok()),
        // After an abort there is nothing to read that holds.
        _ if did == Did::ReadOnly => None,
        _ => {
            let after = FsState::read_uncommitted(&Filesystem::open(world.path())?)?;
            leaving(&state, operation).checked_sub(leaving(&after, operation))
        }
    };
    let what = operation.to_string();
    Ok(Record { seed, what, foreseen, did, chunks, errors, aborted_in, plan: None, usage: None })
}

/// How many block groups are where a device is to have none: those that went are counted on it, as the kernel tells no
/// number and, when others keep it busy, leaves lines out of its log.
fn leaving(state: &FsState, operation: &Operation) -> u64 {
    let (device, from) = match operation {
        Operation::RemoveDevice(device) => (*device, 0),
        Operation::Shrink(device, to) => (*device, *to),
        _ => return 0,
    };
    let leaves = |group: &&BlockGroup| {
        let length = group.stripe_bytes().unwrap_or(group.length);
        group.stripes.iter().any(|stripe| stripe.device == device && stripe.offset.0 + length > from)
    };
    u64::try_from(state.block_groups.iter().filter(leaves).count()).unwrap_or(u64::MAX)
}

/// What btrfs-progs is to be told.
fn words(operation: &Operation) -> Result<Vec<String>> {
    let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    Ok(match operation {
        Operation::Balance(request) if **request == BalanceRequest::everything() => {
            own(&["balance", "start", "--full-balance"])
        }
        Operation::Balance(request) => {
            let mut words = own(&["balance", "start"]);
            // -s as the request prints it would need -f; without it the filters of -m hold.
            words.extend(request.to_string().split(' ').map(str::to_owned));
            words
        }
        Operation::RemoveDevice(DevId(id)) => own(&["device", "remove", &id.to_string()]),
        Operation::Shrink(DevId(id), bytes) => own(&["filesystem", "resize", &format!("{id}:{bytes}")]),
        other => bail!("no words for {other}"),
    })
}
