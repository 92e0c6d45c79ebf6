//! How fast a resync or verify goes, by looking at it time and again.

use std::collections::VecDeque;
use std::time::Duration;

use crate::progress::{Progress, Speed};
use crate::value::Bytes;

/// As long as the kernel's own marks reach back: eight of three seconds each.
const WINDOW: Duration = Duration::from_secs(24);
/// Two looks closer together than this tell no speed.
const SHORTEST: Duration = Duration::from_secs(1);

/// Knows the speed and the time left of one resync or verify where the source tells neither (8.4 over netlink), and
/// whether it stands still, which no source tells.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    seen: VecDeque<Seen>,
    /// When something was done last.
    moved: Option<Duration>,
    now: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    at: Duration,
    total: Option<Bytes>,
    left: Option<Bytes>,
    hundredths: u32,
}

impl Pace {
    /// Nothing seen yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What is seen `at` a time, counted from any moment that stays the same: the same with speed and time left, if by now
    /// they are known. Another resync than before begins anew.
    pub fn see(&mut self, at: Duration, progress: &Progress) -> Progress {
        let seen = Seen { at, total: progress.total, left: progress.left, hundredths: progress.hundredths };
        match self.seen.back() {
            // Writes add to what is left, but the share that was done does not shrink by much.
            Some(last) if last.total != seen.total || last.hundredths > seen.hundredths.saturating_add(100) => {
                *self = Self::new();
            }
            _ => {}
        }
        let moved = self.seen.back().is_none_or(|last| (last.left, last.hundredths) != (seen.left, seen.hundredths));
        if moved {
            self.moved = Some(at);
        }
        self.now = at;
        self.seen.push_back(seen);
        while self.seen.front().is_some_and(|first| at.saturating_sub(first.at) > WINDOW) && self.seen.len() > 2 {
            self.seen.pop_front();
        }
        let mut progress = *progress;
        if self.is_stalled() {
            (progress.rate, progress.finish) = (Some(Bytes(0)), None);
            return progress;
        }
        progress.rate = progress.rate.or_else(|| self.rate());
        progress.finished_at_its_rate()
    }

    fn rate(&self) -> Option<Bytes> {
        let (first, last) = (self.seen.front()?, self.seen.back()?);
        let took = last.at.checked_sub(first.at).filter(|took| *took >= SHORTEST)?;
        let done = Bytes(first.left?.0.checked_sub(last.left?.0)?);
        Speed { done, within_ms: took.as_millis().try_into().ok()? }.per_second()
    }

    /// How long nothing has been done.
    #[must_use]
    pub fn still_for(&self) -> Duration {
        self.moved.map_or(Duration::ZERO, |moved| self.now.saturating_sub(moved))
    }

    /// Whether that is longer than the kernel would call slow: 24 s. One that is paused stands still too.
    #[must_use]
    pub fn is_stalled(&self) -> bool {
        self.still_for() >= WINDOW
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(total: u64, left: u64) -> Progress {
        let hundredths = u32::try_from((total - left) * 10_000 / total).unwrap();
        Progress { hundredths, total: Some(Bytes(total)), left: Some(Bytes(left)), rate: None, finish: None }
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_speed_is_that_of_the_last_24_seconds() {
        let mut pace = Pace::new();
        assert_eq!(pace.see(at(0), &progress(10_000, 10_000)).rate, None, "one look tells nothing");
        let seen = pace.see(at(10), &progress(10_000, 9000));
        assert_eq!((seen.rate, seen.finish), (Some(Bytes(100)), Some(at(90))));
        for second in 11..=60 {
            let seen = pace.see(at(second), &progress(10_000, 9000 - (second - 10) * 10));
            assert!(seen.rate <= Some(Bytes(100)) && seen.rate >= Some(Bytes(10)), "{seen:?}");
        }
        assert_eq!(pace.see(at(61), &progress(10_000, 8490)).rate, Some(Bytes(10)), "what was long ago is forgotten");
    }

    #[test]
    fn what_does_not_move_is_stalled_after_24_seconds_and_no_longer_when_it_does() {
        let mut pace = Pace::new();
        pace.see(at(0), &progress(1000, 1000));
        pace.see(at(5), &progress(1000, 900));
        for second in 6..29 {
            pace.see(at(second), &progress(1000, 900));
            assert!(!pace.is_stalled(), "{second}");
        }
        let seen = pace.see(at(29), &progress(1000, 900));
        assert!(pace.is_stalled() && pace.still_for() == at(24));
        assert_eq!((seen.rate, seen.finish), (Some(Bytes(0)), None));
        pace.see(at(30), &progress(1000, 899));
        assert!(!pace.is_stalled());
        // What is written meanwhile adds to what is left: it has moved, if not forward.
        pace.see(at(60), &progress(1000, 903));
        assert!(!pace.is_stalled());
    }

    #[test]
    fn another_resync_begins_anew_and_what_the_source_tells_stays() {
        let mut pace = Pace::new();
        pace.see(at(0), &progress(1000, 500));
        pace.see(at(60), &progress(1000, 100));
        assert_eq!(pace.see(at(61), &progress(1000, 1000)).rate, None);
        assert_eq!(pace.see(at(62), &progress(2000, 1900)).rate, None);
        let told = Progress { rate: Some(Bytes(7)), finish: Some(at(9)), ..progress(2000, 1800) };
        let seen = pace.see(at(64), &told);
        assert_eq!((seen.rate, seen.finish), (told.rate, told.finish));
    }
}
