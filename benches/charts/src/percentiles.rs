//! How values are distributed, with room for the rare ones.

use hdrhistogram::Histogram;

use crate::axis::Axis;
use crate::plot::{Plot, Series};
use crate::{Better, Error, Scale, Unit};

/// Curves over percentiles: each nine more (90 %, 99 %, 99.9 %) takes as much room as the last one.
#[derive(Debug, Clone)]
pub struct PercentileChart {
    title: String,
    subtitle: Option<String>,
    axis: Axis,
    /// Percentiles, not yet placed, and values.
    series: Vec<Series>,
}

/// How far a percentile below 100 is along the axis, in powers of ten.
fn nines(percentile: f64) -> f64 {
    -(1.0 - percentile / 100.0).log10()
}

/// What is between the last percentile and the greatest value, of which nothing is known but that it is the greatest.
const TO_THE_MAXIMUM: f64 = 0.35;
const TICKS: [(f64, &str); 8] = [
    (0.0, "min"),
    (50.0, "50 %"),
    (75.0, "75 %"),
    (90.0, "90 %"),
    (99.0, "99 %"),
    (99.9, "99.9 %"),
    (99.99, "99.99 %"),
    (99.999, "99.999 %"),
];

impl PercentileChart {
    /// A chart whose title says what is found.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        let axis = Axis { name: "time".to_owned(), unit: Unit::Seconds, scale: Scale::Log, better: Better::Lower };
        Self { title: title.into(), subtitle: None, axis, series: Vec::new() }
    }

    /// How it was measured, in a smaller line below the title.
    #[must_use]
    pub fn subtitle(mut self, subtitle: impl Into<String>) -> Self {
        self.subtitle = Some(subtitle.into());
        self
    }

    /// What the values are. Otherwise they are times in seconds, on a logarithmic axis.
    #[must_use]
    pub fn axis(mut self, name: impl Into<String>, unit: Unit, scale: Scale, better: Better) -> Self {
        self.axis = Axis { name: name.into(), unit, scale, better };
        self
    }

    /// Adds a curve through points of a percentile, from 0 for the least to 100 for the greatest value, and a value.
    #[must_use]
    pub fn series(mut self, name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut points: Vec<_> = points.into_iter().collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        self.series.push(Series { name: name.into(), points });
        self
    }

    /// Adds the curve of a histogram of nanoseconds, as far into the rare values as it has any.
    #[must_use]
    pub fn histogram(self, name: impl Into<String>, nanoseconds: &Histogram<u64>) -> Self {
        let mut points = Vec::new();
        // Two of every factor of two in rarity: smooth, and no more points than there are values.
        for value in nanoseconds.iter_quantiles(8) {
            let seconds = std::time::Duration::from_nanos(value.value_iterated_to()).as_secs_f64();
            points.push((100.0 * value.quantile_iterated_to(), seconds));
        }
        self.series(name, points)
    }

    /// Draws it.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`]; [`Error::OutOfAxis`] for values that are negative, not finite, or 0 on a logarithmic axis, and
    /// for what is no percentile; [`Error::TooManySeries`].
    pub fn render(&self) -> Result<String, Error> {
        let points = || self.series.iter().flat_map(|series| series.points.iter().map(move |point| (series, point.0)));
        if let Some((series, value)) = points().find(|(_, percentile)| !(0.0..=100.0).contains(percentile)) {
            return Err(Error::OutOfAxis { label: series.name.clone(), value, axis: "percentile".to_owned() });
        }
        let last =
            points().map(|(_, percentile)| percentile).filter(|percentile| *percentile < 100.0).fold(0.0, f64::max);
        let length = nines(last) + TO_THE_MAXIMUM;
        let place = |percentile: f64| if percentile < 100.0 { nines(percentile) / length } else { 1.0 };
        let placed = |series: &Series| Series {
            name: series.name.clone(),
            points: series.points.iter().map(|point| (place(point.0), point.1)).collect(),
        };
        let mut ticks: Vec<_> = TICKS
            .into_iter()
            .filter(|(percentile, _)| *percentile <= last)
            .map(|(percentile, text)| (place(percentile), text.to_owned()))
            .collect();
        ticks.push((1.0, "max".to_owned()));
        Plot {
            title: &self.title,
            subtitle: self.subtitle.as_deref(),
            ticks,
            caption: "percentile: this share took no longer".to_owned(),
            vertical: &self.axis,
            dots: false,
        }
        .render(&self.series.iter().map(placed).collect::<Vec<_>>())
    }
}
