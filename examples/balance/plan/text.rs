//! A plan for people, and for scripts.

use std::path::Path;

use btrfs::preflight::{Operation, Plan, Purpose, Step};
use indicatif::BinaryBytes;
use serde_json::{Value, json};

/// The steps of a plan, numbered, in commands.
pub(crate) fn lines(plan: &Plan, path: &Path) -> Vec<String> {
    let mut lines = vec!["the way out, each step simulated and safe:".to_owned()];
    lines.extend(plan.steps.iter().zip(1..).map(|(step, nth)| format!("  {nth}. {}", line(step, path))));
    let devices: String = plan.added().map(|_| " --add DEVICE").collect();
    lines.push(format!("--follow-plan{devices} does it step by step, and plans again after each"));
    lines
}

/// A step in a line.
pub(crate) fn line(step: &Step, path: &Path) -> String {
    let path = path.display();
    match step {
        Step::CancelBalance => format!("balance cancel {path}"),
        Step::AddDevice { bytes, stays } => {
            let (bytes, stays) = (BinaryBytes(*bytes), if *stays { "to stay" } else { "for the time being" });
            format!("btrfs device add DEVICE {path}  (of {bytes} or more, {stays})")
        }
        Step::Run { operation, purpose } => match operation {
            Operation::Balance(request) if *purpose == Purpose::Compact => {
                format!("balance {request} {path}  (brings data together)")
            }
            Operation::Balance(request) => format!("balance {request} {path}"),
            Operation::RemoveDevice(device) => format!("btrfs device remove {device} {path}"),
            other => other.to_string(),
        },
        other => other.to_string(),
    }
}

/// The steps for scripts.
pub(crate) fn json(plan: &Plan) -> Value {
    let step = |step: &Step| match step {
        Step::CancelBalance => json!({ "step": "cancel" }),
        Step::AddDevice { bytes, stays } => json!({ "step": "add_device", "bytes": bytes, "stays": stays }),
        Step::Run { operation, purpose } => match operation {
            Operation::Balance(request) => {
                json!({ "step": "balance", "request": request.to_string(), "purpose": purpose })
            }
            Operation::RemoveDevice(device) => {
                json!({ "step": "remove_device", "device": device, "purpose": purpose })
            }
            other => json!({ "step": other.to_string(), "purpose": purpose }),
        },
        other => json!({ "step": other.to_string() }),
    };
    plan.steps.iter().map(step).collect()
}
