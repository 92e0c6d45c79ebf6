//! A consumer of the monitor: a model of its own, kept by updates alone, held against the kernel's.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use drbd::monitor::{Cause, Change, Lost, Monitor, MonitorOptions, Update};
use drbd::{Status, monitor};
use testbed::command;

use crate::facts::Facts;
use crate::witness::status_text;

/// How long the kernel's events may take on an emulated machine.
const DEADLINE: Duration = Duration::from_secs(60);
const MOMENT: Duration = Duration::from_millis(100);

pub(crate) struct Follower {
    pub(crate) monitor: Monitor,
    own: Status,
    /// Everything that came, without the states themselves.
    pub(crate) losses: Vec<Lost>,
    pub(crate) split_brains: usize,
    pub(crate) updates: usize,
}

impl Follower {
    pub(crate) fn new(options: MonitorOptions) -> Result<Self> {
        let monitor = options.open()?;
        let own = monitor.status().clone();
        Ok(Self { monitor, own, losses: Vec::new(), split_brains: 0, updates: 0 })
    }

    pub(crate) fn take(&mut self, update: &Update) -> Result<()> {
        update.apply(&mut self.own);
        ensure!(
            self.own.resources == self.monitor.status().resources,
            "{update:#?} doesn't lead to the monitor's state"
        );
        self.updates += 1;
        self.split_brains += update.changes.iter().filter(|change| Change::is_split_brain(change)).count();
        if let Cause::Lost(lost) = &update.cause {
            self.losses.push(lost.clone());
        }
        Ok(())
    }

    /// Reads until the model is what the kernel says anew, states of all and, where nothing moves, to the last number.
    pub(crate) fn catch_up(&mut self, step: &str) -> Result<()> {
        self.until(step, |own| {
            let fresh = Status::read()?;
            if states(own) != states(&fresh) {
                return Ok(Err(differences(&states(own), &states(&fresh))));
            }
            let (own, told) = (drawn(own), words(&status_text(&command::run("drbdsetup", ["status", "--verbose"])?)));
            Ok(if own == told { Ok(()) } else { Err(format!("{own:#?} here, drbdsetup status: {told:#?}")) })
        })
    }

    /// The same after reading anew, where nothing moves: to the last number.
    pub(crate) fn refresh(&mut self, step: &str) -> Result<()> {
        self.monitor.refresh();
        self.until(step, |own| {
            let fresh = Status::read()?;
            Ok(if own.resources == fresh.resources { Ok(()) } else { Err(differences(own, &fresh)) })
        })
    }

    fn until(&mut self, step: &str, reached: impl Fn(&Status) -> Result<Result<(), String>>) -> Result<()> {
        let start = Instant::now();
        loop {
            while let Some(update) = self.monitor.try_next()? {
                self.take(&update)?;
            }
            let Err(why) = reached(&self.own)? else { return Ok(()) };
            if start.elapsed() > DEADLINE {
                bail!("{step}: after {} s the model isn't what the kernel says: {why}", DEADLINE.as_secs());
            }
            if let Some(update) = self.monitor.next(Some(MOMENT))? {
                self.take(&update)?;
            }
        }
    }
}

/// Without counters, which go on without events.
fn states(status: &Status) -> Status {
    let mut status = status.clone();
    for resource in &mut status.resources {
        for device in &mut resource.devices {
            (device.read, device.written, device.al_writes, device.bm_writes) = (None, None, None, None);
            (device.upper_pending, device.lower_pending, device.meta_data_flags) = (None, None, None);
            (device.upper_blocked, device.lower_blocked, device.al_suspended) = (None, None, None);
            (device.exposed_uuid, device.current_uuid) = (None, None);
            device.history_uuids.clear();
            // `drbdsetup disk-options` sends none either.
            device.options.clear();
        }
        for connection in &mut resource.connections {
            connection.congested = None;
            for peer in &mut connection.peer_devices {
                (peer.received, peer.sent, peer.pending, peer.unacked) = (None, None, None, None);
                (peer.out_of_sync, peer.resync_failed, peer.bitmap_uuid, peer.flags) = (None, None, None, None);
            }
        }
    }
    status
}

const WORDS: [&str; 7] = ["role", "suspended", "disk", "connection", "replication", "peer-disk", "resync-suspended"];

/// The words of a text for which the model has fields, by object. Words are left out that mean "nothing".
fn words(facts: &Facts) -> Facts {
    let mut facts = facts.clone();
    for own in facts.values_mut() {
        own.retain(|key, _| WORDS.contains(&key.as_str()));
    }
    facts
}

/// What `drbdsetup status` would say of the model.
fn drawn(status: &Status) -> Facts {
    words(&crate::witness::drawn(crate::facts::of_status(status)))
}

fn differences(own: &Status, fresh: &Status) -> String {
    let changes = monitor::difference(own, fresh);
    let text: BTreeMap<usize, String> = changes.iter().map(|change| format!("{change:#?}")).enumerate().collect();
    format!("{text:#?}")
}
