//! Filesystems, their devices, space and trees.

use testbed::harness::Test;

mod device;
mod device_change;
mod device_usage;
mod filesystem;
mod space;
mod tree_search;

pub(crate) const MODULES: &[(&str, &[Test])] = &[
    ("device", device::TESTS),
    ("device_change", device_change::TESTS),
    ("device_usage", device_usage::TESTS),
    ("filesystem", filesystem::TESTS),
    ("space", space::TESTS),
    ("tree_search", tree_search::TESTS),
];
