//! How far a resync or verify is.

use std::fmt;
use std::time::Duration;

use crate::resource::PeerDevice;
use crate::value::Bytes;

/// The kernel's marks of a running resync or verify. What a source doesn't tell is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Resync {
    /// What there was to do when it began.
    pub total: Option<Bytes>,
    /// Of that, what turned out to be equal by checksum.
    pub same_checksum: Option<Bytes>,
    /// Since it began. DRBD 9.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::seconds"))]
    pub elapsed: Option<Duration>,
    /// Of that, paused. DRBD 9.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::seconds"))]
    pub paused: Option<Duration>,
    /// What was done lately, from the oldest mark kept (about 20 s ago): this gives the steadier speed. DRBD 9.
    pub lately: Option<Speed>,
    /// What was done since the last mark (about 3 s ago): this gives the speed now. DRBD 9.
    pub now: Option<Speed>,
    /// Bytes per second the resync controller wants; 0 where this side isn't the one in control. From the JSON of
    /// `drbdsetup status` to a hundredth of a MiB.
    pub wanted_rate: Option<Bytes>,
    /// Bytes per second, where the source gives the speed itself: `/proc/drbd`; and, to a hundredth of a MiB, events2.
    pub rate: Option<Bytes>,
    /// The share done, in hundredths of a percent, where the source gives it itself: events2.
    pub done: Option<u32>,
    /// Time left, where the source gives it itself: `/proc/drbd`, events2 and the JSON of `drbdsetup status`.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::seconds"))]
    pub finish: Option<Duration>,
    /// Where a verify stands.
    pub verify: Option<Verify>,
}

/// Where a verify stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Verify {
    /// Where on the device it began.
    pub start: Option<Bytes>,
    /// Where it is to stop; `None` for the device's end.
    pub stop: Option<Bytes>,
    /// How far it is on the device.
    pub position: Option<Bytes>,
    /// What is left to compare.
    pub left: Option<Bytes>,
    /// What wasn't compared, for it was being written.
    pub skipped: Option<Bytes>,
}

/// An amount done within a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Speed {
    /// The amount.
    pub done: Bytes,
    /// The time, in milliseconds.
    pub within_ms: u64,
}

impl Speed {
    /// Bytes per second; `None` if no time has passed.
    pub fn per_second(&self) -> Option<Bytes> {
        let per_second = (u128::from(self.done.0) * 1000).checked_div(self.within_ms.into())?;
        u64::try_from(per_second).ok().map(Bytes)
    }
}

/// How far a resync or verify is.
///
/// As `drbdsetup` has it: 100 of 400 bytes done is 25 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Progress {
    /// The share done, in hundredths of a percent: 2820 is 28.20 %.
    pub hundredths: u32,
    /// What there was to do, if known.
    pub total: Option<Bytes>,
    /// What is left, if known.
    pub left: Option<Bytes>,
    /// Bytes per second now, if known.
    pub rate: Option<Bytes>,
    /// Time left, as the source gives it or at the present rate. `None` while nothing moves.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::seconds"))]
    pub finish: Option<Duration>,
}

impl Progress {
    pub(crate) fn of(peer: &PeerDevice) -> Option<Self> {
        let resync = peer.resync.as_ref()?;
        let total = resync.total.filter(|total| total.0 > 0);
        let left = if peer.replication.is_verify() {
            resync.verify.as_ref().and_then(|verify| verify.left)
        } else if peer.replication.is_resync() {
            peer.out_of_sync
                .map(|differing| Bytes(differing.0.saturating_sub(peer.resync_failed.unwrap_or_default().0)))
        } else {
            return None;
        };
        // Writes during a resync can add to what is left.
        let left = left.map(|left| total.map_or(left, |total| left.min(total)));
        let hundredths = resync.done.or_else(|| Some(share(total?, left?)))?;
        let rate = resync.rate.or_else(|| resync.now?.per_second());
        Some(Self { hundredths, total, left, rate, finish: resync.finish }.finished_at_its_rate())
    }

    /// With the time left, where that is not known otherwise.
    pub(crate) fn finished_at_its_rate(mut self) -> Self {
        let at_rate = || self.left?.0.checked_div(self.rate?.0).map(Duration::from_secs);
        self.finish = self.finish.or_else(at_rate);
        self
    }
}

/// The share done, in hundredths of a percent.
fn share(total: Bytes, left: Bytes) -> u32 {
    let done = u128::from(total.0.saturating_sub(left.0));
    let hundredths = done * 10_000 / u128::from(total.0.max(1));
    u32::try_from(hundredths).unwrap_or(10_000)
}

impl fmt::Display for Progress {
    /// `28.20 % done, 0:00:11 left`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = self.hundredths;
        write!(f, "{}.{:02} % done", hundredths / 100, hundredths % 100)?;
        if let Some(finish) = self.finish {
            let seconds = finish.as_secs();
            write!(f, ", {}:{:02}:{:02} left", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        }
        Ok(())
    }
}
