//! Horizontal bars: several contestants at one thing, or at several.

use plotters::style::RGBColor;

use crate::axis::{Axis, Fitted};
use crate::canvas::{self, At, Canvas, Font, GRID, MARGIN, NOTE, PLAIN, QUIET, SERIES, TEXT, WIDTH, number, width};
use crate::{Better, Error, Scale, Unit};

const BAR: f64 = 24.0;
const BETWEEN_BARS: f64 = 6.0;
const BETWEEN_GROUPS: f64 = 18.0;
/// The ticks' texts and the axis' name.
const FOOT: f64 = 58.0;

/// Horizontal bars, each with its value at its end.
///
/// Either bars of their own ([`BarChart::bar`]), of which the ones that matter are highlighted, or groups of bars
/// ([`BarChart::grouped_bar`]), in which each series has a colour and a place in the legend.
#[derive(Debug, Clone)]
pub struct BarChart {
    title: String,
    subtitle: Option<String>,
    axis: Axis,
    groups: Vec<Group>,
    highlighted: Vec<String>,
}

#[derive(Debug, Clone)]
struct Group {
    label: String,
    /// The series, if it is one of several, and the value.
    bars: Vec<(Option<String>, f64)>,
}

impl BarChart {
    /// A chart whose title says what is found: "Listing is 12 times as fast".
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        let axis = Axis { name: String::new(), unit: Unit::Count(""), scale: Scale::Linear, better: Better::Neutral };
        Self { title: title.into(), subtitle: None, axis, groups: Vec::new(), highlighted: Vec::new() }
    }

    /// How it was measured, in a smaller line below the title.
    #[must_use]
    pub fn subtitle(mut self, subtitle: impl Into<String>) -> Self {
        self.subtitle = Some(subtitle.into());
        self
    }

    /// What the values are. On a logarithmic axis the length of a bar says little: say so in the title if it matters.
    #[must_use]
    pub fn axis(mut self, name: impl Into<String>, unit: Unit, scale: Scale, better: Better) -> Self {
        self.axis = Axis { name: name.into(), unit, scale, better };
        self
    }

    /// Adds a bar.
    #[must_use]
    pub fn bar(mut self, label: impl Into<String>, value: f64) -> Self {
        self.groups.push(Group { label: label.into(), bars: vec![(None, value)] });
        self
    }

    /// Adds a bar of a series to a group: `grouped_bar("7 snapshots", "ext4 on LVM", 0.9)`. Groups and series stand in
    /// the order in which they are first named.
    #[must_use]
    pub fn grouped_bar(mut self, group: impl Into<String>, series: impl Into<String>, value: f64) -> Self {
        let (label, bar) = (group.into(), (Some(series.into()), value));
        match self.groups.iter_mut().find(|group| group.label == label) {
            Some(group) => group.bars.push(bar),
            None => self.groups.push(Group { label, bars: vec![bar] }),
        }
        self
    }

    /// Puts a bar, or a series, before the others: it has a strong colour, and bars that are not highlighted a quiet one.
    #[must_use]
    pub fn highlight(mut self, label: impl Into<String>) -> Self {
        self.highlighted.push(label.into());
        self
    }

    /// Draws it.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`]; [`Error::OutOfAxis`] for values that are negative, not finite, or 0 on a logarithmic axis;
    /// [`Error::NoSuchLabel`]; [`Error::TooManySeries`].
    pub fn render(&self) -> Result<String, Error> {
        let values: Vec<f64> = self.groups.iter().flat_map(|group| &group.bars).map(|bar| bar.1).collect();
        if values.is_empty() {
            return Err(Error::Empty(self.title.clone()));
        }
        for group in &self.groups {
            group.bars.iter().try_for_each(|bar| self.axis.check(&group.label, bar.1, false))?;
        }
        let series = self.series();
        if series.len() > SERIES.len() {
            return Err(Error::TooManySeries(series.len()));
        }
        let known = |label: &String| series.contains(&label.as_str()) || self.groups.iter().any(|g| g.label == *label);
        if let Some(label) = self.highlighted.iter().find(|label| !known(label)) {
            return Err(Error::NoSuchLabel(label.clone()));
        }
        let top = canvas::heading_height(&self.title, self.subtitle.as_deref()) + self.legend_height();
        let rows: f64 = self.groups.iter().map(|group| self.group_height(group)).sum();
        canvas::draw(top + rows + FOOT + MARGIN - 8.0, |canvas| {
            self.draw(canvas, &self.axis.fit(&values, 6.0).begun_at_a_power_of_ten(), rows)
        })
    }

    fn draw(&self, canvas: &Canvas, axis: &Fitted, rows: f64) -> Result<(), Error> {
        let mut y = canvas.heading(&self.title, self.subtitle.as_deref())?;
        self.legend(canvas, y)?;
        y += self.legend_height();
        let labels = self.groups.iter().map(|group| width(&group.label, TEXT)).fold(0.0, f64::max);
        let values =
            self.groups.iter().flat_map(|group| &group.bars).map(|bar| width(&self.axis.unit.write(bar.1), TEXT));
        let left = MARGIN + labels + 12.0;
        let right = f64::from(WIDTH) - MARGIN - values.fold(0.0, f64::max);
        let x = |position: f64| left + (right - left) * position;
        let bottom = y + rows;
        let mut free = 0.0;
        for (position, text) in axis.ticks() {
            canvas.line(&[(x(position), y), (x(position), bottom + 4.0)], GRID, 1)?;
            // Nothing is written over another tick's text.
            let half = width(&text, TEXT) / 2.0;
            if x(position) - half >= free {
                canvas.text(&text, (x(position), bottom + 18.0), At::Middle, NOTE)?;
                free = x(position) + half + 6.0;
            }
        }
        canvas.text(&self.axis.caption(), (left, bottom + 42.0), At::Left, PLAIN)?;
        for group in &self.groups {
            let height = self.group_height(group);
            let strong = Font { bold: self.highlighted.contains(&group.label), ..PLAIN };
            canvas.text(&group.label, (left - 12.0, y + height / 2.0), At::Right, strong)?;
            let mut top = y + (height - bars_height(group)) / 2.0;
            for (series, value) in &group.bars {
                let end = x(axis.position(*value)).max(left + 1.0);
                canvas.bar((left, top), (end, top + BAR), self.colour(&group.label, series.as_deref()))?;
                let name = series.as_ref().unwrap_or(&group.label);
                let strong = Font { bold: self.highlighted.contains(name), ..PLAIN };
                canvas.text(&self.axis.unit.write(*value), (end + 8.0, top + BAR / 2.0), At::Left, strong)?;
                top += BAR + BETWEEN_BARS;
            }
            y += height;
        }
        canvas.line(&[(left, bottom - rows), (left, bottom)], canvas::FAINT, 1)
    }

    fn legend(&self, canvas: &Canvas, y: f64) -> Result<(), Error> {
        let mut x = MARGIN;
        for series in self.series() {
            canvas.bar((x, y), (x + 14.0, y + 14.0), self.colour("", Some(series)))?;
            let font = Font { bold: self.highlighted.iter().any(|label| label == series), ..PLAIN };
            canvas.text(series, (x + 21.0, y + 7.0), At::Left, font)?;
            x += 21.0 + width(series, TEXT) + 24.0;
        }
        Ok(())
    }

    fn legend_height(&self) -> f64 {
        if self.series().is_empty() { 0.0 } else { 32.0 }
    }

    fn group_height(&self, group: &Group) -> f64 {
        bars_height(group) + if self.series().is_empty() { BETWEEN_BARS + 4.0 } else { BETWEEN_GROUPS }
    }

    fn series(&self) -> Vec<&str> {
        let mut series: Vec<&str> = Vec::new();
        for name in self.groups.iter().flat_map(|group| &group.bars).filter_map(|bar| bar.0.as_deref()) {
            if !series.contains(&name) {
                series.push(name);
            }
        }
        series
    }

    fn colour(&self, label: &str, series: Option<&str>) -> RGBColor {
        let strong = |name: &str| self.highlighted.iter().any(|label| label == name);
        match series {
            None if self.highlighted.is_empty() || strong(label) => SERIES[0],
            None => QUIET,
            // The highlighted series has the first colour, the others the rest in their order.
            Some(name) if strong(name) => SERIES[0],
            Some(name) => {
                let offset = usize::from(!self.highlighted.is_empty());
                let others = self.series().into_iter().filter(|other| !strong(other));
                others.zip(SERIES.iter().skip(offset)).find(|(other, _)| *other == name).map_or(QUIET, |(_, c)| *c)
            }
        }
    }
}

fn bars_height(group: &Group) -> f64 {
    number(group.bars.len()) * (BAR + BETWEEN_BARS) - BETWEEN_BARS
}
