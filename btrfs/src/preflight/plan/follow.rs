//! Following a plan: one step at a time, with a new plan after each.

use super::super::rules::KernelRules;
use super::super::state::FsState;
use super::{Operation, Plan, Purpose, Step, plan};
use crate::id::DevId;

/// The way to a goal while it is gone.
///
/// It does nothing itself: ask for the next step with the state as it is now, do it, and say so.
///
/// ```no_run
/// # use btrfs::preflight::{Follow, FsState, KernelRules, Next, Operation, Step};
/// # fn done(filesystem: &btrfs::Filesystem, goal: Operation, rules: &KernelRules) -> btrfs::Result<()> {
/// let mut follow = Follow::new(goal);
/// loop {
///     let step = match follow.next(&FsState::read(filesystem)?, rules) {
///         Next::Step(plan) => plan.steps[0].clone(),
///         // Reached, or there is no way.
///         _ => break,
///     };
///     let added = match &step {
///         Step::CancelBalance => { filesystem.cancel_balance()?; None }
///         Step::AddDevice { .. } => Some(btrfs::device::AddDevice::new().add(filesystem, "/dev/sdd")?.id),
///         Step::Run { operation, .. } => { println!("{operation}"); None }
///         # _ => None,
///     };
///     follow.done(&step, added);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Follow {
    /// What is left of the goal; `None` when it is reached.
    pub(super) goal: Option<Operation>,
    /// Devices that were added for the time being.
    lent: Vec<DevId>,
    steps: usize,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Next {
    /// The first step of this plan, which is never empty.
    Step(Plan),
    /// Nothing: the goal is reached, and what was lent is given back.
    Reached,
    /// No plan was found, or there were more steps than any plan should need. If the goal is reached, it is devices that
    /// were to be taken away again which have to stay: [`Follow::lent`].
    NoPlan,
}

/// Plans that take more steps lead nowhere.
const MOST: usize = 64;

impl Follow {
    /// The way to this goal.
    #[must_use]
    pub fn new(goal: Operation) -> Self {
        Self { goal: Some(goal), lent: Vec::new(), steps: 0 }
    }

    /// What is to be done next, as the filesystem is now.
    #[must_use]
    pub fn next(&self, state: &FsState, rules: &KernelRules) -> Next {
        let give_back = || self.lent.last().map(|device| Operation::RemoveDevice(*device));
        let Some(goal) = self.goal.clone().or_else(give_back) else { return Next::Reached };
        if self.steps >= MOST {
            return Next::NoPlan;
        }
        let Some(mut plan) = plan(state, &goal, rules).filter(|plan| self.is_way(plan)) else { return Next::NoPlan };
        if self.goal.is_none() {
            for step in &mut plan.steps {
                if let Step::Run { purpose: purpose @ Purpose::Goal, .. } = step {
                    *purpose = Purpose::GiveBack;
                }
            }
        }
        Next::Step(plan)
    }

    /// Another device to give one back would never end.
    fn is_way(&self, plan: &Plan) -> bool {
        self.goal.is_some() || plan.added().next().is_none()
    }

    /// Notes that a step is done; with the device that it has added.
    pub fn done(&mut self, step: &Step, added: Option<DevId>) {
        self.steps += 1;
        match step {
            Step::AddDevice { stays: false, .. } => self.lent.extend(added),
            Step::Run { purpose: Purpose::Goal, .. } => self.goal = None,
            Step::Run { operation: Operation::Balance(part), purpose: Purpose::Part } => {
                if let Some(Operation::Balance(rest)) = &mut self.goal {
                    rest.data = rest.data.take().filter(|_| part.data.is_none());
                    rest.metadata = rest.metadata.take().filter(|_| part.metadata.is_none());
                    rest.system = rest.system.take().filter(|_| part.system.is_none());
                    if rest.data.is_none() && rest.metadata.is_none() {
                        self.goal = None;
                    }
                }
            }
            Step::Run { operation: Operation::RemoveDevice(device), purpose: Purpose::GiveBack } => {
                self.lent.retain(|lent| lent != device);
            }
            _ => {}
        }
    }

    /// Whether what was wanted is done; devices may be left to give back.
    #[must_use]
    pub fn is_reached(&self) -> bool {
        self.goal.is_none()
    }

    /// The devices that were added for the time being, and are there still.
    #[must_use]
    pub fn lent(&self) -> &[DevId] {
        &self.lent
    }
}
