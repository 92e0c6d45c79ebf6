//! Contestants and the order of their turns.

use std::time::Duration;

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};

use crate::results::{Role, Row};

/// What a contestant does.
type Work<'a, W, T> = Box<dyn Fn(&W) -> Result<T> + 'a>;

/// Someone who can do a job, `W` being what it is done to and `T` what comes of it.
pub(crate) struct Contestant<'a, W: ?Sized, T = ()> {
    pub(crate) name: &'static str,
    pub(crate) role: Role,
    pub(crate) work: Work<'a, W, T>,
}

impl<'a, W: ?Sized, T> Contestant<'a, W, T> {
    pub(crate) fn new(name: &'static str, role: Role, work: impl Fn(&W) -> Result<T> + 'a) -> Self {
        Self { name, role, work: Box::new(work) }
    }

    pub(crate) fn row(&self) -> Row {
        Row::new(self.name, self.role)
    }
}

/// Gives every one of `count` a turn in each round, in an [`order`] that changes from round to round.
pub(crate) fn interleave(
    title: &str,
    rounds: usize,
    count: usize,
    mut turn: impl FnMut(usize, usize) -> Result<()>,
) -> Result<()> {
    let bar = ProgressBar::new(u64::try_from(rounds * count)?);
    bar.set_style(ProgressStyle::with_template("{msg:<50} {bar:30} {pos}/{len} {elapsed}")?);
    bar.set_message(title.to_owned());
    bar.enable_steady_tick(Duration::from_millis(500));
    for round in 0..rounds {
        for index in order(round, count) {
            turn(round, index).with_context(|| format!("{title}, round {round}"))?;
            bar.inc(1);
        }
    }
    bar.finish();
    Ok(())
}

/// The order of a round: all are equally often first, and come equally often right behind each other, so that nobody
/// always runs in the wake of the same other.
fn order(round: usize, count: usize) -> impl Iterator<Item = usize> {
    // Strides modulo a prime visit everyone; first turn and stride change with every round, and together repeat late.
    let prime = (count.max(2)..).find(|&number| (2..number).all(|divisor| number % divisor != 0)).unwrap_or(2);
    let stride = 1 + round % (prime - 1);
    (0..prime).map(move |place| (round + place * stride) % prime).filter(move |&index| index < count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_has_one_turn_in_each_round() {
        for (round, count) in [(0, 1), (1, 2), (5, 3), (17, 4), (100, 5), (41, 6)] {
            let mut turns: Vec<usize> = order(round, count).collect();
            turns.sort_unstable();
            assert_eq!(turns, (0..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn everyone_follows_everyone_equally_often() {
        let mut follows = [[0; 5]; 5];
        for round in 0..20 {
            let turns: Vec<usize> = order(round, 5).collect();
            turns.windows(2).for_each(|pair| follows[pair[0]][pair[1]] += 1);
        }
        for (one, row) in follows.iter().enumerate() {
            for (other, &count) in row.iter().enumerate() {
                assert_eq!(count, if one == other { 0 } else { 4 });
            }
        }
    }
}
