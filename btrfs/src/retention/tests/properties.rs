//! The promises, for any snapshots, policy and moment.

use std::collections::BTreeSet;

use super::*;

/// Whether the first list has nothing that the second lacks.
fn within(few: &[usize], many: &[usize]) -> bool {
    few.iter().all(|id| many.contains(id))
}

/// The snapshots in the order of their moments, and what is left of them if each deletes what is due when it is taken.
fn lived_through(mut history: Vec<Snapshot<usize>>, policy: &Policy) -> (Vec<Snapshot<usize>>, Vec<Snapshot<usize>>) {
    history.sort_by_key(|snapshot| snapshot.at);
    let left = history.iter().fold(Vec::new(), |mut left, snapshot| {
        left.push(*snapshot);
        followed(&left, policy, snapshot.at)
    });
    (history, left)
}

proptest! {
    #[test]
    fn each_snapshot_gets_a_decision_with_a_reason(snapshots in snapshots(), policy in policy(), now in now()) {
        let plan = plan(&snapshots, &policy, now);
        prop_assert_eq!(plan.len(), snapshots.len());
        for decision in plan {
            match decision {
                Decision::Keep { reasons } => prop_assert!(!reasons.is_empty()),
                Decision::Delete { reasons, .. } => prop_assert!(!reasons.is_empty()),
            }
        }
    }

    #[test]
    fn something_is_left(snapshots in snapshots(), policy in policy(), now in now()) {
        prop_assert_eq!(followed(&snapshots, &policy, now).is_empty(), snapshots.is_empty());
    }

    #[test]
    fn the_newest_stays(snapshots in snapshots(), policy in policy(), now in now()) {
        let deleted = deleted(&snapshots, &policy, now);
        let newest = snapshots.iter().map(|snapshot| snapshot.at).max();
        for snapshot in snapshots.iter().filter(|snapshot| Some(snapshot.at) == newest) {
            prop_assert!(!deleted.contains(&snapshot.id));
        }
    }

    #[test]
    fn what_is_pinned_stays(snapshots in snapshots(), policy in policy(), now in now()) {
        let deleted = deleted(&snapshots, &policy, now);
        prop_assert!(snapshots.iter().filter(|it| it.pinned).all(|it| !deleted.contains(&it.id)));
    }

    #[test]
    fn pinning_changes_nothing_for_the_others(
        snapshots in snapshots(), policy in policy(), now in now(), which in any::<prop::sample::Index>()
    ) {
        prop_assume!(!snapshots.is_empty());
        let mut pinned = snapshots.clone();
        let which = which.index(pinned.len());
        pinned[which] = pinned[which].pinned();
        let mut expected = deleted(&snapshots, &policy, now);
        expected.retain(|id| *id != which);
        prop_assert_eq!(deleted(&pinned, &policy, now), expected);
    }

    #[test]
    fn doing_it_twice_deletes_no_more(snapshots in snapshots(), policy in policy(), now in now()) {
        let left = followed(&snapshots, &policy, now);
        prop_assert_eq!(deleted(&left, &policy, now), Vec::<usize>::new());
    }

    #[test]
    fn order_does_not_matter(
        (snapshots, shuffled) in snapshots().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        policy in policy(),
        now in now(),
    ) {
        let (plan, other) = (plan(&snapshots, &policy, now), plan(&shuffled, &policy, now));
        for (snapshot, decision) in shuffled.iter().zip(&other) {
            prop_assert_eq!(&plan[snapshot.id], decision);
        }
    }

    #[test]
    fn those_of_one_moment_share_their_fate(snapshots in snapshots(), policy in policy(), now in now()) {
        let snapshots: Vec<_> = snapshots.into_iter().map(|it| Snapshot::new(it.id, it.at)).collect();
        let plan = plan(&snapshots, &policy, now);
        for (one, decision) in snapshots.iter().zip(&plan) {
            let other = snapshots.iter().position(|other| other.at == one.at).unwrap();
            prop_assert_eq!(decision, &plan[other]);
        }
    }

    #[test]
    fn a_higher_count_never_deletes_more(
        snapshots in snapshots(), numbers in numbers(), now in now(), which in 0..6_usize, by in 1..5_u32
    ) {
        let few = numbers.policy();
        // The first rule of all is the one that makes the others go.
        prop_assume!(few.has_rules());
        let mut more = numbers;
        more.counts[which] += by;
        prop_assert!(within(&deleted(&snapshots, &more.policy(), now), &deleted(&snapshots, &few, now)));
    }

    #[test]
    fn keeping_longer_never_deletes_more(
        snapshots in snapshots(), numbers in numbers(), now in now(), by in 1..2 * YEAR
    ) {
        let few = numbers.policy();
        prop_assume!(few.has_rules());
        let mut more = numbers;
        more.keep_for = Some(more.keep_for.unwrap_or(0) + by);
        prop_assert!(within(&deleted(&snapshots, &more.policy(), now), &deleted(&snapshots, &few, now)));
    }

    #[test]
    fn a_higher_maximum_age_or_none_never_deletes_more(
        snapshots in snapshots(), numbers in numbers(), now in now(), by in proptest::option::of(1..2 * YEAR)
    ) {
        let few = numbers.policy();
        let mut more = numbers;
        more.max_age = more.max_age.and_then(|age| Some(age + by?));
        prop_assert!(within(&deleted(&snapshots, &more.policy(), now), &deleted(&snapshots, &few, now)));
    }

    #[test]
    fn believing_less_never_deletes_more(
        snapshots in snapshots(), policy in policy(), now in now(), gap in 0..2 * YEAR, less in 0..2 * YEAR
    ) {
        let many = policy.clone().max_gap(time(gap));
        let few = policy.max_gap(time(gap.saturating_sub(less)));
        prop_assert!(within(&deleted(&snapshots, &few, now), &deleted(&snapshots, &many, now)));
    }

    #[test]
    fn without_rules_everything_stays(snapshots in snapshots(), zone in zone(), now in now()) {
        prop_assert_eq!(deleted(&snapshots, &Policy::new().zone(zone), now), Vec::<usize>::new());
    }

    #[test]
    fn a_clock_that_went_backwards_deletes_nothing(snapshots in snapshots(), policy in policy(), now in now()) {
        if snapshots.iter().any(|snapshot| snapshot.at > now) {
            prop_assert_eq!(deleted(&snapshots, &policy, now), Vec::<usize>::new());
        }
    }

    #[test]
    fn counts_do_not_depend_on_the_clock(
        snapshots in snapshots(), mut numbers in numbers(), early in later(), late in later()
    ) {
        (numbers.keep_for, numbers.max_age) = (None, None);
        let policy = numbers.policy();
        prop_assert_eq!(deleted(&snapshots, &policy, early), deleted(&snapshots, &policy, late));
    }

    #[test]
    fn a_zone_is_no_more_than_a_shift(
        snapshots in snapshots(), mut numbers in numbers(), now in now(), shift in 0..12 * HOUR
    ) {
        numbers.zone = Zone::fixed(i32::try_from(shift).unwrap()).unwrap();
        let shifted: Vec<_> = snapshots.iter().map(|it| Snapshot { at: it.at + time(shift), ..*it }).collect();
        let utc = numbers.policy().zone(Zone::utc());
        prop_assert_eq!(deleted(&snapshots, &numbers.policy(), now), deleted(&shifted, &utc, now + time(shift)));
    }

    #[test]
    fn without_periods_the_zone_does_not_matter(
        snapshots in snapshots(), mut numbers in numbers(), now in now(), zone in zone()
    ) {
        numbers.counts = [numbers.counts[0], 0, 0, 0, 0, 0];
        let policy = numbers.policy();
        prop_assert_eq!(plan(&snapshots, &policy, now), plan(&snapshots, &policy.clone().zone(zone), now));
    }

    #[test]
    fn deleting_all_the_time_comes_to_the_same_as_deleting_once(snapshots in snapshots(), mut numbers in numbers()) {
        (numbers.max_age, numbers.max_gap) = (None, Some(u64::MAX));
        let policy = numbers.policy();
        let (history, left) = lived_through(snapshots, &policy);
        let Some(last) = history.last() else { return Ok(()) };
        prop_assert_eq!(left, followed(&history, &policy, last.at));
    }

    #[test]
    fn deleting_all_the_time_loses_nothing_that_deleting_once_keeps(snapshots in snapshots(), policy in policy()) {
        let (history, left) = lived_through(snapshots, &policy);
        let Some(last) = history.last() else { return Ok(()) };
        prop_assert!(followed(&history, &policy, last.at).iter().all(|it| left.contains(it)));
    }

    #[test]
    fn the_last_alone_are_so_many_moments(snapshots in snapshots(), count in 1..10_u32, now in later()) {
        let moments: BTreeSet<_> = snapshots.iter().map(|it| it.at).collect();
        let unpinned: Vec<_> = snapshots.iter().map(|it| Snapshot::new(it.id, it.at)).collect();
        let left: BTreeSet<_> =
            followed(&unpinned, &Policy::new().keep_last(count), now).iter().map(|it| it.at).collect();
        let expected: BTreeSet<_> = moments.into_iter().rev().take(usize::try_from(count).unwrap()).collect();
        prop_assert_eq!(left, expected);
    }

    #[test]
    fn months_alone_are_their_newest_and_the_oldest_until_there_are_enough(
        snapshots in snapshots(), count in 1..10_u32, now in later(), zone in zone()
    ) {
        let moments: BTreeSet<_> = snapshots.iter().map(|it| it.at).collect();
        let unpinned: Vec<_> = snapshots.iter().map(|it| Snapshot::new(it.id, it.at)).collect();
        let policy = Policy::new().monthly(count).zone(zone.clone());
        let left: BTreeSet<_> = followed(&unpinned, &policy, now).iter().map(|it| it.at).collect();
        // As one would do it by hand: a sheet for each month, the latest on top.
        let count = usize::try_from(count).unwrap();
        let mut months = std::collections::BTreeMap::new();
        for at in &moments {
            months.insert(Period::of(Unit::Month, *at, &zone).to_string(), *at);
        }
        let mut expected: BTreeSet<_> = months.values().rev().take(count).copied().collect();
        expected.extend(moments.first().filter(|_| months.len() < count));
        prop_assert_eq!(left, expected);
    }

    #[test]
    fn by_age_alone_exactly_what_is_old_enough_goes(snapshots in snapshots(), keep in 0..2 * YEAR, now in later()) {
        let newest = snapshots.iter().map(|snapshot| snapshot.at).max();
        let goes = |it: &&Snapshot<_>| !it.pinned && Some(it.at) != newest && it.at + time(keep) <= now;
        let expected: Vec<_> = snapshots.iter().filter(goes).map(|it| it.id).collect();
        let policy = Policy::new().keep_for(time(keep)).max_gap(Duration::MAX);
        prop_assert_eq!(deleted(&snapshots, &policy, now), expected);
    }

    #[test]
    fn past_the_maximum_age_exactly_the_pinned_and_the_newest_stay(
        snapshots in snapshots(), numbers in numbers(), max in 0..YEAR
    ) {
        let now = at(1_790_000_000 + 6 * YEAR);
        let policy = numbers.policy().max_age(time(max)).max_gap(Duration::MAX);
        let newest = snapshots.iter().map(|snapshot| snapshot.at).max();
        for snapshot in followed(&snapshots, &policy, now) {
            prop_assert!(snapshot.pinned || Some(snapshot.at) == newest);
        }
    }
}
