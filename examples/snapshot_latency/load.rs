//! A write load that times each of its operations.
//!
//! Each thread waits for one operation before it begins the next, and does not catch up afterwards. So one that is held up
//! for long is one long operation, not many, and counts with its whole duration wherever it began.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use serde::Serialize;

use crate::arguments::MIB;
use crate::interrupt::Interrupt;

/// How much of a file a writer writes before it begins anew.
pub(crate) const RING: u64 = 32 * MIB;
const PIECE: u64 = 128 * 1024;
/// From one create and rename, or fsync, to the next.
const PAUSE: Duration = Duration::from_millis(2);

/// What is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Operation {
    /// 128 KiB into the page cache.
    Write,
    /// A file made, and renamed over another.
    CreateRename,
    /// 4 KiB written, and `fsync`.
    Fsync,
}

/// When an operation ran.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ran {
    pub(crate) begin: Instant,
    pub(crate) end: Instant,
}

struct Writer {
    operation: Operation,
    path: PathBuf,
    pause: Duration,
    ran: Mutex<Vec<Ran>>,
}

/// A load that is at work.
pub(crate) struct Load {
    writers: Vec<Writer>,
    data: Vec<u8>,
    stop: AtomicBool,
    written: AtomicU64,
    failed: Mutex<Option<anyhow::Error>>,
}

impl Load {
    /// Keeps a load at work in these directories while `body` runs, then removes its files.
    pub(crate) fn run<T>(
        directories: &[PathBuf],
        writers: u32,
        rate: u32,
        data: &[u8],
        body: impl FnOnce(&Self) -> Result<T>,
    ) -> Result<T> {
        let pause = Duration::from_secs_f64(
            f64::from(writers) * f64::from(u32::try_from(PIECE)?) / (f64::from(rate) * f64::from(u32::try_from(MIB)?)),
        );
        let mut all = Vec::new();
        for (index, directory) in (0..writers).zip(directories.iter().cycle()) {
            let path = directory.join(format!("load-{index}"));
            all.push(Writer { operation: Operation::Write, path, pause, ran: Mutex::default() });
        }
        let directory = directories.first().context("a load needs a directory")?;
        for (operation, name) in [(Operation::CreateRename, "load-rename"), (Operation::Fsync, "load-fsync")] {
            all.push(Writer { operation, path: directory.join(name), pause: PAUSE, ran: Mutex::default() });
        }
        let load = Self {
            writers: all,
            data: data.to_vec(),
            stop: AtomicBool::new(false),
            written: AtomicU64::new(0),
            failed: Mutex::default(),
        };
        let result = thread::scope(|scope| {
            for writer in &load.writers {
                scope.spawn(|| load.work(writer));
            }
            let _stop = Stop(&load.stop);
            body(&load)
        });
        for writer in &load.writers {
            remove(&writer.path)?;
        }
        let value = result?;
        load.check()?;
        Ok(value)
    }

    /// An error if a writer had one.
    pub(crate) fn check(&self) -> Result<()> {
        let error = self.failed.lock().map_err(|_| anyhow!("a writer panicked"))?.take();
        error.map_or(Ok(()), Err)
    }

    /// Bytes written since this was asked last.
    pub(crate) fn written(&self) -> u64 {
        self.written.swap(0, Ordering::Relaxed)
    }

    /// Forgets what ran until now.
    pub(crate) fn forget(&self) -> Result<()> {
        for writer in &self.writers {
            writer.ran.lock().map_err(|_| anyhow!("a writer panicked"))?.clear();
        }
        Ok(())
    }

    /// The operations that were in flight at any time from `begin` to `end`, which is past. Those that are not over yet are
    /// waited for.
    pub(crate) fn in_flight(
        &self,
        begin: Instant,
        end: Instant,
        interrupt: &Interrupt,
    ) -> Result<Vec<(Operation, Vec<Ran>)>> {
        let mut all = Vec::new();
        for writer in &self.writers {
            loop {
                self.check()?;
                interrupt.check()?;
                let ran = writer.ran.lock().map_err(|_| anyhow!("a writer panicked"))?;
                if ran.last().is_some_and(|last| last.end >= end) {
                    let overlaps = |ran: &&Ran| ran.begin <= end && ran.end >= begin;
                    all.push((writer.operation, ran.iter().filter(overlaps).copied().collect()));
                    break;
                }
                drop(ran);
                thread::sleep(Duration::from_micros(200));
            }
        }
        Ok(all)
    }

    fn work(&self, writer: &Writer) {
        if let Err(error) = self.write(writer) {
            if let Ok(mut failed) = self.failed.lock() {
                failed.get_or_insert(error);
            }
        }
    }

    fn write(&self, writer: &Writer) -> Result<()> {
        let at = || format!("the load's writing of {}", writer.path.display());
        let mut next = Instant::now();
        if writer.operation == Operation::CreateRename {
            let new = writer.path.with_extension("new");
            return self
                .repeat(writer, &mut next, |_| {
                    OpenOptions::new().write(true).create_new(true).open(&new)?;
                    fs::rename(&new, &writer.path)
                })
                .with_context(at);
        }
        let file = File::create(&writer.path).with_context(at)?;
        let pieces = RING / PIECE;
        self.repeat(writer, &mut next, |turn| match writer.operation {
            Operation::Fsync => {
                file.write_all_at(self.piece(turn, 4096), turn % 256 * 4096)?;
                file.sync_all()
            }
            _ => file.write_all_at(self.piece(turn, PIECE), turn % pieces * PIECE),
        })
        .with_context(at)
    }

    fn repeat(
        &self,
        writer: &Writer,
        next: &mut Instant,
        mut run: impl FnMut(u64) -> io::Result<()>,
    ) -> io::Result<()> {
        for turn in 0_u64.. {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            thread::sleep(next.saturating_duration_since(Instant::now()));
            let begin = Instant::now();
            run(turn)?;
            let end = Instant::now();
            if let Ok(mut ran) = writer.ran.lock() {
                ran.push(Ran { begin, end });
            }
            *next = end.max(*next + writer.pause);
        }
        Ok(())
    }

    /// Other bytes each turn.
    fn piece(&self, turn: u64, length: u64) -> &[u8] {
        self.written.fetch_add(length, Ordering::Relaxed);
        piece(&self.data, turn, length)
    }
}

/// Bytes of the data, from another point each turn.
fn piece(data: &[u8], turn: u64, length: u64) -> &[u8] {
    let length = usize::try_from(length).unwrap_or(data.len()).min(data.len());
    let room = data.len() - length + 1;
    let from = usize::try_from(turn.wrapping_mul(4099)).unwrap_or_default() % room;
    &data[from..from + length]
}

/// Writes so many bytes into a file, into the page cache only.
pub(crate) fn make_dirty(path: &Path, bytes: u64, data: &[u8], interrupt: &Interrupt) -> Result<()> {
    let at = || format!("writing {}", path.display());
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(path).with_context(at)?;
    let mut from = 0;
    while from < bytes {
        interrupt.check()?;
        let length = PIECE.min(bytes - from);
        file.write_all_at(piece(data, from / PIECE, length), from).with_context(at)?;
        from += length;
    }
    Ok(())
}

/// Removes a file, if it is there.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Stops the load however its body ends.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
