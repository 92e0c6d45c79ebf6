//! The listing as JSON.

use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::SystemTime;

use btrfs::{SubvolumeFlags, SubvolumeInfo};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::Listing;

pub(crate) fn write(out: &mut impl Write, listing: &Listing) -> io::Result<()> {
    let errors: Vec<String> = listing.errors.iter().map(ToString::to_string).collect();
    let subvolumes = listing.subvolumes.iter().map(|entry| subvolume(&entry.info, entry.path()));
    let report = json!({
        "base": subvolume(&listing.base, Some(Path::new(""))),
        "complete": !listing.reachable_only && errors.is_empty(),
        "subvolumes": subvolumes.collect::<Vec<_>>(),
        "errors": errors,
    });
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

/// One without a path was deleted.
fn subvolume(info: &SubvolumeInfo, path: Option<&Path>) -> Value {
    let time = |time: Option<SystemTime>| Some(Timestamp::try_from(time?).ok()?.to_string());
    let path = path.map(Path::as_os_str);
    let mut object = json!({
        "id": info.id,
        "path": path.map(|path| path.to_string_lossy()),
        "parent_id": info.parent_id,
        "directory": info.directory,
        "deleted": path.is_none(),
        "read_only": info.flags.contains(SubvolumeFlags::READ_ONLY),
        "flags": info.flags,
        "generation": info.generation,
        "uuid": info.uuid,
        "parent_uuid": info.parent_uuid,
        "received_uuid": info.received_uuid,
        "ctransid": info.ctransid,
        "otransid": info.otransid,
        "stransid": info.stransid,
        "rtransid": info.rtransid,
        "ctime": time(info.ctime),
        "otime": time(info.otime),
        "stime": time(info.stime),
        "rtime": time(info.rtime),
    });
    if let Some(path) = path.filter(|path| path.to_str().is_none()) {
        object["path_bytes"] = json!(path.as_bytes());
    }
    object
}
