//! Doing many things at the same time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{OnceLock, RwLock};
use std::thread;

/// No more threads than that: 256 snapshots shared three commits so, and more threads would only wait longer.
const MAX_THREADS: usize = 256;
/// What a thread does is one call with a few kilobytes of arguments.
const STACK: usize = 128 * 1024;

/// Does `work` for 0 to `count`, each in a thread of its own as far as there are threads, all starting together.
///
/// Threads that can't be had only make it less parallel: in the end this thread does what is left. Work that panics
/// has no result; the others' stand. `starter` is called when the threads are there, and lets them go by returning.
pub(in crate::subvolume) fn together<T: Send + Sync>(
    count: usize,
    starter: impl FnOnce(),
    work: impl Fn(usize) -> T + Sync,
) -> Vec<Option<T>> {
    let results: Vec<OnceLock<T>> = (0..count).map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    let run = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(slot) = results.get(index) else { break };
            if let Ok(result) = catch_unwind(AssertUnwindSafe(|| work(index))) {
                let _ = slot.set(result);
            }
        }
    };
    let gate = RwLock::new(());
    thread::scope(|scope| {
        let closed = gate.write();
        for _ in 1..count.min(MAX_THREADS) {
            let started = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || {
                drop(gate.read());
                run();
            });
            if started.is_err() {
                break;
            }
        }
        starter();
        drop(closed);
        run();
    });
    results.into_iter().map(OnceLock::into_inner).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn as_many_run_at_once_as_there_are_threads() {
        // Ends only if all of them wait at the same time.
        let barrier = Barrier::new(32);
        let done = together(
            32,
            || (),
            |index| {
                barrier.wait();
                index
            },
        );
        assert_eq!(done, (0..32).map(Some).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_starts_before_the_starter_has_returned() {
        let started = AtomicUsize::new(0);
        let mut seen = None;
        let starter = || {
            thread::sleep(std::time::Duration::from_millis(20));
            seen = Some(started.load(Ordering::SeqCst));
        };
        together(8, starter, |_| started.fetch_add(1, Ordering::SeqCst));
        assert_eq!((seen, started.into_inner()), (Some(0), 8));
    }

    #[test]
    fn more_than_there_are_threads_is_done_too() {
        assert_eq!(together(1000, || (), |index| index).into_iter().flatten().count(), 1000);
        assert!(together(0, || (), |index| index).is_empty());
    }

    #[test]
    fn a_panic_loses_its_own_result_only() {
        let done = together(600, || (), |index| if index % 100 == 7 { panic!("on purpose") } else { index });
        for (index, result) in done.into_iter().enumerate() {
            assert_eq!(result, (index % 100 != 7).then_some(index));
        }
    }
}
