//! What test runners print, read: libtest's, libtest-mimic's and cargo's own lines.

use std::collections::BTreeSet;

/// A test: the binary it is in, and its name there.
type Test = (String, String);

/// What one phase, a run of one or more test binaries, came to.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Results {
    pub(crate) passed: BTreeSet<Test>,
    pub(crate) failed: BTreeSet<Test>,
    /// With the reason, where one was given.
    pub(crate) ignored: BTreeSet<(Test, String)>,
    /// What kept tests from giving a result: a runner that ended without its summary, a build that failed.
    pub(crate) broken: Vec<String>,
    /// Totals of the runners' own summary lines, which count every test.
    pub(crate) passed_count: usize,
    pub(crate) failed_count: usize,
}

/// Reads a phase's output line by line.
#[derive(Default)]
pub(crate) struct Reader {
    results: Results,
    binary: String,
    /// A runner was announced and has not printed its summary yet.
    open: bool,
}

impl Reader {
    /// Starts with cargo's output, which announces each runner.
    pub(crate) fn cargo() -> Self {
        Self::default()
    }

    /// Starts with the output of one test binary.
    pub(crate) fn binary(name: &str) -> Self {
        let mut reader = Self::default();
        reader.start(name.to_owned());
        reader
    }

    /// Takes the next line.
    pub(crate) fn line(&mut self, line: &str) {
        if let Some(name) = announced(line) {
            self.start(name);
        } else if let Some(summary) = line.strip_prefix("test result: ") {
            self.results.passed_count += count(summary, " passed");
            self.results.failed_count += count(summary, " failed");
            self.open = false;
        } else if let Some((name, outcome)) = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... ")) {
            let test = (self.binary.clone(), name.trim().to_owned());
            if outcome == "ok" {
                self.results.passed.insert(test);
            } else if outcome.starts_with("FAILED") {
                self.results.failed.insert(test);
            } else if let Some(reason) = outcome.strip_prefix("ignored") {
                let reason = reason.trim_start_matches([',', ' ', '(']).trim_end_matches(')');
                self.results.ignored.insert((test, reason.to_owned()));
            }
        }
    }

    /// Ends the phase.
    pub(crate) fn finish(mut self) -> Results {
        self.close();
        self.results
    }

    fn start(&mut self, binary: String) {
        self.close();
        self.binary = binary;
        self.open = true;
    }

    fn close(&mut self) {
        if self.open {
            self.results.broken.push(format!("{} ended without a result", self.binary));
            self.open = false;
        }
    }
}

/// The binary that cargo says it runs next: `Running tests/live/main.rs (target/debug/deps/live-9f86d081884c7d65)`
/// is `live`.
fn announced(line: &str) -> Option<String> {
    let line = line.trim_start();
    if let Some(package) = line.strip_prefix("Doc-tests ") {
        return Some(format!("{package} (documentation)"));
    }
    let (_, path) = line.strip_prefix("Running ")?.strip_suffix(')')?.rsplit_once('(')?;
    let file = path.rsplit('/').next()?;
    let (name, hash) = file.rsplit_once('-')?;
    hash.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| name.to_owned())
}

/// The number before a word of a summary: `ok. 3 passed; 1 failed; …`.
fn count(summary: &str, word: &str) -> usize {
    summary.split([';', '.']).find_map(|part| part.strip_suffix(word)?.trim().parse().ok()).unwrap_or(0)
}

/// All phases together.
#[derive(Debug, PartialEq)]
pub(crate) struct Total {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    /// Tests that were ignored in some phase and passed or failed in none, with the reason.
    pub(crate) skipped: Vec<(Test, String)>,
}

/// Counts the phases together: a pass is counted in every phase where it happened, a skipped test once.
pub(crate) fn total<'a>(phases: impl Iterator<Item = &'a Results> + Clone) -> Total {
    let ran: BTreeSet<&Test> = phases.clone().flat_map(|phase| phase.passed.iter().chain(&phase.failed)).collect();
    let mut skipped: Vec<(Test, String)> =
        phases.clone().flat_map(|phase| &phase.ignored).filter(|(test, _)| !ran.contains(test)).cloned().collect();
    skipped.sort();
    skipped.dedup_by(|later, earlier| later.0 == earlier.0);
    Total {
        passed: phases.clone().map(|phase| phase.passed_count).sum(),
        failed: phases.map(|phase| phase.failed_count + phase.broken.len()).sum(),
        skipped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "
     Running unittests src/lib.rs (target/debug/deps/btrfs-0123456789abcdef)

running 2 tests
test key::tests::keys_sort_as_in_the_tree ... ok
test retention::tests::a_week_is_kept ... FAILED

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

     Running tests/live/main.rs (/tmp/t/debug/deps/live-9f86d081884c7d65)

running 2 tests
test snapshot::is_read_only        ... ok
test drbd::agrees_with_drbdsetup   ... ignored (needs DRBD ... not loaded)

test result: ok. 1 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 3.04s

   Doc-tests btrfs

running 1 test
test btrfs/src/lib.rs - (line 12) ... ignored, no kernel

test result: ok. 0 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s
";

    fn read(mut reader: Reader, text: &str) -> Results {
        text.lines().for_each(|line| reader.line(line));
        reader.finish()
    }

    fn test(binary: &str, name: &str) -> Test {
        (binary.to_owned(), name.to_owned())
    }

    #[test]
    fn outcomes_are_read_from_every_runner() {
        let host = read(Reader::cargo(), HOST);
        assert_eq!((host.passed_count, host.failed_count), (2, 1));
        assert_eq!(host.failed, BTreeSet::from([test("btrfs", "retention::tests::a_week_is_kept")]));
        assert_eq!(
            host.ignored,
            BTreeSet::from([
                (test("btrfs (documentation)", "btrfs/src/lib.rs - (line 12)"), "no kernel".to_owned()),
                (test("live", "drbd::agrees_with_drbdsetup"), "needs DRBD ... not loaded".to_owned()),
            ])
        );
        assert_eq!(host.broken, Vec::<String>::new());
    }

    #[test]
    fn a_test_that_ran_in_any_phase_is_not_skipped() {
        let host = read(Reader::cargo(), HOST);
        let vm = read(
            Reader::binary("live"),
            "test drbd::agrees_with_drbdsetup ... ok\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured\n",
        );
        let total = total([&host, &vm].into_iter());
        assert_eq!((total.passed, total.failed), (3, 1));
        let skipped: Vec<_> = total.skipped.iter().map(|((binary, _), reason)| (&**binary, &**reason)).collect();
        assert_eq!(skipped, [("btrfs (documentation)", "no kernel")]);
    }

    #[test]
    fn a_runner_that_dies_counts_as_failed() {
        let died = read(Reader::binary("drbd_live"), "running 2 tests\ntest a ... ok\nSegmentation fault\n");
        assert_eq!(died.broken, ["drbd_live ended without a result"]);
        assert_eq!(total([&died].into_iter()).failed, 1);
    }
}
