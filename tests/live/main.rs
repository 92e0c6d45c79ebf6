//! Live tests of the `btrfs` crate: every call against a real kernel, on filesystems made for the test, its answers held
//! against btrfs-progs' on the same filesystem.

use std::process::ExitCode;

use testbed::harness::{self, Test};

mod flags;
mod group;
mod list;
mod snapshot;
mod subvolume;
mod witness;
mod world;

const MODULES: &[(&str, &[Test])] = &[
    ("flags", flags::TESTS),
    ("group", group::TESTS),
    ("list", list::TESTS),
    ("snapshot", snapshot::TESTS),
    ("subvolume", subvolume::TESTS),
    ("world", world::TESTS),
];

fn main() -> ExitCode {
    if let Some((source, destination)) = snapshot::child_arguments() {
        return snapshot::child(&source, &destination);
    }
    let unmet = testbed::isolate().err().map(|error| format!("{error:#}"));
    harness::run("live", unmet.as_deref(), MODULES)
}
