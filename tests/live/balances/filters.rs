//! Every balance filter: the witness says which chunks it should take, and then which are gone.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use btrfs::balance::Filters;
use btrfs::{Balance, BalanceOutcome, BalanceRequest, DevId, Filesystem, Logical, Physical, Profile};
use testbed::harness::Test;
use testbed::{MIB, World, command};

use crate::balances::balance::zeros;
use crate::balances::chunks::{Chunk, chunks, data_chunks};

pub(crate) const TESTS: &[Test] = testbed::tests![
    no_filter_takes_all_chunks_of_the_type,
    profiles_takes_chunks_of_these_profiles,
    usage_takes_chunks_used_less_than_that,
    usage_range_takes_chunks_between,
    devid_takes_chunks_on_the_device,
    drange_takes_chunks_that_touch_the_range_of_the_device,
    vrange_takes_chunks_that_touch_the_range,
    limit_takes_so_many_chunks,
    limit_that_is_far_from_reached_takes_all,
    limit_below_its_minimum_takes_none,
    stripes_takes_chunks_of_so_many_stripes,
    soft_leaves_what_is_converted,
    filters_work_together,
    system_follows_metadata_but_where_it_has_filters_of_its_own,
    btrfs_progs_takes_and_refuses_the_same_words,
];

/// Data chunks on two devices: one of raid0, several single ones, one of them half empty.
fn world() -> Result<World> {
    let world = World::new(&[256 * MIB; 2], &["-dsingle", "-mraid1"])?;
    for file in 0..6 {
        zeros(&world, &file.to_string(), 30 * MIB)?;
    }
    world.btrfs(&["filesystem", "sync"], "")?;
    world.btrfs(&["balance", "start", "-dconvert=raid0,limit=1"], "")?;
    std::fs::remove_file(world.join("1"))?;
    Ok(world)
}

fn balance(world: &World, filters: Filters) -> Result<BalanceOutcome> {
    let filesystem = Filesystem::open(world.path())?;
    Ok(Balance::start(&filesystem, &BalanceRequest::new().data(filters))?.join()?)
}

fn starts<'a>(chunks: impl IntoIterator<Item = &'a Chunk>) -> BTreeSet<u64> {
    chunks.into_iter().map(|chunk| chunk.start).collect()
}

/// Balances with filters made for the chunks there are, and checks that those are gone that pass, and no others.
///
/// Which chunk a file's extents land in is up to the kernel: where all chunks pass, or none, another world is made.
fn takes<P: Fn(&Chunk) -> bool>(case: impl Fn(&[Chunk]) -> (Filters, P)) -> Result<()> {
    let mut attempts = Vec::new();
    while attempts.len() < 5 {
        let world = world()?;
        let before = data_chunks(&world)?;
        let (filters, passes) = case(&before);
        let expected = starts(before.iter().filter(|chunk| passes(chunk)));
        if expected.is_empty() || expected.len() == before.len() {
            attempts.push(format!("{filters} on {before:?}"));
            continue;
        }
        let outcome = balance(&world, filters.clone())?;
        let BalanceOutcome::Completed(counters) = outcome else { anyhow::bail!("{filters}: {outcome}") };
        let after = starts(&data_chunks(&world)?);
        let gone: BTreeSet<_> = starts(&before).difference(&after).copied().collect();
        assert_eq!(gone, expected, "{filters} on {before:?}");
        // Chunks that are not in use may have passed too.
        ensure!(counters.completed >= u64::try_from(expected.len())?, "{filters}: {counters}");
        return Ok(());
    }
    anyhow::bail!("nothing would be shown by {}", attempts.join(", nor by "))
}

fn no_filter_takes_all_chunks_of_the_type() -> Result<()> {
    let world = world()?;
    let before = chunks(&world)?;
    balance(&world, Filters::new())?;
    let after = starts(&chunks(&world)?);
    for chunk in before.iter().filter(|chunk| chunk.used > 0) {
        assert_eq!(!after.contains(&chunk.start), chunk.holds == "DATA", "{chunk:?}");
    }
    Ok(())
}

fn profiles_takes_chunks_of_these_profiles() -> Result<()> {
    takes(|_| (Filters::new().profiles([Profile::Raid0, Profile::Dup]), |chunk: &Chunk| chunk.profile == "raid0"))
}

/// Per cent of a chunk as the kernel counts: without a remainder.
fn percent(chunk: &Chunk, percent: u64) -> u64 {
    chunk.length * percent / 100
}

/// How full each chunk is, in whole per cent, from the emptiest to the fullest.
fn fullness(chunks: &[Chunk]) -> Vec<u8> {
    let mut fullness: Vec<_> = chunks.iter().map(|chunk| chunk.used * 100 / chunk.length).collect();
    fullness.sort_unstable();
    fullness.into_iter().map(|percent| u8::try_from(percent).expect("at most 100")).collect()
}

fn usage_takes_chunks_used_less_than_that() -> Result<()> {
    takes(|chunks| {
        let fullest = fullness(chunks).last().copied().unwrap_or(80);
        (Filters::new().usage(0..fullest), move |chunk: &Chunk| chunk.used < percent(chunk, fullest.into()))
    })
}

fn usage_range_takes_chunks_between() -> Result<()> {
    // The witness has taken the one chunk that is not in use out of the count.
    takes(|chunks| {
        let above = fullness(chunks).first().map_or(80, |emptiest| (emptiest + 1).min(99));
        let passes = move |chunk: &Chunk| (percent(chunk, above.into())..percent(chunk, 100)).contains(&chunk.used);
        (Filters::new().usage(above..100), passes)
    })
}

fn devid_takes_chunks_on_the_device() -> Result<()> {
    takes(|chunks| {
        let whole = chunks.iter().filter(|chunk| chunk.stripes.len() == 1);
        let device = whole.min_by_key(|chunk| chunk.start).map_or(2, |chunk| chunk.stripes[0].0);
        (Filters::new().devid(DevId(device)), move |chunk: &Chunk| {
            chunk.stripes.iter().any(|stripe| stripe.0 == device)
        })
    })
}

fn drange_takes_chunks_that_touch_the_range_of_the_device() -> Result<()> {
    takes(|chunks| {
        let single = chunks.iter().find(|chunk| chunk.stripes.len() == 1).expect("a single chunk");
        let (device, offset) = single.stripes[0];
        // The last byte of this one, and nothing of what stands behind it.
        let (first, end) = (offset + single.length - 1, offset + single.length);
        let passes = move |chunk: &Chunk| {
            let length = chunk.length / u64::try_from(chunk.stripes.len()).expect("few");
            chunk.stripes.iter().any(|&(id, start)| id == device && start < end && first < start + length)
        };
        (Filters::new().devid(DevId(device)).drange(Physical(first)..Physical(end)), passes)
    })
}

fn vrange_takes_chunks_that_touch_the_range() -> Result<()> {
    takes(|chunks| {
        // From the last byte of the first chunk to the first byte of the second.
        let (first, second) = (&chunks[0], &chunks[1]);
        let (start, end) = (first.start + first.length - 1, second.start + 1);
        let passes = move |chunk: &Chunk| chunk.start < end && start < chunk.start + chunk.length;
        (Filters::new().vrange(Logical(start)..Logical(end)), passes)
    })
}

fn limit_takes_so_many_chunks() -> Result<()> {
    let world = world()?;
    let before = starts(&data_chunks(&world)?);
    ensure!(before.len() > 2, "{before:?}");
    let outcome = balance(&world, Filters::new().usage(1..100).limit(0..=2))?;
    assert_eq!(outcome.counters().completed, 2, "{outcome}");
    let after = starts(&data_chunks(&world)?);
    assert_eq!(before.difference(&after).count(), 2);
    Ok(())
}

/// What `btrfs balance start -dlimit=50` does not do here: see `Filters::limit`.
fn limit_that_is_far_from_reached_takes_all() -> Result<()> {
    let world = world()?;
    let before = starts(&data_chunks(&world)?);
    let filters: Filters = "limit=50".parse()?;
    balance(&world, filters)?;
    assert!(before.is_disjoint(&starts(&data_chunks(&world)?)));
    Ok(())
}

fn limit_below_its_minimum_takes_none() -> Result<()> {
    let world = world()?;
    let before = data_chunks(&world)?;
    let outcome = balance(&world, Filters::new().limit(50..=u32::MAX))?;
    assert_eq!(outcome.counters().completed, 0, "{outcome}");
    assert_eq!(starts(&data_chunks(&world)?), starts(&before));
    Ok(())
}

fn stripes_takes_chunks_of_so_many_stripes() -> Result<()> {
    takes(|_| (Filters::new().stripes(2..=9), |chunk: &Chunk| chunk.stripes.len() == 2))
}

fn soft_leaves_what_is_converted() -> Result<()> {
    takes(|_| (Filters::new().convert(Profile::Raid0).soft(), |chunk: &Chunk| chunk.profile == "single"))
}

fn filters_work_together() -> Result<()> {
    takes(|chunks| {
        let device = chunks.iter().find(|chunk| chunk.profile == "single").map_or(1, |chunk| chunk.stripes[0].0);
        let passes = move |chunk: &Chunk| chunk.profile == "single" && chunk.stripes[0].0 == device;
        (Filters::new().profiles([Profile::Single]).devid(DevId(device)), passes)
    })
}

fn system_follows_metadata_but_where_it_has_filters_of_its_own() -> Result<()> {
    let world = World::new(&[512 * MIB; 2], &["-dsingle", "-mraid1"])?;
    let of = |holds: &str| -> Result<BTreeSet<u64>> {
        Ok(starts(chunks(&world)?.iter().filter(|chunk| chunk.holds == holds)))
    };
    let filesystem = Filesystem::open(world.path())?;
    let run = |request: BalanceRequest| Balance::start(&filesystem, &request)?.join();
    let (metadata, system) = (of("METADATA")?, of("SYSTEM")?);
    run(BalanceRequest::new().metadata(Filters::new()))?;
    assert!(metadata.is_disjoint(&of("METADATA")?) && system.is_disjoint(&of("SYSTEM")?));

    let (metadata, system) = (of("METADATA")?, of("SYSTEM")?);
    run(BalanceRequest::new().metadata(Filters::new()).system(Filters::new().limit(0..=0)).force())?;
    assert!(metadata.is_disjoint(&of("METADATA")?));
    assert_eq!(of("SYSTEM")?, system);
    Ok(())
}

/// btrfs-progs parses before it opens the path, so a path that does not exist shows what it makes of the words.
fn btrfs_progs_takes_and_refuses_the_same_words() -> Result<()> {
    let words = "profiles=raid1|dup profiles=single usage=0 usage=50 usage=100 usage=10..20 usage=..20 usage=20.. \
                 usage=5..5 limit=0 limit=2 limit=2..3 limit=..3 limit=3.. stripes=1..2 stripes=3.. stripes=..4 \
                 devid=1 devid=1,drange=0..5 drange=5..,devid=3 vrange=0..5 vrange=5.. vrange=..9 convert=raid1c3 \
                 convert=raid6,soft soft,convert=dup usage=5,limit=2 ,,usage=5, usage=5,usage=6 \
                 usage= usage=x usage=101 usage=20..10 usage=.. limit= limit=x limit=3..2 stripes=2 stripes=x \
                 devid=0 devid=x drange=0..5 devid=1,drange=5..5 vrange=7 vrange=5..5 vrange=6..5 convert= \
                 convert=raid7 convert=raid1|dup profiles= profiles=raid1|x soft nonsense nonsense=1 usage";
    for word in words.split_whitespace() {
        let output = command::output("btrfs", ["balance", "start", &format!("-d{word}"), "/nonexistent"])?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let taken = said.contains("/nonexistent");
        assert_eq!(word.parse::<Filters>().is_ok(), taken, "{word}: btrfs-progs says {said}");
    }
    Ok(())
}
