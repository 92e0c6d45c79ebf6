//! Which snapshots to keep, as a pure function: no clock is read and nothing is deleted here.

use std::time::{Duration, SystemTime};

/// A snapshot as retention sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapshot<T> {
    /// What the caller knows it by.
    pub id: T,
    /// The moment it stands for.
    pub at: SystemTime,
}

/// What is to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    keep_for: Duration,
}

impl Policy {
    /// Keeps each snapshot until it is this old.
    #[must_use]
    pub fn keep_for(age: Duration) -> Self {
        Self { keep_for: age }
    }
}

/// What shall become of a snapshot, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// It stays: nothing of its source is newer.
    KeepNewest,
    /// It stays: it is younger than the policy's limit.
    KeepYoung {
        /// Its age.
        age: Duration,
    },
    /// It stays, as do all others: one of them is of a later moment than `now`, so the clock went backwards and no age
    /// can be trusted.
    KeepClockWentBackwards,
    /// Its time is past.
    Delete {
        /// Its age.
        age: Duration,
    },
}

impl Decision {
    /// Whether the snapshot is to be deleted.
    #[must_use]
    pub fn is_delete(self) -> bool {
        matches!(self, Self::Delete { .. })
    }
}

/// Decides on the snapshots of one source, in their order.
///
/// The newest is never deleted, nor is any while one is of a later moment than `now`. Of several equally new ones, all
/// count as the newest.
#[must_use]
pub fn plan<T>(snapshots: &[Snapshot<T>], policy: Policy, now: SystemTime) -> Vec<Decision> {
    let newest = snapshots.iter().map(|snapshot| snapshot.at).max();
    let backwards = newest.is_some_and(|newest| newest > now);
    let decide = |snapshot: &Snapshot<T>| match now.duration_since(snapshot.at) {
        _ if backwards => Decision::KeepClockWentBackwards,
        _ if Some(snapshot.at) == newest => Decision::KeepNewest,
        Ok(age) if age >= policy.keep_for => Decision::Delete { age },
        Ok(age) => Decision::KeepYoung { age },
        Err(_) => Decision::KeepClockWentBackwards,
    };
    snapshots.iter().map(decide).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: u64 = 86_400;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn snapshots() -> impl Strategy<Value = Vec<Snapshot<usize>>> {
        proptest::collection::vec(0..40 * DAY, 0..20).prop_map(|times| {
            times.into_iter().enumerate().map(|(id, seconds)| Snapshot { id, at: at(seconds) }).collect()
        })
    }

    fn deleted(snapshots: &[Snapshot<usize>], keep: u64, now: u64) -> Vec<usize> {
        let decisions = plan(snapshots, Policy::keep_for(Duration::from_secs(keep)), at(now));
        let mut ids: Vec<_> =
            snapshots.iter().zip(decisions).filter(|(_, decision)| decision.is_delete()).map(|(s, _)| s.id).collect();
        ids.sort_unstable();
        ids
    }

    proptest! {
        #[test]
        fn the_newest_stays(snapshots in snapshots(), keep in 0..20 * DAY, now in 0..80 * DAY) {
            let deleted = deleted(&snapshots, keep, now);
            if let Some(newest) = snapshots.iter().max_by_key(|snapshot| snapshot.at) {
                prop_assert!(!deleted.contains(&newest.id));
            }
        }

        #[test]
        fn doing_it_twice_deletes_no_more(snapshots in snapshots(), keep in 0..20 * DAY, now in 0..80 * DAY) {
            let gone = deleted(&snapshots, keep, now);
            let left: Vec<_> = snapshots.into_iter().filter(|snapshot| !gone.contains(&snapshot.id)).collect();
            prop_assert_eq!(deleted(&left, keep, now), Vec::<usize>::new());
        }

        #[test]
        fn order_does_not_matter(snapshots in snapshots(), keep in 0..20 * DAY, now in 0..80 * DAY) {
            let mut reversed = snapshots.clone();
            reversed.reverse();
            prop_assert_eq!(deleted(&snapshots, keep, now), deleted(&reversed, keep, now));
        }

        #[test]
        fn keeping_longer_never_deletes_more(
            snapshots in snapshots(), keep in 0..20 * DAY, more in 0..20 * DAY, now in 0..80 * DAY
        ) {
            let few = deleted(&snapshots, keep + more, now);
            let many = deleted(&snapshots, keep, now);
            prop_assert!(few.iter().all(|id| many.contains(id)));
        }

        #[test]
        fn a_clock_that_went_backwards_deletes_nothing(snapshots in snapshots(), keep in 0..20 * DAY, now in 0..40 * DAY) {
            if snapshots.iter().any(|snapshot| snapshot.at > at(now)) {
                prop_assert_eq!(deleted(&snapshots, keep, now), Vec::<usize>::new());
            }
        }

        #[test]
        fn only_what_is_old_enough_goes_and_all_of_it(snapshots in snapshots(), keep in 0..20 * DAY, now in 40 * DAY..80 * DAY) {
            let newest = snapshots.iter().map(|snapshot| snapshot.at).max();
            let expected: Vec<_> = snapshots
                .iter()
                .filter(|snapshot| Some(snapshot.at) != newest && snapshot.at + Duration::from_secs(keep) <= at(now))
                .map(|snapshot| snapshot.id)
                .collect();
            prop_assert_eq!(deleted(&snapshots, keep, now), expected);
        }
    }

    #[test]
    fn a_week_of_days_keeps_seven() {
        let snapshots: Vec<_> =
            (1..=10).map(|day| Snapshot { id: day, at: at(u64::try_from(day).unwrap() * DAY) }).collect();
        assert_eq!(deleted(&snapshots, 7 * DAY, 10 * DAY), [1, 2, 3]);
    }
}
