//! A white sheet to draw on, in pixels, with the few forms that the charts need.

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::Error;

/// Okabe and Ito's colours, in the order in which series get them. The yellow is left out: it vanishes on white.
pub(crate) const SERIES: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(90, 90, 90),
];
/// What is not highlighted.
pub(crate) const QUIET: RGBColor = RGBColor(166, 174, 184);
pub(crate) const INK: RGBColor = RGBColor(31, 35, 40);
/// For what is less important than the values.
pub(crate) const FAINT: RGBColor = RGBColor(89, 96, 105);
pub(crate) const GRID: RGBColor = RGBColor(226, 230, 234);
const FRAME: RGBColor = RGBColor(208, 215, 222);

/// As wide as a README's column, so that it is shown at its own size.
pub(crate) const WIDTH: u32 = 840;
/// Between the edge and what is drawn.
pub(crate) const MARGIN: f64 = 24.0;
/// The size of the texts.
pub(crate) const TEXT: f64 = 14.0;
const TITLE: f64 = 19.0;

/// Which point of a text is where it is to be.
#[derive(Clone, Copy)]
pub(crate) enum At {
    Left,
    Middle,
    Right,
}

/// How a text looks.
#[derive(Clone, Copy)]
pub(crate) struct Font {
    pub(crate) size: f64,
    pub(crate) bold: bool,
    pub(crate) colour: RGBColor,
}

pub(crate) const PLAIN: Font = Font { size: TEXT, bold: false, colour: INK };
pub(crate) const NOTE: Font = Font { size: TEXT, bold: false, colour: FAINT };

pub(crate) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>,
}

/// Draws on a sheet of this height and returns the SVG.
pub(crate) fn draw(height: f64, content: impl FnOnce(&Canvas) -> Result<(), Error>) -> Result<String, Error> {
    let mut svg = String::new();
    // A sheet is no taller than its rows of text are, a few thousand pixels.
    let height = (0..20_000_u32).find(|pixels| f64::from(*pixels) >= height).unwrap_or(20_000);
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        area.fill(&WHITE).map_err(failed)?;
        let canvas = Canvas { area: pixels(&area, height) };
        canvas.outline(height)?;
        content(&canvas)?;
        area.present().map_err(failed)?;
    }
    Ok(svg)
}

/// The area, with coordinates that are fractions of pixels.
fn pixels<'a>(
    area: &DrawingArea<SVGBackend<'a>, Shift>,
    height: u32,
) -> DrawingArea<SVGBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>> {
    let (x, y) = area.get_pixel_range();
    area.apply_coord_spec(Cartesian2d::new(0.0..f64::from(WIDTH), 0.0..f64::from(height), (x, y)))
}

impl Canvas<'_> {
    fn outline(&self, height: u32) -> Result<(), Error> {
        let corner = (f64::from(WIDTH) - 1.0, f64::from(height) - 1.0);
        self.area.draw(&Rectangle::new([(0.0, 0.0), corner], FRAME.stroke_width(1))).map_err(failed)
    }

    pub(crate) fn line(&self, points: &[(f64, f64)], colour: RGBColor, width: u32) -> Result<(), Error> {
        self.area.draw(&PathElement::new(points.to_vec(), colour.stroke_width(width))).map_err(failed)
    }

    pub(crate) fn bar(&self, from: (f64, f64), to: (f64, f64), colour: RGBColor) -> Result<(), Error> {
        self.area.draw(&Rectangle::new([from, to], colour.filled())).map_err(failed)
    }

    pub(crate) fn dot(&self, at: (f64, f64), colour: RGBColor) -> Result<(), Error> {
        self.area.draw(&Circle::new(at, 4, colour.filled())).map_err(failed)
    }

    /// A text, at the height of its middle.
    pub(crate) fn text(&self, text: &str, at: (f64, f64), anchor: At, font: Font) -> Result<(), Error> {
        let anchor = match anchor {
            At::Left => HPos::Left,
            At::Middle => HPos::Center,
            At::Right => HPos::Right,
        };
        // The backend divides by this, to make up for how it takes a font's size.
        let family = ("sans-serif", font.size * 1.24);
        let style = if font.bold { FontStyle::Bold } else { FontStyle::Normal };
        let style = (family.0, family.1, style).into_text_style(&self.area).color(&font.colour);
        let style = style.pos(Pos::new(anchor, VPos::Center));
        self.area.draw(&Text::new(text.to_owned(), at, style)).map_err(failed)
    }

    /// The title and, below it, the subtitle; returns where they end.
    pub(crate) fn heading(&self, title: &str, subtitle: Option<&str>) -> Result<f64, Error> {
        let mut y = MARGIN - 4.0;
        for line in wrap(title, TITLE) {
            self.text(&line, (MARGIN, y + 12.0), At::Left, Font { size: TITLE, bold: true, colour: INK })?;
            y += 26.0;
        }
        for line in subtitle.map(|text| wrap(text, TEXT)).unwrap_or_default() {
            self.text(&line, (MARGIN, y + 12.0), At::Left, NOTE)?;
            y += 21.0;
        }
        Ok(y + 12.0)
    }
}

/// How far down a heading goes.
pub(crate) fn heading_height(title: &str, subtitle: Option<&str>) -> f64 {
    let lines = |text: &str, size| wrap(text, size).len();
    MARGIN - 4.0
        + 26.0 * number(lines(title, TITLE))
        + 21.0 * number(subtitle.map_or(0, |text| lines(text, TEXT)))
        + 12.0
}

/// How wide a text is at most: fonts differ, and what shows the SVG chooses one.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let of = |letter: char| match letter {
        'i' | 'j' | 'l' | 't' | 'f' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '(' | ')' | ' ' => 0.38,
        'm' | 'w' | 'M' | 'W' | '%' | '—' => 0.95,
        'A'..='Z' => 0.72,
        _ => 0.62,
    };
    text.chars().map(of).sum::<f64>() * size
}

/// A number of things, as a coordinate.
pub(crate) fn number(things: usize) -> f64 {
    u32::try_from(things).map_or(f64::MAX, f64::from)
}

fn wrap(text: &str, size: f64) -> Vec<String> {
    let room = f64::from(WIDTH) - 2.0 * MARGIN;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line, size) + width(word, size) + 0.38 * size <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn failed<E: std::error::Error + Send + Sync + 'static>(error: DrawingAreaErrorKind<E>) -> Error {
    Error::Drawing(Box::new(error))
}
