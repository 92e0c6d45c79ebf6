//! Live tests of the `btrfs` crate and of the programs: every call against a real kernel, on filesystems made for the
//! test, its answers held against btrfs-progs' on the same filesystem.

use std::process::ExitCode;

use testbed::harness;

mod balances;
mod filesystems;
mod programs;
mod subvolumes;
mod witness;
mod world;

fn main() -> ExitCode {
    if let Some((source, destination)) = subvolumes::snapshot::child_arguments() {
        return subvolumes::snapshot::child(&source, &destination);
    }
    if let Some(code) = subvolumes::moment::soak(&std::env::args().collect::<Vec<_>>()) {
        return code;
    }
    let unmet = testbed::isolate().err().map(|error| format!("{error:#}"));
    let modules = [balances::MODULES, filesystems::MODULES, programs::MODULES, subvolumes::MODULES, world::MODULES];
    harness::run("live", unmet.as_deref(), &modules.concat())
}
