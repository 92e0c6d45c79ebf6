//! A VM: Debian's kernel and an initramfs in QEMU, up in seconds, gone with the run.
//!
//! The guest has three serial ports and no other device. The first is the kernel's console, kept in a file and shown
//! when something goes wrong; the second carries what the programs print, as it comes; on the third the guest writes
//! the exit status. A guest that ends without one has crashed.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use nix::fcntl::FlockArg;

use crate::apt::Apt;
use crate::cargo;
use crate::initramfs::Tree;
use crate::kernel::Kernel;
use crate::modules::Modules;
use crate::process;
use crate::scratch::{self, Scratch};

const INIT: &[u8] = include_bytes!("init.sh");
const MEMORY_MIB: u32 = 3072;
/// Of DRBD's programs, those that a kernel with DRBD 8.4 is driven with; the last two are what the first two run.
const DRBD_PROGRAMS: [&str; 5] =
    ["sbin/drbdsetup", "sbin/drbdadm", "sbin/drbdmeta", "lib/drbd/drbdsetup-84", "lib/drbd/drbdadm-84"];
/// Programs of this machine that the guest gets too.
const HOST_PROGRAMS: [&str; 5] = ["btrfs", "mkfs.btrfs", "btrfstune", "chattr", "strace"];

/// What one guest is to do.
pub(crate) struct Job<'a> {
    /// Kernel modules to load, with parameters.
    pub(crate) modules: &'a [(&'a str, &'a str)],
    /// Modules to load where the kernel has them.
    pub(crate) optional_modules: &'a [&'a str],
    /// Programs built here, with their place in the guest.
    pub(crate) programs: Vec<(&'a Path, String)>,
    /// What the guest's shell runs.
    pub(crate) script: String,
    pub(crate) deadline: Duration,
}

/// What is needed to start guests.
pub(crate) struct Machine {
    pub(crate) kernel: Kernel,
    busybox: PathBuf,
    drbd_utils: PathBuf,
    runs: PathBuf,
}

impl Machine {
    /// Fetches, once, what is not there yet: the kernel, busybox and drbd-utils, none of which is installed.
    pub(crate) fn prepare(series: Option<&str>) -> Result<Self> {
        let directory = cargo::target_directory()?.join("vm");
        let packages = directory.join("packages");
        fs::create_dir_all(&packages).with_context(|| format!("making {}", packages.display()))?;
        // One at a time: apt would not wait for another one.
        let _lock = scratch::lock(&packages, FlockArg::LockExclusive)?;
        let apt = Apt::new(&directory.join("apt"));
        let [busybox, drbd_utils] = ["busybox-static", "drbd-utils"].map(|name| packages.join(name));
        for package in [&busybox, &drbd_utils] {
            if !package.is_dir() {
                let name = package.file_name().unwrap_or_default().to_string_lossy();
                apt.unpack(&name, package)?;
            }
        }
        let kernel = Kernel::get(&directory.join("kernels"), series, &apt)?;
        let busybox = unpacked(&busybox, "bin/busybox")?;
        Ok(Self { kernel, busybox, drbd_utils, runs: directory.join("runs") })
    }

    /// Boots a guest, hands over what its programs print line by line, and gives the script's exit status.
    pub(crate) fn run(&self, job: &Job, line: impl FnMut(&str)) -> Result<u8> {
        let scratch = Scratch::new(&self.runs)?;
        let initramfs = scratch.path().join("initramfs");
        self.tree(job, scratch.path().join("tree"))?.pack(&self.busybox, &initramfs)?;
        let console = scratch.path().join("console");
        let status = scratch.path().join("status");

        // setpriv has the kernel kill QEMU when this program dies, however it does.
        let mut qemu = Command::new("setpriv");
        qemu.process_group(0)
            .args(["--pdeathsig", "KILL", "qemu-system-x86_64"])
            .args(["-accel", "tcg", "-cpu", "max", "-smp", "2", "-m"])
            .arg(MEMORY_MIB.to_string())
            .args(["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"])
            .arg("-serial")
            .arg(format!("file:{}", console.display()))
            .args(["-serial", "stdio"])
            .arg("-serial")
            .arg(format!("file:{}", status.display()))
            .arg("-kernel")
            .arg(self.kernel.image())
            .arg("-initrd")
            .arg(&initramfs)
            .args(["-append", "console=ttyS0 quiet panic=-1 oops=panic"]);
        let ended = process::stream(qemu, job.deadline, line);
        if process::interrupted() {
            bail!("interrupted");
        }
        let last_words = format!("The VM's console ended with:\n{}", tail(&console, 60));
        let ended = ended.map_err(|error| anyhow!("{error:#}.\n{last_words}"))?;
        let status = fs::read_to_string(&status).unwrap_or_default();
        match status.trim().parse() {
            Ok(status) => Ok(status),
            Err(_) if !ended.success() => bail!("QEMU failed: {ended}"),
            Err(_) => bail!("the VM ended before its programs did, as after a kernel panic.\n{last_words}"),
        }
    }

    fn tree(&self, job: &Job, root: PathBuf) -> Result<Tree> {
        let tree = Tree::new(root)?;
        tree.program(&self.busybox, "/bin/busybox")?;
        for path in DRBD_PROGRAMS {
            tree.program(&unpacked(&self.drbd_utils, path)?, &format!("/usr/{path}"))?;
        }
        for name in HOST_PROGRAMS {
            let path = find_program(name).with_context(|| format!("{name} is not installed"))?;
            tree.program(&path, &path.to_string_lossy())?;
        }
        for (from, to) in &job.programs {
            tree.built_program(from, to)?;
        }
        let modules = Modules::read(&self.kernel.modules(), &self.busybox)?;
        let mut wanted: Vec<&str> = job.optional_modules.iter().copied().filter(|module| modules.has(module)).collect();
        wanted.extend(job.modules.iter().map(|(name, _)| name));
        let mut list = String::new();
        for (name, contents) in modules.load_order(&wanted)? {
            tree.file(&format!("/modules/{name}.ko"), &contents)?;
            let parameters = job.modules.iter().find(|(module, _)| *module == name).map_or("", |(_, value)| value);
            list.push_str(&format!("{name} {parameters}\n"));
        }
        tree.file("/modules/list", list.as_bytes())?;
        tree.file("/etc/passwd", b"root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n")?;
        tree.file("/etc/group", b"root:x:0:\nnogroup:x:65534:\n")?;
        tree.file("/script", job.script.as_bytes())?;
        tree.file("/init", INIT)?;
        Ok(tree)
    }
}

/// A program of an unpacked package, which has it under `/usr` or, from before the directories were merged, under `/`.
fn unpacked(package: &Path, path: &str) -> Result<PathBuf> {
    [package.join("usr").join(path), package.join(path)]
        .into_iter()
        .find(|program| program.is_file())
        .with_context(|| format!("{} holds no {path}", package.display()))
}

/// Looks a program up in the path and where Debian keeps those of the administrator.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].map(PathBuf::from);
    directories
        .into_iter()
        .chain(std::env::split_paths(&path))
        .map(|directory| directory.join(name))
        .find(|path| path.is_file())
}

/// The last lines of a file.
fn tail(file: &Path, count: usize) -> String {
    let text = fs::read(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
