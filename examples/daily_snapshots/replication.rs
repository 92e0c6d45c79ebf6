//! May this node take snapshots now? Only where it is the resource's Primary and its own data is good.

use anyhow::{Result, bail};

use drbd::state::{DiskState, Role};
use drbd::{Source, Status};

/// Refuses unless this node is Primary for the resource and every volume's data here is UpToDate.
pub(crate) fn require_primary(status: &Status, name: &str) -> Result<()> {
    if status.source == Source::Proc {
        bail!(
            "DRBD tells only /proc/drbd here, which knows no resource names: run this in the host's network namespace"
        );
    }
    let Some(resource) = status.resource(name) else {
        bail!("DRBD has no resource {name} on this node: nothing is configured under that name");
    };
    if resource.role != Role::Primary {
        bail!("this node is {} for the DRBD resource {name}: snapshots are taken on its Primary", resource.role);
    }
    if resource.suspended.any() {
        bail!("I/O of the DRBD resource {name} is suspended ({}): a snapshot would wait for it", resource.suspended);
    }
    if resource.devices.is_empty() {
        bail!("the DRBD resource {name} has no volume on this node");
    }
    for device in &resource.devices {
        if device.disk != DiskState::UpToDate {
            bail!(
                "the data of /dev/drbd{} (DRBD resource {name}) is {} here, not UpToDate: bring it up to date first",
                device.minor,
                device.disk
            );
        }
    }
    Ok(())
}
