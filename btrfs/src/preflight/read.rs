//! Reading the state of a mounted filesystem.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use btrfs_sys as sys;
use btrfs_sys::ioctl::{BTRFS_IOC_TREE_SEARCH_V2, Command};

use super::rules::{KernelRules, KernelVersion};
use super::state::{BlockGroup, ChunkSizes, DeviceState, Extent, FsState, StripeState};
use crate::block_group::BlockGroupType;
use crate::bytes::Reader;
use crate::error::{Error, ErrorKind, Result};
use crate::exclusive::ExclusiveOperation;
use crate::filesystem::Filesystem;
use crate::id::{DevId, Logical};
use crate::item::Chunk;
use crate::key::{ItemType, Key};
use crate::tree_search::TreeId;

/// Trees and counters agree right after a commit, unless somebody writes.
const ATTEMPTS: usize = 8;
const PAUSE: Duration = Duration::from_millis(20);

/// What is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    Extents,
    BlockGroups,
    /// Block groups, without a commit beforehand.
    AsItIs,
}

impl FsState {
    /// Reads the state of a filesystem, with the extents of all data: some seconds for each ten million of these. From
    /// the chunk tree, the extent tree and, where there is one, the block group tree (`BTRFS_IOC_TREE_SEARCH_V2`),
    /// `BTRFS_IOC_DEV_INFO` and sysfs. Needs CAP_SYS_ADMIN. Since Linux 5.10.
    ///
    /// Commits first ([`Filesystem::sync`]), for what is not committed is in no tree. Where somebody else commits while it
    /// reads, it begins again some times; then [`FsState::changing`] says that the parts are not of one moment.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PermissionDenied`] without CAP_SYS_ADMIN; [`ErrorKind::Raced`] where the parts never fitted each other;
    /// [`ErrorKind::Unsupported`] where a block group's type or profile is not known to this library.
    pub fn read(filesystem: &Filesystem) -> Result<Self> {
        read(filesystem, Depth::Extents)
    }

    /// The same without the extents: quick, however much data there is. A [`Preflight`](super::Preflight) then assumes the
    /// best and the worst of them.
    ///
    /// # Errors
    ///
    /// As [`FsState::read`].
    pub fn read_without_extents(filesystem: &Filesystem) -> Result<Self> {
        read(filesystem, Depth::BlockGroups)
    }

    /// The same without a commit beforehand, which a filesystem in need may not have the room for: chunks are as they are,
    /// and what is in use of them as the kernel wrote it down last.
    ///
    /// # Errors
    ///
    /// As [`FsState::read`].
    pub fn read_uncommitted(filesystem: &Filesystem) -> Result<Self> {
        read(filesystem, Depth::AsItIs)
    }
}

impl KernelRules {
    /// The rules of the running kernel.
    ///
    /// # Errors
    ///
    /// As [`KernelVersion::running`].
    pub fn running() -> Result<Self> {
        KernelVersion::running().map(Self::of)
    }
}

impl KernelVersion {
    /// That of the running kernel, from `/proc/sys/kernel/osrelease`.
    ///
    /// # Errors
    ///
    /// Where /proc is not mounted, or the file does not begin with two numbers.
    pub fn running() -> Result<Self> {
        const FILE: &str = "/proc/sys/kernel/osrelease";
        let release = fs::read_to_string(FILE).map_err(|error| Error::os("read", FILE, error))?;
        let malformed = |_| Error::new(ErrorKind::Malformed, "read", FILE).advise(format!("{release:?} is no version"));
        release.parse().map_err(malformed)
    }
}

fn read(filesystem: &Filesystem, depth: Depth) -> Result<FsState> {
    let mut whole = None;
    let mut unsound = None;
    for _ in 0..ATTEMPTS {
        if depth != Depth::AsItIs {
            filesystem.sync()?;
        }
        let before = filesystem.generation()?;
        let mut state = read_once(filesystem, depth)?;
        match state.check() {
            Err(broken) => unsound = Some(broken),
            Ok(()) if !agrees(filesystem, &state)? => {}
            Ok(()) if filesystem.generation()? == before => return Ok(state),
            Ok(()) => {
                state.changing = true;
                whole = Some(state);
            }
        }
        sleep(PAUSE);
    }
    whole.ok_or_else(|| {
        let why = unsound.map_or("devices and chunks did not agree".to_owned(), |unsound| unsound.to_string());
        Error::new(ErrorKind::Raced, BTRFS_IOC_TREE_SEARCH_V2::ROW.name, filesystem.path().display())
            .advise(format!("it kept changing while it was read ({why}): ask again when less is written"))
    })
}

fn read_once(filesystem: &Filesystem, depth: Depth) -> Result<FsState> {
    let info = filesystem.info()?;
    let mut state = FsState::new(info.nodesize, info.sectorsize);
    let own = |fsid: Option<_>| fsid.is_none_or(|fsid| fsid == filesystem.fsid());
    // 0 is the target of a replace, which takes the place of another device.
    let devices = filesystem.devices()?.into_iter().filter(|device| device.id != DevId(0));
    state.devices = devices
        .map(|device| DeviceState {
            id: device.id,
            total: device.total,
            writable: device.missing != Some(true) && own(device.fsid),
        })
        .collect();
    state.block_groups = chunks(filesystem)?;
    state.mixed = state.block_groups.iter().any(|group| group.holds == BlockGroupType::Mixed);
    read_used(filesystem, &mut state.block_groups)?;
    if depth == Depth::Extents {
        let nodesize = state.nodesize.into();
        for group in state.block_groups.iter_mut().filter(|group| group.holds_data()) {
            group.extents = Some(extents(filesystem, group, nodesize)?);
        }
    }
    state.global_reserve = filesystem.space()?.global_reserve.size;
    let tunable = |holds: &str, file: &str| number(filesystem, &format!("allocation/{holds}/{file}"));
    let data = if state.mixed { "mixed" } else { "data" };
    state.chunk_sizes = ChunkSizes {
        data: tunable(data, "chunk_size"),
        metadata: tunable("metadata", "chunk_size"),
        system: tunable("system", "chunk_size"),
    };
    let reclaims = ["bg_reclaim_threshold", "dynamic_reclaim", "periodic_reclaim"];
    state.background_reclaim =
        [data, "metadata", "system"].iter().any(|holds| reclaims.iter().any(|file| tunable(holds, file) > Some(0)));
    state.zoned = filesystem.sysfs().join("features/zoned").exists();
    state.quota = filesystem.sysfs().join("qgroups").exists();
    state.exclusive = match filesystem.exclusive_operation() {
        Err(error) if *error.kind() == ErrorKind::NotFound => ExclusiveOperation::None,
        operation => operation?,
    };
    Ok(state)
}

/// Whether the chunks on each device are as many bytes as the kernel counts.
fn agrees(filesystem: &Filesystem, state: &FsState) -> Result<bool> {
    let mut used: std::collections::HashMap<DevId, u64> = std::collections::HashMap::new();
    for group in &state.block_groups {
        for piece in &group.stripes {
            *used.entry(piece.device).or_default() += group.stripe_bytes().unwrap_or(0);
        }
    }
    let mut devices = filesystem.devices()?.into_iter().filter(|device| device.id != DevId(0));
    Ok(devices.all(|device| used.get(&device.id).copied().unwrap_or(0) == device.used))
}

/// The block groups, of which it is not yet known what is in use.
fn chunks(filesystem: &Filesystem) -> Result<Vec<BlockGroup>> {
    let key = |logical| Key::new(sys::BTRFS_FIRST_CHUNK_TREE_OBJECTID, ItemType::CHUNK_ITEM, logical);
    let mut search = filesystem.search(TreeId::CHUNK, key(0), key(u64::MAX));
    let mut groups = Vec::new();
    while let Some(item) = search.next_item()? {
        let start = item.key.offset;
        let chunk = Chunk::parse(item.data).map_err(|short| unsound(filesystem, start, short.to_string()))?;
        let flags = chunk.flags;
        let (Some(holds), Some(profile)) = (flags.block_group_type(), flags.profile()) else {
            let advice = format!("its flags {:#x} hold a type or a profile not known here", flags.bits());
            return Err(unsound(filesystem, start, advice).with_kind(ErrorKind::Unsupported));
        };
        let stripes = chunk.stripes.iter().map(|stripe| StripeState { device: stripe.devid, offset: stripe.offset });
        let mut group = BlockGroup::new(holds, profile, start, chunk.length).used(0);
        group.stripes = stripes.collect();
        groups.push(group);
    }
    Ok(groups)
}

/// Reads how much of each block group is in use: from the tree of block groups, or, where there is none, from among the
/// extents.
fn read_used(filesystem: &Filesystem, groups: &mut [BlockGroup]) -> Result<()> {
    let mut all = filesystem.search(TreeId::BLOCK_GROUP, Key::MIN, Key::MAX);
    loop {
        match all.next_item() {
            Ok(Some(item)) if item.key.item_type == ItemType::BLOCK_GROUP_ITEM => {
                let start = item.key.objectid;
                let at = groups.binary_search_by_key(&start, |group| group.start.0);
                // One that was made since the chunks were read: the generation will tell.
                let Some(group) = at.ok().and_then(|at| groups.get_mut(at)) else { continue };
                group.used = used(filesystem, start, item.data)?;
            }
            Ok(Some(_)) => {}
            Ok(None) => return Ok(()),
            Err(error) if *error.kind() == ErrorKind::NotFound => break,
            Err(error) => return Err(error),
        }
    }
    for group in groups {
        let key = Key::new(group.start.0, ItemType::BLOCK_GROUP_ITEM, group.length);
        if let Some(item) = filesystem.search_few(TreeId::EXTENT, key, key).next_item()? {
            group.used = used(filesystem, group.start.0, item.data)?;
        }
    }
    Ok(())
}

/// The first field of a `struct btrfs_block_group_item`.
fn used(filesystem: &Filesystem, start: u64, item: &[u8]) -> Result<u64> {
    Reader::new(item).u64().map_err(|short| unsound(filesystem, start, short.to_string()))
}

fn extents(filesystem: &Filesystem, group: &BlockGroup, nodesize: u64) -> Result<Vec<Extent>> {
    let first = Key::new(group.start.0, ItemType(0), 0);
    let last = Key::new(group.start.0 + (group.length - 1), ItemType(u8::MAX), u64::MAX);
    let mut search = filesystem.search(TreeId::EXTENT, first, last);
    let mut extents = Vec::new();
    while let Some(item) = search.next_item()? {
        let start = Logical(item.key.objectid);
        match item.key.item_type {
            ItemType::EXTENT_ITEM => extents.push(Extent { start, length: item.key.offset }),
            ItemType::METADATA_ITEM => extents.push(Extent { start, length: nodesize }),
            _ => {}
        }
    }
    Ok(extents)
}

fn unsound(filesystem: &Filesystem, start: u64, advice: String) -> Error {
    let object = format!("the block group at {start} of {}", filesystem.path().display());
    Error::new(ErrorKind::Malformed, BTRFS_IOC_TREE_SEARCH_V2::ROW.name, object).advise(advice)
}

/// The number that a file of the filesystem's sysfs folder holds; `None` where this kernel has no such file.
fn number(filesystem: &Filesystem, file: &str) -> Option<u64> {
    fs::read_to_string(filesystem.sysfs().join(file)).ok()?.trim().parse().ok()
}
