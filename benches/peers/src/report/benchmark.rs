//! The section of one benchmark: how, a chart, a table.

use std::fmt::Write;

use anyhow::Result;
use charts::{BarChart, Better, Scale, Unit};

use crate::results::{Benchmark, Role, Row, Spread};

use super::{CHARTS, Chart, Section};

pub(super) fn section(benchmark: &Benchmark) -> Result<Section> {
    let ours = benchmark.ours()?;
    let file = format!("{}.svg", benchmark.name);
    let mut markdown = format!("## {}\n\n", benchmark.title);
    for paragraph in &benchmark.how {
        write!(markdown, "{paragraph}\n\n")?;
    }
    write!(markdown, "![{}]({CHARTS}/{file})\n\n", benchmark.title)?;
    let counts = columns(benchmark);
    write!(markdown, "| | rounds | median | times ours: least, median, most |")?;
    counts.iter().try_for_each(|what| write!(markdown, " {what} |"))?;
    write!(markdown, "\n|---|--:|--:|--:|")?;
    counts.iter().try_for_each(|_| write!(markdown, "--:|"))?;
    markdown.push('\n');
    for row in &benchmark.rows {
        let name = if std::ptr::eq(row, ours) { format!("**{}**", row.name) } else { row.name.clone() };
        let remark = row.remark.as_ref().map(|remark| format!(" ({remark})")).unwrap_or_default();
        let ratio = if std::ptr::eq(row, ours) { "1".to_owned() } else { ratio(row, ours) };
        let rounds = row.nanoseconds.len();
        write!(markdown, "| {name}{remark} | {rounds} | {} | {ratio} |", time(row.median()))?;
        for what in &counts {
            let value = row.counted(what).map_or_else(|| "–".to_owned(), counted);
            write!(markdown, " {value} |")?;
        }
        markdown.push('\n');
    }
    Ok(Section { markdown, charts: vec![Chart { file, svg: chart(benchmark, ours)? }] })
}

/// What was counted, in the order in which it first comes.
fn columns(benchmark: &Benchmark) -> Vec<&str> {
    let mut columns = Vec::new();
    for count in benchmark.rows.iter().flat_map(|row| &row.counts) {
        if !columns.contains(&count.what.as_str()) {
            columns.push(&count.what);
        }
    }
    columns
}

fn chart(benchmark: &Benchmark, ours: &Row) -> Result<String> {
    let rounds = ours.nanoseconds.len();
    let medians: Vec<f64> = benchmark.rows.iter().map(Row::median).collect();
    let widest = medians.iter().copied().fold(0.0, f64::max) / medians.iter().copied().fold(f64::INFINITY, f64::min);
    // Where the shortest bar would be a line, factors are what can be seen.
    let scale = if widest > 50.0 { Scale::Log } else { Scale::Linear };
    let mut chart = BarChart::new(&benchmark.title)
        .subtitle(format!("median of {rounds} interleaved rounds; floor: the kernel's calls alone"))
        .axis("time", Unit::Seconds, scale, Better::Lower);
    for row in &benchmark.rows {
        let label = label(row);
        chart = chart.bar(&label, row.median() / 1e9);
        if row.role == Role::Ours {
            chart = chart.highlight(label);
        }
    }
    Ok(chart.render()?)
}

fn label(row: &Row) -> String {
    let name = row.name.replace('`', "");
    if row.role == Role::Floor { format!("{name} (floor)") } else { name }
}

fn ratio(row: &Row, ours: &Row) -> String {
    match row.ratio(ours) {
        Some(Spread { least, median, most }) => format!("{}, {}, {}", plain(least), plain(median), plain(most)),
        None => plain(row.median() / ours.median()),
    }
}

/// The middle of what was counted, and how far apart the rounds were, if they were.
fn counted(Spread { least, median, most }: Spread) -> String {
    if least == most { plain(median) } else { format!("{} ({}–{})", plain(median), plain(least), plain(most)) }
}

/// Nanoseconds, with three digits that count.
fn time(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        ..1e6 => (nanoseconds / 1e3, "µs"),
        ..1e9 => (nanoseconds / 1e6, "ms"),
        _ => (nanoseconds / 1e9, "s"),
    };
    format!("{} {unit}", plain(value))
}

/// A number with three digits that count, or all of a whole one.
pub(super) fn plain(value: f64) -> String {
    if value.fract() == 0.0 || value >= 100.0 {
        return format!("{value:.0}");
    }
    let decimals = if value >= 10.0 {
        1
    } else if value >= 1.0 {
        2
    } else {
        3
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        assert_eq!([256.0, 1234.5, 12.34, 1.234, 0.1234].map(plain), ["256", "1234", "12.3", "1.23", "0.123"]);
        assert_eq!([1500.0, 2.5e6, 61e9].map(time), ["1.50 µs", "2.50 ms", "61 s"]);
    }

    #[test]
    fn a_section_names_everyone_and_marks_what_is_ours() {
        let mut row = Row::new("this library", Role::Ours);
        row.took(std::time::Duration::from_millis(2));
        row.count("commits", 1);
        let mut peer = Row::new("`peer`", Role::Peer);
        peer.took(std::time::Duration::from_millis(8));
        let all = Benchmark {
            name: "work".into(),
            title: "Work".into(),
            how: vec!["So.".into()],
            rows: vec![row, peer],
            targets: vec![],
        };
        let section = section(&all).unwrap();
        assert!(section.markdown.contains("| **this library** | 1 | 2 ms | 1 | 1 |"), "{}", section.markdown);
        assert!(section.markdown.contains("| `peer` | 1 | 8 ms | 4, 4, 4 | – |"), "{}", section.markdown);
        assert!(section.charts[0].svg.contains("peer"));
    }
}
