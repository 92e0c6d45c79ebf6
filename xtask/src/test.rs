//! `cargo xtask test`: every test, here and in VMs, and one honest count at the end.

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::cargo::{self, Built};
use crate::process;
use crate::results::{Reader, Results, total};
use crate::setup::{self, Privilege};
use crate::suite::Suite;
use crate::vm::Machine;

const HOST_DEADLINE: Duration = Duration::from_secs(2700);

/// A phase of the run, as the closing table shows it.
struct Phase {
    title: String,
    results: Results,
    took: Duration,
}

/// Runs everything; no failure keeps a later phase from running.
pub(crate) fn run() -> Result<ExitCode> {
    setup::install(setup::TEST)?;
    let live = live_here();
    let machine = Machine::prepare(None);
    let mut phases = Vec::new();
    match cargo::build(&["test", "--workspace", "--no-run"]) {
        Ok(built) => {
            phases.extend(on_this_machine(live, &built));
            phases.extend(in_vms(machine, &built));
        }
        Err(error) => phases.push(phase("build", Reader::cargo(), |_| Err(error))),
    }
    if process::interrupted() {
        return Ok(ExitCode::from(130));
    }
    Ok(close(&phases))
}

/// How the live tests run on this machine's own kernel.
#[derive(Clone, Copy, PartialEq)]
enum Live {
    Required,
    ThroughSudo,
    VmOnly,
}

fn live_here() -> Live {
    let why = match (setup::privilege(), setup::kernel_support()) {
        (Privilege::Root, Ok(())) => return Live::Required,
        (Privilege::Sudo, Ok(())) => return Live::ThroughSudo,
        (Privilege::None, _) => "loop devices, mounting and btrfs's privileged calls need root".to_owned(),
        (_, Err(error)) => format!("{error:#}"),
    };
    println!("test: the live btrfs tests run in the VM only, not on this machine's own kernel: {why}");
    Live::VmOnly
}

fn on_this_machine(live: Live, built: &Built) -> Vec<Phase> {
    let title = format!("this machine, Linux {}", process::running_kernel().unwrap_or_default());
    let mut phases = vec![phase(&title, Reader::cargo(), |reader| {
        let mut command = cargo::command();
        command.args(["test", "--workspace", "--no-fail-fast", "--color", "never"]);
        if live == Live::Required {
            command.env("TESTBED_REQUIRE", "live");
        }
        command.process_group(0);
        watch(command, reader)
    })];
    if live == Live::ThroughSudo {
        phases.push(phase(&format!("{title}, live tests as root"), Reader::binary("live"), |reader| {
            let test = built.test("live")?.to_string_lossy();
            let mut command = setup::as_root("run the live btrfs tests", &["env", "TESTBED_REQUIRE=live", &test])?;
            // The password is asked for here, as the tests have no terminal.
            process::status(Command::new("sudo").arg("--validate"))?;
            command.current_dir(cargo::workspace());
            watch(command, reader)
        }));
    }
    phases
}

fn watch(command: Command, reader: &mut Reader) -> Result<bool> {
    let status = process::stream(command, HOST_DEADLINE, |line| {
        println!("{line}");
        reader.line(line);
    })?;
    Ok(status.success())
}

/// One VM after the other: two at once would slow each other down, and some tests are about time.
fn in_vms(machine: Result<Machine>, built: &Built) -> Vec<Phase> {
    let machine = match machine {
        Ok(machine) => machine,
        Err(error) => return vec![phase("VM", Reader::cargo(), |_| Err(error))],
    };
    let suites = [Suite::live(&[]), Suite::drbd(&[])];
    let in_vm = |suite: &Suite| {
        let test = suite.test.unwrap_or_default();
        let title = format!("VM, Linux {}, {test}", machine.kernel.release);
        println!("test: {title}: booting");
        phase(&title, Reader::binary(test), |reader| {
            let status = suite.run(&machine, built, |line| {
                println!("{line}");
                reader.line(line);
            })?;
            Ok(status == 0)
        })
    };
    suites.iter().map(in_vm).collect()
}

/// Runs one phase. `run` says whether the runner's exit status was a good one.
fn phase(title: &str, mut reader: Reader, run: impl FnOnce(&mut Reader) -> Result<bool>) -> Phase {
    let start = Instant::now();
    let ended = run(&mut reader);
    let mut results = reader.finish();
    match ended {
        Err(error) => {
            eprintln!("test: {title}: {error:#}");
            results.broken = vec![format!("{error:#}")];
        }
        Ok(false) if results.failed_count == 0 && results.broken.is_empty() => {
            results.broken.push("the runner failed, though no test did".to_owned());
        }
        Ok(_) => {}
    }
    Phase { title: title.to_owned(), results, took: start.elapsed() }
}

/// Prints the summary, whose last line is the count alone.
fn close(phases: &[Phase]) -> ExitCode {
    println!();
    let width = phases.iter().map(|phase| phase.title.len()).max().unwrap_or(0);
    for Phase { title, results, took } in phases {
        let Results { passed_count, failed_count, ignored, .. } = results;
        println!(
            "{title:<width$} {passed_count:>4} passed {failed_count:>4} failed {:>4} ignored {:>6.0} s",
            ignored.len(),
            took.as_secs_f64()
        );
    }
    for Phase { title, results, .. } in phases {
        for (binary, name) in &results.failed {
            println!("failed: {binary} {name} ({title})");
        }
        for what in &results.broken {
            println!("failed: {title}: {}", what.lines().next().unwrap_or_default());
        }
    }
    let total = total(phases.iter().map(|phase| &phase.results));
    for ((binary, name), reason) in &total.skipped {
        println!("skipped: {binary} {name}: {reason}");
    }
    let skips_fail = setup::in_ci() && !total.skipped.is_empty();
    if skips_fail {
        println!("A skipped test is a failure here, as CI is set.");
    }
    println!("\n{} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped.len());
    if total.failed > 0 || skips_fail { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
