//! One moment: all snapshots of a group in one transaction.

use std::os::fd::AsFd;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use btrfs_sys::ioctl as c;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;

use crate::error::{Error, ErrorKind};
use crate::filesystem::Filesystem;
use crate::ioctl;
use crate::subvolume::snapshot::outcome::{Attempt, GroupOutcome, Member, Taking, remove, transactions};

/// How hard to try for [one moment](crate::subvolume::SnapshotGroup::take_as_one).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneMoment {
    attempts: usize,
}

impl Default for OneMoment {
    fn default() -> Self {
        Self { attempts: 16 }
    }
}

impl OneMoment {
    /// Up to 16 attempts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Up to so many attempts; there is always one.
    #[must_use]
    pub fn attempts(mut self, attempts: usize) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// Attempts it until all is in one transaction, or more attempts are of no use.
    pub(super) fn retry<'fd>(&self, attempt: impl Fn() -> Vec<Member<'fd>>) -> GroupOutcome<'fd> {
        let mut attempts = Vec::new();
        loop {
            let start = Instant::now();
            let mut members = attempt();
            attempts.push(Attempt { transactions: transactions(&members).len(), removed: 0, took: start.elapsed() });
            let complete = members.iter().all(|member| matches!(member.taking, Taking::Taken(_)));
            if !complete || transactions(&members).len() <= 1 || attempts.len() >= self.attempts {
                return GroupOutcome::new(members, attempts, None);
            }
            let (removed, stopped) = clear(&mut members);
            if let Some(last) = attempts.last_mut() {
                last.removed = removed;
            }
            if stopped.is_some() {
                return GroupOutcome::new(members, attempts, stopped);
            }
        }
    }
}

/// Removes the snapshots of an attempt, up to the first that can't be. Counts them.
fn clear(members: &mut [Member<'_>]) -> (usize, Option<Error>) {
    for (index, Member { parent, name, taking, .. }) in members.iter_mut().enumerate() {
        let Taking::Taken(info) = taking else { continue };
        if let Err(error) = remove(*parent, name, info) {
            return (index, Some(error));
        }
        *taking = Taking::Failed(
            Error::new(ErrorKind::Raced, "SnapshotGroup::take_as_one", Path::new(name).display())
                .advise("taken in another transaction than the others, and removed again to start over"),
        );
    }
    (members.len(), None)
}

/// How long a commit may take to begin before it is helped along.
const PATIENCE: Duration = Duration::from_millis(50);

/// Begins a commit, and returns when the transaction takes nobody in any more.
///
/// Where that can't be, whoever waits for it has less luck, and nothing else: no errors.
pub(super) fn begin_commit(filesystem: &Filesystem) {
    let fd = filesystem.as_fd();
    // What is to be committed: a file without a name, gone with its descriptor.
    let flags = OFlag::O_TMPFILE | OFlag::O_RDWR | OFlag::O_CLOEXEC;
    let _file = openat(fd, ".", flags, Mode::S_IRUSR);
    thread::scope(|scope| {
        let (begun, waiting) = channel::<()>();
        // The kernel's thread that is woken to commit can miss that, if it is about to sleep, and would wake half a minute
        // later. Another commit is as good.
        let watched = thread::Builder::new().spawn_scoped(scope, move || {
            if waiting.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let _ = ioctl::call::<c::BTRFS_IOC_SYNC>(fd, &mut ());
            }
        });
        if watched.is_ok() {
            let _ = ioctl::call::<c::BTRFS_IOC_START_SYNC>(fd, &mut 0);
        }
        drop(begun);
    });
}
