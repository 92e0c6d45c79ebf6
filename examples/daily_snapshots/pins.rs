//! Pins: snapshots that stay until they are unpinned. They are part of the records.

use anyhow::Result;
use btrfs::Filesystem;

use crate::Arguments;
use crate::report::Report;
use crate::store::Store;

/// Sets and takes away the pins that were asked for, on each subvolume.
pub(crate) fn set(arguments: &Arguments, report: &mut Report) -> Result<()> {
    for path in &arguments.subvolumes {
        let store = Store::open(path, arguments.to.as_deref(), false)?;
        let pins = arguments.pin.iter().map(|stamp| (stamp, true));
        for (stamp, pinned) in pins.chain(arguments.unpin.iter().map(|stamp| (stamp, false))) {
            match store.pin(stamp, pinned, !arguments.dry_run) {
                Ok(()) => report.pinned(&store.path_of(stamp), pinned),
                Err(error) => report.failed(format!("{error:#}")),
            }
        }
        // A pin lasts over a power failure before it is reported.
        if !arguments.dry_run {
            Filesystem::open(&store.path)?.sync()?;
        }
    }
    Ok(())
}
