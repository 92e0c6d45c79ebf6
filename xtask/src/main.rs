//! The project's own commands, typed as `cargo xtask <command>`.

mod apt;
mod bench;
mod bindings;
mod cargo;
mod demo;
mod initramfs;
mod kernel;
mod modules;
mod process;
mod results;
mod scratch;
mod setup;
mod soak;
mod story;
mod suite;
mod test;
mod vm;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use suite::Suite;

/// The project's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Shows the main job on a real btrfs on two loop disks of unequal size; needs root.
    Demo {
        /// Where the example programs are; set when the demo starts itself again as root.
        #[arg(long, hide = true)]
        programs: Option<PathBuf>,
    },
    /// Runs every test: on this machine, on Debian's kernel in a VM, and against a real DRBD in a VM.
    Test,
    /// Boots Debian's kernel in QEMU and runs one suite, or a command, in it. Needs no root.
    Vm {
        #[command(subcommand)]
        what: InVm,
        /// Kernel series to boot, such as 6.12; without it, the one this Debian release installs.
        #[arg(long, global = true, value_name = "VERSION")]
        kernel: Option<String>,
    },
    /// Measures the library beside its peers, as root, for some ten minutes, and writes docs/benchmarks.md.
    Bench {
        /// Only sees, within a minute, whether everything works; writes nothing outside of target/.
        #[arg(long)]
        quick: bool,
    },
    /// Regenerates btrfs-sys/src/bindings.rs from the pinned kernel headers; needs libclang.
    Bindings {
        /// Changes nothing; fails where the checked-in file differs.
        #[arg(long)]
        check: bool,
    },
    /// Runs what takes too long for the tests, and writes docs/soaks; needs root.
    Soak {
        #[command(subcommand)]
        what: Soak,
    },
    /// Installs what the other commands need and fetches what the VM needs.
    Setup,
}

#[derive(Subcommand)]
enum Soak {
    /// Groups of snapshots of one moment: how often they come about, what they cost, and their promise.
    Moments {
        /// How many groups of each kind; of one moment under a writer, three times as many.
        #[arg(long, default_value_t = 1000)]
        groups: usize,
        /// When the groups are taken is drawn from this.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

#[derive(Subcommand)]
enum InVm {
    /// The live btrfs tests.
    Live {
        /// Arguments for the test binary, such as a test's name.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// The DRBD tests, against the kernel's own DRBD.
    Drbd {
        /// Arguments for the test binary, such as a test's name.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// A command of the caller's, with btrfs and DRBD loaded, the tests and programs at hand.
    Shell {
        /// The command and its arguments.
        #[arg(last = true, required = true)]
        command: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("cargo xtask: {error:#}");
            ExitCode::from(if process::interrupted() { 130 } else { 1 })
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Demo { programs: Some(programs) } => demo::run(&programs),
        Command::Demo { programs: None } => demo::prepare_and_run(),
        Command::Test => {
            process::catch_signals()?;
            test::run()
        }
        Command::Vm { what, kernel } => {
            process::catch_signals()?;
            let suite = match what {
                InVm::Live { arguments } => Suite::live(&arguments),
                InVm::Drbd { arguments } => Suite::drbd(&arguments),
                InVm::Shell { command } => Suite::command(&command),
            };
            suite::run_alone(&suite, kernel.as_deref())
        }
        Command::Bench { quick } => bench::run(quick),
        Command::Bindings { check } => bindings::run(check),
        Command::Soak { what: Soak::Moments { groups, seed } } => soak::moments(groups, seed),
        Command::Setup => {
            setup::install(setup::EVERYTHING)?;
            vm::Machine::prepare(None)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
