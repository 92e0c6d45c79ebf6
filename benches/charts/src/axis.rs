//! Where values are on an axis, and where its ticks are.

use std::ops::RangeInclusive;

use crate::{Error, Unit};

/// How values are laid out on an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Equal distances are equal differences; it starts at 0.
    Linear,
    /// Equal distances are equal factors.
    Log,
}

/// Which values are the good ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Such as latency.
    Lower,
    /// Such as throughput.
    Higher,
    /// Neither.
    Neutral,
}

/// What an axis shows.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    pub(crate) name: String,
    pub(crate) unit: Unit,
    pub(crate) scale: Scale,
    pub(crate) better: Better,
}

/// An axis that its values are known of. A position is a fraction of its length.
#[derive(Debug)]
pub(crate) struct Fitted {
    axis: Axis,
    low: f64,
    high: f64,
    /// On a logarithmic axis, the part before `low` on which 0 lies.
    zero: Option<f64>,
    step: f64,
}

impl Axis {
    /// The name, and how to read it.
    pub(crate) fn caption(&self) -> String {
        let name = match self.unit {
            Unit::Count(unit) if !unit.is_empty() && !self.name.contains(unit) => format!("{} ({unit})", self.name),
            _ => self.name.clone(),
        };
        let notes = [
            match self.better {
                Better::Lower => "lower is better",
                Better::Higher => "higher is better",
                Better::Neutral => "",
            },
            if self.scale == Scale::Log { "logarithmic scale" } else { "" },
        ];
        let notes: Vec<_> = notes.into_iter().filter(|note| !note.is_empty()).collect();
        if notes.is_empty() { name } else { format!("{name} — {}", notes.join(", ")) }
    }

    /// Checks that a value has a place here.
    pub(crate) fn check(&self, label: &str, value: f64, zero: bool) -> Result<(), Error> {
        let fits = value.is_finite() && (value > 0.0 || value == 0.0 && (zero || self.scale == Scale::Linear));
        if fits {
            return Ok(());
        }
        Err(Error::OutOfAxis { label: label.to_owned(), value, axis: self.name.clone() })
    }

    /// Fits the axis to checked values. A linear one starts at 0 and has about `ticks` ticks.
    pub(crate) fn fit(&self, values: &[f64], ticks: f64) -> Fitted {
        let greatest = values.iter().copied().fold(0.0, f64::max);
        let least = values.iter().copied().filter(|value| *value > 0.0).fold(f64::INFINITY, f64::min);
        let axis = self.clone();
        if self.scale == Scale::Linear || greatest <= 0.0 {
            let step = round_step(greatest.max(f64::MIN_POSITIVE) / ticks, self.unit);
            let high = if greatest > 0.0 { (greatest / step).ceil() * step } else { 1.0 };
            let axis = Axis { scale: Scale::Linear, ..axis };
            return Fitted { axis, low: 0.0, high, zero: None, step };
        }
        // A little room at both ends, to the next of 1, 2 and 5.
        let low = round_down(least * 0.97);
        let high = round_up(greatest * 1.03).max(low * 10.0);
        let zero = values.contains(&0.0).then_some(0.1);
        Fitted { axis, low, high, zero, step: 0.0 }
    }
}

impl Fitted {
    /// Lets a logarithmic axis begin at a tick: bars have to begin somewhere.
    pub(crate) fn begun_at_a_power_of_ten(mut self) -> Self {
        if self.axis.scale == Scale::Log {
            self.low = power_below(self.low);
        }
        self
    }

    /// From 0 at the start to 1 at the end.
    pub(crate) fn position(&self, value: f64) -> f64 {
        if self.axis.scale == Scale::Linear {
            return (value - self.low) / (self.high - self.low);
        }
        let start = self.zero.unwrap_or(0.0);
        if value <= 0.0 {
            return 0.0;
        }
        start + (1.0 - start) * (value / self.low).ln() / (self.high / self.low).ln()
    }

    /// The ticks, as positions and texts; those without a text are for the eye.
    pub(crate) fn ticks(&self) -> Vec<(f64, String)> {
        let mut ticks: Vec<f64> = Vec::new();
        if self.axis.scale == Scale::Linear {
            let mut tick = 0.0;
            while tick <= self.high + self.step / 2.0 {
                ticks.push(tick);
                tick += self.step;
            }
        } else {
            ticks.extend(self.zero.map(|_| 0.0));
            ticks.extend(self.decades());
        }
        ticks.into_iter().map(|tick| (self.position(tick), self.axis.unit.tick(tick))).collect()
    }

    /// Powers of ten; over few of them also twice and five times that.
    fn decades(&self) -> Vec<f64> {
        let span = self.high / self.low;
        let factors: &[f64] = match span {
            span if span < 300.0 => &[1.0, 2.0, 5.0],
            _ => &[1.0],
        };
        let within: RangeInclusive<f64> = self.low * 0.999..=self.high * 1.001;
        let mut ticks = Vec::new();
        let mut decade = power_below(self.low);
        while decade <= *within.end() {
            ticks.extend(factors.iter().map(|factor| factor * decade).filter(|tick| within.contains(tick)));
            decade *= 10.0;
        }
        ticks
    }
}

fn power_below(value: f64) -> f64 {
    10_f64.powf((value.log10() + 1e-9).floor())
}

fn round_down(value: f64) -> f64 {
    let power = power_below(value);
    [5.0, 2.0, 1.0].into_iter().map(|factor| factor * power).find(|round| *round <= value).unwrap_or(power)
}

fn round_up(value: f64) -> f64 {
    let power = power_below(value);
    [1.0, 2.0, 5.0].into_iter().map(|factor| factor * power).find(|round| *round >= value).unwrap_or(10.0 * power)
}

/// The next round number: 1, 2 or 5 times a power of ten, or a power of two.
fn round_step(value: f64, unit: Unit) -> f64 {
    if unit.is_binary() { 2_f64.powf(value.log2().ceil()) } else { round_up(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(unit: Unit, scale: Scale) -> Axis {
        Axis { name: "time".to_owned(), unit, scale, better: Better::Lower }
    }

    fn texts(fitted: &Fitted) -> Vec<String> {
        fitted.ticks().into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn ticks_are_round() {
        let linear = axis(Unit::Seconds, Scale::Linear).fit(&[0.0031, 0.0049], 5.0);
        assert_eq!(texts(&linear), ["0", "1 ms", "2 ms", "3 ms", "4 ms", "5 ms"]);
        assert!((linear.position(0.0025) - 0.5).abs() < 1e-9);
        let log = axis(Unit::Seconds, Scale::Log).fit(&[0.000_15, 0.9], 5.0);
        assert_eq!(texts(&log), ["100 µs", "1 ms", "10 ms", "100 ms", "1 s"]);
        let log = axis(Unit::Seconds, Scale::Log).fit(&[0.0012, 0.03], 5.0);
        assert_eq!(texts(&log), ["1 ms", "2 ms", "5 ms", "10 ms", "20 ms", "50 ms"]);
        let bytes = axis(Unit::Bytes, Scale::Linear).fit(&[3_000_000.0], 4.0);
        assert_eq!(texts(&bytes), ["0", "1 MiB", "2 MiB", "3 MiB"]);
    }

    #[test]
    fn nothing_has_its_place_before_the_least() {
        let count = axis(Unit::Count("snapshots"), Scale::Log).fit(&[0.0, 10.0, 1000.0], 5.0);
        assert_eq!(count.position(0.0), 0.0);
        assert!(count.position(10.0) > 0.1);
        assert_eq!(texts(&count).first().map(String::as_str), Some("0"));
    }
}
