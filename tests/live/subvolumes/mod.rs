//! Subvolumes: making, listing, finding and deleting them.

use testbed::harness::Test;

mod clean;
mod delete;
mod find;
mod flags;
mod group;
pub(crate) mod list;
mod list_race;
pub(crate) mod moment;
mod preflight;
mod queue;
mod reachable;
mod recursive;
pub(crate) mod recursive_undo;
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
    ("moment", moment::TESTS),
    ("preflight", preflight::TESTS),
    ("queue", queue::TESTS),
    ("reachable", reachable::TESTS),
    ("recursive", recursive::TESTS),
    ("recursive_undo", recursive_undo::TESTS),
    ("snapshot", snapshot::TESTS),
    ("subvolume", subvolume::TESTS),
];
