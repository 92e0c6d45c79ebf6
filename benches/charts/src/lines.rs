//! Values over a count.

use crate::axis::Axis;
use crate::plot::{Plot, Series};
use crate::{Better, Error, Scale, Unit};

/// Lines over a count: latency over the number of snapshots that exist, say.
#[derive(Debug, Clone)]
pub struct LineChart {
    title: String,
    subtitle: Option<String>,
    x: Axis,
    y: Axis,
    series: Vec<Series>,
}

impl LineChart {
    /// A chart whose title says what is found.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        let axis = Axis { name: String::new(), unit: Unit::Count(""), scale: Scale::Linear, better: Better::Neutral };
        Self { title: title.into(), subtitle: None, x: axis.clone(), y: axis, series: Vec::new() }
    }

    /// How it was measured, in a smaller line below the title.
    #[must_use]
    pub fn subtitle(mut self, subtitle: impl Into<String>) -> Self {
        self.subtitle = Some(subtitle.into());
        self
    }

    /// What is counted along the horizontal axis. On a logarithmic one 0 has a place too, before the least count.
    #[must_use]
    pub fn over(mut self, name: impl Into<String>, unit: Unit, scale: Scale) -> Self {
        self.x = Axis { name: name.into(), unit, scale, better: Better::Neutral };
        self
    }

    /// What the values are.
    #[must_use]
    pub fn axis(mut self, name: impl Into<String>, unit: Unit, scale: Scale, better: Better) -> Self {
        self.y = Axis { name: name.into(), unit, scale, better };
        self
    }

    /// Adds a line through points of a count and a value.
    #[must_use]
    pub fn series(mut self, name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        self.series.push(Series { name: name.into(), points: points.into_iter().collect() });
        self
    }

    /// Draws it.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`]; [`Error::OutOfAxis`] for values that are negative, not finite, or 0 on a logarithmic axis;
    /// [`Error::TooManySeries`].
    pub fn render(&self) -> Result<String, Error> {
        let mut counts = Vec::new();
        for series in &self.series {
            for point in &series.points {
                self.x.check(&series.name, point.0, true)?;
                counts.push(point.0);
            }
        }
        let x = self.x.fit(&counts, 7.0);
        let placed = |series: &Series| {
            let mut points: Vec<_> = series.points.iter().map(|point| (x.position(point.0), point.1)).collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            Series { name: series.name.clone(), points }
        };
        Plot {
            title: &self.title,
            subtitle: self.subtitle.as_deref(),
            ticks: x.ticks(),
            caption: self.x.caption(),
            vertical: &self.y,
            dots: true,
        }
        .render(&self.series.iter().map(placed).collect::<Vec<_>>())
    }
}
