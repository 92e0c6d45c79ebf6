//! How far a balance is, and how it ended.

use std::fmt;

use bitflags::bitflags;
use btrfs_sys as sys;

use super::request::BalanceRequest;

/// Chunks counted by the kernel, for the run it is in: a resumed balance counts from zero again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Counters {
    /// How many chunks passed the filters when it began: an estimate, for chunks come and go meanwhile. 0 while the
    /// kernel is still counting.
    pub expected: u64,
    /// How many chunks were looked at, whether they passed the filters or not.
    pub considered: u64,
    /// How many chunks were relocated.
    pub completed: u64,
}

impl Counters {
    pub(super) fn from_raw(raw: &sys::btrfs_balance_progress) -> Self {
        Self { expected: raw.expected, considered: raw.considered, completed: raw.completed }
    }

    /// The part that is done, between 0 and 1, as far as the estimate holds; `None` where there is none.
    /// 3 of 4 chunks give 0.75.
    #[must_use]
    pub fn fraction(&self) -> Option<f64> {
        let [completed, expected] = [self.completed, self.expected].map(|n| u32::try_from(n).ok().map(f64::from));
        Some(completed?.min(expected?) / expected?).filter(|fraction| fraction.is_finite())
    }
}

impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { expected, considered, completed } = self;
        write!(f, "{completed} out of about {expected} chunks balanced ({considered} considered)")
    }
}

bitflags! {
    /// What a balance is doing. None of them: it is paused.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub struct BalanceState: u64 {
        /// It is at work.
        const RUNNING = sys::BTRFS_BALANCE_STATE_RUNNING;
        /// It will pause after the chunk it is at.
        const PAUSE_REQUESTED = sys::BTRFS_BALANCE_STATE_PAUSE_REQ;
        /// It will end soon, in the middle of a chunk if need be.
        const CANCEL_REQUESTED = sys::BTRFS_BALANCE_STATE_CANCEL_REQ;
        // States of newer kernels are kept.
        const _ = !0;
    }
}

impl BalanceState {
    /// Whether it is paused, and waits for somebody to resume or cancel it.
    #[must_use]
    pub fn is_paused(self) -> bool {
        !self.contains(Self::RUNNING)
    }
}

impl fmt::Display for BalanceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            state if state.is_paused() => "paused",
            state if state.contains(Self::CANCEL_REQUESTED) => "running, cancel requested",
            state if state.contains(Self::PAUSE_REQUESTED) => "running, pause requested",
            _ => "running",
        })
    }
}

/// A balance that is running or paused, whoever started it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct BalanceStatus {
    /// What it is doing.
    #[cfg_attr(feature = "serde", serde(serialize_with = "in_words"))]
    pub state: BalanceState,
    /// How far it is.
    pub counters: Counters,
    /// What was asked for, as the kernel goes on from it: it counts the end of `limit` down; at a resume it adds `soft`
    /// to conversions, and `usage=90` where there was neither a conversion nor a filter of usage.
    pub request: BalanceRequest,
}

#[cfg(feature = "serde")]
fn in_words<S: serde::Serializer>(state: &BalanceState, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(state)
}

/// How a balance ended, or came to a halt. The counters are the kernel's last ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(tag = "outcome", content = "counters", rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum BalanceOutcome {
    /// It went through all chunks.
    Completed(Counters),
    /// Somebody paused it. It waits to be resumed or cancelled; the next mount resumes it too, unless told not to
    /// (`skip_balance`).
    Paused(Counters),
    /// Somebody cancelled it. What was relocated stays relocated.
    Cancelled(Counters),
    /// It is over, and could not relocate some of the chunks for want of unallocated space. The kernel gives no final
    /// counters in this case: these are the last ones seen while it ran, which may be none.
    OutOfSpace(Counters),
}

impl BalanceOutcome {
    /// The chunks it counted.
    #[must_use]
    pub fn counters(&self) -> Counters {
        match *self {
            Self::Completed(counters)
            | Self::Paused(counters)
            | Self::Cancelled(counters)
            | Self::OutOfSpace(counters) => counters,
        }
    }
}

impl fmt::Display for BalanceOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counters { considered, completed, .. } = self.counters();
        match self {
            Self::Completed(_) => write!(f, "done: relocated {completed} of {considered} chunks"),
            Self::Paused(_) => write!(f, "paused: relocated {completed} of {considered} chunks looked at"),
            Self::Cancelled(_) => write!(f, "cancelled: relocated {completed} of {considered} chunks looked at"),
            Self::OutOfSpace(_) => write!(
                f,
                "out of space: not all chunks could be relocated, {completed} of {considered} were when last seen; \
                 make unallocated space by a balance of -dusage=0, then of -dusage=10 and so on, by deleting files or \
                 snapshots, or by adding a device, then start again (a conversion with soft)"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fraction_never_leaves_its_bounds() {
        let counters = |completed, expected| Counters { expected, considered: 9, completed };
        assert_eq!(counters(3, 4).fraction(), Some(0.75));
        assert_eq!(counters(0, 0).fraction(), None);
        assert_eq!(counters(5, 4).fraction(), Some(1.0));
    }

    #[test]
    fn states_read_as_btrfs_says_them() {
        let words = |bits| BalanceState::from_bits_retain(bits).to_string();
        assert_eq!([0, 1, 3, 5, 7].map(words).join("; "), {
            "paused; running; running, pause requested; running, cancel requested; running, cancel requested"
        });
        assert_eq!(BalanceState::from_bits_retain(1 << 60).bits(), 1 << 60);
    }
}
