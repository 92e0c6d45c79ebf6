//! The verdict before the balance: how it would end, from `btrfs::preflight`.

mod text;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use btrfs::preflight::{
    Assumption, FsState, KernelRules, Operation, Plan, Refused, Report, Verdict, Watchdog, plan, preflight,
};
use btrfs::{BalanceRequest, DevId, Filesystem};
use serde_json::{Value, json};

use crate::arguments::Caution;
use crate::report::complain;

/// A verdict, and what it takes to put it into words.
pub(crate) struct Foreseen {
    report: Report,
    /// For the balance, if it begins.
    watchdog: Watchdog,
    /// The way out, where it is not safe, one is asked for, and one was found.
    plan: Option<Plan>,
    /// Where the devices are, which a verdict knows by their ids.
    devices: BTreeMap<DevId, PathBuf>,
}

/// Foresees how a balance ends.
pub(crate) fn foresee(filesystem: &Filesystem, request: &BalanceRequest, caution: Caution) -> btrfs::Result<Foreseen> {
    let fast = caution.fast;
    let rules = KernelRules::running()?;
    let devices = filesystem.devices()?.into_iter().filter_map(|device| Some((device.id, device.path?))).collect();
    let tip = if fast { "" } else { "; --fast leaves out the extents of data" };
    patiently(tip, || {
        let mut state = FsState::read_without_extents(filesystem)?;
        let mut report = preflight(&state, request, &rules);
        // Extents can be many: not for what can't begin, and not where data stays as it is.
        if request.data.is_none() {
            report.assumptions.retain(|assumption| *assumption != Assumption::ExtentsNotRead);
        } else if !fast && !matches!(report.verdict, Verdict::Refused(_)) {
            state = FsState::read(filesystem)?;
            report = preflight(&state, request, &rules);
        }
        let goal = Operation::from(request.clone());
        let watchdog = Watchdog::new(&state, request, &rules);
        // Only who does not begin looks for another way.
        let fails = matches!(report.verdict, Verdict::WontFit { .. });
        let plan = if report.is_safe() || !(caution.dry_run || fails && !caution.force) {
            None
        } else {
            // Also what stays where it is now may have to move on the way.
            if !fast && !state.has_extents() {
                state = FsState::read(filesystem)?;
            }
            plan(&state, &goal, &rules)
        };
        Ok(Foreseen { report, watchdog, plan, devices })
    })
}

/// Says what is waited for where it takes long.
fn patiently<T>(tip: &'static str, work: impl FnOnce() -> T) -> T {
    const LONG: Duration = Duration::from_secs(1);
    let (done, over) = mpsc::channel::<()>();
    thread::spawn(move || {
        if over.recv_timeout(LONG) == Err(RecvTimeoutError::Timeout) {
            complain(format_args!("reading the state of the filesystem for the verdict{tip}"));
        }
    });
    let answer = work();
    drop(done);
    answer
}

impl Foreseen {
    /// What a script asks for.
    pub(crate) fn name(&self) -> &'static str {
        match self.report.verdict {
            Verdict::Safe(_) => "safe",
            Verdict::WontFit { .. } => "fail",
            Verdict::Refused(_) => "refused",
            // Whatever else there may be, it is not known to end well.
            _ => "tight",
        }
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self.name() {
            "safe" => 0,
            "fail" => 11,
            "refused" => 12,
            _ => 10,
        }
    }

    pub(crate) fn is_safe(&self) -> bool {
        self.report.is_safe()
    }

    pub(crate) fn is_fail(&self) -> bool {
        matches!(self.report.verdict, Verdict::WontFit { .. })
    }

    /// Why it would not begin.
    pub(crate) fn refused(&self) -> Option<&Refused> {
        match &self.report.verdict {
            Verdict::Refused(refused) => Some(refused),
            _ => None,
        }
    }

    pub(crate) fn watchdog(&self) -> &Watchdog {
        &self.watchdog
    }

    /// The way out, for people.
    pub(crate) fn plan(&self, path: &Path) -> Vec<String> {
        match &self.plan {
            Some(plan) => crate::plan::lines(plan, path),
            None if self.is_fail() => vec!["no way out was found: more devices, or less data".to_owned()],
            None => Vec::new(),
        }
    }

    pub(crate) fn json(&self, path: &Path) -> Value {
        let report = &self.report;
        let (mut errors, mut aborts, mut missing) = (0, false, 0);
        let (mut margin, mut reasons, mut failure) = (None, [].as_slice(), None);
        match &report.verdict {
            Verdict::Safe(left) => margin = Some(left),
            Verdict::Tight { reasons: why, failure: first } => (reasons, failure) = (why, first.as_deref()),
            Verdict::WontFit { first, errors: counted, aborts: fatal } => {
                (errors, aborts, missing, failure) = (*counted, *fatal, first.missing, Some(&**first));
            }
            _ => {}
        }
        let mut failure = json!(failure);
        for device in failure.pointer_mut("/devices").and_then(Value::as_array_mut).into_iter().flatten() {
            let id = device["device"].as_u64().map(DevId);
            device["path"] = json!(id.and_then(|id| self.devices.get(&id)).map(|path| path.display().to_string()));
        }
        json!({
            "path": path.display().to_string(),
            "verdict": self.name(),
            "aborts": aborts,
            "chunks": report.moves.len(),
            "bytes": report.bytes_moved,
            "errors": errors,
            "missing": missing,
            "expected": report.expected,
            "abort_risk": report.abort_risk,
            "margin": margin,
            "reasons": reasons,
            "failure": failure,
            "refused": self.refused().map(ToString::to_string),
            "plan": self.plan.as_ref().map(crate::plan::json),
            "runs": report.runs,
            "assumptions": report.assumptions,
            "kernel": report.rules.version.to_string(),
        })
    }
}
