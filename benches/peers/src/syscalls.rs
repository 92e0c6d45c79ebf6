//! System calls, counted by strace.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use nix::unistd::{AccessFlags, access};

const BEGIN: &str = "/mark/begin";
const END: &str = "/mark/end";

/// Does something between two system calls that strace can be told by.
pub(crate) fn between_marks<T>(work: impl FnOnce() -> T) -> T {
    let _ = access(BEGIN, AccessFlags::F_OK);
    let done = work();
    let _ = access(END, AccessFlags::F_OK);
    done
}

/// How many system calls a program makes [between its marks](between_marks).
pub(crate) fn marked<'a>(words: impl IntoIterator<Item = &'a OsStr>) -> Result<u64> {
    let trace = trace(words)?;
    ensure!(trace.contains(BEGIN) && trace.contains(END), "the traced program set no marks");
    Ok(between(&trace).count().try_into()?)
}

/// How many system calls a program makes in all.
pub(crate) fn whole<'a>(words: impl IntoIterator<Item = &'a OsStr>) -> Result<u64> {
    Ok(trace(words)?.lines().filter(is_call).count().try_into()?)
}

fn between(trace: &str) -> impl Iterator<Item = &str> {
    let rest = trace.lines().skip_while(|line| !line.contains(BEGIN)).skip(1);
    rest.take_while(|line| !line.contains(END)).filter(is_call)
}

/// Signals and ends of processes are lines too.
fn is_call(line: &&str) -> bool {
    !["resumed>", "--- SIG", "+++ "].iter().any(|mark| line.contains(mark))
}

fn trace<'a>(words: impl IntoIterator<Item = &'a OsStr>) -> Result<String> {
    let file = Path::new(testbed::ROOT).join(format!("trace-{}", std::process::id()));
    let mut command: Vec<OsString> = vec!["-f".into(), "-o".into(), file.clone().into(), "--".into()];
    command.extend(words.into_iter().map(OsStr::to_owned));
    testbed::command::run("strace", command)?;
    let trace = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    fs::remove_file(&file)?;
    Ok(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_counts_once_and_nothing_else_does() {
        let trace = "7 open(\"/lib\") = 3\n7 access(\"/mark/begin\", F_OK) = -1 ENOENT\n7 ioctl(3 <unfinished ...>\n\
                     8 <... read resumed>\"\") = 0\n7 --- SIGCHLD {} ---\n7 close(3) = 0\n7 +++ exited with 0 +++\n\
                     7 access(\"/mark/end\", F_OK) = -1 ENOENT\n7 exit_group(0)\n";
        assert_eq!(between(trace).collect::<Vec<_>>(), ["7 ioctl(3 <unfinished ...>", "7 close(3) = 0"]);
    }
}
