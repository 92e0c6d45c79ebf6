//! The part of the terminal that stays in place: a line for each volume and peer, a bar where blocks are moving.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::time::Instant;

use drbd::{Pace, Status};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Nothing but lines, where there is no terminal.
pub(crate) struct Screen {
    all: Option<MultiProgress>,
    bars: BTreeMap<String, Line>,
    begun: Instant,
}

/// Of one volume and peer.
struct Line {
    bar: ProgressBar,
    pace: Pace,
}

impl Screen {
    pub(crate) fn new(shown: bool) -> Self {
        let all = shown.then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stdout()));
        Self { all, bars: BTreeMap::new(), begun: Instant::now() }
    }

    pub(crate) fn is_shown(&self) -> bool {
        self.all.is_some()
    }

    /// A line above what stays.
    pub(crate) fn line(&self, text: &str) -> io::Result<()> {
        match &self.all {
            Some(all) => all.println(text),
            None => writeln!(io::stdout(), "{text}"),
        }
    }

    pub(crate) fn show(&mut self, status: &Status) -> Result<(), indicatif::style::TemplateError> {
        let Some(all) = &self.all else { return Ok(()) };
        let mut seen = Vec::new();
        for resource in &status.resources {
            let Some(name) = &resource.name else { continue };
            for device in &resource.devices {
                for (connection, peer) in resource.peers_of(device) {
                    let prefix = format!("{name} /dev/drbd{} to {}", device.minor, connection.peer_label());
                    let states = format!(
                        "{}/{} {}/{} {}",
                        resource.role, connection.role, device.disk, peer.disk, peer.replication
                    );
                    let new = || Line { bar: all.add(ProgressBar::no_length()), pace: Pace::new() };
                    let Line { bar, pace } = self.bars.entry(prefix.clone()).or_insert_with(new);
                    bar.set_prefix(prefix.clone());
                    match peer.progress() {
                        Some(progress) => {
                            let progress = pace.see(self.begun.elapsed(), &progress);
                            let still = pace.still_for().as_secs();
                            let stalled =
                                if pace.is_stalled() { format!(", stalled for {still} s") } else { String::new() };
                            bar.set_style(ProgressStyle::with_template("{prefix} [{bar:30}] {msg}")?);
                            bar.set_length(10_000);
                            bar.set_position(progress.hundredths.into());
                            bar.set_message(format!("{states}, {progress}{stalled}"));
                        }
                        None => {
                            *pace = Pace::new();
                            bar.set_style(ProgressStyle::with_template("{prefix} {msg}")?);
                            bar.set_message(format!("{states}, {}", connection.state));
                        }
                    }
                    bar.tick();
                    seen.push(prefix);
                }
            }
        }
        self.bars.retain(|prefix, Line { bar, .. }| {
            let stays = seen.contains(prefix);
            if !stays {
                bar.finish_and_clear();
                all.remove(bar);
            }
            stays
        });
        Ok(())
    }

    /// Leaves the terminal as it was.
    pub(crate) fn clear(&self) -> io::Result<()> {
        self.all.as_ref().map_or(Ok(()), MultiProgress::clear)
    }
}
