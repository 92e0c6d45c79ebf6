//! Moving what is in a block group elsewhere: `relocation.c`.

use super::place::Hint;
use super::{METADATA, SYSTEM, Short, Simulation, pool_of};
use crate::block_group::BlockGroupType;
use crate::id::Logical;
use crate::preflight::perturbation::Unread;
use crate::preflight::report::{Failure, Move, Phase};
use crate::preflight::rules::{CLUSTER, MAX_EXTENT};

/// Metadata that a relocation writes besides what it moves: for itself, and for each extent. Measured on Linux 6.18.
const SLACK: u64 = 1 << 20;
const SLACK_PER_EXTENT: u64 = 400;
/// With less than this left, tree blocks find no place.
const LEAST: u64 = 512 << 10;

/// What was put elsewhere: the block group, where in it, and how many bytes.
type Placed = Vec<(u64, u64, u64)>;

impl Simulation<'_> {
    /// Relocates a block group and notes how that ends. Says whether the kernel would go on.
    pub(super) fn relocate(&mut self, start: u64) -> bool {
        let Some(group) = self.groups.get(start) else { return true };
        let (holds, from, bytes) = (group.holds, group.profile, group.used);
        let pool = pool_of(holds);
        self.note_metadata(0);
        self.chunks_made = 0;
        match self.try_relocate(start) {
            Ok(()) => {
                let (to, new_chunks) = (self.profile(pool), self.chunks_made);
                self.outcome.moves.push(Move { start: Logical(start), holds, from, to, bytes, new_chunks });
                true
            }
            Err(short) => self.fail(start, holds, short),
        }
    }

    /// Notes a failure. Says whether the kernel would go on.
    pub(super) fn fail(&mut self, start: u64, holds: BlockGroupType, short: Short) -> bool {
        let aborts = short.aborts();
        self.outcome.errors += u64::from(!matches!(short.phase, Phase::FirstDataChunk));
        self.outcome.aborted |= aborts;
        if self.outcome.first.is_none() {
            let profile = self.profile(pool_of(holds));
            let Short { phase, missing } = short;
            let (block_group, devices) = (Logical(start), self.rooms());
            self.outcome.first = Some(Failure { block_group, holds, profile, phase, missing, devices, aborts });
        }
        !aborts && self.to_the_end
    }

    fn try_relocate(&mut self, start: u64) -> Result<(), Short> {
        self.set_read_only(start)?;
        let mut placed = Placed::new();
        let moved = self.move_contents(start, &mut placed);
        if moved.is_ok() {
            self.remove(start);
            return moved;
        }
        self.change(start, |group| group.read_only = false);
        // What was moved already is dropped; it is in use until that is committed.
        for (to, at, length) in placed.into_iter().rev() {
            self.change(to, |group| group.moved_in.pop());
            self.pinned.push((to, at, length));
        }
        moved
    }

    fn move_contents(&mut self, start: u64, placed: &mut Placed) -> Result<(), Short> {
        let Some(group) = self.groups.get(start) else { return Ok(()) };
        let (holds, used) = (group.holds, group.used);
        let trees = if holds == BlockGroupType::Metadata { used } else { 0 };
        self.note_metadata(trees);
        self.make_inode()?;
        self.reserve_metadata()?;
        self.commit();
        match holds {
            BlockGroupType::Data | BlockGroupType::Mixed => {
                let extents = self.move_data(start, placed)?;
                let slack = if used > 0 { SLACK + extents * SLACK_PER_EXTENT } else { 0 };
                self.move_trees(self.metadata(), 0, slack)
            }
            BlockGroupType::Metadata => self.move_trees(METADATA, used, SLACK),
            BlockGroupType::System => self.move_system(used),
        }
    }

    /// Makes the inode that a relocation works through: `create_reloc_inode` in relocation.c. Where that finds no tree block
    /// nothing was begun, and nothing is lost. Later ones find the block that the first of them has got.
    fn make_inode(&mut self) -> Result<(), Short> {
        let pool = self.metadata();
        while !self.has_inode && self.free_for_trees(pool) < self.nodesize() {
            if self.make_chunk(pool, self.profile(pool))?.is_none() {
                return Err(Short { phase: Phase::Inode, missing: self.nodesize() });
            }
        }
        self.has_inode = true;
        Ok(())
    }

    /// Moves the extents of a block group; says how many there are.
    fn move_data(&mut self, start: u64, placed: &mut Placed) -> Result<u64, Short> {
        let Some(group) = self.groups.get(start) else { return Ok(0) };
        let extents = group.sorted();
        let unread = match group.known {
            true => 0,
            false => group.used - extents.iter().map(|(_, length)| length).sum::<u64>(),
        };
        let mut hint = None;
        let mut rest = extents.as_slice();
        while !rest.is_empty() {
            let adjacent = rest.windows(2).take_while(|pair| pair[0].0 + pair[0].1 == pair[1].0).count() + 1;
            let (cluster, others) = rest.split_at(adjacent.min(CLUSTER));
            self.reserve_data(cluster.iter().map(|(_, length)| length).sum())?;
            for (_, length) in cluster {
                hint = self.move_extent(*length, hint, placed)?;
            }
            rest = others;
        }
        if unread > 0 {
            self.move_unread(unread, placed)?;
        }
        Ok(u64::try_from(extents.len()).unwrap_or(u64::MAX) + unread.div_ceil(SLACK))
    }

    fn move_extent(&mut self, length: u64, hint: Hint, placed: &mut Placed) -> Result<Hint, Short> {
        let (to, at) = self.place(length, hint)?;
        placed.push((to, at, length));
        Ok(Some((to, at + length)))
    }

    /// Moves data of which it is not known how it lies.
    fn move_unread(&mut self, bytes: u64, placed: &mut Placed) -> Result<(), Short> {
        self.reserve_data(bytes)?;
        let mut left = bytes;
        while left > 0 {
            let piece = match self.knobs.unread {
                Unread::Compact => left,
                Unread::Scattered => left.min(MAX_EXTENT),
            };
            let moved = match self.move_extent(piece, None, placed) {
                Ok(_) => piece,
                // Small extents go into whatever is free.
                Err(Short { phase: Phase::DataPlace { longest, .. }, .. })
                    if self.knobs.unread == Unread::Compact && longest > 0 =>
                {
                    self.move_extent(longest, None, placed).map(|_| longest)?
                }
                Err(short) => return Err(short),
            };
            if let Some((to, ..)) = placed.last() {
                self.change(*to, |group| group.known = false);
            }
            left -= moved;
        }
        Ok(())
    }

    /// Finds places for tree blocks that are moved, and makes sure of some for those that change besides.
    fn move_trees(&mut self, pool: usize, bytes: u64, slack: u64) -> Result<(), Short> {
        let mut slack = slack.saturating_mul(self.knobs.metadata.into());
        let profile = self.profile(pool);
        while bytes > 0 || slack > 0 {
            let free = self.free_for_trees(pool);
            if free >= bytes + slack {
                break;
            }
            if self.make_chunk(pool, profile)?.is_none() {
                if free < bytes + LEAST {
                    return Err(Short { phase: Phase::TreeBlock, missing: bytes + LEAST - free });
                }
                self.outcome.metadata_tight = true;
                slack = 0;
            }
        }
        match self.place_tree_blocks(pool, bytes) {
            0 => Ok(()),
            missing => Err(Short { phase: Phase::TreeBlock, missing }),
        }
    }

    /// Moves the chunk tree: `check_system_chunk` in block-group.c.
    fn move_system(&mut self, bytes: u64) -> Result<(), Short> {
        let profile = self.profile(SYSTEM);
        if self.pools[SYSTEM].free_for(profile) < bytes {
            self.make_chunk(SYSTEM, profile)?;
        }
        match self.place_tree_blocks(SYSTEM, bytes) {
            0 => Ok(()),
            missing => Err(Short { phase: Phase::SystemChunk, missing }),
        }
    }
}
