//! What a seed makes: a filesystem, what is in it, and what is to be done to it.

use btrfs::Profile;
use fastrand::Rng;
use serde::Serialize;

pub(crate) const MIB: u64 = 1 << 20;

/// Seeds from here on are of filesystems that were made to just fit, or just not.
pub(crate) const NEAR_THE_BOUNDARY: u64 = 1_000_000;

/// All that is decided by the seed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Recipe {
    pub(crate) seed: u64,
    /// MiB of each device.
    pub(crate) sizes: Vec<u64>,
    /// Whether the last device is added when the others are full.
    pub(crate) late: bool,
    pub(crate) mixed: bool,
    #[serde(serialize_with = "name")]
    pub(crate) data: Profile,
    #[serde(serialize_with = "name")]
    pub(crate) metadata: Profile,
    pub(crate) fill: Fill,
    /// How much of what there is room for is written; more than 1 is until nothing fits any more.
    pub(crate) full: f64,
    /// How much of that is deleted again.
    pub(crate) delete: f64,
    pub(crate) delete_in_runs: bool,
    pub(crate) refill: bool,
    pub(crate) snapshot: bool,
    /// In words of btrfs-progs.
    pub(crate) balance: Vec<String>,
    pub(crate) leave: Leave,
    /// To what profile a part of the data is converted beforehand.
    #[serde(serialize_with = "maybe_name")]
    pub(crate) half_converted: Option<Profile>,
}

/// Sizes of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Fill {
    /// 200 to 2000 bytes: they lie in the trees.
    Tiny,
    /// 4 KiB to 24 MiB, small ones as often as large ones.
    Bulk,
    /// 8 to 300 MiB.
    Big,
    Mixture,
}

/// What a device is to lose.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Leave {
    /// All of the device: by its index.
    Remove(usize),
    /// What is behind so much of it.
    Shrink(usize, f64),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it so")]
fn name<S: serde::Serializer>(profile: &Profile, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(profile.name())
}

#[expect(clippy::ref_option, reason = "serde asks for it so")]
fn maybe_name<S: serde::Serializer>(profile: &Option<Profile>, to: S) -> Result<S::Ok, S::Error> {
    profile.map(Profile::name).serialize(to)
}

/// What a byte takes of the devices.
fn factor(profile: Profile) -> f64 {
    match profile {
        Profile::Raid5 => 1.5,
        Profile::Raid6 => 2.0,
        other => f64::from(other.raid().copies),
    }
}

fn chosen<T: Copy>(rng: &mut Rng, from: &[(T, u32)]) -> T {
    let mut at = rng.u32(0..from.iter().map(|(_, weight)| weight).sum());
    for (one, weight) in from {
        if at < *weight {
            return *one;
        }
        at -= weight;
    }
    from[0].0
}

fn between(rng: &mut Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * rng.f64()
}

/// Small ones as often as large ones.
pub(crate) fn evenly(rng: &mut Rng, low: u64, high: u64) -> u64 {
    let size = whole(between(rng, float(low).ln(), float(high).ln()).exp());
    size.clamp(low, high)
}

/// The profiles that so many devices can have, those that are in use most, most often.
fn possible(devices: usize) -> Vec<(Profile, u32)> {
    let weight = |profile| match profile {
        Profile::Single | Profile::Raid1 => 4,
        Profile::Dup | Profile::Raid0 => 2,
        _ => 1,
    };
    let least = |profile: Profile| match profile {
        // What mkfs.btrfs and older kernels ask for.
        Profile::Raid0 => 2,
        Profile::Raid10 => 4,
        other => usize::from(other.min_devices()),
    };
    Profile::ALL
        .iter()
        .filter(|profile| least(**profile) <= devices)
        .map(|profile| (*profile, weight(*profile)))
        .collect()
}

impl Recipe {
    /// With `small`, filesystems that an emulated machine fills in seconds.
    pub(crate) fn new(seed: u64, small: bool) -> Self {
        let rng = &mut Rng::with_seed(seed);
        let devices = chosen(rng, &[(1, 3), (2, 6), (3, 4), (4, 3), (5, 2)]);
        let mixed = devices <= 3 && rng.f64() < 0.06;
        let most = match (mixed, devices) {
            _ if small => 500,
            (true, _) => 600,
            (false, ..=2) => 3000,
            (false, _) => 1600,
        };
        let mut sizes: Vec<_> = (0..devices).map(|_| evenly(rng, 140, most)).collect();
        if rng.f64() < 0.4 {
            sizes = vec![sizes[0]; devices];
        }
        let late = devices >= 2 && rng.f64() < 0.25;
        let base = possible(devices - usize::from(late));
        let data = chosen(rng, &base);
        let metadata = if mixed { data } else { chosen(rng, &base) };
        let mut fill = chosen(rng, &[(Fill::Bulk, 2), (Fill::Big, 1), (Fill::Tiny, 1), (Fill::Mixture, 2)]);
        let mut full = match rng.u32(0..4) {
            0 => between(rng, 0.1, 0.7),
            1 => between(rng, 0.5, 0.95),
            2 => between(rng, 0.85, 1.02),
            _ => 1.1,
        };
        let delete = match rng.u32(0..4) {
            0 => between(rng, 0.05, 0.5),
            1 => between(rng, 0.5, 0.95),
            _ => 0.0,
        };
        let (delete_in_runs, refill, snapshot) = (rng.f64() < 0.4, rng.f64() < 0.25, rng.f64() < 0.15);
        let (balance, to) = operation(rng, devices, mixed);
        let which = rng.usize(0..devices);
        let leave = if devices == 1 || rng.f64() < 0.4 {
            Leave::Shrink(which, between(rng, 0.1, 0.95))
        } else {
            Leave::Remove(which)
        };
        if seed >= NEAR_THE_BOUNDARY {
            let room = to.map_or(1.0, |to| (factor(data) / factor(to)).min(1.0));
            full = room * between(rng, 0.72, 1.0);
            if delete > 0.0 {
                full = (full / (1.0 - delete.min(0.6))).min(1.0);
            }
            if fill == Fill::Tiny {
                fill = Fill::Mixture;
            }
        }
        Self {
            seed,
            sizes,
            late,
            mixed,
            data,
            metadata,
            fill,
            full,
            delete,
            delete_in_runs,
            refill,
            snapshot,
            balance,
            leave,
            half_converted: None,
        }
    }

    /// Every other one with data of two profiles.
    pub(crate) fn with_a_conversion_that_did_not_end(mut self) -> Self {
        let others: Vec<_> = possible(self.sizes.len()).into_iter().filter(|(to, _)| *to != self.data).collect();
        if self.seed % 2 == 1 && !self.mixed {
            self.half_converted = Some(chosen(&mut Rng::with_seed(!self.seed), &others));
            // With room for the conversion.
            self.full = self.full.min(0.5);
        }
        self
    }

    /// For a device that is to leave: as much as just fits on the rest, or just does not.
    pub(crate) fn with_a_device_that_leaves(mut self) -> Self {
        self.late = false;
        if self.seed >= NEAR_THE_BOUNDARY {
            let all: u64 = self.sizes.iter().sum();
            let lost = match self.leave {
                Leave::Remove(which) => ratio(self.sizes[which], all),
                Leave::Shrink(which, to) => ratio(self.sizes[which], all) * (1.0 - to),
            };
            self.full = (1.0 - lost) * between(&mut Rng::with_seed(!self.seed), 0.72, 1.02);
            self.delete = 0.0;
        }
        self
    }

    /// Bytes that are written at first.
    pub(crate) fn budget(&self) -> u64 {
        let base = &self.sizes[..self.sizes.len() - usize::from(self.late)];
        let bytes = (base.iter().sum::<u64>() * MIB).min(2800 * MIB * u64::from(self.data.raid().copies));
        share(bytes, self.full / factor(self.data)) * if self.full > 1.05 { 2 } else { 1 }
    }
}

pub(crate) fn ratio(part: u64, all: u64) -> f64 {
    float(part) / float(all)
}

pub(crate) fn share(bytes: u64, of: f64) -> u64 {
    whole(float(bytes) * of)
}

#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "sizes, roughly")]
fn float(bytes: u64) -> f64 {
    bytes as f64
}

#[expect(clippy::as_conversions, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes, roughly")]
fn whole(bytes: f64) -> u64 {
    bytes as u64
}

#[derive(Clone, Copy)]
enum Sort {
    Full,
    Data,
    Metadata,
    DataUsage,
    MetadataUsage,
    DataTo,
    MetadataTo,
    BothTo,
    BothSoftly,
    Device,
    Limit,
}

/// A balance in words, and to what profile it takes data.
fn operation(rng: &mut Rng, devices: usize, mixed: bool) -> (Vec<String>, Option<Profile>) {
    use Sort::{BothSoftly, BothTo, Data, DataTo, DataUsage, Device, Full, Limit, Metadata, MetadataTo, MetadataUsage};
    let sorts = [
        (Full, 3),
        (DataUsage, 3),
        (MetadataUsage, 1),
        (DataTo, 6),
        (MetadataTo, 3),
        (BothTo, 5),
        (BothSoftly, 2),
        (Device, 1),
        (Limit, 1),
        (Data, 2),
        (Metadata, 2),
    ];
    let mut sort = chosen(rng, &sorts);
    let targets: Vec<_> = possible(devices).into_iter().map(|(profile, _)| (profile, 1)).collect();
    let (data, mut metadata) = (chosen(rng, &targets), chosen(rng, &targets));
    if mixed {
        sort = if rng.f64() < 0.3 { Full } else { BothTo };
        metadata = data;
    }
    let words = match sort {
        Full => vec!["--full-balance".to_owned()],
        Data => vec!["-d".to_owned()],
        Metadata => vec!["-m".to_owned()],
        DataUsage => vec![format!("-dusage={}", [5, 10, 30, 50, 75, 90, 99][rng.usize(0..7)])],
        MetadataUsage => vec![format!("-musage={}", [10, 50, 80, 95][rng.usize(0..4)])],
        DataTo => vec!["-f".to_owned(), format!("-dconvert={data}")],
        MetadataTo => vec!["-f".to_owned(), format!("-mconvert={metadata}")],
        BothTo => vec!["-f".to_owned(), format!("-dconvert={data}"), format!("-mconvert={metadata}")],
        BothSoftly => vec!["-f".to_owned(), format!("-dconvert={data},soft"), format!("-mconvert={metadata},soft")],
        Device => vec![format!("-ddevid={}", rng.usize(1..=devices))],
        Limit => vec![format!("-dlimit={}", rng.u32(1..=4))],
    };
    (words, matches!(sort, DataTo | BothTo | BothSoftly).then_some(data))
}
