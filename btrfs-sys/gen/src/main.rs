//! Writes `btrfs-sys/src/bindings.rs` from one pinned version of the kernel's UAPI headers.
//!
//! `cargo xtask bindings` fetches the headers and runs this; users of the library need neither them nor libclang.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use bindgen::callbacks::{IntKind, ParseCallbacks};

const BINDINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../src/bindings.rs");
/// What the C compiler makes of each `BTRFS_IOC_*`: the witness that tests/abi.rs holds the table against.
const NUMBERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/witness/numbers.rs");

/// C would give most constants `int`; as unsigned 64-bit they keep their value
/// (`BTRFS_LAST_FREE_OBJECTID` is `(__u64)-256`).
#[derive(Debug)]
struct Constants;

impl ParseCallbacks for Constants {
    fn int_macro(&self, name: &str, _value: i64) -> Option<IntKind> {
        name.starts_with("BTRFS_").then_some(IntKind::U64)
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("btrfs-sys-gen: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut headers = None;
    let mut check = false;
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--headers") => headers = arguments.next().map(PathBuf::from),
            Some("--check") => check = true,
            _ => bail!("usage: btrfs-sys-gen --headers DIR [--check]; DIR holds linux/btrfs.h"),
        }
    }
    let headers = headers.context("--headers DIR is needed; DIR holds linux/btrfs.h")?;
    let title = format!("// {} ", version(&headers)?);
    for (path, text) in [(BINDINGS, bindings(&headers)?), (NUMBERS, numbers(&headers)?)] {
        let text = format!(
            "{title}linux/btrfs.h and linux/btrfs_tree.h. Generated: do not edit, run `cargo xtask bindings`.\n\n{text}"
        );
        if !check {
            fs::write(path, &text).with_context(|| format!("writing {path}"))?;
        } else if fs::read_to_string(path).with_context(|| format!("reading {path}"))? != text {
            bail!("{path} differs from what the pinned headers give: run `cargo xtask bindings`");
        }
    }
    Ok(())
}

fn headers_builder(headers: &Path) -> Result<bindgen::Builder> {
    Ok(bindgen::Builder::default()
        .header_contents("btrfs_all.h", "#include <linux/btrfs.h>\n#include <linux/btrfs_tree.h>\n")
        .clang_arg(format!("-I{}", headers.display()))
        .parse_callbacks(Box::new(Constants))
        .rust_edition(bindgen::RustEdition::Edition2024)
        .rust_target(bindgen::RustTarget::stable(85, 0).map_err(anyhow::Error::msg)?)
        .disable_header_comment()
        .formatter(bindgen::Formatter::Prettyplease))
}

fn bindings(headers: &Path) -> Result<String> {
    let bindings = headers_builder(headers)?
        .allowlist_type("btrfs_.*")
        .allowlist_var("BTRFS_.*")
        .blocklist_item("BTRFS_IOC_.*")
        .use_core()
        .ctypes_prefix("core::ffi")
        .wrap_unsafe_ops(true)
        .derive_default(true)
        .derive_debug(true)
        .layout_tests(true)
        .prepend_enum_name(false)
        .generate_comments(false)
        .generate()
        .context("bindgen could not read the headers")?;
    Ok(bindings.to_string())
}

fn numbers(headers: &Path) -> Result<String> {
    // clang evaluates the macros itself: for that it precompiles a header, which has to be a file.
    let scratch = tempfile::tempdir().context("making a directory for clang's precompiled header")?;
    let bindings = headers_builder(headers)?
        .header(headers.join("linux/btrfs.h").to_string_lossy())
        .allowlist_var("BTRFS_IOC_.*")
        .clang_macro_fallback()
        .clang_macro_fallback_build_dir(scratch.path())
        .generate()
        .context("bindgen could not evaluate the ioctl numbers")?;
    Ok(bindings.to_string())
}

/// Says which kernel the headers belong to, from their own `linux/version.h`.
fn version(headers: &Path) -> Result<String> {
    let path = headers.join("linux/version.h");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let field = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix("#define ")?.strip_prefix(name)?.trim().parse::<u32>().ok())
            .with_context(|| format!("{} does not define {name}", path.display()))
    };
    Ok(format!("Linux {}.{}", field("LINUX_VERSION_MAJOR")?, field("LINUX_VERSION_PATCHLEVEL")?))
}
