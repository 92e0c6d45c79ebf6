//! Children: run to their end, to a deadline or to Ctrl-C, their output seen line by line.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use nix::fcntl::OFlag;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpgid, pipe2};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From here on Ctrl-C and SIGTERM stop the children and let everything clean up after itself.
pub(crate) fn catch_signals() -> Result<()> {
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::SeqCst)).context("catching Ctrl-C")
}

/// Says whether Ctrl-C or SIGTERM has come.
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// The release of the running kernel, as `uname -r` prints it.
pub(crate) fn running_kernel() -> Result<String> {
    Ok(output(Command::new("uname").arg("-r"))?.trim().to_owned())
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
/// After the deadline or Ctrl-C the command is ended, and with it its process group where it leads one.
pub(crate) fn stream(mut command: Command, deadline: Duration, mut line: impl FnMut(&str)) -> Result<ExitStatus> {
    let program = command.get_program().to_string_lossy().into_owned();
    let (reader, writer) = pipe2(OFlag::O_CLOEXEC).context("making a pipe")?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(writer.try_clone().context("sharing a pipe")?)
        .stderr(writer)
        .spawn()
        .with_context(|| format!("starting {program}"))?;
    // The command holds the pipe's writing end: without this its reader would never see the end.
    drop(command);
    let pid = Pid::from_raw(i32::try_from(child.id()).context("a process id beyond i32")?);

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
        stop(pid, &lines, &mut line);
        child.wait().with_context(|| format!("waiting for {program}"))?;
        bail!(reason);
    }
    child.wait().with_context(|| format!("waiting for {program}"))
}

/// Asks a process, or the group it leads, to end, lets it clean up for a while, then kills it.
fn stop(pid: Pid, lines: &mpsc::Receiver<String>, line: &mut impl FnMut(&str)) {
    let leads = getpgid(Some(pid)) == Ok(pid);
    let target = if leads { Pid::from_raw(-pid.as_raw()) } else { pid };
    // ESRCH says that all of it is gone already, EPERM that it is sudo, which the terminal's Ctrl-C has reached.
    let _ = kill(target, Signal::SIGTERM);
    let patience = Instant::now() + Duration::from_secs(10);
    loop {
        match lines.recv_timeout(Duration::from_millis(100)) {
            Ok(text) => line(&text),
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) if Instant::now() > patience => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
    let _ = kill(target, Signal::SIGKILL);
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

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt;

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]).process_group(0);
        command
    }

    #[test]
    fn both_outputs_are_seen_in_order_and_the_status_is_told() {
        let mut seen = Vec::new();
        let status = stream(shell("echo one; echo two >&2; printf three; exit 3"), Duration::from_secs(60), |line| {
            seen.push(line.to_owned());
        });
        assert_eq!(status.unwrap().code(), Some(3));
        assert_eq!(seen, ["one", "two", "three"]);
    }

    #[test]
    fn a_deadline_ends_the_command_and_its_children() {
        let mut seen = Vec::new();
        let start = Instant::now();
        let error =
            stream(shell("sleep 600 & echo $!; wait"), Duration::from_secs(1), |line| seen.push(line.to_owned()))
                .unwrap_err();
        assert!(error.to_string().contains("not done after 1 s"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(30));
        // A killed child that nobody has waited for yet is a zombie, without a command line.
        let command_line = std::fs::read(format!("/proc/{}/cmdline", seen[0])).unwrap_or_default();
        assert_eq!(command_line, b"");
    }
}
