//! The plan: each rule of the policy asked about each moment.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::{Duration, SystemTime};

use jiff::civil::DateTime;

use super::Snapshot;
use super::decision::{Decision, DeleteReason, KeepReason};
use super::period::{Period, Unit};
use super::policy::Policy;

/// What the rules say of a moment. Snapshots of one moment are told apart only by their pins, so that the order in
/// which they are given can't matter.
#[derive(Debug, Default)]
struct Verdict {
    keep: Vec<KeepReason>,
    miss: Vec<DeleteReason>,
    age: Duration,
    too_old: Option<Duration>,
    /// It would be too old for `keep_for` if the clock were believed.
    doubtfully_young: Option<KeepReason>,
    /// It would be too old for `max_age` if the clock were believed.
    doubtfully_within: Option<KeepReason>,
}

/// Decides on the snapshots of one source: a decision for each, in their order.
///
/// A pure function of its arguments; the [module](super) says what it promises.
#[must_use]
pub fn plan<T>(snapshots: &[Snapshot<T>], policy: &Policy, now: SystemTime) -> Vec<Decision> {
    let moments: BTreeSet<_> = snapshots.iter().map(|snapshot| snapshot.at).collect();
    // From the newest on: every rule looks at them that way.
    let moments: Vec<_> = moments.into_iter().rev().collect();
    let mut verdicts: Vec<_> = moments.iter().map(|_| Verdict::default()).collect();

    if let Some(newest) = verdicts.first_mut() {
        newest.keep.push(KeepReason::Newest);
    }
    let backwards = moments.first().is_some_and(|newest| *newest > now);
    if backwards {
        verdicts.iter_mut().for_each(|verdict| verdict.keep.push(KeepReason::ClockWentBackwards));
    }
    if !policy.has_rules() {
        verdicts.iter_mut().for_each(|verdict| verdict.keep.push(KeepReason::NoRule));
    }
    if policy.last > 0 {
        the_last(&mut verdicts, policy.last);
    }
    let civil: Vec<_> = moments.iter().map(|at| policy.zone.civil(*at)).collect();
    for (unit, count) in policy.counts() {
        the_newest_of_each(unit, count, &civil, &mut verdicts);
    }
    if !backwards {
        by_age(&moments, policy, now, &mut verdicts);
    }
    let verdicts: HashMap<_, _> = moments.iter().zip(&verdicts).collect();
    snapshots.iter().map(|snapshot| verdicts[&snapshot.at].decide(snapshot.pinned)).collect()
}

impl Verdict {
    fn decide(&self, pinned: bool) -> Decision {
        let protected = pinned
            || self.keep.iter().any(|reason| matches!(reason, KeepReason::Newest | KeepReason::ClockWentBackwards));
        let unkept = self.keep.is_empty() && self.doubtfully_young.is_none();
        match self.too_old {
            Some(limit) if !protected => {
                Decision::Delete { age: self.age, reasons: vec![DeleteReason::TooOld { limit }] }
            }
            None if !protected && unkept => Decision::Delete { age: self.age, reasons: self.miss.clone() },
            _ => Decision::Keep { reasons: self.reasons(pinned, protected) },
        }
    }

    /// A doubt is a reason only where it matters: the gaps between yearly snapshots are no news of what stays anyhow.
    fn reasons(&self, pinned: bool, protected: bool) -> Vec<KeepReason> {
        let pin = pinned.then_some(KeepReason::Pinned);
        let mut reasons: Vec<_> = pin.into_iter().chain(self.keep.iter().copied()).collect();
        if reasons.is_empty() {
            reasons.extend(self.doubtfully_young);
        }
        if !protected {
            reasons.extend(self.doubtfully_within);
        }
        reasons
    }
}

fn the_last(verdicts: &mut [Verdict], of: u32) {
    for (rank, verdict) in (1..).zip(verdicts) {
        if rank <= of {
            verdict.keep.push(KeepReason::Last { rank, of });
        } else {
            verdict.miss.push(DeleteReason::NotLast { of });
        }
    }
}

fn the_newest_of_each(unit: Unit, of: u32, moments: &[(DateTime, i32)], verdicts: &mut [Verdict]) {
    let (mut seen, mut rank) = (HashSet::new(), 0_u32);
    let oldest = verdicts.len().saturating_sub(1);
    for (index, (civil, verdict)) in moments.iter().zip(verdicts).enumerate() {
        let period = Period::at(unit, *civil);
        let first = seen.insert(period);
        rank = rank.saturating_add(u32::from(first));
        if first && rank <= of {
            verdict.keep.push(KeepReason::NewestOf { period, rank, of });
        } else if rank < of && index == oldest {
            verdict.keep.push(KeepReason::Oldest { unit, have: rank, of });
        } else if first {
            verdict.miss.push(DeleteReason::PeriodPast { period, of });
        } else {
            verdict.miss.push(DeleteReason::NotNewestOf { period });
        }
    }
}

/// A gap that is not believed adds nothing to the age of what is before it. Deleting can only widen gaps, so ages never
/// grow by it: that is what makes a plan that was followed stay as it is.
/// No moment may be later than `now`.
fn by_age(moments: &[SystemTime], policy: &Policy, now: SystemTime, verdicts: &mut [Verdict]) {
    let (mut after, mut keep_for, mut max_age) = (now, Duration::ZERO, Duration::ZERO);
    for (at, verdict) in moments.iter().zip(verdicts) {
        let gap = after.duration_since(*at).unwrap_or_default();
        after = *at;
        keep_for += if gap > policy.gap_of_keep_for() { Duration::ZERO } else { gap };
        max_age += if gap > policy.gap_of_max_age() { Duration::ZERO } else { gap };
        let age = now.duration_since(*at).unwrap_or_default();
        let leapt = |believed, limit| KeepReason::ClockMayHaveLeapt { age, believed, limit };
        match policy.keep_for {
            Some(limit) if age < limit => verdict.keep.push(KeepReason::Young { age, limit }),
            Some(limit) if keep_for < limit => verdict.doubtfully_young = Some(leapt(keep_for, limit)),
            Some(limit) => verdict.miss.push(DeleteReason::NotYoung { limit }),
            None => {}
        }
        match policy.max_age {
            Some(limit) if max_age >= limit => verdict.too_old = Some(limit),
            Some(limit) if age >= limit => verdict.doubtfully_within = Some(leapt(max_age, limit)),
            _ => {}
        }
        verdict.age = age;
    }
}
