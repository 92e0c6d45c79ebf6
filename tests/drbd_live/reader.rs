//! Reading itself: by whom, from where, how much.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use drbd::{Error, Monitor, Recording, Source, Status};
use nix::sched::{CloneFlags, unshare};
use serde_json::Value;
use testbed::command;
use testbed::harness::Test;

use crate::pair::{Pair, drbdsetup};
use crate::program;
use crate::witness::agree;

pub(crate) const TESTS: &[Test] = testbed::tests![
    a_network_namespace_reads_proc,
    many_resources_are_all_read,
    resources_are_chosen_by_name,
    a_record_reads_as_the_state_it_was,
    no_descriptor_is_left_behind,
];

/// 8.4's netlink family is there in the initial namespace only; /proc/drbd is everywhere.
fn a_network_namespace_reads_proc() -> Result<()> {
    let _pair = Pair::up_to_date()?;
    let output = Command::new("unshare").args(["-n", "--"]).arg(program::path()?).arg("--json").output()?;
    let json: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(json["source"] == "proc" && json["severity"] == "OK", "{json:#}");
    let native = std::thread::spawn(|| -> Result<_> {
        unshare(CloneFlags::CLONE_NEWNET)?;
        Ok(drbd::netlink::read())
    });
    let native = native.join().expect("the thread doesn't panic")?;
    ensure!(matches!(native, Err(Error::Hidden)), "{native:?}");
    let roles: Vec<&Value> = json["resources"].as_array().expect("a list").iter().map(|own| &own["role"]).collect();
    ensure!(roles == ["Primary", "Secondary"], "{json:#}");
    ensure!(output.status.code() == Some(0));
    Ok(())
}

const MANY: u32 = 40;

/// An answer of more datagrams than the kernel puts into the socket at once.
fn many_resources_are_all_read() -> Result<()> {
    struct Down(Vec<String>);
    impl Drop for Down {
        fn drop(&mut self) {
            for name in &self.0 {
                let _ = drbdsetup(&["down", name]);
            }
        }
    }
    let _pair = Pair::nothing()?;
    let mut made = Down(Vec::new());
    for number in 0..MANY {
        let name = format!("resource-{number:03}-{}", "x".repeat(100));
        drbdsetup(&["new-resource", &name])?;
        made.0.push(name.clone());
        drbdsetup(&["new-minor", &name, &number.to_string(), "0"])?;
    }
    let status = agree("many resources")?;
    let names: BTreeSet<String> =
        status.resources.iter().flat_map(|own| own.name.as_ref()).map(ToString::to_string).collect();
    ensure!(names == made.0.iter().cloned().collect());
    ensure!((0..MANY).all(|minor| status.device(minor).is_some()));
    Ok(())
}

fn resources_are_chosen_by_name() -> Result<()> {
    let _pair = Pair::up_to_date()?;
    let (json, code) = program::run(0, &["--json", "b"])?;
    let json: Value = serde_json::from_str(&json)?;
    ensure!(json["resources"].as_array().is_some_and(|own| own.len() == 1) && json["resources"][0]["name"] == "b");
    ensure!(code == 0);
    let (text, code) = program::run(0, &["b", "c"])?;
    ensure!((text.trim(), code) == ("UNKNOWN: no resource is called c; there are a, b", 3), "{text}, {code}");
    Ok(())
}

/// The kernel hands the secret to root, and nobody else's eyes are to see it.
fn a_record_reads_as_the_state_it_was() -> Result<()> {
    const SECRET: &str = "xyzzy-plugh";
    let pair = Pair::attached()?;
    let secret = format!("--shared-secret={SECRET}");
    pair.connect(&[&secret], &[&secret])?;
    let shown = command::run("drbdsetup", ["show", "--show-defaults"])?;
    ensure!(shown.contains(SECRET), "{shown}");
    let directory = tempfile::tempdir()?;
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o777))?;
    for uid in [0, 65534] {
        let path = directory.path().join(uid.to_string());
        let file = path.to_str().context("a name")?;
        let (said, code) = program::run(uid, &["--json", "--record", file])?;
        let bytes = fs::read(&path)?;
        ensure!(!bytes.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()), "the secret is in it");
        ensure!(program::run(65534, &["--json", "--read", file])? == (said.clone(), code), "{said}");
        ensure!(Recording::parse(&bytes)?.to_bytes() == bytes);
        let again = program::run(uid, &["--record", file])?;
        ensure!(again.1 == 3 && again.0.contains("File exists") && fs::read(&path)? == bytes, "{again:?}");
    }
    Ok(())
}

fn no_descriptor_is_left_behind() -> Result<()> {
    let _pair = Pair::up_to_date()?;
    let open = || std::fs::read_dir("/proc/self/fd").map(Iterator::count);
    let before = open()?;
    for _ in 0..50 {
        ensure!(Status::read()?.source == Source::NetlinkV1);
        let mut monitor = Monitor::open()?;
        monitor.refresh();
        ensure!(monitor.try_next()?.is_some());
    }
    ensure!(open()? == before);
    Ok(())
}
