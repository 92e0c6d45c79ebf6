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

/// Gives every one of `count` a turn in each round. Who comes first changes from round to round, and so does the
/// direction, so that nobody always runs in the wake of the same other.
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
        for place in 0..count {
            let place = if round % 2 == 0 { place } else { count - 1 - place };
            turn(round, (round / 2 + place) % count).with_context(|| format!("{title}, round {round}"))?;
            bar.inc(1);
        }
    }
    bar.finish();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_has_one_turn_in_each_round_and_all_come_first() {
        let mut turns = vec![Vec::new(); 6];
        interleave("", 6, 3, |round, index| {
            turns[round].push(index);
            Ok(())
        })
        .unwrap();
        assert_eq!(turns, [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1], [2, 0, 1], [1, 0, 2]]);
    }
}
