//! The ground the other tests stand on.

use anyhow::Result;
use testbed::harness::Test;
use testbed::{GIB, World};

pub(crate) const MODULES: &[(&str, &[Test])] = &[("world", testbed::tests![a_world_is_a_btrfs_over_its_own_disks])];

fn a_world_is_a_btrfs_over_its_own_disks() -> Result<()> {
    let world = World::new(&[2 * GIB, GIB], &["-draid0", "-mraid1"])?;
    let shown = world.btrfs(&["filesystem", "show", "--raw"], "")?;
    for disk in world.disks() {
        assert!(shown.contains(&format!("path {}", disk.path().display())), "{shown}");
    }
    let before = world.commits()?;
    world.btrfs(&["subvolume", "create"], "a")?;
    world.btrfs(&["subvolume", "snapshot"], "a").unwrap_err();
    world.btrfs(&["filesystem", "sync"], "")?;
    assert!(world.commits()? > before, "{before}");
    world.umount()?;
    world.mount("ro")
}
