//! Looking at something while something else is at work on it.

use std::thread;

use anyhow::{Result, anyhow};

/// Looks again and again until the work, on a thread of its own, is done; returns how often it looked.
///
/// # Errors
///
/// What the work says, or else the first look that failed.
pub fn meanwhile(work: impl FnOnce() -> Result<()> + Send, mut look: impl FnMut() -> Result<()>) -> Result<usize> {
    thread::scope(|scope| {
        let working = scope.spawn(work);
        let mut looks = 0;
        let mut looked = Ok(());
        while looked.is_ok() && !working.is_finished() {
            looked = look();
            looks += 1;
        }
        working.join().map_err(|_| anyhow!("the work panicked"))??;
        looked.map(|()| looks)
    })
}
