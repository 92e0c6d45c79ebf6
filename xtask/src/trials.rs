//! `cargo xtask trials`: random filesystems, with the kernel as judge; the result is kept in docs/trials.

use std::os::unix::process::CommandExt;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::suite::{BTRFS, CHECKSUMS};
use crate::vm::{Job, Machine};
use crate::{cargo, page, process, setup};

const PROGRAM: &str = "trials";
const PURPOSE: &str = "make, fill and balance btrfs filesystems on loop devices";
const DEADLINE: Duration = Duration::from_secs(12 * 3600);
/// Behind this line the program prints what becomes of the page.
const PAGE: &str = "page:";

/// What is tried, and where.
#[derive(Debug, clap::Args)]
pub(crate) struct Trials {
    /// What is foreseen: `balance`, `leave` (a device is removed or made smaller), `plan`, `usage`.
    kind: String,
    /// Which trials, from the first to before the last: 1..20; from 1000000 on they are made to just fit, or just not.
    #[arg(long, required = true)]
    seeds: Vec<String>,
    /// So many at the most; of plans, so many that would fail.
    #[arg(long)]
    most: Option<usize>,
    /// A file of records, to go on with trials that were interrupted: those in it count, and each new one is added to it.
    #[arg(long, conflicts_with = "kernel")]
    records: Option<std::path::PathBuf>,
    /// In a VM with Debian's newest kernel of this series, such as 6.12, and on small filesystems.
    #[arg(long)]
    kernel: Option<String>,
}

/// Tries, and writes the page.
pub(crate) fn run(trials: &Trials) -> Result<ExitCode> {
    process::catch_signals()?;
    let built = cargo::build(&["build", "--release", "--package", PROGRAM])?;
    let program = built.program(PROGRAM)?;
    let mut words = vec!["run".to_owned(), trials.kind.clone()];
    words.extend(trials.seeds.iter().flat_map(|seeds| ["--seeds".to_owned(), seeds.clone()]));
    words.extend(trials.most.iter().flat_map(|most| ["--most".to_owned(), most.to_string()]));
    words.extend(trials.records.iter().flat_map(|file| ["--records".to_owned(), file.display().to_string()]));
    let mut page: Option<String> = None;
    let mut line = |line: &str| {
        println!("{line}");
        match &mut page {
            Some(page) => {
                page.push_str(line);
                page.push('\n');
            }
            None if line == PAGE => page = Some(String::new()),
            None => {}
        }
    };
    let (kernel, suffix) = match &trials.kernel {
        None => {
            setup::install(setup::DEMO)?;
            let mut all = vec![program.to_string_lossy().into_owned()];
            all.extend(words);
            let all: Vec<_> = all.iter().map(String::as_str).collect();
            let mut command = setup::as_root(PURPOSE, &all)?;
            command.current_dir(cargo::workspace()).process_group(0);
            let status = process::stream(command, DEADLINE, line)?;
            ensure!(status.success(), "the trials ended with {status}");
            (process::running_kernel()?, String::new())
        }
        Some(series) => {
            setup::install(setup::VM)?;
            let machine = Machine::prepare(Some(series))?;
            let job = Job {
                modules: &BTRFS,
                optional_modules: &CHECKSUMS,
                packages: &[],
                host_programs: &["btrfs", "mkfs.btrfs"],
                disks: &[],
                programs: vec![(program, format!("/usr/bin/{PROGRAM}"))],
                script: format!("exec {PROGRAM} {} --small\n", words.join(" ")),
                deadline: DEADLINE,
            };
            let status = machine.run(&job, &mut line)?;
            ensure!(status == 0, "the trials ended with exit status {status}");
            (format!("{} in a VM", machine.kernel.release), format!("-{series}"))
        }
    };
    let page = page.context("the trials came to no result")?;
    let head = format!(
        "# Trials: {}\n\nWritten on {} by `cargo xtask trials {} --seeds {}`{}, on Linux {kernel}.\n\n",
        trials.kind,
        jiff::Zoned::now().date(),
        trials.kind,
        trials.seeds.join(" --seeds "),
        trials.kernel.as_ref().map(|series| format!(" with `--kernel {series}`")).unwrap_or_default(),
    );
    page::write("trials", &format!("trials/{}{suffix}.md", trials.kind), &(head + &page))
}
