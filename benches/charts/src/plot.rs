//! Lines in a plane with two axes, each with its name at its end.

use plotters::style::RGBColor;

use crate::Error;
use crate::axis::{Axis, Fitted};
use crate::canvas::{self, At, Canvas, FAINT, GRID, MARGIN, NOTE, PLAIN, SERIES, TEXT, WIDTH, number, width};

const HEIGHT: f64 = 340.0;
const FOOT: f64 = 58.0;
const LINE: f64 = 19.0;
/// From the name of the vertical axis to the plane.
const CAPTION: f64 = 22.0;
/// The piece of line before a series' name.
const SAMPLE: f64 = 16.0;

/// A named line.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) name: String,
    /// Along the horizontal axis, a fraction of its length, and the value.
    pub(crate) points: Vec<(f64, f64)>,
}

/// What is drawn around and below the lines.
pub(crate) struct Plot<'a> {
    pub(crate) title: &'a str,
    pub(crate) subtitle: Option<&'a str>,
    /// Ticks of the horizontal axis: positions and texts.
    pub(crate) ticks: Vec<(f64, String)>,
    pub(crate) caption: String,
    pub(crate) vertical: &'a Axis,
    /// Whether the points are few, and each is a measurement of its own.
    pub(crate) dots: bool,
}

impl Plot<'_> {
    pub(crate) fn render(&self, series: &[Series]) -> Result<String, Error> {
        let values: Vec<f64> = series.iter().flat_map(|series| &series.points).map(|point| point.1).collect();
        if values.is_empty() {
            return Err(Error::Empty(self.title.to_owned()));
        }
        if series.len() > SERIES.len() {
            return Err(Error::TooManySeries(series.len()));
        }
        for series in series {
            series.points.iter().try_for_each(|point| self.vertical.check(&series.name, point.1, false))?;
        }
        let top = canvas::heading_height(self.title, self.subtitle) + CAPTION + 10.0;
        let axis = self.vertical.fit(&values, 6.0);
        canvas::draw(top + HEIGHT + FOOT + MARGIN - 8.0, |canvas| self.draw(canvas, &axis, series))
    }

    fn draw(&self, canvas: &Canvas, axis: &Fitted, series: &[Series]) -> Result<(), Error> {
        let top = canvas.heading(self.title, self.subtitle)? + CAPTION + 10.0;
        let bottom = top + HEIGHT;
        let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
        let left = MARGIN + widest(&mut axis.ticks().iter().map(|tick| width(&tick.1, TEXT))) + 10.0;
        let names = widest(&mut series.iter().map(|series| width(&series.name, TEXT)));
        let right = f64::from(WIDTH) - MARGIN - names - SAMPLE - 18.0;
        let x = |position: f64| left + (right - left) * position;
        let y = |position: f64| bottom - HEIGHT * position;
        canvas.text(&self.vertical.caption(), (MARGIN, top - CAPTION), At::Left, PLAIN)?;
        for (position, text) in axis.ticks() {
            canvas.line(&[(left, y(position)), (right, y(position))], GRID, 1)?;
            canvas.text(&text, (left - 10.0, y(position)), At::Right, NOTE)?;
        }
        let mut free = 0.0;
        for (position, text) in &self.ticks {
            canvas.line(&[(x(*position), top), (x(*position), bottom + 4.0)], GRID, 1)?;
            let half = width(text, TEXT) / 2.0;
            if x(*position) - half >= free {
                canvas.text(text, (x(*position), bottom + 18.0), At::Middle, NOTE)?;
                free = x(*position) + half + 6.0;
            }
        }
        canvas.line(&[(left, bottom), (right, bottom)], FAINT, 1)?;
        canvas.text(&self.caption, (left, bottom + 42.0), At::Left, PLAIN)?;
        for (series, colour) in series.iter().zip(SERIES) {
            let points: Vec<_> = series.points.iter().map(|point| (x(point.0), y(axis.position(point.1)))).collect();
            canvas.line(&points, colour, 3)?;
            if self.dots {
                points.iter().try_for_each(|point| canvas.dot(*point, colour))?;
            }
        }
        self.name(canvas, series, right + 12.0, |value| y(axis.position(value)), (top, bottom))
    }

    /// Each series' name beside its last point, moved only as far as the names need room.
    fn name(
        &self,
        canvas: &Canvas,
        series: &[Series],
        x: f64,
        y: impl Fn(f64) -> f64,
        (top, bottom): (f64, f64),
    ) -> Result<(), Error> {
        let mut names: Vec<(f64, &str, RGBColor)> = series
            .iter()
            .zip(SERIES)
            .filter_map(|(series, colour)| Some((y(series.points.last()?.1), series.name.as_str(), colour)))
            .collect();
        names.sort_by(|a, b| a.0.total_cmp(&b.0));
        // Down from the top, then up again from the bottom.
        let mut free = top;
        for name in &mut names {
            name.0 = name.0.max(free);
            free = name.0 + LINE;
        }
        let mut free = bottom.max(top + LINE * number(names.len()));
        for name in names.iter_mut().rev() {
            name.0 = name.0.min(free);
            free = name.0 - LINE;
        }
        names.iter().try_for_each(|(y, name, colour)| {
            canvas.line(&[(x, *y), (x + SAMPLE, *y)], *colour, 4)?;
            canvas.text(name, (x + SAMPLE + 6.0, *y), At::Left, PLAIN)
        })
    }
}
