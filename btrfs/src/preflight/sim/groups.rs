//! All block groups of a run, by address.

use super::group::Group;

/// Block groups by ascending address. A new one always lies behind all others, so that they can stand in a row.
#[derive(Debug, Clone, Default)]
pub(super) struct Groups<'a> {
    starts: Vec<u64>,
    /// Those that were removed leave a hole, but not at the end.
    groups: Vec<Option<Group<'a>>>,
}

impl<'a> Groups<'a> {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { starts: Vec::with_capacity(capacity), groups: Vec::with_capacity(capacity) }
    }

    /// Where the last one ends.
    pub(super) fn end(&self) -> u64 {
        self.groups.last().and_then(Option::as_ref).map_or(0, |last| last.start + last.length)
    }

    /// Adds one behind the last.
    pub(super) fn push(&mut self, group: Group<'a>) {
        debug_assert!(group.start >= self.end(), "a new block group lies behind all others");
        self.starts.push(group.start);
        self.groups.push(Some(group));
    }

    pub(super) fn get(&self, start: u64) -> Option<&Group<'a>> {
        self.groups[self.starts.binary_search(&start).ok()?].as_ref()
    }

    pub(super) fn get_mut(&mut self, start: u64) -> Option<&mut Group<'a>> {
        self.groups[self.starts.binary_search(&start).ok()?].as_mut()
    }

    pub(super) fn remove(&mut self, start: u64) -> Option<Group<'a>> {
        let removed = self.groups[self.starts.binary_search(&start).ok()?].take();
        while let Some(None) = self.groups.last() {
            self.groups.pop();
            self.starts.pop();
        }
        removed
    }

    /// The last one that begins before an address.
    pub(super) fn before(&self, address: u64) -> Option<&Group<'a>> {
        let end = self.starts.partition_point(|start| *start < address);
        self.groups[..end].iter().rev().find_map(Option::as_ref)
    }

    /// All, by address.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Group<'a>> {
        self.groups.iter().filter_map(Option::as_ref)
    }
}
