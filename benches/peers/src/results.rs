//! What came of the measurements: kept as JSON, from which the report is made.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// One benchmark.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Benchmark {
    /// The name of its file, and of its chart.
    pub(crate) name: String,
    pub(crate) title: String,
    /// What was done and how, in paragraphs.
    pub(crate) how: Vec<String>,
    pub(crate) rows: Vec<Row>,
    pub(crate) targets: Vec<Target>,
}

/// One contestant's figures.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) role: Role,
    /// How long it took, round by round.
    pub(crate) nanoseconds: Vec<u64>,
    /// What else was counted, round by round or once.
    pub(crate) counts: Vec<Count>,
    /// What the reader has to know of this row.
    pub(crate) remark: Option<String>,
}

/// Whose row it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// This library.
    Ours,
    /// Another library or program.
    Peer,
    /// The kernel's calls with nothing around them.
    Floor,
}

/// Something that was counted.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Count {
    pub(crate) what: String,
    pub(crate) values: Vec<u64>,
}

/// What an engineer would ask of it, and whether it is so.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) what: String,
    pub(crate) bound: Bound,
    pub(crate) measured: f64,
}

/// On which side of the target the figure has to be.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// The smallest, the middle and the largest of some values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) most: f64,
}

impl Benchmark {
    /// Writes it into `directory` as `<name>.json`.
    pub(crate) fn save(&self, directory: &Path) -> Result<()> {
        fs::create_dir_all(directory).with_context(|| format!("making {}", directory.display()))?;
        let path = directory.join(&self.name).with_extension("json");
        let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
        serde_json::to_writer_pretty(file, self).with_context(|| format!("writing {}", path.display()))
    }

    /// Reads what [`Benchmark::save`] wrote; none if it was not measured.
    pub(crate) fn load(directory: &Path, name: &str) -> Result<Option<Self>> {
        let path = directory.join(name).with_extension("json");
        if !path.exists() {
            return Ok(None);
        }
        let file = File::open(&path).with_context(|| format!("opening {}", path.display()))?;
        serde_json::from_reader(file).map(Some).with_context(|| format!("reading {}", path.display()))
    }

    /// The row of a contestant.
    pub(crate) fn row(&self, name: &str) -> Result<&Row> {
        self.rows.iter().find(|row| row.name == name).with_context(|| format!("no row {name} in {}", self.name))
    }

    /// The row of this library that others are compared with: the first.
    pub(crate) fn ours(&self) -> Result<&Row> {
        self.rows.iter().find(|row| row.role == Role::Ours).with_context(|| format!("no row of ours in {}", self.name))
    }

    /// How many times as long as ours the fastest peer takes, median by median.
    pub(crate) fn fastest_peer(&self) -> Result<f64> {
        let ours = self.ours()?.median();
        let peers = self.rows.iter().filter(|row| row.role == Role::Peer).map(Row::median);
        Ok(peers.fold(f64::INFINITY, f64::min) / ours)
    }

    /// How many times as long as another contestant ours takes, median by median.
    pub(crate) fn times(&self, other: &str) -> Result<f64> {
        Ok(self.ours()?.median() / self.row(other)?.median())
    }

    /// How many times as long as the kernel's own calls ours takes, where they are fastest.
    pub(crate) fn times_the_fastest_floor(&self) -> Result<f64> {
        let floors = self.rows.iter().filter(|row| row.role == Role::Floor).map(Row::median);
        Ok(self.ours()?.median() / floors.fold(f64::INFINITY, f64::min))
    }

    pub(crate) fn target(&mut self, what: &str, bound: Bound, measured: f64) {
        self.targets.push(Target { what: what.to_owned(), bound, measured });
    }
}

impl Row {
    pub(crate) fn new(name: &str, role: Role) -> Self {
        Self { name: name.to_owned(), role, nanoseconds: Vec::new(), counts: Vec::new(), remark: None }
    }

    pub(crate) fn took(&mut self, time: Duration) {
        self.nanoseconds.push(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    }

    pub(crate) fn count(&mut self, what: &str, value: u64) {
        match self.counts.iter_mut().find(|count| count.what == what) {
            Some(count) => count.values.push(value),
            None => self.counts.push(Count { what: what.to_owned(), values: vec![value] }),
        }
    }

    /// The middle of the times, in nanoseconds.
    pub(crate) fn median(&self) -> f64 {
        Spread::of(self.nanoseconds.iter().copied().map(float)).map_or(f64::NAN, |spread| spread.median)
    }

    /// How many times as long as the other it took, round by round, if both had the same rounds.
    pub(crate) fn ratio(&self, other: &Self) -> Option<Spread> {
        if self.nanoseconds.len() != other.nanoseconds.len() {
            return None;
        }
        let pairs = self.nanoseconds.iter().zip(&other.nanoseconds);
        Spread::of(pairs.map(|(&this, &other)| float(this) / float(other)))
    }

    /// What was counted under a name.
    pub(crate) fn counted(&self, what: &str) -> Option<Spread> {
        let count = self.counts.iter().find(|count| count.what == what)?;
        Spread::of(count.values.iter().copied().map(float))
    }
}

impl Target {
    pub(crate) fn is_met(&self) -> bool {
        match self.bound {
            Bound::AtMost(limit) => self.measured <= limit,
            Bound::AtLeast(limit) => self.measured >= limit,
        }
    }
}

impl Spread {
    /// None of no values at all.
    pub(crate) fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let (&least, &most) = (values.first()?, values.last()?);
        let middle = values.len() / 2;
        let median =
            if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) };
        Some(Self { least, median, most })
    }
}

/// Exact up to 2^53: a hundred days in nanoseconds.
pub(crate) fn float(value: u64) -> f64 {
    #[expect(clippy::as_conversions, reason = "there is no From; what is lost beyond 2^53 does not matter here")]
    let float = value as f64;
    float
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_between_the_two_in_the_middle() {
        let spread = Spread::of([4.0, 1.0, 2.0, 3.0].into_iter()).unwrap();
        assert_eq!(spread, Spread { least: 1.0, median: 2.5, most: 4.0 });
        assert_eq!(Spread::of([7.0].into_iter()).unwrap().median, 7.0);
        assert!(Spread::of(std::iter::empty()).is_none());
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        let (mut slow, mut fast) = (Row::new("slow", Role::Peer), Row::new("fast", Role::Ours));
        for (a, b) in [(10, 1), (20, 10), (90, 10)] {
            slow.took(Duration::from_nanos(a));
            fast.took(Duration::from_nanos(b));
        }
        assert_eq!(slow.ratio(&fast).unwrap(), Spread { least: 2.0, median: 9.0, most: 10.0 });
        slow.took(Duration::from_nanos(1));
        assert!(slow.ratio(&fast).is_none());
    }
}
