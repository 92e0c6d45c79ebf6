//! The verdict for people: what it is in the first line, then why, then what it relies on.

use btrfs::DevId;
use btrfs::preflight::{Assumption, Failure, Margin, Standing, Verdict};
use indicatif::BinaryBytes;

use super::Foreseen;

impl Foreseen {
    /// The verdict in a line.
    pub(crate) fn headline(&self) -> String {
        let runs = self.report.runs;
        match &self.report.verdict {
            Verdict::Safe(_) if self.report.moves.is_empty() => "safe: no chunk is to be relocated".to_owned(),
            Verdict::Safe(_) => format!("safe: it fits, in all {} simulated runs", runs.run),
            Verdict::Tight { .. } if runs.aborted > 0 => {
                "tight: it may run out of space, and the filesystem may become read-only".to_owned()
            }
            Verdict::Tight { .. } if runs.failed > 0 => "tight: it may run out of space".to_owned(),
            Verdict::WontFit { aborts: true, .. } => {
                "fail: it runs out of space, and the filesystem becomes read-only".to_owned()
            }
            Verdict::WontFit { .. } => "fail: it runs out of space; the filesystem stays writable".to_owned(),
            Verdict::Refused(refused) => format!("refused: it does not begin: {refused}"),
            _ => format!("tight: it fits in all {} simulated runs, with little to spare or in doubt", runs.run),
        }
    }

    /// Why it is tight or fails, and with what left it is safe.
    pub(crate) fn reasons(&self) -> Vec<String> {
        match &self.report.verdict {
            Verdict::Safe(margin) if !self.report.moves.is_empty() => vec![margin_left(margin)],
            Verdict::Tight { reasons, failure } => {
                let mut lines: Vec<_> = reasons.iter().map(|reason| format!("because {reason}")).collect();
                if let Some(failure) = failure {
                    lines.extend(self.failure("a run that fails", failure));
                }
                lines
            }
            Verdict::WontFit { first, errors, aborts } => {
                let mut lines = self.failure("first", first);
                lines.push(match aborts {
                    true => {
                        "each mount would go on with the balance and end likewise; `balance rescue` mounts it with skip_balance \
                         and gives the balance up"
                            .to_owned()
                    }
                    false => format!("the kernel's log would say \"{errors} enospc errors during balance\""),
                });
                lines
            }
            _ => Vec::new(),
        }
    }

    /// The whole verdict.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.headline()];
        lines.extend(self.reasons());
        if self.refused().is_some() {
            return lines;
        }
        let report = &self.report;
        let (chunks, bytes) = (report.moves.len(), BinaryBytes(report.bytes_moved));
        lines.push(format!("relocates {chunks} of {} chunks, with {bytes} in use", report.expected));
        lines.extend(report.assumptions.iter().filter_map(|assumption| self.assumption(*assumption)));
        lines
    }

    fn failure(&self, which: &str, failure: &Failure) -> Vec<String> {
        let mut lines = vec![format!("{which}: {failure}")];
        lines.extend(failure.devices.iter().map(|room| {
            let (free, longest) = (BinaryBytes(room.unallocated), BinaryBytes(room.longest));
            format!("  left on {}: {free} unallocated, at most {longest} for one chunk", self.device(room.device))
        }));
        lines
    }

    fn device(&self, id: DevId) -> String {
        self.devices.get(&id).map_or_else(|| format!("device {id}"), |path| path.display().to_string())
    }

    fn assumption(&self, assumption: Assumption) -> Option<String> {
        let kernel = self.report.rules.version;
        Some(match assumption {
            Assumption::NoOtherWriters => "assumes that nobody else writes meanwhile".to_owned(),
            Assumption::Rules(Standing::Measured { trials, wrong }) => format!(
                "assumes the rules of Linux {kernel}: of {trials} trials on it, {wrong} ended otherwise than was said for certain"
            ),
            Assumption::Rules(Standing::Read) => {
                format!("assumes the rules of Linux {kernel}, which were read in its source, not measured")
            }
            Assumption::Rules(_) => format!("assumes rules that are not known to be those of Linux {kernel}"),
            Assumption::ExtentsNotRead => {
                "assumes the best and the worst of how data lies: its extents were not read".to_owned()
            }
            _ => return None,
        })
    }
}

fn margin_left(margin: &Margin) -> String {
    let unallocated = BinaryBytes(margin.unallocated);
    let metadata = match margin.metadata {
        None => "room for more metadata at any time".to_owned(),
        Some(bytes) => format!("{} of metadata free at the least", BinaryBytes(bytes)),
    };
    format!("leaves {unallocated} unallocated on the fullest device, and {metadata}")
}
