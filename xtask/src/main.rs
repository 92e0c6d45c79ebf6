//! The project's own commands, typed as `cargo xtask <command>`.

mod apt;
mod bench;
mod bindings;
mod cargo;
mod demo;
mod initramfs;
mod kernel;
mod modules;
mod packages;
mod page;
mod process;
mod results;
mod scratch;
mod setup;
mod soak;
mod story;
mod suite;
mod test;
mod trials;
mod vm;
mod vm_bench;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use suite::Suite;
use vm::Machine;
use vm_bench::Benchmark;

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
    /// Runs what takes too long for the tests, and writes docs/soaks.
    Soak {
        #[command(subcommand)]
        what: Soak,
    },
    /// Makes random filesystems, foresees what becomes of them, and has the kernel as judge; writes docs/trials; needs root.
    Trials(trials::Trials),
    /// Installs what the other commands need and fetches what the VM needs.
    Setup,
}

#[derive(Subcommand)]
enum Soak {
    /// Groups of snapshots of one moment: how often they come about, what they cost, and their promise; needs root.
    Moments {
        /// How many groups of each kind; of one moment under a writer, three times as many.
        #[arg(long, default_value_t = 1000)]
        groups: usize,
        /// When the groups are taken is drawn from this.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Events of DRBD that a monitor loses: told each time, and healed. In a VM.
    DrbdLost {
        /// How often more happens than the monitor's buffer holds.
        #[arg(long, default_value_t = 1000)]
        rounds: u32,
        /// What happens is drawn from this.
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
    /// The same writing on ext4 with LVM's snapshots and on btrfs with its own: target/bench/lvm.json.
    Lvm {
        /// How often to measure everything.
        #[arg(long, default_value_t = vm_bench::ROUNDS)]
        rounds: u32,
    },
    /// DRBD's state read by the library and by drbdsetup, with up to 1000 resources: target/bench/drbd_vm.json.
    ReadDrbd {
        /// How often to measure everything.
        #[arg(long, default_value_t = vm_bench::ROUNDS)]
        rounds: u32,
    },
    /// 256 snapshots on a disk with slow flushes, as a group and one after the other: target/bench/slow_flush_vm.json.
    SlowFlush {
        /// How often to measure everything.
        #[arg(long, default_value_t = vm_bench::ROUNDS)]
        rounds: u32,
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
            let kernel = kernel.as_deref();
            match what {
                InVm::Live { arguments } => suite::run_alone(&Suite::live(&arguments), kernel),
                InVm::Drbd { arguments } => suite::run_alone(&Suite::drbd(&arguments), kernel),
                InVm::Shell { command } => suite::run_alone(&Suite::command(&command), kernel),
                InVm::Lvm { rounds } => measure(Benchmark::Lvm, kernel, rounds),
                InVm::SlowFlush { rounds } => measure(Benchmark::SlowFlush, kernel, rounds),
                InVm::ReadDrbd { rounds } => measure(Benchmark::Drbd, kernel, rounds),
            }
        }
        Command::Bench { quick } => bench::run(quick),
        Command::Bindings { check } => bindings::run(check),
        Command::Soak { what: Soak::Moments { groups, seed } } => soak::moments(groups, seed),
        Command::Trials(trials) => trials::run(&trials),
        Command::Soak { what: Soak::DrbdLost { rounds, seed } } => soak::drbd_lost(rounds, seed),
        Command::Setup => {
            setup::install(setup::EVERYTHING)?;
            let machine = Machine::prepare(None)?;
            machine.fetch(&[suite::DRBD_PROGRAMS])?;
            machine.fetch(&vm_bench::PROGRAMS)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn measure(benchmark: Benchmark, kernel: Option<&str>, rounds: u32) -> Result<ExitCode> {
    let file = vm_bench::run(benchmark, kernel, rounds)?;
    println!("The result is in {}", file.display());
    Ok(ExitCode::SUCCESS)
}
