//! Sections of benchmarks that were measured elsewhere, in a VM: they lie ready beside the results.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{CHARTS, Chart, Section};

/// What their files are called, without `.md`.
const NAMES: [&str; 3] = ["lvm", "slow_flush_vm", "drbd_vm"];

/// Those that are there.
pub(super) fn sections(from: &Path) -> Result<Vec<Section>> {
    let paths = NAMES.map(|name| from.join(name).with_extension("md"));
    paths.iter().filter(|path| path.exists()).map(|path| section(from, path)).collect()
}

fn section(from: &Path, path: &Path) -> Result<Section> {
    let read = |path: &Path| fs::read_to_string(path).with_context(|| format!("reading {}", path.display()));
    let markdown = read(path)?;
    let charts = charts(&markdown)
        .map(|file| Ok(Chart { file: file.to_owned(), svg: read(&from.join(CHARTS).join(file))? }))
        .collect::<Result<_>>()?;
    Ok(Section { markdown, charts })
}

/// The charts that a section shows.
fn charts(markdown: &str) -> impl Iterator<Item = &str> {
    let links = markdown.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    links.filter_map(|(link, _)| link.strip_prefix(CHARTS)?.strip_prefix('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_charts_are_charts() {
        let text = "## A\n\n![one](charts/a.svg) and [a page](../b.md), ![two](charts/c.svg)";
        assert_eq!(charts(text).collect::<Vec<_>>(), ["a.svg", "c.svg"]);
    }
}
