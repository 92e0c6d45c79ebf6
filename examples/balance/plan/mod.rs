//! Following a plan, one step at a time: each is done, then the filesystem is read and planned for again.

mod text;

use std::io::{BufRead, IsTerminal, stdin};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use btrfs::device::{AddDevice, DeviceRemoval, RemovalOutcome};
use btrfs::preflight::{Follow, FsState, KernelRules, Next, Operation, Step, Watchdog};
use btrfs::{Balance, BalanceOutcome, BalanceRequest, DevId, Filesystem};
use indicatif::{BinaryBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};

pub(crate) use self::text::{json, lines};
use crate::arguments::Interrupt;
use crate::report::{Report, complain, say};
use crate::watchdog::Guard;

/// What may be done to reach the goal.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Means {
    /// Where it won't fit: reach it step by step, as `--dry-run` says, and plan again after each step
    #[arg(long)]
    pub(crate) follow_plan: bool,
    /// A device that the plan may add, which is asked for before; again for another
    #[arg(long = "add", value_name = "DEVICE", requires = "follow_plan")]
    pub(crate) devices: Vec<PathBuf>,
    /// Do not ask before a device is added
    #[arg(long, requires = "follow_plan")]
    pub(crate) yes: bool,
}

/// Reaches the goal by a plan.
pub(crate) fn follow(
    report: &Report,
    request: &BalanceRequest,
    on_interrupt: Interrupt,
    means: Means,
) -> Result<ExitCode> {
    let filesystem = crate::open(&report.path)?;
    let rules = KernelRules::running()?;
    let mut spare = means.devices.into_iter();
    let mut follow = Follow::new(Operation::from(request.clone()));
    let code = loop {
        let state = FsState::read(&filesystem).context("reading the state for the plan")?;
        let plan = match follow.next(&state, &rules) {
            Next::Step(plan) => plan,
            Next::Reached => break ExitCode::SUCCESS,
            _ => break no_plan(&follow),
        };
        let Some(step) = plan.steps.first() else { break ExitCode::SUCCESS };
        tell(report, format_args!("step: {}", text::line(step, &report.path)))?;
        let added = match step {
            Step::CancelBalance => {
                filesystem.cancel_balance()?;
                None
            }
            Step::AddDevice { bytes, .. } => match spare.next() {
                Some(path) => Some(add(&filesystem, &path, *bytes, means.yes)?),
                None => {
                    complain(format_args!("it takes a device of {} or more: name it by --add", BinaryBytes(*bytes)));
                    return Ok(ExitCode::from(11));
                }
            },
            Step::Run { operation: Operation::Balance(part), .. } => {
                let guard = Guard::new(&filesystem, Watchdog::new(&state, part, &rules))?;
                let outcome =
                    crate::stay_with(report, on_interrupt, Some(guard), || Balance::start(&filesystem, part))?;
                match outcome {
                    BalanceOutcome::Completed(_) => {}
                    BalanceOutcome::Paused(_) | BalanceOutcome::Cancelled(_) => {
                        complain(format_args!("the plan ends here, as the balance was stopped"));
                        left_behind(&follow);
                        return Ok(ExitCode::from(3));
                    }
                    other => bail!("the step was foreseen to fit, and did not: {other}; nothing is lost: plan again"),
                }
                None
            }
            Step::Run { operation: Operation::RemoveDevice(device), .. } => {
                remove(&filesystem, *device)?;
                None
            }
            other => bail!("no way to do this step is known: {other}"),
        };
        follow.done(step, added);
    };
    if follow.is_reached() {
        tell(report, format_args!("done: {}", Operation::from(request.clone())))?;
        left_behind(&follow);
    }
    if report.json {
        report.followed(follow.is_reached(), follow.lent())?;
    }
    Ok(if follow.is_reached() { ExitCode::SUCCESS } else { code })
}

fn tell(report: &Report, line: std::fmt::Arguments<'_>) -> std::io::Result<()> {
    if report.json {
        complain(line);
        return Ok(());
    }
    say(line)
}

fn no_plan(follow: &Follow) -> ExitCode {
    if !follow.is_reached() {
        complain(format_args!("no plan was found that reaches it; what was done so far stays, and nothing is lost"));
        left_behind(follow);
    }
    ExitCode::from(11)
}

fn left_behind(follow: &Follow) {
    for device in follow.lent() {
        complain(format_args!(
            "device {device}, added for the time being, stays: there is no room elsewhere for what is on it"
        ));
    }
}

fn add(filesystem: &Filesystem, path: &Path, bytes: u64, unasked: bool) -> Result<DevId> {
    let name = path.display();
    let size = size(path)?;
    if size < bytes {
        bail!("{name} has {}, and it takes {} or more", BinaryBytes(size), BinaryBytes(bytes));
    }
    if !unasked {
        if !stdin().is_terminal() {
            bail!("not added: {name}: nobody is there to be asked; --yes consents beforehand");
        }
        complain(format_args!("add {name} ({}) to {}? [y/N]", BinaryBytes(size), filesystem.path().display()));
        let mut answer = String::new();
        stdin().lock().read_line(&mut answer)?;
        if !matches!(answer.trim(), "y" | "Y" | "yes") {
            bail!("not added: {name}");
        }
    }
    Ok(AddDevice::new().add(filesystem, path)?.id)
}

/// Bytes of a block device: where its end is.
fn size(path: &Path) -> Result<u64> {
    use std::io::{Seek, SeekFrom};
    let open = std::fs::File::open(path).and_then(|mut device| device.seek(SeekFrom::End(0)));
    open.with_context(|| format!("looking at {}", path.display()))
}

fn remove(filesystem: &Filesystem, device: DevId) -> Result<()> {
    let removal = DeviceRemoval::start(filesystem, device)?;
    let all = removal.left()?;
    let bar = ProgressBar::with_draw_target(Some(all), ProgressDrawTarget::stderr());
    bar.set_style(ProgressStyle::with_template(
        "[{elapsed_precise}] [{bar:40}] {binary_bytes} of {binary_total_bytes} moved",
    )?);
    loop {
        match removal.wait(Duration::from_millis(200))? {
            None => bar.set_position(all.saturating_sub(removal.left()?)),
            Some(RemovalOutcome::Removed) => break,
            Some(other) => bail!("device {device} is not removed: {other:?}"),
        }
    }
    bar.finish_and_clear();
    Ok(())
}
