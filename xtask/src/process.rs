//! Children: run to their end, to a deadline or to Ctrl-C, their output seen line by line.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use nix::fcntl::OFlag;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, pipe2};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From here on Ctrl-C and SIGTERM stop the children and let everything clean up after itself.
pub(crate) fn catch_signals() -> Result<()> {
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::SeqCst)).context("catching Ctrl-C")
}

/// Says whether Ctrl-C or SIGTERM has come.
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Runs a command to its end and gives what it wrote to stdout; its words on stderr are in the error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let shown = format!("{command:?}");
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("starting {shown}"))?;
    ensure!(
        output.status.success(),
        "{shown}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command whose output the user sees as it comes.
pub(crate) fn status(command: &mut Command) -> Result<()> {
    let shown = format!("{command:?}");
    let status = command.status().with_context(|| format!("starting {shown}"))?;
    ensure!(status.success(), "{shown}: {status}");
    Ok(())
}

/// Runs a command, hands over each line of its stdout and stderr as it comes, and gives its exit status.
///
/// The command leads a process group of its own, which is ended as a whole after the deadline or after Ctrl-C.
pub(crate) fn stream(mut command: Command, deadline: Duration, mut line: impl FnMut(&str)) -> Result<ExitStatus> {
    let program = command.get_program().to_string_lossy().into_owned();
    let (reader, writer) = pipe2(OFlag::O_CLOEXEC).context("making a pipe")?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(writer.try_clone().context("sharing a pipe")?)
        .stderr(writer)
        .process_group(0)
        .spawn()
        .with_context(|| format!("starting {program}"))?;
    // The command holds the pipe's writing end: without this its reader would never see the end.
    drop(command);
    let group = Pid::from_raw(i32::try_from(child.id()).context("a process id beyond i32")?);

    let lines = read_lines(File::from(reader));
    let end = Instant::now() + deadline;
    let stopped = loop {
        match lines.recv_timeout(Duration::from_millis(100)) {
            Ok(text) => line(&text),
            Err(RecvTimeoutError::Disconnected) => break None,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if interrupted() {
            break Some("interrupted".to_owned());
        }
        if Instant::now() > end {
            break Some(format!("{program} was ended: not done after {} s", deadline.as_secs()));
        }
    };
    if let Some(reason) = stopped {
        end_group(group, &lines, &mut line);
        child.wait().with_context(|| format!("waiting for {program}"))?;
        bail!(reason);
    }
    child.wait().with_context(|| format!("waiting for {program}"))
}

/// Asks a process group to end, lets it clean up for a while, then kills it.
fn end_group(group: Pid, lines: &mpsc::Receiver<String>, line: &mut impl FnMut(&str)) {
    // ESRCH, the one error to expect, says that all of it is gone already.
    let _ = killpg(group, Signal::SIGTERM);
    let patience = Instant::now() + Duration::from_secs(10);
    loop {
        match lines.recv_timeout(Duration::from_millis(100)) {
            Ok(text) => line(&text),
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) if Instant::now() > patience => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
    let _ = killpg(group, Signal::SIGKILL);
}

fn read_lines(reader: File) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(reader);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
            let text = String::from_utf8_lossy(&bytes);
            if sender.send(text.trim_end_matches(['\r', '\n']).to_owned()).is_err() {
                return;
            }
            bytes.clear();
        }
    });
    receiver
}
