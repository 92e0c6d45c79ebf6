//! Subvolumes: making, listing, finding and deleting them.

use testbed::harness::Test;

mod clean;
mod delete;
mod find;
mod flags;
mod group;
pub(crate) mod list;
mod list_race;
mod queue;
mod reachable;
pub(crate) mod snapshot;
mod subvolume;

pub(crate) const MODULES: &[(&str, &[Test])] = &[
    ("clean", clean::TESTS),
    ("delete", delete::TESTS),
    ("find", find::TESTS),
    ("flags", flags::TESTS),
    ("group", group::TESTS),
    ("list", list::TESTS),
    ("list_race", list_race::TESTS),
    ("queue", queue::TESTS),
    ("reachable", reachable::TESTS),
    ("snapshot", snapshot::TESTS),
    ("subvolume", subvolume::TESTS),
];
