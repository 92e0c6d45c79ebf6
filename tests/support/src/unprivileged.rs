//! Doing things as nobody in particular.

use anyhow::{Context, Result};

/// The user and group `nobody`: they own nothing and may nothing.
pub const NOBODY: u32 = 65534;

/// Does something as [`NOBODY`] without any capability, in a thread of its own; the rest of the process stays root.
///
/// # Errors
///
/// What the work says, and where the kernel does not let the thread become nobody.
pub fn unprivileged<T: Send>(work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    std::thread::scope(|scope| {
        let done = scope.spawn(|| {
            become_nobody().context("becoming nobody")?;
            work()
        });
        done.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// The kernel's user and group ids are a thread's; only the C library's functions change those of all threads.
fn become_nobody() -> std::io::Result<()> {
    let id = libc::c_long::from(NOBODY);
    // SAFETY: with a length of 0 the kernel reads no list.
    let groups = unsafe { libc::syscall(libc::SYS_setgroups, 0, std::ptr::null::<libc::gid_t>()) };
    // SAFETY: three numbers, no memory.
    let gid = unsafe { libc::syscall(libc::SYS_setresgid, id, id, id) };
    // SAFETY: three numbers, no memory.
    let uid = unsafe { libc::syscall(libc::SYS_setresuid, id, id, id) };
    if (groups, gid, uid) == (0, 0, 0) { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}
