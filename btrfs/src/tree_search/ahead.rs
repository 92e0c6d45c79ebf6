//! Reading ahead: another thread asks the kernel for what comes next while this one looks at what came.

use std::os::fd::AsFd;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::{Memory, Question, parse};
use crate::filesystem::Filesystem;
use crate::ioctl::Failure;
use crate::key::Key;

/// How many buffers are read ahead at the most: so many that the thread that asks hardly ever waits.
const BUFFERS: usize = 4;

/// A buffer, and how many items it holds.
pub(super) type Filled = (Memory, Result<u32, Failure>);

/// The thread. Dropping this ends it, with its descriptor, after the call that it is at.
pub(super) struct Ahead {
    /// For buffers that were looked through. `None` only while it is dropped.
    empty: Option<Sender<Memory>>,
    filled: Option<Mutex<Receiver<Filled>>>,
    thread: Option<JoinHandle<()>>,
}

impl Ahead {
    /// Begins to ask for what comes from `first` on. `None` where there can be no thread: then one can do without.
    pub(super) fn begin(filesystem: &Filesystem, question: Question, first: Key, capacity: usize) -> Option<Self> {
        let filesystem = filesystem.try_clone().ok()?;
        let (empty, emptied) = channel();
        for _ in 0..BUFFERS {
            empty.send(Memory::new(capacity)).ok()?;
        }
        let (done, filled) = channel();
        let work = move || {
            let mut next = Some(first);
            while let Some((first, mut buffer)) = next.filter(|first| *first <= question.last).zip(emptied.recv().ok())
            {
                let asked = question.ask(filesystem.as_fd(), first, &mut buffer);
                next = asked.ok().and_then(|items| behind(buffer.tail(), items)).map(|(next, _)| next);
                if done.send((buffer, asked)).is_err() {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("btrfs-search".to_owned()).spawn(work).ok()?;
        Some(Self { empty: Some(empty), filled: Some(Mutex::new(filled)), thread: Some(thread) })
    }

    /// The next buffer, for one that was looked through. `None` where the thread has ended: it can't go on, and whoever
    /// asks the kernel from where it stands learns why.
    pub(super) fn exchange(&mut self, emptied: Memory) -> Option<Filled> {
        // It may have ended.
        let _ = self.empty.as_ref()?.send(emptied);
        let filled = self.filled.as_mut()?.get_mut().unwrap_or_else(PoisonError::into_inner);
        filled.recv().ok()
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        // It waits for one of these.
        (self.empty, self.filled) = (None, None);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Walks over so many items: the key behind the last one, and where its bytes end. `None` where there is none, or they are
/// not what they should be: whoever looks at them one by one will say so.
pub(super) fn behind(bytes: &[u8], items: u32) -> Option<(Key, usize)> {
    let (mut last, mut offset) = (None, 0);
    for _ in 0..items {
        let (key, _, data) = parse(bytes, offset).ok()?;
        (last, offset) = (Some(key), data.end);
    }
    Some((last?.next()?, offset))
}
