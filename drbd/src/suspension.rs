//! Reasons to wait: why I/O or a resync is suspended.

use std::fmt;

/// Why a resource's I/O is suspended. `suspended:` in `drbdsetup status`.
///
/// Displayed like there: `no`, or the reasons with commas between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Suspended {
    /// `drbdsetup suspend-io`.
    pub user: bool,
    /// No good copy can be reached, and `on-no-data-accessible` is `suspend-io`.
    pub no_data: bool,
    /// A peer is being fenced.
    pub fencing: bool,
    /// Quorum is lost, and `on-no-quorum` is `suspend-io`. DRBD 9.
    pub quorum: bool,
    /// Suspended for a reason the source doesn't tell: `/proc/drbd` has one flag for all of them.
    pub untold: bool,
}

impl Suspended {
    /// Whether I/O is suspended, for whatever reason.
    pub const fn any(&self) -> bool {
        self.user || self.no_data || self.fencing || self.quorum || self.untold
    }
}

impl fmt::Display for Suspended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, no_data, fencing, quorum, untold } = *self;
        list(f, [(user, "user"), (no_data, "no-data"), (fencing, "fencing"), (quorum, "quorum"), (untold, "yes")])
    }
}

/// Why a resync waits. `resync-suspended:` in `drbdsetup status`; the letters `a`, `p`, `u` in `/proc/drbd`.
///
/// Displayed like there: `no`, or the reasons with commas between. A reason can stand though no resync is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ResyncSuspended {
    /// `drbdsetup pause-sync`, here.
    pub user: bool,
    /// The peer asks to wait.
    pub peer: bool,
    /// Another resync goes first (`resync-after`).
    pub dependency: bool,
    /// Enough other resyncs run already. DRBD 9, since May 2026.
    pub max_parallel: bool,
}

impl ResyncSuspended {
    /// Whether resync waits, for whatever reason.
    pub const fn any(&self) -> bool {
        self.user || self.peer || self.dependency || self.max_parallel
    }
}

impl fmt::Display for ResyncSuspended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, peer, dependency, max_parallel } = *self;
        list(f, [(user, "user"), (peer, "peer"), (dependency, "dependency"), (max_parallel, "max-parallel")])
    }
}

fn list<const N: usize>(f: &mut fmt::Formatter<'_>, reasons: [(bool, &str); N]) -> fmt::Result {
    let words: Vec<&str> = reasons.into_iter().filter_map(|(set, word)| set.then_some(word)).collect();
    f.pad(&if words.is_empty() { "no".to_owned() } else { words.join(",") })
}
