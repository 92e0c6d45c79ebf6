//! Kernel modules: which files to load, in which order.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The modules of one kernel, by name.
pub(crate) struct Modules {
    files: HashMap<String, PathBuf>,
    builtin: HashSet<String>,
    busybox: PathBuf,
}

impl Modules {
    /// Reads `lib/modules/<release>`; busybox unpacks the modules that are compressed.
    pub(crate) fn read(directory: &Path, busybox: &Path) -> Result<Self> {
        let mut files = HashMap::new();
        collect(&directory.join("kernel"), &mut files)?;
        let builtin = directory.join("modules.builtin");
        let text = fs::read_to_string(&builtin).with_context(|| format!("reading {}", builtin.display()))?;
        let builtin = text.lines().filter_map(|line| name(Path::new(line))).collect();
        Ok(Self { files, builtin, busybox: busybox.to_owned() })
    }

    /// Says whether the module exists as a file or is part of the kernel.
    pub(crate) fn has(&self, module: &str) -> bool {
        self.files.contains_key(module) || self.builtin.contains(module)
    }

    /// The wanted modules and all that they need, each after what it needs, as names and contents.
    pub(crate) fn load_order(&self, wanted: &[&str]) -> Result<Vec<(String, Vec<u8>)>> {
        let mut contents = HashMap::new();
        let order = in_order(wanted, |module| {
            if self.builtin.contains(module) {
                return Ok(Vec::new());
            }
            let file = self.files.get(module).with_context(|| format!("this kernel has no module {module}"))?;
            let bytes = self.contents(file)?;
            let needed = depends(&bytes).with_context(|| format!("{} has no depends= entry", file.display()))?;
            contents.insert(module.to_owned(), bytes);
            Ok(needed)
        })?;
        Ok(order.into_iter().filter_map(|module| contents.remove_entry(&module)).collect())
    }

    fn contents(&self, file: &Path) -> Result<Vec<u8>> {
        if file.extension().is_some_and(|extension| extension == "xz") {
            let output =
                Command::new(&self.busybox).args(["xz", "-dc"]).arg(file).output().context("starting busybox")?;
            ensure!(output.status.success(), "busybox xz -dc {}: {}", file.display(), output.status);
            return Ok(output.stdout);
        }
        fs::read(file).with_context(|| format!("reading {}", file.display()))
    }
}

fn collect(directory: &Path, files: &mut HashMap<String, PathBuf>) -> Result<()> {
    for entry in fs::read_dir(directory).with_context(|| format!("reading {}", directory.display()))? {
        let path = entry.with_context(|| format!("reading {}", directory.display()))?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if let Some(name) = name(&path) {
            files.insert(name, path);
        }
    }
    Ok(())
}

/// `kernel/drivers/md/dm-mod.ko.xz` is the file of module `dm_mod`.
fn name(path: &Path) -> Option<String> {
    let (name, _) = path.file_name()?.to_str()?.split_once(".ko")?;
    Some(name.replace('-', "_"))
}

/// What a module's `.modinfo` section, NUL-terminated `key=value` strings, says that it depends on.
fn depends(module: &[u8]) -> Option<Vec<String>> {
    let value = module.split(|&byte| byte == 0).find_map(|string| string.strip_prefix(b"depends="))?;
    let names = String::from_utf8_lossy(value);
    Some(names.split(',').filter(|name| !name.is_empty()).map(|name| name.replace('-', "_")).collect())
}

/// Depth first, so that every module comes after those it depends on and none comes twice.
fn in_order(wanted: &[&str], mut depends: impl FnMut(&str) -> Result<Vec<String>>) -> Result<Vec<String>> {
    fn visit(
        module: &str,
        seen: &mut HashSet<String>,
        order: &mut Vec<String>,
        depends: &mut dyn FnMut(&str) -> Result<Vec<String>>,
    ) -> Result<()> {
        if seen.insert(module.to_owned()) {
            for needed in depends(module)? {
                visit(&needed, seen, order, depends)?;
            }
            order.push(module.to_owned());
        }
        Ok(())
    }
    let (mut seen, mut order) = (HashSet::new(), Vec::new());
    for module in wanted {
        visit(module, &mut seen, &mut order, &mut depends)?;
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn every_module_comes_once_and_after_what_it_needs() {
        let order = in_order(&["btrfs", "drbd", "libcrc32c"], |module| {
            Ok(match module {
                "btrfs" => vec!["raid6_pq".into(), "libcrc32c".into()],
                "drbd" => vec!["lru_cache".into(), "libcrc32c".into()],
                "libcrc32c" | "raid6_pq" | "lru_cache" => Vec::new(),
                other => bail!("{other} was not asked for"),
            })
        });
        assert_eq!(order.unwrap(), ["raid6_pq", "libcrc32c", "btrfs", "lru_cache", "drbd"]);
    }

    #[test]
    fn dependencies_are_read_from_the_module_information() {
        let module = b"\x7fELF\0\0license=GPL\0depends=libcrc32c,dm-mod\0name=drbd\0";
        assert_eq!(depends(module).unwrap(), ["libcrc32c", "dm_mod"]);
        assert_eq!(depends(b"\0depends=\0").unwrap(), Vec::<String>::new());
        assert_eq!(depends(b"\x7fELF no such entry"), None);
    }

    #[test]
    fn a_file_name_gives_the_module_its_name() {
        assert_eq!(name(Path::new("kernel/drivers/md/dm-mod.ko.xz")).as_deref(), Some("dm_mod"));
        assert_eq!(name(Path::new("kernel/fs/btrfs/btrfs.ko")).as_deref(), Some("btrfs"));
        assert_eq!(name(Path::new("modules.order")), None);
    }
}
