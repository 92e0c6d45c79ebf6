//! Clocks that jump.

use super::*;

/// When the tenth of ten daily snapshots was taken.
const TENTH: u64 = 1_790_000_000;
/// From then until 2038.
const LEAP: u64 = 11 * YEAR;

fn ten_days() -> Vec<Snapshot<u64>> {
    (1..=10).map(|day| Snapshot::new(day, at(TENTH - (10 - day) * DAY))).collect()
}

fn week() -> Policy {
    Policy::new().keep_for(time(7 * DAY))
}

#[test]
fn a_week_keeps_seven_days() {
    assert_eq!(deleted(&ten_days(), &week(), at(TENTH)), [1, 2, 3]);
}

#[test]
fn a_clock_that_went_backwards_deletes_nothing_and_says_so() {
    for decision in plan(&ten_days(), &week().max_age(time(1)), at(TENTH - 1)) {
        assert!(decision.keep_reasons().contains(&KeepReason::ClockWentBackwards), "{decision}");
    }
}

#[test]
fn a_clock_that_leaps_ahead_makes_nothing_old_at_once() {
    let mut snapshots = ten_days();
    // As if no time had passed.
    assert_eq!(deleted(&snapshots, &week(), at(TENTH + LEAP)), [1, 2, 3]);
    snapshots.drain(..3);
    // From then on ages go on from what they were: each day one goes, as ever.
    for day in 0..7 {
        snapshots.push(Snapshot::new(100 + day, at(TENTH + LEAP + day * DAY)));
        let gone = deleted(&snapshots, &week(), at(TENTH + LEAP + day * DAY));
        assert_eq!(gone, Vec::from_iter((day > 0).then_some(3 + day)), "day {day}");
        snapshots.retain(|snapshot| !gone.contains(&snapshot.id));
    }
    // Time enough has passed since, so it was no leap or is none any more.
    snapshots.push(Snapshot::new(107, at(TENTH + LEAP + 7 * DAY)));
    assert_eq!(deleted(&snapshots, &week(), at(TENTH + LEAP + 7 * DAY)), [10, 100]);
}

#[test]
fn what_stays_only_because_the_clock_may_have_leapt_says_so() {
    let mut snapshots = ten_days();
    snapshots.push(Snapshot::new(11, at(TENTH + LEAP)));
    let plan = plan(&snapshots, &week(), at(TENTH + LEAP));
    let (age, believed, limit) = (time(LEAP + 2 * DAY), time(2 * DAY), time(7 * DAY));
    assert_eq!(plan[7].keep_reasons(), [KeepReason::ClockMayHaveLeapt { age, believed, limit }]);
    assert!(plan[7].to_string().contains("4017 days old by the clock, of which 2 days are believed"), "{}", plan[7]);
    assert_eq!(plan[10].keep_reasons().first(), Some(&KeepReason::Newest));
}

#[test]
fn the_maximum_age_is_not_reached_by_a_leap() {
    let policy = Policy::new().daily(10).max_age(time(30 * DAY));
    assert!(deleted(&ten_days(), &policy, at(TENTH + LEAP)).is_empty());
    // Where every gap is believed, it is.
    let policy = policy.max_gap(Duration::MAX);
    assert_eq!(deleted(&ten_days(), &policy, at(TENTH + LEAP)), (1..10).collect::<Vec<_>>());
}

#[test]
fn a_summer_without_snapshots_is_believed() {
    let mut snapshots = ten_days();
    snapshots.push(Snapshot::new(11, at(TENTH + 60 * DAY)));
    assert_eq!(deleted(&snapshots, &week(), at(TENTH + 60 * DAY)), (1..11).collect::<Vec<_>>());
}

#[test]
fn the_gaps_of_a_ladder_are_no_leaps() {
    let policy = week().yearly(2);
    let mut left = vec![Snapshot::new(0, at(TENTH - 3 * YEAR)).pinned()];
    for day in 1..1500 {
        let now = at(TENTH + day * DAY);
        left.push(Snapshot::new(day, now));
        // The second time, nothing passes the limit any more, and the gap begins before it.
        for time in 1..=2 {
            for decision in plan(&left, &policy, now) {
                let leapt = |reason: &KeepReason| matches!(reason, KeepReason::ClockMayHaveLeapt { .. });
                assert!(!decision.keep_reasons().iter().any(leapt), "day {day}, time {time}: {decision}");
            }
            left = followed(&left, &policy, now);
        }
    }
    // The pinned one, the end of last year, and seven days.
    assert_eq!(left.len(), 1 + 1 + 7);
}

proptest! {
    #[test]
    fn while_a_leap_is_not_believed_ages_stand_still(
        snapshots in snapshots(), policy in policy(), gap in 1..YEAR, beyond in 1..20 * YEAR
    ) {
        let policy = policy.max_gap(time(gap));
        let Some(newest) = snapshots.iter().map(|snapshot| snapshot.at).max() else { return Ok(()) };
        let now = newest + time(gap + beyond);
        prop_assert_eq!(deleted(&snapshots, &policy, now), deleted(&snapshots, &policy, newest));
    }
}
