//! Balance: relocating block groups, to spread them over devices, to give back space, or to convert their profile.
//!
//! A [`BalanceRequest`] says what shall be done, with [`Filters`] for each type of block groups; [`Balance`] is one at
//! work. The kernel runs at most one balance at a time on a filesystem, and keeps a paused one over a mount.

pub(crate) mod consent;
mod control;
mod filter;
mod job;
mod progress;
mod raw;
mod request;
mod syntax;

pub use filter::{FilterError, Filters};
pub use job::{Balance, Watch};
pub use progress::{BalanceOutcome, BalanceState, BalanceStatus, Counters};
pub use request::BalanceRequest;
