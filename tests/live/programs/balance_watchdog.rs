//! The watchdog of the program `balance`: others write while it runs, and take the room that it counts on.

use std::fs::File;
use std::io::Write;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Result, ensure};
use btrfs::{Balance, BalanceOutcome, BalanceRequest, BlockGroupType, Filesystem};
use testbed::harness::{Test, skip};
use testbed::{GIB, MIB, World, kernel_version};

use super::balance::{ends, shown, spawn};

pub(crate) const TESTS: &[Test] =
    testbed::tests![a_balance_that_others_take_the_room_of_is_paused, a_balance_whose_room_is_gone_is_not_resumed,];

/// Metadata is raid1, and so is data that takes long to move; the second disk has just enough for more of either.
struct Ground {
    world: World,
    filesystem: Filesystem,
}

impl Ground {
    fn new() -> Result<Self> {
        let world = World::new(&[3 * GIB, 5 * GIB / 4], &["-draid1", "-mraid1"])?;
        let filesystem = Filesystem::open(world.path())?;
        let metadata = || -> Result<u64> {
            let spaces = filesystem.space()?.spaces;
            let of = spaces.iter().find(|space| space.block_group_type() == Some(BlockGroupType::Metadata));
            Ok(of.map_or(0, |space| space.total))
        };
        // One block group of metadata is full, and the next is begun.
        let (first, attribute) = (metadata()?, [0; 16_000]);
        for nth in 0.. {
            if metadata()? != first {
                break;
            }
            let path = world.join(format!("t{nth}"));
            File::create(&path)?;
            xattr::set(&path, "user.block", &attribute)?;
        }
        for nth in 0..20_000 {
            File::create(world.join(format!("d{nth}")))?.write_all(&[1; 4096])?;
        }
        filesystem.sync()?;
        ends(&world, &["--full-balance", "--dry-run", "."], 0)?;
        Ok(Self { world, filesystem })
    }

    /// Takes what there is in pieces of this size.
    fn take(&self, size: u64) {
        let mut nth = 0;
        while self.world.reserve(format!("r{size}-{nth}"), size).is_ok() {
            nth += 1;
        }
    }
}

/// The kernel is quick: on a slow machine the room may be gone, and the balance past the point where it could be paused,
/// before anybody has looked.
const ATTEMPTS: usize = 4;

fn a_balance_that_others_take_the_room_of_is_paused() -> Result<()> {
    if kernel_version()? >= (7, 1) {
        return skip("since Linux 7.1 the kernel looks at each device");
    }
    let mut ends = Vec::new();
    for _ in 0..ATTEMPTS {
        let ground = Ground::new()?;
        let mut balance = spawn(&ground.world, &["--full-balance", "."])?;
        while ground.filesystem.balance_status()?.is_none_or(|status| status.counters.considered == 0) {
            ensure!(balance.try_wait()?.is_none(), "it was over before it began");
        }
        // What the data that moves leaves free meanwhile too.
        for _ in 0..4 {
            ground.take(16 * MIB);
            sleep(Duration::from_millis(50));
        }
        let output = balance.wait_with_output()?;
        let said = String::from_utf8([output.stdout, output.stderr].concat())?;
        if output.status.code() == Some(3) {
            ensure!(said.contains("watchdog: others have taken"), "{said}");
            ensure!(shown(&ground.world)?.contains("paused"), "{said}");
            ensure!(!ground.world.is_read_only()?, "it is read-only: {said}");
            return Ok(());
        }
        ends.push(said);
    }
    anyhow::bail!("in {ATTEMPTS} attempts it was not paused: {ends:#?}")
}

fn a_balance_whose_room_is_gone_is_not_resumed() -> Result<()> {
    if kernel_version()? >= (7, 1) {
        return skip("since Linux 7.1 the kernel looks at each device");
    }
    let ground = Ground::new()?;
    let balance = Balance::start(&ground.filesystem, &BalanceRequest::everything())?;
    balance.pause()?;
    ensure!(matches!(balance.join()?, BalanceOutcome::Paused(_)), "it was over before it could be paused");
    for size in [16 * MIB, MIB, 64 << 10] {
        ground.take(size);
    }
    ground.filesystem.sync()?;
    let said = ends(&ground.world, &["resume", "."], 11)?;
    ensure!(said.contains("not resumed: the filesystem would become read-only"), "{said}");
    ensure!(
        ground.world.btrfs(&["balance", "resume"], "").is_err() && ground.world.is_read_only()?,
        "the kernel did go on"
    );
    Ok(())
}
