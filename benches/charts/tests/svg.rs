//! What is drawn is well-formed and says what it was given.

use charts::{BarChart, Better, Error, LineChart, PercentileChart, Scale, Unit};
use hdrhistogram::Histogram;
use roxmltree::{Document, Node};

/// All texts of an SVG, with their horizontal places.
fn texts(svg: &str) -> Vec<(String, f64)> {
    let document = Document::parse(svg).expect("well-formed XML");
    assert_eq!(document.root_element().tag_name().name(), "svg");
    let of = |node: Node| {
        let text = node.text().unwrap_or_default().trim().to_owned();
        (text, number(node, "x"))
    };
    document.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text"))).map(of).collect()
}

fn number(node: Node, attribute: &str) -> f64 {
    node.attribute(attribute).and_then(|value| value.parse().ok()).expect("a number")
}

fn says(svg: &str, expected: &[&str]) {
    let texts = texts(svg);
    for text in expected {
        assert!(texts.iter().any(|(drawn, _)| drawn == text), "{text:?} is not in {texts:?}");
    }
}

/// The filled bars as colour and width, without the sheet.
fn bars(svg: &str) -> Vec<(String, f64)> {
    let document = Document::parse(svg).expect("well-formed XML");
    let bars = document.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "rect")));
    let bars = bars.map(|bar| (bar.attribute("fill").unwrap_or_default().to_owned(), number(bar, "width")));
    bars.filter(|(fill, _)| fill != "none" && fill != "#FFFFFF").collect()
}

#[test]
fn bars_have_labels_values_and_lengths_in_proportion() {
    let svg = BarChart::new("<Twice> as fast & \"more\"")
        .subtitle("median of 50 runs")
        .axis("time of one call", Unit::Seconds, Scale::Linear, Better::Lower)
        .bar("ours", 0.002)
        .highlight("ours")
        .bar("theirs", 0.004)
        .render()
        .expect("drawn");
    says(
        &svg,
        &[
            "<Twice> as fast & \"more\"",
            "median of 50 runs",
            "ours",
            "2 ms",
            "theirs",
            "4 ms",
            "time of one call — lower is better",
        ],
    );
    let bars = bars(&svg);
    let [(ours, short), (theirs, long)] = &bars[..] else { panic!("{bars:?}") };
    assert_ne!(ours, theirs, "one is highlighted");
    assert!((long / short - 2.0).abs() < 0.02, "{short} and {long}");
}

#[test]
fn grouped_bars_have_a_legend() {
    let mut chart =
        BarChart::new("Snapshots cost nothing").axis("writes", Unit::Count("writes/s"), Scale::Log, Better::Higher);
    for (group, lvm, btrfs) in [("none", 5000.0, 4000.0), ("7 snapshots", 100.0, 3900.0)] {
        chart = chart.grouped_bar(group, "ext4 on LVM", lvm).grouped_bar(group, "btrfs", btrfs);
    }
    let svg = chart.highlight("btrfs").render().expect("drawn");
    says(&svg, &["none", "7 snapshots", "ext4 on LVM", "btrfs", "5,000 writes/s", "100 writes/s", "3,900 writes/s"]);
    says(&svg, &["writes (writes/s) — higher is better, logarithmic scale"]);
    let bars = bars(&svg);
    assert_eq!(bars.len(), 2 + 4, "two in the legend");
    assert_eq!(bars[0].0, bars[2].0, "a series has its colour everywhere");
}

#[test]
fn percentiles_have_as_many_nines_as_there_are_values() {
    let drawn = |values: u64| {
        let mut histogram = Histogram::<u64>::new(3).expect("a histogram");
        (1..=values).for_each(|value| histogram.record(value * 1000).expect("in its range"));
        PercentileChart::new("Fast").histogram("single", &histogram).render().expect("drawn")
    };
    let few = drawn(20);
    says(&few, &["min", "50 %", "90 %", "max", "single"]);
    assert!(texts(&few).iter().all(|(text, _)| text != "99 %"), "20 values have no 99th percentile");
    let many = drawn(20_000);
    says(&many, &["90 %", "99 %", "99.9 %", "max"]);
    let texts = texts(&many);
    let place = |wanted| texts.iter().find(|(text, _)| text == wanted).expect("a tick").1;
    let (first, second) = (place("99 %") - place("90 %"), place("99.9 %") - place("99 %"));
    assert!((first - second).abs() <= 2.0, "each nine has as much room: {first} and {second}");
}

#[test]
fn lines_begin_at_nothing() {
    let svg = LineChart::new("It stays as it is")
        .over("snapshots that exist", Unit::Count("snapshots"), Scale::Log)
        .axis("time of one snapshot", Unit::Seconds, Scale::Linear, Better::Lower)
        .series("p50", [(1000.0, 0.002), (0.0, 0.001)])
        .series("p99", [(0.0, 0.004), (1000.0, 0.006)])
        .render()
        .expect("drawn");
    says(&svg, &["0", "1,000", "p50", "p99", "snapshots that exist — logarithmic scale", "6 ms"]);
}

#[test]
fn what_can_not_be_drawn_is_refused() {
    let chart = || BarChart::new("t").axis("time", Unit::Seconds, Scale::Log, Better::Lower);
    assert!(matches!(chart().render(), Err(Error::Empty(_))));
    assert!(matches!(chart().bar("zero", 0.0).render(), Err(Error::OutOfAxis { .. })));
    assert!(matches!(chart().bar("what", f64::NAN).render(), Err(Error::OutOfAxis { .. })));
    assert!(matches!(chart().bar("a", 1.0).highlight("b").render(), Err(Error::NoSuchLabel(_))));
    let many = (0..8).fold(LineChart::new("t"), |chart, line| chart.series(line.to_string(), [(1.0, 1.0)]));
    assert!(matches!(many.render(), Err(Error::TooManySeries(8))));
    assert!(matches!(PercentileChart::new("t").series("s", [(101.0, 1.0)]).render(), Err(Error::OutOfAxis { .. })));
}

#[test]
fn everything_is_on_the_sheet() {
    let name = "a contestant with a rather long name, of version 1.2.3";
    let svg = BarChart::new("A title that does not fit into one line of the sheet, ".repeat(3))
        .bar(name, 1.0)
        .bar("b", 1e9)
        .render();
    for (text, x) in texts(&svg.expect("drawn")) {
        assert!((0.0..=840.0).contains(&x), "{text} at {x}");
    }
}
