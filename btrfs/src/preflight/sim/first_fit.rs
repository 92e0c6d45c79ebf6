//! Which of many block groups has room: a tree of the longest free ranges.

/// Size classes that block groups are of: unset, small, medium, large.
pub(super) const CLASSES: usize = 4;

/// A set of size classes.
pub(super) type ClassSet = [bool; CLASSES];

/// Block groups in the order of their addresses, each with the longest range that is free in it. The first one with enough
/// room is found in the logarithm of their number.
#[derive(Debug, Clone, Default)]
pub(super) struct FirstFit {
    /// A binary tree in an array: node `n` has the greatest of `2n` and `2n + 1` for each class; the leaves are its last
    /// half.
    nodes: Vec<[u64; CLASSES]>,
    /// The addresses of the block groups.
    starts: Vec<u64>,
}

impl FirstFit {
    /// Adds a block group behind all others; its place is what [`FirstFit::set`] takes.
    pub(super) fn push(&mut self, start: u64) -> usize {
        self.starts.push(start);
        let leaves = self.nodes.len() / 2;
        if self.starts.len() > leaves {
            self.grow((2 * leaves).max(1));
        }
        self.starts.len() - 1
    }

    /// Says how long the longest free range of a block group is; nothing for one that takes no more.
    pub(super) fn set(&mut self, place: usize, class: usize, longest: Option<u64>) {
        let leaves = self.nodes.len() / 2;
        let mut node = leaves + place;
        let mut greatest = [0; CLASSES];
        greatest[class] = longest.unwrap_or(0);
        while node > 0 && self.nodes[node] != greatest {
            self.nodes[node] = greatest;
            node /= 2;
            if node > 0 {
                greatest = self.greater(node);
            }
        }
    }

    /// The address of the first block group of these classes, from a place on, with so long a free range.
    pub(super) fn first(&self, classes: ClassSet, length: u64, from: usize) -> Option<u64> {
        self.find(1, 0, self.nodes.len() / 2, &|node| has(node, classes, length), from, false)
    }

    /// The address of the last one.
    pub(super) fn last(&self, classes: ClassSet, length: u64) -> Option<u64> {
        self.find(1, 0, self.nodes.len() / 2, &|node| has(node, classes, length), 0, true)
    }

    /// The longest free range of all.
    pub(super) fn longest(&self) -> u64 {
        self.nodes.get(1).and_then(|root| root.iter().copied().max()).unwrap_or(0)
    }

    /// How many there have been.
    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    fn find(
        &self,
        node: usize,
        first: usize,
        leaves: usize,
        fits: &impl Fn(&[u64; CLASSES]) -> bool,
        from: usize,
        backwards: bool,
    ) -> Option<u64> {
        if leaves == 0 || first + leaves <= from || !fits(&self.nodes[node]) {
            return None;
        }
        if leaves == 1 {
            return self.starts.get(first).copied();
        }
        let half = leaves / 2;
        let near = |this: &Self| this.find(2 * node, first, half, fits, from, backwards);
        let far = |this: &Self| this.find(2 * node + 1, first + half, half, fits, from, backwards);
        if backwards { far(self).or_else(|| near(self)) } else { near(self).or_else(|| far(self)) }
    }

    fn grow(&mut self, leaves: usize) {
        let old = self.nodes.split_off(self.nodes.len() / 2);
        self.nodes = vec![[0; CLASSES]; 2 * leaves];
        self.nodes[leaves..leaves + old.len()].copy_from_slice(&old);
        for node in (1..leaves).rev() {
            self.nodes[node] = self.greater(node);
        }
    }

    fn greater(&self, node: usize) -> [u64; CLASSES] {
        let (left, right) = (&self.nodes[2 * node], &self.nodes[2 * node + 1]);
        std::array::from_fn(|class| left[class].max(right[class]))
    }
}

fn has(node: &[u64; CLASSES], classes: ClassSet, length: u64) -> bool {
    node.iter().zip(classes).any(|(longest, wanted)| wanted && *longest >= length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_first_and_the_last_are_those_of_a_plain_search(
            steps in prop::collection::vec((any::<prop::sample::Index>(), 0..CLASSES, 0_u64..9), 1..60),
            asked in 1_u64..9,
            classes: ClassSet,
            from in 0_usize..20,
        ) {
            let mut fit = FirstFit::default();
            let mut plain: Vec<(usize, u64)> = Vec::new();
            for (place, class, longest) in steps {
                if place.index(3) == 0 {
                    let start = u64::try_from(plain.len()).unwrap();
                    prop_assert_eq!(fit.push(start), plain.len());
                    plain.push((0, 0));
                } else if !plain.is_empty() {
                    let place = place.index(plain.len());
                    fit.set(place, class, Some(longest));
                    plain[place] = (class, longest);
                }
            }
            let fits = |place: &usize| classes[plain[*place].0] && plain[*place].1 >= asked;
            let number = |place: usize| u64::try_from(place).unwrap();
            prop_assert_eq!(fit.first(classes, asked, from), (from..plain.len()).find(fits).map(number));
            prop_assert_eq!(fit.last(classes, asked), (0..plain.len()).rev().find(fits).map(number));
        }
    }
}
