//! Balance and conversion.

use testbed::harness::Test;

pub(crate) mod balance;
mod chunks;
mod convert;
mod filters;
mod halt;
mod preflight;

pub(crate) const MODULES: &[(&str, &[Test])] = &[
    ("balance", balance::TESTS),
    ("convert", convert::TESTS),
    ("filters", filters::TESTS),
    ("balance_halt", halt::TESTS),
    ("balance_preflight", preflight::TESTS),
];
