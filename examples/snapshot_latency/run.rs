//! The phases, one after the other.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use btrfs::subvolume::{OneMoment, SnapshotGroup, SnapshotOptions};
use btrfs::{ErrorKind, Subvolume, SubvolumeId};
use indicatif::ProgressBar;

use crate::arguments::{Arguments, MIB};
use crate::interrupt::Interrupt;
use crate::load::{self, Load};
use crate::machine;
use crate::phase::{Beside, Kind, Phase, Sample, What};
use crate::place::Place;
use crate::random::Random;
use crate::report;

/// How long deleted snapshots may take to be gone.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between samples under load.
const GAP: Duration = Duration::from_millis(40);
/// Less is left alone for others.
const LEAST_FREE: u64 = 64 * MIB;

pub(crate) struct Run<'a> {
    pub(crate) arguments: &'a Arguments,
    pub(crate) place: &'a Place,
    pub(crate) interrupt: &'a Interrupt,
    pub(crate) bar: ProgressBar,
    pub(crate) data: &'a [u8],
    pub(crate) random: Random,
    /// Snapshots that exist, without those of samples.
    pub(crate) existing: u32,
    /// The samples' snapshots that were not deleted yet.
    pub(crate) taken: Vec<SubvolumeId>,
    pub(crate) names: u64,
}

/// What a run may need beyond what is in use, in bytes.
pub(crate) fn needed(arguments: &Arguments) -> u64 {
    let existing = u64::from(arguments.existing.last().copied().unwrap_or(0));
    // A snapshot has a node of its own, twice, and items in other trees; the load's files are there once, and once
    // more in the snapshots of samples, for each batch that the cleaner is at.
    arguments.dirty_bytes()
        + u64::from(arguments.load) * load::RING
        + 2 * batch_bytes(arguments)
        + (existing + u64::from(arguments.group)) * 64 * 1024
        + 4 * LEAST_FREE
}

/// How much may be overwritten, and kept by the samples' snapshots, before those are deleted.
fn batch_bytes(arguments: &Arguments) -> u64 {
    arguments.dirty_bytes().max(256 * MIB)
}

/// How many steps the bar has.
pub(crate) fn steps(arguments: &Arguments) -> u64 {
    let rounds = u64::try_from(arguments.existing.len()).unwrap_or(u64::MAX);
    let phases = if arguments.flush { 6 } else { 4 };
    let dirty = if arguments.dirty > 0 { 3 * u64::from(arguments.dirty_count()) } else { 0 };
    u64::from(arguments.existing.last().copied().unwrap_or(0)) + rounds * phases * u64::from(arguments.count) + dirty
}

impl Run<'_> {
    /// All of it.
    pub(crate) fn measure(&mut self) -> Result<Vec<Phase>> {
        let mut phases = Vec::new();
        for &existing in &self.arguments.existing {
            self.grow(existing)?;
            for (beside, flushed) in [(Beside::Idle, false), (Beside::Load, false), (Beside::Load, true)] {
                for what in [What::Single, What::Group] {
                    if !flushed || self.arguments.flush {
                        phases.push(self.phase(Kind { what, beside, flushed, existing }, &[])?);
                    }
                }
            }
        }
        if self.arguments.dirty > 0 {
            let existing = self.existing;
            let kind = |what, flushed| Kind { what, beside: Beside::Dirty, flushed, existing };
            let snapshot = self.phase(kind(What::Single, false), &[])?;
            let times: Vec<_> = snapshot.took.iter_recorded().map(|value| value.value_iterated_to()).collect();
            // Watched for just as long, and nothing taken.
            let times: Vec<_> = times.into_iter().map(Duration::from_nanos).collect();
            phases.push(self.phase(kind(What::Nothing, false), &times)?);
            phases.push(snapshot);
            phases.push(self.phase(kind(What::Single, true), &[])?);
        }
        Ok(phases)
    }

    /// Takes snapshots until so many exist.
    fn grow(&mut self, existing: u32) -> Result<()> {
        self.bar.set_message(format!("taking snapshots until {existing} exist"));
        while self.existing < existing {
            self.interrupt.check()?;
            self.require_room()?;
            let missing = usize::try_from(existing - self.existing)?.min(self.place.sources.len());
            let taken = self.take_group(missing, "existing", false)?;
            self.existing += u32::try_from(taken.ids.len())?;
            self.bar.inc(u64::try_from(taken.ids.len())?);
        }
        self.settle()
    }

    fn phase(&mut self, kind: Kind, watch: &[Duration]) -> Result<Phase> {
        self.bar.set_message(format!("{}, {} exist", report::label(self.arguments, kind), kind.existing));
        let data = self.data;
        let phase = match kind.beside {
            Beside::Idle => self.samples(kind, watch, None),
            Beside::Load | Beside::Dirty => {
                let count = if kind.what == What::Group { self.place.sources.len() } else { 1 };
                let directories: Vec<_> = (0..count).map(|index| self.source_path(index)).collect();
                let (writers, rate) = (self.arguments.load, self.arguments.rate);
                Load::run(&directories, writers, rate, data, |load| self.samples(kind, watch, Some(load)))
            }
        };
        load::remove(&self.burst())?;
        let phase = phase?;
        self.settle()?;
        Ok(phase)
    }

    fn samples(&mut self, kind: Kind, watch: &[Duration], load: Option<&Load>) -> Result<Phase> {
        let mut phase = Phase::new(kind)?;
        let count = if kind.beside == Beside::Dirty { self.arguments.dirty_count() } else { self.arguments.count };
        let mut kept = 0;
        for index in 0..usize::try_from(count)? {
            self.interrupt.check()?;
            kept += load.map_or(0, Load::written);
            if kept >= batch_bytes(self.arguments) || self.taken.len() >= self.batch() {
                self.settle()?;
                kept = load.map_or(0, Load::written);
            }
            self.require_room()?;
            if kind.beside == Beside::Dirty {
                load::make_dirty(&self.burst(), self.arguments.dirty_bytes(), self.data, self.interrupt)?;
                kept += self.arguments.dirty_bytes();
            } else if load.is_some() {
                std::thread::sleep(self.random.below(GAP));
            }
            let length = watch.get(index % watch.len().max(1)).copied().unwrap_or_default();
            phase.add(&self.sample(kind, length, load)?)?;
            self.bar.inc(1);
        }
        Ok(phase)
    }

    fn sample(&mut self, kind: Kind, length: Duration, load: Option<&Load>) -> Result<Sample> {
        load.map_or(Ok(()), Load::forget)?;
        let dirty_bytes = machine::dirty_bytes()?;
        let before = machine::commits(self.place.filesystem.fsid());
        let begin = Instant::now();
        let taken = match kind.what {
            What::Nothing => {
                std::thread::sleep(length);
                Taken { end: Instant::now(), ids: Vec::new(), in_one_transaction: false, attempts: 0 }
            }
            What::Single => self.take_single("sample", kind.flushed)?,
            What::Group => self.take_group(self.place.sources.len(), "sample", kind.flushed)?,
        };
        let after = machine::commits(self.place.filesystem.fsid());
        let in_flight = load.map_or(Ok(Vec::new()), |load| load.in_flight(begin, taken.end, self.interrupt))?;
        let snapshots = u64::try_from(taken.ids.len())?;
        self.taken.extend(taken.ids);
        Ok(Sample {
            took: taken.end - begin,
            snapshots,
            commits: after.zip(before).map(|(after, before)| after.saturating_sub(before)),
            in_one_transaction: taken.in_one_transaction,
            attempts: taken.attempts,
            dirty_bytes,
            in_flight,
        })
    }

    fn take_single(&mut self, name: &str, flushed: bool) -> Result<Taken> {
        let name = self.name(name);
        let source = self.place.sources.first().context("there is no source")?;
        let options = SnapshotOptions::new();
        let options = if flushed { options.flush_first() } else { options };
        options.create(&source.subvolume, &source.snapshots, &name)?;
        let end = Instant::now();
        let id = Subvolume::open_in(&source.snapshots, &name)?.id()?;
        Ok(Taken { end, ids: vec![id], in_one_transaction: true, attempts: 1 })
    }

    /// Of the first so many sources.
    fn take_group(&mut self, count: usize, name: &str, flushed: bool) -> Result<Taken> {
        let name = self.name(name);
        let group = SnapshotGroup::new();
        let mut group = if flushed { group.flush_first() } else { group };
        for source in self.place.sources.iter().take(count) {
            group = group.add(&source.subvolume, &source.snapshots, &name);
        }
        let outcome = if self.arguments.one_moment { group.take_as_one(&OneMoment::new())? } else { group.take()? };
        let end = Instant::now();
        if let Some(error) = outcome.gave_up() {
            return Err(anyhow!("starting over: {error}"));
        }
        if let Some((name, error)) = outcome.failed().next() {
            return Err(anyhow!("{}: {error}", name.to_string_lossy()));
        }
        let ids = outcome.taken().map(|info| info.id).collect();
        let attempts = u64::try_from(outcome.attempts().len().max(1))?;
        Ok(Taken { end, ids, in_one_transaction: outcome.is_one_moment(), attempts })
    }

    /// Deletes what the samples took, waits until it is gone, and leaves nothing dirty.
    fn settle(&mut self) -> Result<()> {
        let filesystem = &self.place.filesystem;
        while let Some(id) = self.taken.pop() {
            filesystem.delete_subvolume(id)?;
        }
        filesystem.sync()?;
        let deleted = match filesystem.deleted_subvolumes() {
            // Without the privilege to look, the cleaner is left to its own time.
            Err(error) if *error.kind() == ErrorKind::PermissionDenied => return Ok(()),
            deleted => deleted?,
        };
        for progress in filesystem.cleaning(deleted)?.watch(PATIENCE) {
            self.interrupt.check()?;
            progress?;
        }
        Ok(())
    }

    fn require_room(&mut self) -> Result<()> {
        if machine::free_bytes(&self.place.filesystem)? >= LEAST_FREE {
            return Ok(());
        }
        self.settle()?;
        let free = machine::free_bytes(&self.place.filesystem)?;
        ensure!(free >= LEAST_FREE, "the filesystem has {} MiB free, and some have to stay: stopped", free / MIB);
        Ok(())
    }

    /// How many snapshots of samples may exist at once.
    fn batch(&self) -> usize {
        usize::try_from(self.existing / 8).unwrap_or(usize::MAX).max(16)
    }

    fn name(&mut self, of: &str) -> String {
        self.names += 1;
        format!("{of}-{}", self.names)
    }

    fn source_path(&self, index: usize) -> PathBuf {
        self.place.path.join(format!("source-{index}"))
    }

    fn burst(&self) -> PathBuf {
        self.source_path(0).join("dirty")
    }
}

/// Snapshots that were taken.
struct Taken {
    end: Instant,
    ids: Vec<SubvolumeId>,
    in_one_transaction: bool,
    attempts: u64,
}
