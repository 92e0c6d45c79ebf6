//! The state of a filesystem as a verdict needs it, against how many chunks and extents there are.

use std::fs::File;
use std::os::fd::AsFd;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use btrfs::Filesystem;
use btrfs::preflight::FsState;
use nix::fcntl::{FallocateFlags, fallocate};
use testbed::{GIB, World};

use crate::contestant::interleave;
use crate::peer::bare;
use crate::results::{Benchmark, Role, Row};

use super::Scale;

/// Bytes of an extent, and from one to the next.
const EXTENT: i64 = 4096;

/// Who reads.
#[derive(Clone, Copy)]
enum Reader {
    Whole,
    WithoutExtents,
    /// The extent tree only, of which nothing is looked at.
    Bare,
}

/// A filesystem with so many extents of data, of 4 KiB each.
fn of_extents(count: usize) -> Result<World> {
    let world = World::new(&[16 * GIB], &["-K", "-dsingle", "-msingle"])?;
    let file = File::create(world.join("file"))?;
    for nth in 0..i64::try_from(count)? {
        fallocate(&file, FallocateFlags::empty(), nth * 2 * EXTENT, EXTENT)?;
    }
    Filesystem::open(world.path())?.sync()?;
    Ok(world)
}

/// A filesystem with so many chunks of a gibibyte, full of extents as large as can be. Its disk is sparse.
fn of_chunks(count: usize) -> Result<World> {
    let count = u64::try_from(count)?;
    let world = World::new(&[(count + count / 8 + 16) * GIB], &["-K", "-dsingle", "-msingle"])?;
    world.reserve("file", count * GIB)?;
    Filesystem::open(world.path())?.sync()?;
    Ok(world)
}

pub(crate) fn run(scale: Scale) -> Result<Benchmark> {
    let (few, many) = (scale.of(20_000, 200), scale.of(200_000, 2000));
    let chunks = scale.of(2000, 20);
    eprintln!("reading: making {many} extents, and {chunks} chunks");
    let worlds = [of_extents(few)?, of_extents(many)?, of_chunks(chunks)?];
    let turns = [
        ("FsState::read, many extents", 1, Reader::Whole, Role::Ours),
        ("FsState::read, a tenth of them", 0, Reader::Whole, Role::Ours),
        ("FsState::read, many chunks", 2, Reader::Whole, Role::Ours),
        ("read_without_extents, many extents", 1, Reader::WithoutExtents, Role::Ours),
        ("read_without_extents, many chunks", 2, Reader::WithoutExtents, Role::Ours),
        ("bare search of the extent tree, many extents", 1, Reader::Bare, Role::Floor),
    ];
    let mut rows: Vec<_> = turns.iter().map(|(name, _, _, role)| Row::new(name, *role)).collect();
    interleave("reading", scale.of(11, 2), turns.len(), |_, index| {
        let (_, world, reader, _) = turns[index];
        let filesystem = Filesystem::open(worlds[world].path())?;
        // Nothing is dirty: what a commit takes is another matter.
        let begin = Instant::now();
        let state = match reader {
            Reader::Whole => Some(FsState::read(&filesystem)?),
            Reader::WithoutExtents => Some(FsState::read_without_extents(&filesystem)?),
            Reader::Bare => {
                let last = (u64::MAX, u8::MAX.into());
                bare::step_over(filesystem.as_fd(), btrfs_sys::BTRFS_EXTENT_TREE_OBJECTID, (0, 0), last)?;
                None
            }
        };
        rows[index].took(begin.elapsed());
        if let Some(state) = state {
            let extents: usize =
                state.block_groups.iter().filter_map(|group| group.extents.as_ref()).map(Vec::len).sum();
            rows[index].count("chunks", state.block_groups.len().try_into()?);
            rows[index].count("extents", extents.try_into()?);
        }
        Ok(())
    })?;
    let extents = rows[0].counted("extents").context("the extents")?.median;
    ensure!(extents >= crate::results::float(many.try_into()?), "{many} extents were made, and {extents} are seen");
    let how = vec![
        "What a verdict is made from: chunks, what is in use of each block group, and where the extents of data lie. Read \
         from real filesystems in memory: extents of 4 KiB, or chunks of a gibibyte full of extents of 256 MiB. The bare \
         search steps over the extent tree with a buffer of 64 KiB and looks at nothing."
            .to_owned(),
    ];
    let title = "The state of a filesystem".to_owned();
    Ok(Benchmark { name: "reading".into(), title, how, rows, targets: vec![] })
}
