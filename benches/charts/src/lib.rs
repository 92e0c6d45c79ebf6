//! Draws measurements as SVG.
