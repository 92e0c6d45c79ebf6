//! The way to a goal that won't fit as it is: steps that do, one after the other, each of them simulated.

mod follow;
mod search;
#[cfg(test)]
mod tests;

use std::fmt;

use super::report::Report;
use super::rules::KernelRules;
use super::state::FsState;
use super::verdict::Preflight;
use crate::balance::BalanceRequest;
use crate::id::DevId;

pub use follow::{Follow, Next};

/// What relocates block groups.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// A balance or a conversion.
    Balance(Box<BalanceRequest>),
    /// The removal of a device.
    RemoveDevice(DevId),
    /// Making a device smaller: to so many bytes.
    Shrink(DevId, u64),
}

/// What a step is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Purpose {
    /// It is what was wanted.
    Goal,
    /// It is a part of what was wanted: of data, or of metadata.
    Part,
    /// It brings data together, so that chunks become free.
    Compact,
    /// It takes a device away that an earlier step has added.
    GiveBack,
}

/// A step of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Cancelling the balance that is paused: [`Filesystem::cancel_balance`](crate::Filesystem::cancel_balance).
    CancelBalance,
    /// Adding a device of so many bytes, or more: [`AddDevice`](crate::device::AddDevice).
    AddDevice {
        /// The least that it has to have.
        bytes: u64,
        /// Whether it is to stay: what was wanted needs it. Else a later step takes it away again.
        stays: bool,
    },
    /// Relocating block groups.
    Run {
        /// What is done.
        operation: Operation,
        /// What for.
        purpose: Purpose,
    },
}

/// Steps that reach a goal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// The steps in their order; without any, the goal is reached already.
    pub steps: Vec<Step>,
    /// The state at its end, as simulated.
    pub end: FsState,
}

/// Finds steps that reach a goal, each of which is [`Verdict::Safe`](super::Verdict::Safe); `None` where none were found, which does not mean
/// that there are none. Nor are there any where nothing is certain to end well: with quotas, on zoned devices, while others
/// write, on a kernel that is not known.
///
/// What costs least is tried first: the goal as it is; a conversion of data and one of metadata, apart; data brought
/// together before; a device, or some, of the smallest size that was found to do, which are taken away again where that
/// fits. A balance that is paused is cancelled first.
///
/// Each step changes what was foreseen of the next: after it, read the state again, and plan again.
#[must_use]
pub fn plan(state: &FsState, goal: &Operation, rules: &KernelRules) -> Option<Plan> {
    search::Search::new(state, goal, rules).find()
}

impl Operation {
    /// How it would end on this state.
    #[must_use]
    pub fn foresee(&self, state: &FsState, rules: &KernelRules) -> Report {
        self.by(&Preflight::new(state, rules))
    }

    fn by(&self, preflight: &Preflight<'_>) -> Report {
        match self {
            Self::Balance(request) => preflight.balance(request),
            Self::RemoveDevice(device) => preflight.remove_device(*device),
            Self::Shrink(device, to) => preflight.shrink(*device, *to),
        }
    }
}

impl From<BalanceRequest> for Operation {
    fn from(request: BalanceRequest) -> Self {
        Self::Balance(Box::new(request))
    }
}

impl Plan {
    /// The devices that it adds, in bytes.
    pub fn added(&self) -> impl Iterator<Item = u64> {
        self.steps.iter().filter_map(|step| match step {
            Step::AddDevice { bytes, .. } => Some(*bytes),
            _ => None,
        })
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Balance(request) => write!(f, "balance {request}"),
            Self::RemoveDevice(device) => write!(f, "remove device {device}"),
            Self::Shrink(device, to) => write!(f, "resize device {device} to {to} bytes"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CancelBalance => f.write_str("cancel the paused balance"),
            Self::AddDevice { bytes, stays: true } => write!(f, "add a device of {bytes} bytes or more, to stay"),
            Self::AddDevice { bytes, stays: false } => {
                write!(f, "add a device of {bytes} bytes or more, for the time being")
            }
            Self::Run { operation, purpose: Purpose::Compact } => write!(f, "{operation}, to bring data together"),
            Self::Run { operation, purpose: Purpose::GiveBack } => {
                write!(f, "{operation}, which was for the time being")
            }
            Self::Run { operation, .. } => fmt::Display::fmt(operation, f),
        }
    }
}
