//! The end of a call that a thread makes: told once, and waited for by others.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How something ended, when it has.
#[derive(Debug)]
pub(crate) struct Ending<T> {
    end: Mutex<Option<T>>,
    told: Condvar,
}

impl<T: Copy> Ending<T> {
    pub(crate) fn tell(&self, end: T) {
        *lock(&self.end) = Some(end);
        self.told.notify_all();
    }

    pub(crate) fn get(&self) -> Option<T> {
        *lock(&self.end)
    }

    /// Waits for it, for so long at most.
    pub(crate) fn within(&self, timeout: Duration) -> Option<T> {
        let waited = self.told.wait_timeout_while(lock(&self.end), timeout, |end| end.is_none());
        let (end, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *end
    }

    /// Has it end otherwise than was told.
    pub(crate) fn amend(&self, change: impl FnOnce(&mut T)) {
        lock(&self.end).as_mut().map(change);
    }
}

impl<T> Default for Ending<T> {
    fn default() -> Self {
        Self { end: Mutex::new(None), told: Condvar::new() }
    }
}

/// Nobody panics while holding one of these locks.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
