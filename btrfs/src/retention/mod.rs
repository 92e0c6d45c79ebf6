//! Which snapshots to keep, as a pure function: no clock is read, nothing is looked up and nothing is deleted here.
//!
//! [`plan`] says of each snapshot whether it stays, and every reason for that. What it promises, whatever the policy:
//!
//! * The newest snapshot stays, and so does each that is [pinned](Snapshot::pinned).
//! * Following a plan and asking again deletes nothing more, and the order of the snapshots does not matter.
//! * Keeping more (higher counts, longer times, one more rule beside others) never deletes more.
//! * Deleting every day leaves what deleting once at the end would have left: of each period the *newest* snapshot
//!   counts, as with restic and borg, and until something newer comes it is the newest of all its periods. So nothing
//!   goes that a later rung of the ladder needs.
//! * Nothing is deleted while a snapshot is of a later moment than `now`: the clock went backwards.
//! * A clock that leaps ahead does not make everything old at once: see [`Policy::max_gap`].
//!
//! Counts don't depend on `now`: `daily(7)` keeps the newest snapshot of each of the seven newest days *that have one*,
//! also after a month without. Periods are of civil time in the policy's [`Zone`]: a day may have 23 or 25 hours, the
//! hour that is repeated in autumn is two hours, and weeks are those of ISO 8601, from Monday to Sunday.
//!
//! ```
//! use std::time::{Duration, SystemTime};
//! use btrfs::retention::{Policy, Snapshot, plan};
//!
//! const DAY: Duration = Duration::from_secs(86_400);
//! let policy = Policy::new().keep_for(2 * DAY).weekly(4).yearly(3);
//! let now = SystemTime::UNIX_EPOCH + 20_779 * DAY; // 2026-11-22, a Sunday
//! let snapshots: Vec<_> = (0..9).map(|days| Snapshot::new(days, now - days * DAY)).collect();
//! let plan = plan(&snapshots, &policy, now);
//! let gone: Vec<_> = snapshots.iter().zip(&plan).filter(|(_, it)| it.is_delete()).map(|(it, _)| it.id).collect();
//! // Kept: two days, the newest of the week before, and the oldest until there are four weeks.
//! assert_eq!(gone, [2, 3, 4, 5, 6]);
//! ```

mod decision;
mod period;
mod planning;
mod policy;
#[cfg(test)]
mod tests;
mod zone;

use std::time::SystemTime;

pub use decision::{Decision, DeleteReason, KeepReason};
pub use period::{Period, Unit};
pub use planning::plan;
pub use policy::Policy;
pub use zone::{Zone, ZoneError};

/// A snapshot as retention sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot<T> {
    /// What the caller knows it by.
    pub id: T,
    /// The moment it stands for. Where periods are concerned, those outside of the years -9999 to 9999 count as the
    /// first or the last of them.
    pub at: SystemTime,
    /// Whether it stays whatever the policy says.
    pub pinned: bool,
}

impl<T> Snapshot<T> {
    /// A snapshot that is not pinned.
    pub fn new(id: T, at: SystemTime) -> Self {
        Self { id, at, pinned: false }
    }

    /// The same, pinned: it is never deleted. It counts like any other, so pinning one changes nothing for the others.
    #[must_use]
    pub fn pinned(self) -> Self {
        Self { pinned: true, ..self }
    }
}
