//! A filesystem's chunks as btrfs-progs reads them from the disk.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use testbed::World;
use testbed::command::run;

/// A chunk, its profile in lower case.
#[derive(Debug, Clone)]
pub(crate) struct Chunk {
    pub(crate) start: u64,
    pub(crate) length: u64,
    pub(crate) holds: String,
    pub(crate) profile: String,
    /// Device id and offset on it.
    pub(crate) stripes: Vec<(u64, u64)>,
    pub(crate) used: u64,
}

/// All chunks, as of a commit that this makes.
pub(crate) fn chunks(world: &World) -> Result<Vec<Chunk>> {
    world.btrfs(&["filesystem", "sync"], "")?;
    let used = used(world)?;
    let mut chunks: Vec<Chunk> = Vec::new();
    for line in dump(world, "chunk")?.lines() {
        let words: Vec<_> = line.split_whitespace().collect();
        match words.as_slice() {
            [_, _, "key", "(FIRST_CHUNK_TREE", "CHUNK_ITEM", start, ..] => {
                let start = number(start.trim_end_matches(')'))?;
                let used = *used.get(&start).with_context(|| format!("chunk {start} without a block group"))?;
                let [holds, profile] = [String::new(), String::new()];
                chunks.push(Chunk { start, length: 0, holds, profile, stripes: Vec::new(), used });
            }
            ["length", length, .., "type", kind] => {
                let chunk = chunks.last_mut().context("a length before any chunk")?;
                let (holds, profile) = kind.split_once('|').with_context(|| format!("a chunk of type {kind}"))?;
                chunk.length = number(length)?;
                (chunk.holds, chunk.profile) = (holds.to_owned(), profile.to_lowercase());
            }
            ["stripe", _, "devid", device, "offset", offset] => {
                let chunk = chunks.last_mut().context("a stripe before any chunk")?;
                chunk.stripes.push((number(device)?, number(offset)?));
            }
            _ => {}
        }
    }
    ensure!(!chunks.is_empty(), "the witness found no chunks");
    Ok(chunks)
}

/// The data chunks that are in use: unused ones the kernel removes by itself, at any time.
pub(crate) fn data_chunks(world: &World) -> Result<Vec<Chunk>> {
    Ok(chunks(world)?.into_iter().filter(|chunk| chunk.holds == "DATA" && chunk.used > 0).collect())
}

/// The bytes in use of each block group by its start.
fn used(world: &World) -> Result<BTreeMap<u64, u64>> {
    // In a tree of their own where the feature block-group-tree is on.
    for tree in ["extent", "block-group"] {
        let mut used = BTreeMap::new();
        let mut start = None;
        for line in dump(world, tree)?.lines() {
            let words: Vec<_> = line.split_whitespace().collect();
            match words.as_slice() {
                [_, _, "key", key, "BLOCK_GROUP_ITEM", ..] => start = Some(number(key.trim_start_matches('('))?),
                ["block", "group", "used", bytes, ..] => {
                    used.insert(start.context("a block group without a key")?, number(bytes)?);
                }
                _ => {}
            }
        }
        if !used.is_empty() {
            return Ok(used);
        }
    }
    anyhow::bail!("the witness found no block groups")
}

fn dump(world: &World, tree: &str) -> Result<String> {
    let device = world.device(0).as_os_str();
    run("btrfs", ["inspect-internal", "dump-tree", "-t", tree].map(std::ffi::OsStr::new).into_iter().chain([device]))
}

fn number(word: &str) -> Result<u64> {
    word.parse().with_context(|| format!("{word:?} is no number"))
}
