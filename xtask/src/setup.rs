//! What the commands need of the machine: Debian packages, root, and a kernel with btrfs.

use std::fs;
use std::io::{IsTerminal, stdin};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use nix::unistd::geteuid;

use crate::process;
use crate::vm::find_program;

/// A Debian package and what it is for.
pub(crate) struct Package {
    name: &'static str,
    why: &'static str,
}

const BTRFS_PROGS: Package = Package {
    name: "btrfs-progs",
    why: "makes the btrfs filesystems; the tests hold the library's answers against its own",
};
const STRACE: Package = Package { name: "strace", why: "counts the system calls of a snapshot in the tests" };
const QEMU: Package =
    Package { name: "qemu-system-x86", why: "boots Debian's kernel, with btrfs and a real DRBD, in a VM" };
const LIBCLANG: Package = Package {
    name: "libclang-dev",
    why: "reads the kernel's headers, for the bindings and for a library that is measured beside this one",
};
const PIP: Package = Package { name: "python3-pip", why: "fetches the pinned kernel headers for the bindings" };
const LIBBTRFSUTIL: Package = Package { name: "libbtrfsutil1", why: "the C library that is measured beside this one" };
const PYTHON_BTRFS: Package =
    Package { name: "python3-btrfs", why: "the Python library that is measured beside this one" };

/// For the demo.
pub(crate) const DEMO: &[Package] = &[BTRFS_PROGS];
/// For a VM.
pub(crate) const VM: &[Package] = &[BTRFS_PROGS, STRACE, QEMU];
/// For every test: the whole workspace is built.
pub(crate) const TEST: &[Package] = &[BTRFS_PROGS, STRACE, QEMU, LIBCLANG];
/// For regenerating the bindings.
pub(crate) const BINDINGS: &[Package] = &[LIBCLANG, PIP];
/// For the benchmarks.
pub(crate) const BENCH: &[Package] = &[BTRFS_PROGS, STRACE, LIBCLANG, LIBBTRFSUTIL, PYTHON_BTRFS];
/// For every command.
pub(crate) const EVERYTHING: &[Package] = &[BTRFS_PROGS, STRACE, QEMU, LIBCLANG, PIP, LIBBTRFSUTIL, PYTHON_BTRFS];

/// Says whether this is a CI run, where a skipped test is a failed one.
pub(crate) fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

/// What this process may do to the machine.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Privilege {
    Root,
    /// An ordinary user at a terminal, where sudo can ask for a password.
    Sudo,
    None,
}

/// Finds out, without asking for a password yet.
pub(crate) fn privilege() -> Privilege {
    if geteuid().is_root() {
        Privilege::Root
    } else if find_program("sudo").is_some() && stdin().is_terminal() {
        Privilege::Sudo
    } else {
        Privilege::None
    }
}

/// The command that does `words` as root, through sudo for an ordinary user at a terminal; `purpose` completes "root
/// is needed to …".
pub(crate) fn as_root(purpose: &str, words: &[&str]) -> Result<Command> {
    let [program, arguments @ ..] = words else { bail!("no command to run as root") };
    match privilege() {
        Privilege::Root => {
            let mut command = Command::new(program);
            command.args(arguments);
            Ok(command)
        }
        Privilege::Sudo => {
            println!("Root is needed to {purpose}; sudo may ask for your password.");
            let mut command = Command::new("sudo");
            command.args(words);
            Ok(command)
        }
        Privilege::None => bail!("root is needed to {purpose}. As root, type:\n\n    {}\n", words.join(" ")),
    }
}

/// Installs those of the packages that are missing, after saying which and why.
pub(crate) fn install(packages: &[Package]) -> Result<()> {
    if find_program("dpkg-query").is_none() || find_program("apt-get").is_none() {
        let names: Vec<_> = packages.iter().map(|package| package.name).collect();
        bail!("this is no Debian machine: it has no apt-get and dpkg-query to install {} with", names.join(", "));
    }
    let missing: Vec<&Package> = packages.iter().filter(|package| !is_installed(package.name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("Debian packages that are missing here and get installed; nothing else of the system is changed:");
    for package in &missing {
        println!("    {:<16} {}", package.name, package.why);
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    let line = format!("apt-get update && apt-get install --no-install-recommends {}", names.join(" "));
    if privilege() == Privilege::None {
        bail!("root is needed to install packages. As root, type:\n\n    {line}\n");
    }
    let mut update = as_root("install packages", &["apt-get", "-qq", "update"])?;
    if let Err(error) = process::output(&mut update) {
        eprintln!("setup: going on without a complete package list: {error:#}");
    }
    let mut words = vec!["env", "DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_SUSPEND=1"];
    words.extend(["apt-get", "-qq", "-y", "-o", "DPkg::Lock::Timeout=300"]);
    words.extend(["install", "--no-install-recommends"]);
    words.extend(&names);
    process::output(&mut as_root("install packages", &words)?).context("installing packages")?;
    Ok(())
}

/// Says whether this machine has a Debian package.
pub(crate) fn is_installed(package: &str) -> bool {
    let query = process::output(Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status}", package]));
    query.is_ok_and(|status| status == "installed")
}

/// Sees to it that the running kernel has btrfs and loop devices, loading the modules where they are not yet.
pub(crate) fn kernel_support() -> Result<()> {
    require_module("btrfs", || fs::read_to_string("/proc/filesystems").is_ok_and(|list| list.contains("\tbtrfs\n")))?;
    require_module("loop", || Path::new("/dev/loop-control").exists())
}

/// Sees to it that the running kernel has a module.
pub(crate) fn require_module(module: &str, is_there: impl Fn() -> bool) -> Result<()> {
    if is_there() {
        return Ok(());
    }
    as_root("load a kernel module", &["modprobe", module])
        .and_then(|mut modprobe| process::output(&mut modprobe))
        .with_context(|| format!("the running kernel has no {module} loaded"))?;
    ensure!(is_there(), "modprobe {module} succeeded, and still the kernel has no {module}");
    Ok(())
}
