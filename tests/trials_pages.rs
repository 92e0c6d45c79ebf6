//! What the rules say of how often they were held against a kernel, against the pages of those trials.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use btrfs::preflight::{KernelRules, KernelVersion, Standing};

/// Trials, and verdicts that were certain and wrong, of one page.
fn page(name: &str) -> Result<(u32, u32)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/trials").join(name);
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let first = |part: &str| -> Result<u32> {
        part.trim().split(' ').next().context("a number")?.parse().with_context(|| part.to_owned())
    };
    let trials = text.lines().find(|line| line.contains(" trials, ")).context("how many trials")?;
    let wrong = ["| said safe, and was not |", "| said fail, and was well |"].map(|what| {
        let line = text.lines().find_map(|line| line.strip_prefix(what)).with_context(|| what.to_owned())?;
        first(line)
    });
    let [safe, fail] = wrong;
    Ok((first(trials)?, safe? + fail?))
}

#[test]
fn the_standing_of_rules_is_that_of_their_trials() -> Result<()> {
    for (version, suffix) in
        [(KernelVersion(6, 1), "-6.1"), (KernelVersion(6, 12), "-6.12"), (KernelVersion(6, 18), "")]
    {
        let balances = page(&format!("balance{suffix}.md"))?;
        let leaving = page(&format!("leave{suffix}.md"))?;
        let (trials, wrong) = (balances.0 + leaving.0, balances.1 + leaving.1);
        assert_eq!(KernelRules::of(version).standing(), Standing::Measured { trials, wrong }, "Linux {version}");
    }
    Ok(())
}
