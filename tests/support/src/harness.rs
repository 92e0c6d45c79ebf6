//! The runner of tests that need a kernel's real services. What can't run is reported as ignored, with the reason;
//! where the environment variable `TESTBED_REQUIRE` names the need, that is a failure instead.

use std::fmt;
use std::process::ExitCode;

use anyhow::Result;
use libtest_mimic::{Arguments, Completion, Failed, Trial};

/// One test: its name and what it does.
pub type Test = (&'static str, fn() -> Result<()>);

/// Lists test functions with their names.
#[macro_export]
macro_rules! tests {
    ($($name:ident),* $(,)?) => { &[$((stringify!($name), $name)),*] };
}

/// A test's word that it can't run here: report it as ignored.
#[derive(Debug)]
struct Skip(String);

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Skip {}

/// Ends a test that this kernel can't run, as ignored: `return skip("needs Linux 6.13: SUBVOL_SYNC_WAIT")`.
///
/// # Errors
///
/// Always: that is how the runner hears of it.
pub fn skip(reason: impl Into<String>) -> Result<()> {
    Err(Skip(reason.into()).into())
}

/// Runs the tests of all modules, named `module::test`. `unmet` is the need called `need` if it isn't met.
#[must_use]
pub fn run(need: &str, unmet: Option<&str>, modules: &[(&str, &'static [Test])]) -> ExitCode {
    let required = std::env::var("TESTBED_REQUIRE").is_ok_and(|needs| needs.split(',').any(|name| name == need));
    let trials = modules
        .iter()
        .flat_map(|&(module, tests)| tests.iter().map(move |&test| (module, test)))
        .map(|(module, (name, test))| {
            let unmet = unmet.map(str::to_owned);
            Trial::ignorable_test(format!("{module}::{name}"), move || match unmet {
                Some(reason) if required => Err(Failed::from(reason)),
                Some(reason) => Ok(Completion::ignored_with(reason)),
                None => completion(test()),
            })
        })
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn completion(result: Result<()>) -> Result<Completion, Failed> {
    match result {
        Ok(()) => Ok(Completion::Completed),
        Err(error) => match error.downcast::<Skip>() {
            Ok(skip) => Ok(Completion::ignored_with(skip.0)),
            Err(error) => Err(Failed::from(format!("{error:?}"))),
        },
    }
}
