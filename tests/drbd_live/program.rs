//! The program `drbd_status`, run, and what it says as facts.

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::facts::Facts;

/// Where the program is: `DRBD_STATUS_BIN`, or where cargo puts it, beside this test's directory.
pub(crate) fn path() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("DRBD_STATUS_BIN") {
        return Ok(path.into());
    }
    testbed::command::example("drbd_status")
}

/// Runs it as that user and returns its output and exit code.
pub(crate) fn run(uid: u32, arguments: &[&str]) -> Result<(String, u8)> {
    let output = Command::new(path()?).args(arguments).uid(uid).gid(uid).output().context("starting drbd_status")?;
    if !output.stderr.is_empty() {
        bail!("drbd_status {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let code = output.status.code().and_then(|code| code.try_into().ok());
    Ok((String::from_utf8(output.stdout)?, code.context("drbd_status was killed")?))
}

/// What the JSON says, from its own fields, in the words of events2.
pub(crate) fn facts(json: &str) -> Result<Facts> {
    let json: Value = serde_json::from_str(json)?;
    let mut facts = Facts::new();
    for resource in list(&json["resources"])? {
        let name = resource["name"].as_str().context("a resource without name")?;
        let mut own = translated(resource, &[("role", "role"), ("write-ordering", "write_ordering")]);
        own.insert("suspended".to_owned(), reasons(&resource["suspended"])?);
        facts.insert(format!("resource {name}"), own);
        for device in list(&resource["devices"])? {
            let mut own = translated(device, DEVICE);
            let blocked = ["upper", "lower"].into_iter().filter(|side| device[format!("{side}_blocked")] == true);
            let blocked: Vec<&str> = blocked.collect();
            let blocked = if blocked.is_empty() { "no".to_owned() } else { blocked.join(",") };
            own.insert("blocked".to_owned(), blocked);
            facts.insert(format!("device {name}/{}", device["volume"]), own);
        }
        for connection in list(&resource["connections"])? {
            facts.insert(format!("connection {name}:0"), translated(connection, CONNECTION));
            for peer in list(&connection["peer_devices"])? {
                let mut own = translated(peer, PEER_DEVICE);
                own.insert("resync-suspended".to_owned(), reasons(&peer["resync_suspended"])?);
                facts.insert(format!("peer-device {name}:0/{}", peer["volume"]), own);
            }
        }
    }
    Ok(facts)
}

/// By events2's names: name there, name in the JSON.
type Names = [(&'static str, &'static str)];
const DEVICE: &Names = &[
    ("minor", "minor"),
    ("disk", "disk"),
    ("size", "size"),
    ("read", "read"),
    ("written", "written"),
    ("al-writes", "al_writes"),
    ("bm-writes", "bm_writes"),
    ("upper-pending", "upper_pending"),
    ("lower-pending", "lower_pending"),
    ("al-suspended", "al_suspended"),
];
const CONNECTION: &Names = &[("connection", "state"), ("role", "role"), ("congested", "congested")];
const PEER_DEVICE: &Names = &[
    ("replication", "replication"),
    ("peer-disk", "disk"),
    ("received", "received"),
    ("sent", "sent"),
    ("out-of-sync", "out_of_sync"),
    ("pending", "pending"),
    ("unacked", "unacked"),
];
/// In bytes here, in KiB there.
const AMOUNTS: &[&str] = &["size", "read", "written", "received", "sent", "out-of-sync"];

fn translated(object: &Value, names: &Names) -> BTreeMap<String, String> {
    let word = |key: &str, value: &Value| match value {
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(word) => word.clone(),
        Value::Number(bytes) if AMOUNTS.contains(&key) => (bytes.as_u64().unwrap_or(1) / 1024).to_string(),
        other => other.to_string(),
    };
    names.iter().map(|(key, name)| ((*key).to_owned(), word(key, &object[*name]))).collect()
}

fn reasons(object: &Value) -> Result<String> {
    let reasons = object.as_object().context("reasons are an object")?;
    // serde_json sorts; drbdsetup has its own order.
    let order = ["user", "no_data", "fencing", "quorum", "peer", "dependency", "max_parallel", "untold"];
    let why = order.into_iter().filter(|reason| reasons.get(*reason).is_some_and(|is| is == true));
    let why: Vec<String> = why.map(|reason| reason.replace('_', "-")).collect();
    Ok(if why.is_empty() { "no".to_owned() } else { why.join(",") })
}

fn list(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().context("a list is missing in the JSON")
}
