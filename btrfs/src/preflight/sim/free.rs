//! Free ranges, of a device or of a block group.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Free ranges. Neighbours are one. Every question is answered in the logarithm of their number.
#[derive(Debug, Clone, Default)]
pub(super) struct FreeRanges {
    by_start: BTreeMap<u64, u64>,
    /// By length, the first of the longest last.
    by_length: BTreeSet<(u64, Reverse<u64>)>,
    /// For each length that was asked for: the starts of the ranges that have it.
    fitting: Vec<(u64, BTreeSet<u64>)>,
}

impl FreeRanges {
    /// What a sorted list of ranges in use leaves free.
    pub(super) fn between(start: u64, end: u64, taken: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let mut free = Self::default();
        let mut at = start;
        for (start, length) in taken {
            if start > at {
                free.add(at, start.min(end) - at);
            }
            at = at.max(start + length);
        }
        if end > at {
            free.add(at, end - at);
        }
        free
    }

    /// The length of the longest, 0 where nothing is free.
    pub(super) fn longest(&self) -> u64 {
        self.by_length.last().map_or(0, |(length, _)| *length)
    }

    /// The first of the longest.
    pub(super) fn first_longest(&self) -> Option<(u64, u64)> {
        self.by_length.last().map(|(length, Reverse(start))| (*start, *length))
    }

    /// The first that has so many bytes.
    pub(super) fn first_with(&mut self, length: u64) -> Option<u64> {
        let known = self.fitting.iter().position(|(asked, _)| *asked == length);
        let index = known.unwrap_or_else(|| {
            let fitting = self.by_length.range((length, Reverse(u64::MAX))..).map(|(_, Reverse(start))| *start);
            self.fitting.push((length, fitting.collect()));
            self.fitting.len() - 1
        });
        self.fitting[index].1.first().copied()
    }

    /// The first that has so many bytes, at or behind an address, if the range around that address or the one behind it
    /// has them.
    pub(super) fn near(&self, at: u64, length: u64) -> Option<u64> {
        let (start, free) = self.by_start.range(..=at).next_back()?;
        (start + free >= at.checked_add(length)?).then_some(at)
    }

    /// Frees a range that is in use.
    pub(super) fn give(&mut self, mut start: u64, mut length: u64) {
        if let Some((&before, &free)) = self.by_start.range(..start).next_back() {
            if before + free == start {
                self.remove(before, free);
                (start, length) = (before, free + length);
            }
        }
        if let Some(&free) = self.by_start.get(&(start + length)) {
            self.remove(start + length, free);
            length += free;
        }
        self.add(start, length);
    }

    /// Takes a range that is free.
    pub(super) fn take(&mut self, start: u64, length: u64) {
        let Some((&from, &free)) = self.by_start.range(..=start).next_back() else { return };
        debug_assert!(start + length <= from + free, "what is taken is free");
        self.remove(from, free);
        if start > from {
            self.add(from, start - from);
        }
        if start + length < from + free {
            self.add(start + length, from + free - (start + length));
        }
    }

    /// Forgets what lies behind an address.
    pub(super) fn cut(&mut self, end: u64) {
        while let Some((&start, &length)) =
            self.by_start.last_key_value().filter(|(start, length)| **start + **length > end)
        {
            self.remove(start, length);
            if start < end {
                self.add(start, end - start);
            }
        }
    }

    fn add(&mut self, start: u64, length: u64) {
        self.by_start.insert(start, length);
        self.by_length.insert((length, Reverse(start)));
        for (_, fitting) in self.fitting.iter_mut().filter(|(asked, _)| length >= *asked) {
            fitting.insert(start);
        }
    }

    fn remove(&mut self, start: u64, length: u64) {
        self.by_start.remove(&start);
        self.by_length.remove(&(length, Reverse(start)));
        for (_, fitting) in self.fitting.iter_mut().filter(|(asked, _)| length >= *asked) {
            fitting.remove(&start);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn answers_are_those_of_a_plain_map(steps in prop::collection::vec((0_u64..64, 1_u64..16), 0..80), asked in 1_u64..20) {
            let mut free = FreeRanges::between(0, 64, []);
            let mut used = [false; 64];
            for (start, length) in steps {
                let range = usize::try_from(start).unwrap()..usize::try_from((start + length).min(64)).unwrap();
                let length = u64::try_from(range.len()).unwrap();
                if used[range.clone()].iter().all(|used| *used) {
                    free.give(start, length);
                    used[range].fill(false);
                } else if used[range.clone()].iter().all(|used| !*used) {
                    free.take(start, length);
                    used[range].fill(true);
                }
                let mut plain = Vec::new();
                for (at, used) in used.iter().enumerate().filter(|(_, used)| !**used).map(|(at, used)| (u64::try_from(at).unwrap(), used)) {
                    let _ = used;
                    match plain.last_mut() {
                        Some((start, length)) if *start + *length == at => *length += 1,
                        _ => plain.push((at, 1)),
                    }
                }
                let longest = plain.iter().map(|(_, length)| *length).max().unwrap_or(0);
                prop_assert_eq!(free.longest(), longest);
                prop_assert_eq!(free.first_longest(), plain.iter().copied().find(|(_, length)| *length == longest));
                prop_assert_eq!(free.first_with(asked), plain.iter().find(|(_, length)| *length >= asked).map(|(start, _)| *start));
                prop_assert_eq!(free.by_start.into_iter().collect::<Vec<_>>(), plain);
                free = FreeRanges::between(0, 64, (0..64).filter(|at| used[usize::try_from(*at).unwrap()]).map(|at| (at, 1)));
            }
        }
    }
}
