//! Draws measurements as SVG that is read without a caption: bars of contestants, percentiles of latency, lines over a
//! count.
//!
//! Values are in the base unit, seconds or bytes, and are written in the one that suits them: `1.2 ms`, `64 KiB`. The
//! background is white, so that a chart can stand in a page of any colour, and the colours (Okabe and Ito's) can be told
//! apart by everybody.
//!
//! ```
//! use charts::{BarChart, Better, Scale, Unit};
//!
//! let svg = BarChart::new("Listing 10,000 subvolumes is 12 times as fast")
//!     .subtitle("ids and paths, one thread; median of 50 runs")
//!     .axis("time of one listing", Unit::Seconds, Scale::Linear, Better::Lower)
//!     .bar("btrfs-storage", 0.0041)
//!     .highlight("btrfs-storage")
//!     .bar("btrfs-progs", 0.049)
//!     .render()?;
//! assert!(svg.contains("4.1 ms"));
//! # Ok::<(), charts::Error>(())
//! ```

mod axis;
mod bars;
mod canvas;
mod lines;
mod percentiles;
mod plot;
mod unit;

pub use axis::{Better, Scale};
pub use bars::BarChart;
pub use lines::LineChart;
pub use percentiles::PercentileChart;
pub use unit::Unit;

/// Why a chart can't be drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing to draw.
    #[error("the chart {0:?} has no values")]
    Empty(String),
    /// A value has no place on its axis.
    #[error("{label:?} has the value {value}, which has no place on the axis {axis:?}")]
    OutOfAxis {
        /// The bar or series.
        label: String,
        /// Its value.
        value: f64,
        /// What the axis is called.
        axis: String,
    },
    /// A label that was to be highlighted is not there.
    #[error("no bar or series is called {0:?}, so it can't be highlighted")]
    NoSuchLabel(String),
    /// More series than there are colours that can be told apart.
    #[error("{0} series can't be told apart: at most {max} can", max = canvas::SERIES.len())]
    TooManySeries(usize),
    /// The drawing library failed.
    #[error("drawing failed")]
    Drawing(#[source] Box<dyn std::error::Error + Send + Sync>),
}
