//! An initramfs: a tree of programs with their libraries and the kernel's modules, packed as a cpio archive.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::packages;
use crate::process;

/// Where the file system's merged directories really are, as on Debian.
const MERGED: [&str; 4] = ["bin", "sbin", "lib", "lib64"];
/// Where Debian's packages for amd64, the VM's architecture, have their libraries.
const LIBRARIES: [&str; 2] = ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"];

/// The tree before it is packed.
pub(crate) struct Tree {
    root: PathBuf,
}

impl Tree {
    /// Starts an empty tree.
    pub(crate) fn new(root: PathBuf) -> Result<Self> {
        let tree = Self { root };
        for directory in MERGED {
            tree.directory(&format!("/usr/{directory}"))?;
            let link = tree.root.join(directory);
            symlink(format!("usr/{directory}"), &link).with_context(|| format!("making {}", link.display()))?;
        }
        Ok(tree)
    }

    /// Makes an empty directory.
    pub(crate) fn directory(&self, path: &str) -> Result<()> {
        let path = self.inside(path);
        fs::create_dir_all(&path).with_context(|| format!("making {}", path.display()))
    }

    /// Writes a file, readable and executable by all.
    pub(crate) fn file(&self, path: &str, contents: &[u8]) -> Result<()> {
        let path = self.new_file(path)?;
        fs::write(&path, contents).with_context(|| format!("writing {}", path.display()))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
            .with_context(|| format!("making {} executable", path.display()))
    }

    /// Copies a program and the shared libraries that it needs.
    pub(crate) fn program(&self, from: &Path, to: &str) -> Result<()> {
        self.copy(from, to)?;
        for library in libraries(from, None)? {
            self.library(Path::new(&library), &library)?;
        }
        Ok(())
    }

    /// Copies a program of a package that is unpacked in `package`, and the shared libraries that it needs, which are
    /// unpacked with it or installed on this machine.
    pub(crate) fn unpacked_program(&self, package: &Path, path: &str) -> Result<()> {
        let program = packages::file(package, path)?;
        self.copy(&program, &format!("/usr/{path}"))?;
        for library in libraries(&program, Some(package))? {
            let place = Path::new(&library).strip_prefix(package).map_or(Path::new(&library), |inside| inside);
            self.library(Path::new(&library), &place.to_string_lossy())?;
        }
        Ok(())
    }

    /// Like [`program`](Self::program), for a program built here: most of its size is debug information, left out.
    pub(crate) fn built_program(&self, from: &Path, to: &str) -> Result<()> {
        self.program(from, to)?;
        process::output(Command::new("strip").arg("--strip-debug").arg(self.inside(to)))?;
        Ok(())
    }

    /// Packs the tree, uncompressed: QEMU loads it faster than an emulated CPU unpacks it.
    pub(crate) fn pack(&self, busybox: &Path, archive: &Path) -> Result<()> {
        // The guest's unprivileged users read it too, whatever the umask here.
        let script = r#"chmod -R a+rX .; find . | "$0" cpio -o -H newc -R 0:0 -F "$1""#;
        process::output(
            Command::new("sh").args(["-e", "-c", script]).arg(busybox).arg(archive).current_dir(&self.root),
        )?;
        Ok(())
    }

    fn inside(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    fn library(&self, from: &Path, to: &str) -> Result<()> {
        if self.inside(to).exists() { Ok(()) } else { self.copy(from, to) }
    }

    fn copy(&self, from: &Path, to: &str) -> Result<()> {
        let path = self.new_file(to)?;
        fs::copy(from, &path).with_context(|| format!("copying {} to {}", from.display(), path.display()))?;
        Ok(())
    }

    fn new_file(&self, path: &str) -> Result<PathBuf> {
        let path = self.inside(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
        }
        Ok(path)
    }
}

/// The shared libraries of a program, the dynamic loader included, as absolute paths; those in an unpacked package come
/// before the machine's.
fn libraries(program: &Path, package: Option<&Path>) -> Result<Vec<String>> {
    let mut ldd = Command::new("ldd");
    ldd.arg(program).env("LC_ALL", "C");
    if let Some(package) = package {
        let places = LIBRARIES.map(|place| package.join(place));
        ldd.env("LD_LIBRARY_PATH", std::env::join_paths(places).context("a package's path can't be searched")?);
    }
    let output = ldd.output().context("starting ldd")?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        if words.contains("not a dynamic executable") {
            return Ok(Vec::new());
        }
        bail!("ldd {}: {}", program.display(), words.trim());
    }
    parse_ldd(&String::from_utf8_lossy(&output.stdout)).with_context(|| format!("ldd {}", program.display()))
}

fn parse_ldd(text: &str) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    for line in text.lines().map(str::trim) {
        let (name, place) = line.split_once(" => ").unwrap_or((line, line));
        if place.starts_with("not found") {
            bail!("library {name} is not on this machine");
        }
        // What is left is the loader, by its path, or linux-vdso, which is no file.
        if let Some(path) = place.split(" (").next().filter(|path| path.starts_with('/')) {
            paths.push(path.to_owned());
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_read_from_ldd() {
        let text = "\tlinux-vdso.so.1 (0x00007ffc1ffc5000)\n\
                    \tlibuuid.so.1 => /lib/x86_64-linux-gnu/libuuid.so.1 (0x00007f1)\n\
                    \t/lib64/ld-linux-x86-64.so.2 (0x00007f2)\n";
        assert_eq!(parse_ldd(text).unwrap(), ["/lib/x86_64-linux-gnu/libuuid.so.1", "/lib64/ld-linux-x86-64.so.2"]);
        assert_eq!(parse_ldd("\tstatically linked\n").unwrap(), Vec::<String>::new());
        let error = parse_ldd("\tlibkeyutils.so.1 => not found\n").unwrap_err();
        assert!(error.to_string().contains("libkeyutils.so.1"), "{error}");
    }
}
