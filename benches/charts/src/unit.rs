//! How values are written.

/// What is measured, and in what base unit the values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Seconds, written as ns, µs, ms, s or min.
    Seconds,
    /// Bytes, written as B, KiB, MiB, GiB or TiB.
    Bytes,
    /// Bytes per second, written as MiB/s and so on.
    BytesPerSecond,
    /// A number of things, with their name: `Count("calls")`. An empty name is left out.
    Count(&'static str),
}

const SECONDS: &[(f64, &str)] = &[(1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms"), (1.0, "s"), (60.0, "min")];
const BYTES: &[(f64, &str)] =
    &[(1.0, "B"), (1024.0, "KiB"), (1_048_576.0, "MiB"), (1_073_741_824.0, "GiB"), (1_099_511_627_776.0, "TiB")];

impl Unit {
    /// A value with three digits that count: `1.23 ms`, `12.3 KiB`, `1,234 calls`.
    #[must_use]
    pub fn write(self, value: f64) -> String {
        match self {
            Self::Seconds => scaled(value, SECONDS, 120.0),
            Self::Bytes => scaled(value, BYTES, f64::INFINITY),
            Self::BytesPerSecond => format!("{}/s", scaled(value, BYTES, f64::INFINITY)),
            Self::Count("") => grouped(value),
            Self::Count(name) => format!("{} {name}", grouped(value)),
        }
    }

    /// As at a tick of an axis that says itself what is counted.
    pub(crate) fn tick(self, value: f64) -> String {
        match self {
            Self::Count(_) => grouped(value),
            _ if value == 0.0 => "0".to_owned(),
            _ => self.write(value),
        }
    }

    /// Whether round numbers are powers of two.
    pub(crate) fn is_binary(self) -> bool {
        matches!(self, Self::Bytes | Self::BytesPerSecond)
    }
}

/// The value in the greatest unit in which it is 1 or more; in the last one only from `last` on.
fn scaled(value: f64, units: &[(f64, &str)], last: f64) -> String {
    let (size, name) = units
        .iter()
        .enumerate()
        // What would be written as 1000 of a unit is 1 of the next.
        .filter(|&(index, &(size, _))| {
            let least = if index + 1 == units.len() && last.is_finite() { last } else { size };
            value.abs() >= least * 0.9995
        })
        .map(|(_, unit)| *unit)
        .next_back()
        .unwrap_or(units[0]);
    format!("{} {name}", digits(value / size))
}

/// Three digits that count, and no zeroes behind them.
fn digits(value: f64) -> String {
    let places = match value.abs() {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    let text = format!("{value:.places$}");
    if places == 0 { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
}

/// `1,234`; with decimal places below a hundred.
fn grouped(value: f64) -> String {
    let text = digits(value);
    let (sign, number) = text.strip_prefix('-').map_or(("", text.as_str()), |number| ("-", number));
    if number.len() <= 3 || number.contains('.') {
        return text;
    }
    let mut out = String::from(sign);
    for (index, digit) in number.chars().enumerate() {
        if index > 0 && (number.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_for_people() {
        for (unit, value, text) in [
            (Unit::Seconds, 0.001_234, "1.23 ms"),
            (Unit::Seconds, 0.000_999_96, "1 ms"),
            (Unit::Seconds, 0.012, "12 ms"),
            (Unit::Seconds, 90.0, "90 s"),
            (Unit::Seconds, 180.0, "3 min"),
            (Unit::Seconds, 4.5e-8, "45 ns"),
            (Unit::Seconds, 0.0, "0 ns"),
            (Unit::Bytes, 1536.0, "1.5 KiB"),
            (Unit::BytesPerSecond, 104_857_600.0, "100 MiB/s"),
            (Unit::Count("calls"), 1_234_567.0, "1,234,567 calls"),
            (Unit::Count(""), 3.5, "3.5"),
            (Unit::Count(""), 100.0, "100"),
        ] {
            assert_eq!(unit.write(value), text);
        }
    }
}
