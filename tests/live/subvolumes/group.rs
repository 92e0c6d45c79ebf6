//! Snapshots of many subvolumes at once.

use std::fs::{self, File};
use std::os::unix::fs::chown;

use anyhow::Result;
use btrfs::name::NameError;
use btrfs::subvolume::{OneMoment, SnapshotGroup, SnapshotOptions, Taking};
use btrfs::{ErrorKind, Filesystem, QgroupId, Subvolume};
use testbed::harness::{Test, skip};
use testbed::{GIB, NOBODY, World, kernel_version, unprivileged};

use crate::witness::{refused, same_as_shown, show};

pub(crate) const TESTS: &[Test] = testbed::tests![
    members_256_share_at_most_4_commits,
    members_in_one_directory_are_taken_too,
    more_members_than_threads_are_all_taken,
    one_member_that_fails_does_not_hide_the_others,
    a_group_tells_whether_it_is_of_one_moment,
    what_was_taken_is_removed_and_nothing_else,
    what_has_taken_the_name_stays,
    what_is_gone_already_is_said,
    nothing_is_taken_where_the_group_can_t_be,
    an_empty_group_is_nothing,
    a_group_joins_its_quota_group,
    anybody_takes_a_group_of_their_own,
];

/// Subvolumes `s0`, `s1` … with data that is not yet on disk, and a directory for the snapshots of each.
pub(super) struct Sources {
    pub(super) world: World,
    pub(super) sources: Vec<Subvolume>,
    pub(super) parents: Vec<File>,
}

impl Sources {
    pub(super) fn new(count: usize) -> Result<Self> {
        let world = World::new(&[4 * GIB], &[])?;
        let (mut sources, mut parents) = (Vec::new(), Vec::new());
        fs::create_dir(world.join(".snapshots"))?;
        for n in 0..count {
            let (source, parent) = (world.join(format!("s{n}")), world.join(format!(".snapshots/s{n}")));
            btrfs::subvolume::CreateOptions::new().create_at(&source)?;
            fs::create_dir(&parent)?;
            sources.push(Subvolume::open(source)?);
            parents.push(File::open(parent)?);
        }
        let sources = Self { world, sources, parents };
        sources.dirty()?;
        Ok(sources)
    }

    /// Gives every source data that is not yet on disk, and nothing else is not.
    pub(super) fn dirty(&self) -> Result<()> {
        Filesystem::open(self.world.path())?.sync()?;
        (0..self.sources.len()).try_for_each(|n| self.world.fill(format!("s{n}/file"), 16 * 1024))
    }

    /// Lets nothing be made in the `n`th directory, by the limit of a quota group, which shows only when it is tried.
    pub(super) fn limit(&mut self, n: usize) -> Result<()> {
        let parent = self.world.join(format!(".snapshots/s{n}"));
        fs::remove_dir(&parent)?;
        self.world.btrfs(&["subvolume", "create"], &parent)?;
        self.world.btrfs(&["quota", "enable"], "")?;
        self.world.btrfs(&["quota", "rescan", "-w"], "")?;
        self.world.btrfs(&["qgroup", "limit", "16k"], &parent)?;
        self.parents[n] = File::open(parent)?;
        Ok(())
    }

    /// A read-only snapshot of each, called `day`, in its own directory.
    pub(super) fn group(&self) -> SnapshotGroup<'_> {
        let pairs = self.sources.iter().zip(&self.parents);
        pairs.fold(SnapshotGroup::new().read_only(), |group, (source, parent)| group.add(source, parent, "day"))
    }
}

fn members_256_share_at_most_4_commits() -> Result<()> {
    if kernel_version()? < (6, 6) {
        return skip("needs Linux 6.6: before it, a transaction takes nobody in once its commit was asked for");
    }
    let all = Sources::new(256)?;
    let mut counts = Vec::new();
    // How many it takes is up to the scheduler too: where other tests keep the processors busy, some threads come too
    // late for a commit. So the best of a few groups counts, and the worst may not come near one commit each.
    let outcome = loop {
        let before = all.world.commits()?;
        let outcome = all.group().take()?;
        let took = all.world.commits()? - before;
        counts.push(took);
        assert!(outcome.is_complete(), "{:?}", outcome.failed().collect::<Vec<_>>());
        assert!((1..=32).contains(&took), "{counts:?}");
        if took <= 4 {
            break outcome;
        }
        assert!(counts.len() < 8, "never 4 or less: {counts:?}");
        assert!(outcome.remove_taken().iter().all(|removal| removal.result.is_ok()));
        all.dirty()?;
    };
    let transactions = outcome.transactions();
    assert!((1..=4).contains(&transactions.len()), "{transactions:?}");
    for (n, member) in outcome.members().iter().enumerate() {
        let Taking::Taken(info) = &member.taking else { panic!("{member:?}") };
        assert_eq!(info.parent_uuid, all.sources[n].info()?.uuid);
        assert_eq!(
            fs::read(all.world.join(format!(".snapshots/s{n}/day/file")))?,
            fs::read(all.world.join(format!("s{n}/file")))?
        );
    }
    let listed = all.world.btrfs(&["subvolume", "list", "-r"], "")?;
    assert_eq!(listed.lines().count(), 256);
    for n in [0, 100, 255] {
        let Taking::Taken(info) = &outcome.members()[n].taking else { unreachable!() };
        same_as_shown(info, &all.world, format!(".snapshots/s{n}/day"))?;
    }
    Ok(())
}

fn members_in_one_directory_are_taken_too() -> Result<()> {
    let all = Sources::new(8)?;
    let parent = &all.parents[0];
    let names = (0..).map(|n| format!("{n}"));
    let group = all
        .sources
        .iter()
        .zip(names)
        .fold(SnapshotGroup::new(), |group, (source, name)| group.add(source, parent, name));
    let outcome = group.take()?;
    assert!(outcome.is_complete());
    assert_eq!(outcome.taken().count(), 8);
    for n in 0..8 {
        assert_eq!(
            show(&all.world, format!(".snapshots/s0/{n}"))?["Parent UUID"],
            show(&all.world, format!("s{n}"))?["UUID"]
        );
    }
    Ok(())
}

fn more_members_than_threads_are_all_taken() -> Result<()> {
    let all = Sources::new(20)?;
    let names: Vec<_> = (0..15).map(|n| format!("{n}")).collect();
    let mut group = SnapshotGroup::new().read_only();
    for (source, parent) in all.sources.iter().zip(&all.parents) {
        for name in &names {
            group = group.add(source, parent, name);
        }
    }
    let outcome = group.take()?;
    assert!(outcome.is_complete());
    assert_eq!(outcome.taken().count(), 300);
    assert_eq!(all.world.btrfs(&["subvolume", "list", "-r"], "")?.lines().count(), 300);
    Ok(())
}

fn one_member_that_fails_does_not_hide_the_others() -> Result<()> {
    let mut all = Sources::new(5)?;
    all.limit(2)?;
    let outcome = all.group().take()?;
    assert!(!outcome.is_complete());
    for (n, member) in outcome.members().iter().enumerate() {
        assert_eq!(member.source.id, all.sources[n].id()?);
        match &member.taking {
            Taking::Taken(info) if n != 2 => same_as_shown(info, &all.world, format!(".snapshots/s{n}/day"))?,
            Taking::Failed(error) if n == 2 => assert_eq!(error.kind(), &ErrorKind::NoSpace),
            other => panic!("{n}: {other:?}"),
        }
    }
    let failed: Vec<_> = outcome.failed().map(|(name, error)| (name, error.to_string())).collect();
    assert_eq!(failed.len(), 1);
    assert!(failed[0].0 == "day" && failed[0].1.contains(".snapshots/s2/day"), "{failed:?}");
    Ok(())
}

fn a_group_tells_whether_it_is_of_one_moment() -> Result<()> {
    let all = Sources::new(2)?;
    // One member has only itself to agree with.
    let alone = SnapshotGroup::new()
        .flush_first()
        .add(&all.sources[0], &all.parents[0], "alone")
        .take_as_one(&OneMoment::new())?;
    assert!(alone.is_one_moment() && alone.attempts().len() == 1, "{alone:?}");
    // In one directory they wait for each other.
    let parent = &all.parents[0];
    let apart = SnapshotGroup::new().add(&all.sources[0], parent, "a").add(&all.sources[1], parent, "b");
    let apart = apart.take_as_one(&OneMoment::new())?;
    assert!(apart.is_complete() && !apart.is_one_moment(), "{apart:?}");
    assert_eq!((apart.attempts().len(), apart.attempts()[0].transactions), (1, 2));
    assert_eq!(apart.gave_up().map(btrfs::Error::kind), Some(&ErrorKind::InvalidArgument));
    let listed = all.world.btrfs(&["subvolume", "list", "-s"], "")?;
    let mut left: Vec<_> = listed.lines().filter_map(|line| line.split(" path ").nth(1)).collect();
    left.sort_unstable();
    assert_eq!(left, [".snapshots/s0/a", ".snapshots/s0/alone", ".snapshots/s0/b"]);
    Ok(())
}

fn what_was_taken_is_removed_and_nothing_else() -> Result<()> {
    let all = Sources::new(5)?;
    SnapshotOptions::new().read_only().create(&all.sources[3], &all.parents[3], "kept")?;
    SnapshotOptions::new().read_only().create(&all.sources[0], &all.parents[0], "yesterday")?;
    let outcome = all.group().take()?;
    let taken: Vec<_> = outcome.taken().map(|info| info.id).collect();
    assert_eq!(taken.len(), 5);
    let removed = outcome.remove_taken();
    assert!(removed.iter().all(|removal| removal.result.is_ok()), "{removed:?}");
    assert_eq!(removed.iter().map(|removal| removal.id).collect::<Vec<_>>(), taken);
    let listed = all.world.btrfs(&["subvolume", "list", "-r"], "")?;
    let left: Vec<_> = listed.lines().filter_map(|line| line.split(" path ").nth(1)).collect();
    assert_eq!(left, [".snapshots/s3/kept", ".snapshots/s0/yesterday"]);
    Ok(())
}

fn what_has_taken_the_name_stays() -> Result<()> {
    let all = Sources::new(3)?;
    let outcome = all.group().take()?;
    // Another snapshot of the same source, and a directory, where the group's were.
    fs::rename(all.world.join(".snapshots/s0/day"), all.world.join(".snapshots/s0/kept"))?;
    SnapshotOptions::new().read_only().create(&all.sources[0], &all.parents[0], "day")?;
    fs::rename(all.world.join(".snapshots/s1/day"), all.world.join(".snapshots/s1/kept"))?;
    fs::create_dir(all.world.join(".snapshots/s1/day"))?;
    let mut removed = outcome.remove_taken().into_iter().map(|removal| removal.result);
    refused(removed.next().expect("first"), &ErrorKind::Raced, "it stays");
    refused(removed.next().expect("second"), &ErrorKind::NotSubvolume, "not the root directory");
    assert!(removed.next().expect("third").is_ok());
    for path in ["s0/day", "s0/kept", "s1/day", "s1/kept"] {
        assert!(all.world.join(".snapshots").join(path).exists(), "{path}");
    }
    assert!(!all.world.join(".snapshots/s2/day").exists());
    Ok(())
}

fn what_is_gone_already_is_said() -> Result<()> {
    let all = Sources::new(2)?;
    let outcome = all.group().take()?;
    all.world.btrfs(&["subvolume", "delete"], ".snapshots/s0/day")?;
    let removed = outcome.remove_taken();
    assert_eq!(removed[0].result.as_ref().unwrap_err().kind(), &ErrorKind::NotFound);
    assert!(removed[1].result.is_ok());
    Ok(())
}

fn nothing_is_taken_where_the_group_can_t_be() -> Result<()> {
    let all = Sources::new(2)?;
    let (source, parent) = (&all.sources[0], &all.parents[0]);
    SnapshotOptions::new().create(&all.sources[1], &all.parents[1], "taken")?;
    refused(all.group().add(source, &all.parents[1], "taken").take(), &ErrorKind::AlreadyExists, "member 2");
    Subvolume::delete_in(&all.parents[1], "taken")?;
    // Another descriptor of the same directory.
    let again = File::open(all.world.join(".snapshots/s0"))?;
    refused(all.group().add(source, &again, "day").take(), &ErrorKind::InvalidArgument, "members 0 and 2");
    let bad = all.group().add(source, parent, "a/b").take();
    refused(bad, &ErrorKind::InvalidName(NameError::Slash), "holds no `/`");
    refused(all.group().add(parent, &again, "b").take(), &ErrorKind::NotSubvolume, "not the root directory");
    let other = World::small()?;
    let elsewhere = File::open(other.path())?;
    refused(all.group().add(source, &elsewhere, "b").take(), &ErrorKind::DifferentFilesystem, "each filesystem");
    let file = File::open(all.world.join("s0/file"))?;
    refused(all.group().add(source, &file, "b").take(), &ErrorKind::NotDirectory, "parent");
    let proc = File::open("/proc")?;
    refused(all.group().add(source, &proc, "b").take(), &ErrorKind::NotBtrfs, "not on a btrfs");
    assert_eq!(all.world.btrfs(&["subvolume", "list", "-s"], "")?, "");
    Ok(())
}

fn an_empty_group_is_nothing() -> Result<()> {
    let outcome = SnapshotGroup::new().take()?;
    assert!(outcome.is_complete() && outcome.members().is_empty() && outcome.transactions().is_empty());
    Ok(())
}

fn a_group_joins_its_quota_group() -> Result<()> {
    let all = Sources::new(2)?;
    all.world.btrfs(&["quota", "enable"], "")?;
    all.world.btrfs(&["quota", "rescan", "-w"], "")?;
    all.world.btrfs(&["qgroup", "create", "1/100"], "")?;
    let outcome = all.group().inherit(QgroupId { level: 1, id: 100 }).take()?;
    let shown = all.world.btrfs(&["qgroup", "show", "-p"], "")?;
    for info in outcome.taken() {
        let own = format!("0/{} ", info.id);
        assert!(shown.lines().any(|line| line.starts_with(&own) && line.contains("1/100")), "{shown}");
    }
    assert!(outcome.is_complete());
    Ok(())
}

fn anybody_takes_a_group_of_their_own() -> Result<()> {
    let all = Sources::new(3)?;
    for n in 0..2 {
        chown(all.world.join(format!("s{n}")), Some(NOBODY), Some(NOBODY))?;
        chown(all.world.join(format!(".snapshots/s{n}")), Some(NOBODY), Some(NOBODY))?;
    }
    unprivileged(|| {
        refused(all.group().take(), &ErrorKind::PermissionDenied, "member 2, counted from 0");
        let own = all.sources.iter().zip(&all.parents).take(2);
        let group = SnapshotGroup::new().read_only();
        let outcome = own.fold(group, |group, (source, parent)| group.add(source, parent, "day")).take()?;
        assert_eq!(outcome.taken().count(), 2);
        // Deleting takes more than making.
        let removed = outcome.remove_taken();
        assert!(removed.iter().all(|removal| {
            removal.result.as_ref().is_err_and(|error| error.kind() == &ErrorKind::PermissionDenied)
        }));
        Ok(())
    })?;
    assert_eq!(all.world.btrfs(&["subvolume", "list", "-r"], "")?.lines().count(), 2);
    Ok(())
}
