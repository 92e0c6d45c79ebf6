//! Which kernel this is: what it can't do is no reason to pass a test.

use anyhow::{Context, Result};

/// The running kernel's version, such as `(6, 1)`.
///
/// # Errors
///
/// Where the kernel does not tell it in the way it always did.
pub fn kernel_version() -> Result<(u32, u32)> {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").context("reading the kernel's release")?;
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => Ok((major, minor)),
        _ => anyhow::bail!("a kernel's release begins with two numbers, and not {release:?}"),
    }
}
