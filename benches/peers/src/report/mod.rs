//! docs/benchmarks.md and its charts, out of what was measured.

mod benchmark;
mod elsewhere;
mod introduction;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use crate::job::Job;
use crate::machine::Machine;
use crate::results::Benchmark;

/// Where the charts are, beside benchmarks.md.
const CHARTS: &str = "charts";
const CAVEATS: &str = include_str!("caveats.md");

/// A section of benchmarks.md.
pub(crate) struct Section {
    /// From its heading, of the second level, to its end.
    pub(crate) markdown: String,
    pub(crate) charts: Vec<Chart>,
}

/// A drawing that a section shows.
pub(crate) struct Chart {
    pub(crate) file: String,
    pub(crate) svg: String,
}

/// Writes `benchmarks.md` and `charts/` into the directory `to`.
pub(crate) fn write(from: &Path, to: &Path) -> Result<()> {
    let machine = Machine::load(from)?;
    let mut benchmarks = Vec::new();
    for job in Job::value_variants() {
        let value = job.to_possible_value().context("a job without a name")?;
        benchmarks.extend(Benchmark::load(from, value.get_name())?);
    }
    ensure!(!benchmarks.is_empty(), "{} holds no results: run the benchmarks first", from.display());
    let mut page = introduction::markdown(&machine, &benchmarks)?;
    let charts = to.join(CHARTS);
    fs::create_dir_all(&charts).with_context(|| format!("making {}", charts.display()))?;
    let mut sections = benchmarks.iter().map(benchmark::section).collect::<Result<Vec<_>>>()?;
    sections.extend(elsewhere::sections(from)?);
    for section in sections {
        page.push('\n');
        page.push_str(&section.markdown);
        for Chart { file, svg } in section.charts {
            let path = charts.join(file);
            fs::write(&path, svg).with_context(|| format!("writing {}", path.display()))?;
        }
    }
    page.push('\n');
    page.push_str(CAVEATS);
    let path = to.join("benchmarks.md");
    fs::write(&path, page).with_context(|| format!("writing {}", path.display()))
}
