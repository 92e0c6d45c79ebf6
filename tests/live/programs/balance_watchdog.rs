//! The watchdog of the program `balance`: others write while it runs, and take the room that it counts on.

use std::fs::File;
use std::io::Write;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Result, ensure};
use btrfs::Filesystem;
use nix::sys::statvfs::{FsFlags, statvfs};
use testbed::harness::{Test, skip};
use testbed::{GIB, MIB, World, kernel_version};

use super::balance::{ends, shown, spawn};

pub(crate) const TESTS: &[Test] = testbed::tests![a_balance_that_others_take_the_room_of_is_paused];

/// Metadata is raid1 and nearly full, and so is data that takes long to move; the second disk has just enough for more.
/// While the data moves, others take that.
fn a_balance_that_others_take_the_room_of_is_paused() -> Result<()> {
    if kernel_version()? >= (7, 1) {
        return skip("since Linux 7.1 the kernel looks at each device");
    }
    let world = World::new(&[3 * GIB, 5 * GIB / 4], &["-draid1", "-mraid1"])?;
    let filesystem = Filesystem::open(world.path())?;
    let metadata = || -> Result<(u64, u64)> {
        let spaces = filesystem.space()?.spaces;
        let of = spaces.iter().find(|space| space.flags.block_group_type() == Some(btrfs::BlockGroupType::Metadata));
        Ok(of.map_or((0, 0), |space| (space.total, space.used)))
    };
    let attribute = [0; 16_000];
    let mut nth = 0;
    let mut block = |world: &World| -> Result<()> {
        let path = world.join(format!("t{nth}"));
        nth += 1;
        File::create(&path)?;
        Ok(xattr::set(&path, "user.block", &attribute)?)
    };
    // One block group of metadata is full, and the next is begun.
    let first = metadata()?.0;
    while metadata()?.0 == first {
        block(&world)?;
    }
    // Data of many extents, which lies behind all metadata.
    for nth in 0..20_000 {
        File::create(world.join(format!("d{nth}")))?.write_all(&[1; 4096])?;
    }
    filesystem.sync()?;
    ends(&world, &["--full-balance", "--dry-run", "."], 0)?;
    let mut balance = spawn(&world, &["--full-balance", "."])?;
    while filesystem.balance_status()?.is_none_or(|status| status.counters.considered == 0) {
        ensure!(balance.try_wait()?.is_none(), "it was over before it began");
    }
    let mut taken = 0;
    let mut take = |size: u64| {
        while world.reserve(format!("r{taken}"), size).is_ok() {
            taken += 1;
        }
    };
    // What the data that moves leaves free meanwhile too.
    for _ in 0..4 {
        take(16 * MIB);
        sleep(Duration::from_millis(50));
    }
    let output = balance.wait_with_output()?;
    let said = String::from_utf8([output.stdout, output.stderr].concat())?;
    ensure!(output.status.code() == Some(3) && said.contains("watchdog: others have taken"), "{said}");
    ensure!(!is_read_only(&world)? && shown(&world)?.contains("paused"), "{said}");

    // Nor does it go on with what can only end badly, as the kernel itself then does.
    take(MIB);
    take(64 << 10);
    filesystem.sync()?;
    let said = ends(&world, &["resume", "."], 11)?;
    ensure!(said.contains("not resumed: the filesystem would become read-only"), "{said}");
    ensure!(world.btrfs(&["balance", "resume"], "").is_err() && is_read_only(&world)?, "the kernel did go on");
    Ok(())
}

fn is_read_only(world: &World) -> Result<bool> {
    Ok(statvfs(world.path())?.flags().contains(FsFlags::ST_RDONLY))
}
