//! Live tests of the `btrfs` crate: every call against a real kernel, on filesystems made for the test, its answers held
//! against btrfs-progs' on the same filesystem.

use std::process::ExitCode;

use testbed::harness::{self, Test};

mod list;
mod world;

const MODULES: &[(&str, &[Test])] = &[("list", list::TESTS), ("world", world::TESTS)];

fn main() -> ExitCode {
    let unmet = testbed::isolate().err().map(|error| format!("{error:#}"));
    harness::run("live", unmet.as_deref(), MODULES)
}
