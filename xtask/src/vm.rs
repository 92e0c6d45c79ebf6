//! A VM: Debian's kernel and an initramfs in QEMU, up in seconds, gone with the run.
//!
//! The guest has three serial ports, and disks where a job asks for them. The first port is the kernel's console, kept
//! in a file and shown when something goes wrong; the second carries what the programs print, as it comes; on the third
//! the guest writes the exit status. A guest that ends without one has crashed.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};

use crate::apt::Apt;
use crate::cargo;
use crate::initramfs::Tree;
use crate::kernel::Kernel;
use crate::modules::Modules;
use crate::packages::{self, Packages, Programs};
use crate::process;
use crate::scratch::Scratch;

const INIT: &[u8] = include_bytes!("init.sh");
const MEMORY_MIB: u32 = 3072;

/// What one guest is to do.
pub(crate) struct Job<'a> {
    /// Kernel modules to load, with parameters.
    pub(crate) modules: &'a [(&'a str, &'a str)],
    /// Modules to load where the kernel has them.
    pub(crate) optional_modules: &'a [&'a str],
    /// Programs of Debian packages.
    pub(crate) packages: &'a [Programs],
    /// Programs of this machine.
    pub(crate) host_programs: &'a [&'a str],
    /// What the guest sees as virtio disks.
    pub(crate) disks: &'a [Disk],
    /// Programs built here, with their place in the guest.
    pub(crate) programs: Vec<(&'a Path, String)>,
    /// What the guest's shell runs.
    pub(crate) script: String,
    pub(crate) deadline: Duration,
}

/// An empty disk of a guest, gone with it.
pub(crate) struct Disk {
    /// What the guest finds it by, in `/sys/block/*/serial`.
    pub(crate) serial: &'static str,
    pub(crate) bytes: u64,
    /// How many requests it answers in a second, where that is limited.
    pub(crate) requests_per_second: Option<u32>,
}

/// What is needed to start guests.
pub(crate) struct Machine {
    pub(crate) kernel: Kernel,
    packages: Packages,
    busybox: PathBuf,
    runs: PathBuf,
}

impl Machine {
    /// Fetches, once, what every guest needs and is not there yet: the kernel and busybox, neither of them installed.
    pub(crate) fn prepare(series: Option<&str>) -> Result<Self> {
        let directory = cargo::target_directory()?.join("vm");
        let apt = Apt::new(&directory.join("apt"));
        let packages = Packages::new(directory.join("packages"), apt);
        let kernel = packages.alone(|apt| Kernel::get(&directory.join("kernels"), series, apt))?;
        let busybox = packages::file(&packages.get("busybox-static")?, "bin/busybox")?;
        Ok(Self { kernel, packages, busybox, runs: directory.join("runs") })
    }

    /// Fetches now what [`Machine::run`] would fetch for these.
    pub(crate) fn fetch(&self, programs: &[Programs]) -> Result<()> {
        programs.iter().try_for_each(|programs| self.packages.get(programs.package).map(drop))
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
        for disk in job.disks {
            qemu.args(disk.arguments(scratch.path())?);
        }
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
        for programs in job.packages {
            let package = self.packages.get(programs.package)?;
            for path in programs.paths {
                tree.unpacked_program(&package, path)?;
            }
        }
        for name in job.host_programs {
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

impl Disk {
    /// Makes the disk's image and says how QEMU gets it.
    fn arguments(&self, directory: &Path) -> Result<Vec<String>> {
        let image = directory.join(self.serial);
        let made = File::create(&image).and_then(|file| file.set_len(self.bytes));
        made.with_context(|| format!("making {}", image.display()))?;
        // The image lives no longer than the guest: what the guest flushes need not reach this machine's disk.
        let limit = self.requests_per_second.map_or(String::new(), |limit| format!(",throttling.iops-total={limit}"));
        let Self { serial, .. } = self;
        // QEMU takes two commas for one that is part of a name.
        let file = image.to_string_lossy().replace(',', ",,");
        Ok(vec![
            "-drive".to_owned(),
            format!("if=none,id={serial},format=raw,cache=unsafe,file={file}{limit}"),
            "-device".to_owned(),
            format!("virtio-blk-pci,drive={serial},serial={serial}"),
        ])
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_an_empty_image_that_qemu_finds_and_limits() {
        let directory = tempfile::Builder::new().prefix("a,b").tempdir().unwrap();
        let disk = Disk { serial: "scratch", bytes: 1 << 20, requests_per_second: Some(500) };
        let arguments = disk.arguments(directory.path()).unwrap();
        let image = directory.path().join("scratch");
        assert_eq!(fs::metadata(&image).unwrap().len(), 1 << 20);
        let doubled = image.to_str().unwrap().replace(',', ",,");
        assert!(arguments[1].contains(&format!("file={doubled},throttling.iops-total=500")), "{arguments:?}");
        assert!(arguments[3].ends_with("serial=scratch"), "{arguments:?}");
    }
}
