//! `cargo xtask demo`: the main job on a real btrfs on two disks of unequal size.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::cargo;
use crate::setup::{self, Privilege};
use crate::story;

/// Installs what is missing, builds the programs and shows them at work, as root.
pub(crate) fn prepare_and_run() -> Result<ExitCode> {
    let purpose = "show this on a real filesystem: it makes loop devices, formats and mounts them, and removes them \
                   again; nothing else on this machine is touched";
    if setup::privilege() == Privilege::None {
        // Says what to type; nothing is installed or built for a demo that can't run.
        setup::as_root(purpose, &["cargo", "xtask", "demo"])?;
    }
    setup::install(setup::DEMO)?;
    setup::kernel_support()?;
    let built = cargo::build(&["build", "--package", "storage-tools", "--examples"])?;
    let programs = built.examples.values().next().and_then(|path| path.parent()).context("cargo built no examples")?;
    if setup::privilege() == Privilege::Root {
        return run(programs);
    }
    let this = std::env::current_exe().context("finding this program")?;
    let words = [this.to_string_lossy(), "demo".into(), "--programs".into(), programs.to_string_lossy()];
    let mut command = setup::as_root(purpose, &words.each_ref().map(|word| &**word))?;
    let status = command.status().context("starting the demo through sudo")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The story itself, with the example programs in `programs`; needs root.
pub(crate) fn run(programs: &Path) -> Result<ExitCode> {
    story::tell(programs)?;
    Ok(ExitCode::SUCCESS)
}
