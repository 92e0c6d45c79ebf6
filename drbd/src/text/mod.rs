//! What drbd-utils print of DRBD's state, as others recorded it: into the same model.

pub mod events2;
#[cfg(feature = "json")]
pub mod json;
mod objects;
mod words;
