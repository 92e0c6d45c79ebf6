//! What the tests hold the library's answers against.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;
use std::time::SystemTime;

use anyhow::Result;
use btrfs::{ErrorKind, SubvolumeFlags, SubvolumeInfo};
use testbed::World;

/// What `btrfs subvolume show` says, field by field.
pub(crate) fn show(world: &World, path: impl AsRef<Path>) -> Result<BTreeMap<String, String>> {
    let shown = world.btrfs(&["subvolume", "show"], path)?;
    let fields = shown.lines().filter_map(|line| line.trim().split_once(':'));
    Ok(fields.map(|(field, value)| (field.to_owned(), value.trim().to_owned())).collect())
}

/// Holds every field that both know against `btrfs subvolume show`.
pub(crate) fn same_as_shown(info: &SubvolumeInfo, world: &World, path: impl AsRef<Path>) -> Result<()> {
    let shown = show(world, path)?;
    let dash = || "-".to_owned();
    let uuid = |uuid: Option<uuid::Uuid>| uuid.map_or_else(dash, |uuid| uuid.to_string());
    let name = match info.name.to_str() {
        Some("") => "<FS_TREE>".to_owned(),
        name => name.unwrap_or_default().to_owned(),
    };
    for (field, ours) in [
        ("Name", name),
        ("UUID", uuid(info.uuid)),
        ("Parent UUID", uuid(info.parent_uuid)),
        ("Received UUID", uuid(info.received_uuid)),
        ("Creation time", info.otime.map_or_else(|| Ok(dash()), written)?),
        ("Subvolume ID", info.id.to_string()),
        ("Generation", info.generation.to_string()),
        ("Gen at creation", info.otransid.to_string()),
        ("Parent ID", info.parent_id.map_or(0, |id| id.0).to_string()),
        ("Flags", if info.flags.contains(SubvolumeFlags::READ_ONLY) { "readonly".to_owned() } else { dash() }),
        ("Send transid", info.stransid.to_string()),
        ("Receive transid", info.rtransid.to_string()),
        ("Receive time", info.rtime.map_or_else(|| Ok(dash()), written)?),
    ] {
        assert_eq!(Some(&ours), shown.get(field), "{field} of {info:?}, shown as {shown:?}");
    }
    Ok(())
}

fn written(time: SystemTime) -> Result<String> {
    Ok(jiff::Timestamp::try_from(time)?.strftime("%Y-%m-%d %H:%M:%S +0000").to_string())
}

/// Checks that something is refused with an error of this kind, whose text says this.
pub(crate) fn refused<T: Debug>(result: btrfs::Result<T>, kind: &ErrorKind, says: &str) {
    let error = result.expect_err(says);
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(says), "{error} should say {says:?}");
}
