//! `cargo xtask bindings`: btrfs-sys's bindings from pinned kernel headers.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};

use crate::cargo;
use crate::process;
use crate::scratch::Scratch;
use crate::setup;
use crate::vm::find_program;

/// The package of PyPI that carries the kernel's UAPI headers, architecture by architecture, as the kernel installs
/// them; this version has those of Linux 7.2.
const PACKAGE: &str = "ziglang==0.17.1";
const PREFIX: &str = "ziglang/lib/libc/include/any-linux-any/";
/// The two headers that the bindings are made of, so that no other ones are ever taken for them.
const CHECKSUMS: &str = "\
73900cdcb6a137f6188c22a76e415b4a9c1601999e05283fa8f7ce2b7c560de8  linux/btrfs.h
c369a3697b19d82cb52bd7c47c10f55bbf0a55619631f4d7a8046f0139f84116  linux/btrfs_tree.h
";
const UNPACK: &str = "
import sys, zipfile
wheel, prefix, to = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if name.startswith(prefix):
            archive.extract(name, to)
";

/// Writes the bindings, or, to check, compares them with those checked in.
pub(crate) fn run(check: bool) -> Result<ExitCode> {
    setup::install(setup::BINDINGS)?;
    let headers = headers()?;
    let mut generator = cargo::command();
    generator.args(["run", "--quiet", "--package", "btrfs-sys-gen", "--", "--headers"]).arg(&headers);
    if check {
        generator.arg("--check");
    }
    process::status(&mut generator)?;
    println!("bindings: {}", if check { "as the pinned headers give them" } else { "written" });
    Ok(ExitCode::SUCCESS)
}

/// The directory that holds `linux/btrfs.h`; fetched once.
fn headers() -> Result<PathBuf> {
    let directory = cargo::target_directory()?.join("headers");
    let headers = directory.join(PACKAGE.replace("==", "-"));
    if !headers.is_dir() {
        println!("bindings: fetching {PACKAGE}, about 100 MB, for the kernel headers in it");
        let scratch = Scratch::new(&directory.join("unpack"))?;
        fetch(scratch.path(), &headers)?;
    }
    verify(&headers)?;
    Ok(headers)
}

fn fetch(scratch: &Path, to: &Path) -> Result<()> {
    let python = python()?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check"])
        .args(["--no-deps", "--only-binary", ":all:", "--dest", "."])
        .arg(PACKAGE)
        .current_dir(scratch);
    process::output(&mut pip)?;
    let wheel = fs::read_dir(scratch)
        .with_context(|| format!("reading {}", scratch.display()))?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .with_context(|| format!("pip download {PACKAGE} left no wheel"))?;
    process::output(
        Command::new(&python).args(["-c", UNPACK]).arg(&wheel).arg(PREFIX).arg("tree").current_dir(scratch),
    )?;
    let tree = scratch.join("tree").join(PREFIX);
    verify(&tree)?;
    fs::rename(&tree, to).with_context(|| format!("moving {} to {}", tree.display(), to.display()))
}

/// A Python that has pip: the one in the path may be another than Debian's.
fn python() -> Result<PathBuf> {
    ["python3", "/usr/bin/python3"]
        .into_iter()
        .filter_map(find_program)
        .find(|python| process::output(Command::new(python).args(["-m", "pip", "--version"])).is_ok())
        .context("no python3 with pip")
}

fn verify(headers: &Path) -> Result<()> {
    let mut sum = Command::new("sha256sum")
        .args(["--check", "--quiet"])
        .current_dir(headers)
        .stdin(Stdio::piped())
        .spawn()
        .context("starting sha256sum")?;
    // Taken, so that the pipe is closed and sha256sum sees its end.
    let mut stdin = sum.stdin.take().context("sha256sum has no stdin")?;
    stdin.write_all(CHECKSUMS.as_bytes()).context("writing to sha256sum")?;
    drop(stdin);
    let status = sum.wait().context("waiting for sha256sum")?;
    ensure!(status.success(), "{} does not hold the pinned headers: remove it and try again", headers.display());
    Ok(())
}
