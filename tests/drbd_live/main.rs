//! Live tests of the `drbd` crate and `drbd_status` against a real DRBD 8.4: two resources of one kernel, joined over
//! loopback, walked through the states an administrator knows. At every step the model is held against `drbdsetup
//! status`, `drbdsetup events2` and `/proc/drbd`.
//!
//! They set DRBD up and take it down, so they run in a VM only: `cargo xtask test` boots it.

use std::path::Path;
use std::process::ExitCode;

use testbed::harness::{self, Test};

#[path = "../drbd_facts/mod.rs"]
mod facts;
mod follow;
mod life;
mod lost;
mod pair;
mod program;
mod reader;
mod script;
mod snapshots;
mod trouble;
mod waiting;
mod watching;
mod witness;

const MODULES: &[(&str, &[Test])] = &[
    ("life", life::TESTS),
    ("trouble", trouble::TESTS),
    ("reader", reader::TESTS),
    ("snapshots", snapshots::TESTS),
    ("script", script::TESTS),
    ("lost", lost::TESTS),
    ("waiting", waiting::TESTS),
    ("watching", watching::TESTS),
];

fn main() -> ExitCode {
    if let Some(code) = lost::soak(&std::env::args().collect::<Vec<_>>()) {
        return code;
    }
    harness::run("drbd", unmet().as_deref(), MODULES)
}

/// Why the tests can't run here.
fn unmet() -> Option<String> {
    let in_vm = "`cargo xtask test` runs this in a VM";
    if !Path::new("/proc/drbd").exists() {
        return Some(format!("this kernel has no DRBD; {in_vm}"));
    }
    // A DRBD that is somebody's isn't for tests to play with. The VM says that this one is ours.
    if !std::env::var("TESTBED_REQUIRE").is_ok_and(|needs| needs.split(',').any(|need| need == "drbd")) {
        return Some(format!("this kernel's DRBD may be in use; {in_vm}"));
    }
    if !nix::unistd::geteuid().is_root() {
        return Some(format!("setting DRBD up needs root; {in_vm}"));
    }
    let missing = ["/dev/ram0", "/dev/ram1"].into_iter().find(|disk| !Path::new(disk).exists());
    missing.map(|disk| format!("there is no RAM disk {disk} (`modprobe brd rd_size=131072`); {in_vm}"))
}
