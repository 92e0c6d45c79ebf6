//! One moment: all snapshots of a group in one transaction.

use std::os::fd::AsFd;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use btrfs_sys::ioctl as c;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;

use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::ioctl;
use crate::subvolume::snapshot::group::TAKE_AS_ONE;
use crate::subvolume::snapshot::outcome::{Attempt, GroupOutcome, Member, Taking, remove, transactions};

/// How hard to try for [one moment](crate::subvolume::SnapshotGroup::take_as_one).
///
/// Groups of 8 on Linux 6.18, a loop device over memory and two busy processors, 1000 groups each. Idle: 78 % at the first
/// attempt, 99.6 % within 8, all within 16; in the mean 1.4 ms and 1 commit more than
/// [`take`](crate::subvolume::SnapshotGroup::take). With two writers at full speed, buffered, in two of the sources: 26 % at
/// the first attempt, 91 % within 32, 98 % within 64; in the mean 0.3 s and 42 commits more. `docs/soaks/moments.md` of the
/// source has the whole of it, and says how to measure it again. On disks a commit takes longer, and more come in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneMoment {
    attempts: usize,
}

impl Default for OneMoment {
    fn default() -> Self {
        Self { attempts: 64 }
    }
}

impl OneMoment {
    /// Up to 64 attempts.
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

    /// Attempts it until all is in one transaction, or more attempts are of no use. `before` is done before each; where
    /// it fails before the first, nothing was taken. There is one attempt only where it is `hopeless`.
    pub(super) fn retry<'fd>(
        &self,
        mut hopeless: Option<Error>,
        before: impl Fn() -> Result<()>,
        attempt: impl Fn() -> Vec<Member<'fd>>,
    ) -> Result<GroupOutcome<'fd>> {
        let mut attempts: Vec<Attempt> = Vec::new();
        before()?;
        loop {
            let start = Instant::now();
            let mut members = attempt();
            let transactions = transactions(&members).len();
            attempts.push(Attempt { transactions, removed: 0, took: start.elapsed() });
            let complete = members.iter().all(|member| matches!(member.taking, Taking::Taken(_)));
            if !complete || transactions <= 1 {
                return Ok(GroupOutcome::new(members, attempts, None));
            }
            hopeless = hopeless.or_else(|| nobody_shares(&members, &attempts));
            if hopeless.is_some() || attempts.len() >= self.attempts {
                return Ok(GroupOutcome::new(members, attempts, hopeless));
            }
            let (removed, stopped) = clear(&mut members);
            if let Some(last) = attempts.last_mut() {
                last.removed = removed;
            }
            if let Some(error) = stopped.or_else(|| before().err()) {
                return Ok(GroupOutcome::new(members, attempts, Some(error)));
            }
        }
    }
}

/// After so many attempts without sharing it is the kernel that does not do it.
const HOPELESS: usize = 3;

/// Whether this kernel hardly lets members share a transaction, by the attempts so far. Before Linux 6.6 nearly each has
/// one of its own; since then eight are hardly ever in more than four.
fn nobody_shares(members: &[Member<'_>], attempts: &[Attempt]) -> Option<Error> {
    let apart = attempts.iter().rev().take_while(|attempt| attempt.transactions + 1 >= members.len());
    (members.len() >= 4 && apart.count() >= HOPELESS).then(|| {
        Error::new(ErrorKind::Unsupported, TAKE_AS_ONE, format!("{} members", members.len())).advise(format!(
            "in {HOPELESS} attempts one after the other, hardly two were in one transaction: Linux before 6.6 can't do it"
        ))
    })
}

/// Removes the snapshots of an attempt, up to the first that can't be. Counts them.
fn clear(members: &mut [Member<'_>]) -> (usize, Option<Error>) {
    for (index, Member { parent, name, taking, .. }) in members.iter_mut().enumerate() {
        let Taking::Taken(info) = taking else { continue };
        if let Err(error) = remove(*parent, name, info) {
            return (index, Some(error));
        }
        *taking = Taking::Failed(
            Error::new(ErrorKind::Raced, TAKE_AS_ONE, Path::new(name).display())
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
