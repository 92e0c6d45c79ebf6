//! A group that shares one moment: what it costs beside one that need not.

use anyhow::{Result, ensure};
use btrfs::subvolume::OneMoment;

use crate::contestant::Contestant;
use crate::results::{Benchmark, Role};
use crate::world::{Ground, Sources};

use super::{Scale, group};

const SIZE: usize = 8;

pub(crate) fn run(scale: Scale) -> Result<Benchmark> {
    let title = format!("A group of {SIZE}, of one moment or not");
    let contestants = [
        Contestant::new(group::TAKE, Role::Ours, group::take),
        Contestant::new("this library: SnapshotGroup::take_as_one", Role::Ours, |sources: &Sources| {
            let outcome = group::asked(sources).take_as_one(&OneMoment::new())?;
            ensure!(outcome.is_complete(), "{:?}", outcome.failed().next());
            Ok(())
        }),
        Contestant::new("this library: SnapshotOptions::create, one after the other", Role::Ours, group::one_by_one),
    ];
    let rows = group::rows(&title, &contestants, scale.of(100, 2), SIZE, Ground::Memory)?;
    let how = vec![format!(
        "{SIZE} subvolumes with 16 KiB of dirty data each, as above, on a disk in memory; every turn has a new filesystem. \
         Asked for one moment, the group is taken again until all of it is in one transaction. How many transactions there \
         were, the snapshots themselves say."
    )];
    Ok(Benchmark { name: "moment".into(), title, how, rows, targets: Vec::new() })
}
