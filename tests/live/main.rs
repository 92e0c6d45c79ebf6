//! Live tests of the `btrfs` crate: every call against a real kernel, on filesystems made for the test, its answers held
//! against btrfs-progs' on the same filesystem.

use std::process::ExitCode;

use testbed::harness::{self, Test};

mod balance;
mod balance_halt;
mod balance_program;
mod chunks;
mod clean;
mod convert;
mod daily_snapshots;
mod delete;
mod demo;
mod device;
mod device_usage;
mod filesystem;
mod filters;
mod find;
mod flags;
mod group;
mod list;
mod list_race;
mod reachable;
mod snapshot;
mod space;
mod subvolume;
mod subvolumes_program;
mod tree_search;
mod witness;
mod world;

const MODULES: &[(&str, &[Test])] = &[
    ("balance", balance::TESTS),
    ("balance_halt", balance_halt::TESTS),
    ("balance_program", balance_program::TESTS),
    ("clean", clean::TESTS),
    ("convert", convert::TESTS),
    ("daily_snapshots", daily_snapshots::TESTS),
    ("delete", delete::TESTS),
    ("demo", demo::TESTS),
    ("device", device::TESTS),
    ("device_usage", device_usage::TESTS),
    ("filesystem", filesystem::TESTS),
    ("filters", filters::TESTS),
    ("find", find::TESTS),
    ("flags", flags::TESTS),
    ("group", group::TESTS),
    ("list", list::TESTS),
    ("list_race", list_race::TESTS),
    ("reachable", reachable::TESTS),
    ("snapshot", snapshot::TESTS),
    ("space", space::TESTS),
    ("subvolume", subvolume::TESTS),
    ("subvolumes_program", subvolumes_program::TESTS),
    ("tree_search", tree_search::TESTS),
    ("world", world::TESTS),
];

fn main() -> ExitCode {
    if let Some((source, destination)) = snapshot::child_arguments() {
        return snapshot::child(&source, &destination);
    }
    let unmet = testbed::isolate().err().map(|error| format!("{error:#}"));
    harness::run("live", unmet.as_deref(), MODULES)
}
