//! Items of the trees, from their bytes.

pub mod chunk;

pub use chunk::{Chunk, Stripe};
