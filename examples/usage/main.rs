//! What of a btrfs filesystem is used, what is free, what of that can be reached, and when it will hurt.
//!
//! ```text
//! # usage /srv
//! /srv: 70.00 GiB on 3 devices, 22.02 GiB of it allocated, 47.98 GiB not
//!
//! TYPE           PROFILE          SIZE         USED         FREE
//! Data           raid1       10.00 GiB     9.00 GiB     1.00 GiB
//! System         raid1        8.00 MiB    16.00 KiB     7.98 MiB
//! Metadata       raid1        1.00 GiB     7.47 MiB  1016.53 MiB
//!
//! DEVICE           SIZE  UNALLOCATED  UNREACHABLE
//! /dev/sdb    40.00 GiB    31.00 GiB    14.02 GiB  DDDDDDDDDDD.....................................
//! /dev/sdc    20.00 GiB     8.99 GiB          0 B  MMDDDDDDDDDDDDDDDDDDDDDDDD......................
//! /dev/sdd    10.00 GiB     7.99 GiB          0 B  MMMMMDDDDD......................................
//! D data, M metadata, S system, X data and metadata, . unallocated: what most of each piece is
//!
//! fits still: 17.98 GiB of data (1.00 GiB in chunks that there are, 16.98 GiB in new ones, raid1)
//! then 1016.53 MiB of metadata are left, of which the kernel keeps back 5.50 MiB
//! new chunks of another profile would have: single 47.98 GiB, dup 23.99 GiB, raid0 47.98 GiB, raid1 16.98 GiB,
//! raid1c3 7.99 GiB, raid10 16.98 GiB, raid5 16.98 GiB, raid6 7.99 GiB
//! ```

mod picture;
mod screen;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use btrfs::preflight::{DeviceState, FsState, KernelRules};
use btrfs::{BlockGroupType, DevId, Device, ErrorKind, Filesystem, Profile};
use clap::Parser;
use serde_json::{Map, Value, json};

/// Says what of a btrfs filesystem is used, free and within reach, and how much can still be written.
///
/// Root sees each chunk. Everybody else sees the same figures but for where chunks lie: what is unallocated is then assumed
/// to lie in one piece on each device. What was written in the last seconds, since the kernel's last commit, may not be
/// counted yet.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Any path on the filesystem
    path: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What there is to show.
struct Shown {
    path: PathBuf,
    devices: Vec<Device>,
    /// By type and profile: how many bytes the chunks have, and how many of these are in use.
    spaces: Vec<(BlockGroupType, Profile, u64, u64)>,
    /// What new chunks of data hold.
    holds: BlockGroupType,
    /// Of these.
    profile: Profile,
    /// Bytes that are free in the chunks of data that new data goes into.
    free: u64,
    /// Bytes that are free in those that it does not go into: they are of another profile.
    elsewhere: u64,
    /// Bytes that are free for metadata.
    metadata: u64,
    /// Whether that is too little for a file to be created.
    short_of_metadata: bool,
    reserve: u64,
    /// With all chunks, where they could be read.
    state: FsState,
    whole: bool,
    rules: KernelRules,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("usage: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<()> {
    let shown = look(&cli.path)?;
    if cli.json {
        println!("{:#}", shown.json()?);
        return Ok(());
    }
    print!("{}", screen::text(&shown)?);
    Ok(())
}

fn look(path: &Path) -> Result<Shown> {
    let filesystem = Filesystem::open(path)?;
    let rules = KernelRules::running()?;
    let space = filesystem.space()?;
    let devices: Vec<_> = filesystem.devices()?.into_iter().filter(|device| device.id != DevId(0)).collect();
    let (state, whole) = match FsState::read_uncommitted(&filesystem) {
        Ok(state) => (state, true),
        Err(error) if *error.kind() == ErrorKind::PermissionDenied => (from_outside(&filesystem, &devices)?, false),
        Err(error) => return Err(error.into()),
    };
    let spaces = space.spaces.iter().map(|space| {
        let (holds, profile) = space.block_group_type().zip(space.profile()).with_context(|| {
            format!(
                "chunks of {} have a type or a profile that is not known here: {:#x}",
                path.display(),
                space.flags.bits()
            )
        })?;
        Ok((holds, profile, space.total, space.used))
    });
    let mut spaces = spaces.collect::<Result<Vec<_>>>()?;
    spaces.sort_unstable_by_key(|(holds, profile, ..)| (*holds, *profile));
    let mixed = spaces.iter().any(|(holds, ..)| *holds == BlockGroupType::Mixed);
    let (holds, tree_blocks) = match mixed {
        true => (BlockGroupType::Mixed, BlockGroupType::Mixed),
        false => (BlockGroupType::Data, BlockGroupType::Metadata),
    };
    let writable = state.devices.iter().filter(|device| device.writable).count();
    let (profile, free) = rules.free_in(&space, holds, writable);
    let (of_metadata, metadata) = rules.free_in(&space, tree_blocks, writable);
    let reserve = space.global_reserve.size;
    let short_of_metadata = state.short_of_metadata(tree_blocks, of_metadata, metadata, reserve, &rules)?;
    let all = spaces.iter().filter(|(of, ..)| *of == holds).map(|(.., total, used)| total.saturating_sub(*used));
    let elsewhere = all.sum::<u64>() - free;
    let path = path.to_owned();
    Ok(Shown {
        path,
        devices,
        spaces,
        holds,
        profile,
        free,
        elsewhere,
        metadata,
        short_of_metadata,
        reserve,
        state,
        whole,
        rules,
    })
}

/// What everybody may know: of each device how much of it belongs to no chunk.
fn from_outside(filesystem: &Filesystem, devices: &[Device]) -> Result<FsState> {
    const RESERVED: u64 = 1 << 20;
    let info = filesystem.info()?;
    let mut state = FsState::new(info.nodesize, info.sectorsize);
    let own =
        |device: &&Device| device.missing != Some(true) && device.fsid.is_none_or(|fsid| fsid == filesystem.fsid());
    state.devices = devices
        .iter()
        .map(|device| {
            let mut seen = DeviceState::new(device.id, device.unallocated().max(RESERVED));
            seen.writable = own(&device);
            seen
        })
        .collect();
    Ok(state)
}

impl Shown {
    fn json(&self) -> Result<Value> {
        let new = self.state.allocatable(self.holds, self.profile, &self.rules)?;
        let devices = self.devices.iter().zip(&new.unreachable).map(|(device, unreachable)| {
            json!({
                "id": device.id,
                "path": device.path.as_ref().map(|path| path.display().to_string()),
                "size": device.total,
                "allocated": device.used,
                "unallocated": device.unallocated(),
                "unreachable": unreachable,
                "missing": device.missing,
            })
        });
        let spaces = self.spaces.iter().map(|(holds, profile, total, used)| {
            json!({ "type": holds.name(), "profile": profile.name(), "size": total, "used": used })
        });
        let others = screen::profiles(self)?;
        let others: Map<_, _> = others.iter().map(|new| (new.profile.name().to_owned(), json!(new.bytes))).collect();
        Ok(json!({
            "path": self.path.display().to_string(),
            "devices": devices.collect::<Vec<_>>(),
            "spaces": spaces.collect::<Vec<_>>(),
            "global_reserve": self.reserve,
            "fits": {
                "profile": self.profile.name(),
                "free": self.free,
                "free_elsewhere": self.elsewhere,
                "new": new.bytes,
                "data": self.free + new.bytes,
                "metadata_then": self.metadata,
                "short_of_metadata": self.short_of_metadata,
            },
            "allocatable": others,
            "chunks_seen": self.whole,
        }))
    }
}
