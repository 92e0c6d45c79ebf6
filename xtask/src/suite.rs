//! The suites that run in the VM.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use crate::cargo::{self, Built};
use crate::packages::Programs;
use crate::setup;
use crate::vm::{Job, Machine};

/// The directory in the guest that is laid out like cargo's `target/debug`, as tests find the programs beside them.
const TARGET: &str = "/target";
/// btrfs asks for its checksums by algorithm, which no dependency between the modules shows.
pub(crate) const CHECKSUMS: [&str; 4] = ["crc32c_generic", "xxhash_generic", "sha256_generic", "blake2b_generic"];
pub(crate) const BTRFS: [(&str, &str); 2] = [("loop", ""), ("btrfs", "")];
/// DRBD's disks are RAM disks of 128 MiB: 109 MiB is the least that mkfs.btrfs takes.
/// Without a helper the kernel would run drbdadm, which has no configuration here, and drop the connection.
pub(crate) const DRBD: [(&str, &str); 2] =
    [("brd", "rd_nr=12 rd_size=131072"), ("drbd", "disable_sendpage=1 usermode_helper=/bin/true")];

/// With a kernel that has DRBD 8.4, the last two are what the first two run.
pub(crate) const DRBD_PROGRAMS: Programs = Programs {
    package: "drbd-utils",
    paths: &["sbin/drbdsetup", "sbin/drbdadm", "sbin/drbdmeta", "lib/drbd/drbdsetup-84", "lib/drbd/drbdadm-84"],
};
/// What the tests run.
const HOST_PROGRAMS: [&str; 7] = ["btrfs", "mkfs.btrfs", "btrfstune", "chattr", "gzip", "strace", "tar"];

/// A run of test binaries, or of the caller's command, in the guest.
pub(crate) struct Suite {
    /// The test binary, for the suites that are one.
    pub(crate) test: Option<&'static str>,
    modules: Vec<(&'static str, &'static str)>,
    script: String,
    deadline: Duration,
}

impl Suite {
    /// The live btrfs tests.
    pub(crate) fn live(arguments: &[String]) -> Self {
        Self::of_test("live", "live", BTRFS.to_vec(), arguments)
    }

    /// The DRBD tests.
    pub(crate) fn drbd(arguments: &[String]) -> Self {
        Self::of_test("drbd_live", "drbd", [BTRFS, DRBD].concat(), arguments)
    }

    /// The DRBD tests' long form, for which they are started with these arguments.
    pub(crate) fn drbd_soak(arguments: &[String]) -> Self {
        Self { deadline: Duration::from_secs(4 * 3600), ..Self::drbd(arguments) }
    }

    /// A command of the caller's.
    pub(crate) fn command(command: &[String]) -> Self {
        Self {
            test: None,
            modules: [BTRFS, DRBD].concat(),
            script: script(&format!("exec {}", quoted(command))),
            deadline: Duration::from_secs(3600),
        }
    }

    fn of_test(
        test: &'static str,
        required: &str,
        modules: Vec<(&'static str, &'static str)>,
        arguments: &[String],
    ) -> Self {
        let line = format!("TESTBED_REQUIRE={required} exec ./deps/{test} {}", quoted(arguments));
        Self { test: Some(test), modules, script: script(&line), deadline: Duration::from_secs(2700) }
    }

    /// Runs the suite in a guest of its own and gives the exit status of the tests or the command.
    pub(crate) fn run(&self, machine: &Machine, built: &Built, line: impl FnMut(&str)) -> Result<u8> {
        let mut programs: Vec<(&Path, String)> = Vec::new();
        for (name, path) in &built.examples {
            programs.push((path, format!("{TARGET}/examples/{name}")));
        }
        match self.test {
            Some(test) => programs.push((built.test(test)?, format!("{TARGET}/deps/{test}"))),
            None => programs.extend(built.tests.iter().map(|(name, path)| (&**path, format!("{TARGET}/deps/{name}")))),
        }
        let job = Job {
            modules: &self.modules,
            optional_modules: &CHECKSUMS,
            packages: &[DRBD_PROGRAMS],
            host_programs: &HOST_PROGRAMS,
            disks: &[],
            programs,
            script: self.script.clone(),
            deadline: self.deadline,
        };
        machine.run(&job, line)
    }
}

/// Prepares everything for one suite, runs it and passes its exit status on.
pub(crate) fn run_alone(suite: &Suite, kernel: Option<&str>) -> Result<ExitCode> {
    run_heard(suite, kernel, |line| println!("{line}")).map(ExitCode::from)
}

/// The same, with what it prints for the caller.
pub(crate) fn run_heard(suite: &Suite, kernel: Option<&str>, line: impl FnMut(&str)) -> Result<u8> {
    setup::install(setup::VM)?;
    let machine = Machine::prepare(kernel)?;
    let mut built = cargo::build(&["build", "--package", "storage-tools", "--examples"])?;
    let which = suite.test.map_or(vec!["--tests"], |test| vec!["--test", test]);
    built.tests = cargo::build(&[&["test", "--package", "storage-tools", "--no-run"], &which[..]].concat())?.tests;
    println!("vm: booting Linux {}", machine.kernel.release);
    suite.run(&machine, &built, line)
}

fn script(last: &str) -> String {
    let ci = if setup::in_ci() { "export CI=true\n" } else { "" };
    format!(
        "export DRBD_STATUS_BIN={TARGET}/examples/drbd_status PATH=$PATH:{TARGET}/examples\n\
         {ci}cd {TARGET}\n{last}\n"
    )
}

/// The words as the shell reads them back.
fn quoted(words: &[String]) -> String {
    let quote = |word: &String| format!("'{}'", word.replace('\'', r"'\''"));
    words.iter().map(quote).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn quoted_words_come_back_from_the_shell_unchanged() {
        let words = ["a b", "it's", "$HOME", "", "*", "-x"].map(str::to_owned);
        let output = Command::new("sh").arg("-c").arg(format!("printf '%s\\n' {}", quoted(&words))).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap().lines().collect::<Vec<_>>(), words);
    }
}
