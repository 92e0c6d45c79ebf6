//! Devices and the chunks that can be laid over them.

use std::cmp::Reverse;

use super::free::FreeRanges;
use crate::id::DevId;
use crate::preflight::rules::{CUT_STRIPE, KernelRules, MAX_STRIPE, RESERVED, STRIPE};
use crate::preflight::state::DeviceState;
use crate::profile::Profile;

#[derive(Debug, Clone)]
pub(super) struct Device {
    pub(super) id: DevId,
    pub(super) total: u64,
    pub(super) writable: bool,
    /// Bytes that belong to chunks.
    pub(super) used: u64,
    free: FreeRanges,
    /// Freed in the running transaction: chunks are looked for where the last one left room.
    freed: Vec<(u64, u64)>,
    /// What it offered when it was asked last, and for what; forgotten when it changes.
    offered: Option<Asked>,
}

/// What was wanted, what at least, and the range that there was.
type Asked = (u64, u64, Option<(u64, u64)>);

impl Device {
    /// A device with these pieces in use, by their addresses.
    pub(super) fn new(state: &DeviceState, pieces: &[(u64, u64)]) -> Self {
        Self {
            id: state.id,
            total: state.total,
            writable: state.writable,
            used: pieces.iter().map(|(_, length)| length).sum(),
            free: FreeRanges::between(RESERVED, state.total, pieces.iter().copied()),
            freed: Vec::new(),
            offered: None,
        }
    }

    pub(super) fn state(&self) -> DeviceState {
        DeviceState { id: self.id, total: self.total, writable: self.writable }
    }

    pub(super) fn unallocated(&self) -> u64 {
        self.total.saturating_sub(self.used)
    }

    /// The longest free range.
    pub(super) fn longest(&self) -> u64 {
        self.free.longest()
    }

    /// Makes a free range part of a chunk.
    pub(super) fn allocate(&mut self, offset: u64, length: u64) {
        self.offered = None;
        self.used += length;
        self.free.take(offset, length);
    }

    /// Takes a range away from a chunk; it is free after the next commit, or now.
    pub(super) fn release(&mut self, offset: u64, length: u64, now: bool) {
        self.offered = None;
        self.used -= length;
        self.freed.push((offset, length));
        if now {
            self.commit();
        }
    }

    /// Makes free what was released, as far as it lies within the device: that may have become smaller.
    pub(super) fn commit(&mut self) {
        self.offered = None;
        for (offset, length) in std::mem::take(&mut self.freed) {
            let (start, end) = (offset.max(RESERVED), (offset + length).min(self.total));
            if start < end {
                self.free.give(start, end - start);
            }
        }
    }

    /// Makes it smaller, whatever lies behind its new end; says by how much.
    pub(super) fn shrink(&mut self, to: u64) -> u64 {
        let before = self.total;
        self.offered = None;
        self.total = to.min(before);
        self.free.cut(self.total);
        before - self.total
    }

    /// `gather_device_info` in volumes.c, Linux 6.18: the first range that is large enough, or else the longest.
    fn offer(&mut self, wanted: u64, least: u64) -> Option<(u64, u64)> {
        if let Some((.., offer)) = self.offered.filter(|(asked, at_least, _)| (*asked, *at_least) == (wanted, least)) {
            return offer;
        }
        let offer = if !self.writable || self.unallocated() < least {
            None
        } else if self.longest() >= wanted {
            self.free.first_with(wanted).map(|start| (start, wanted))
        } else {
            self.free.first_longest().filter(|(_, length)| *length >= least)
        };
        self.offered = Some((wanted, least, offer));
        offer
    }
}

/// A chunk that could be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) stripe: u64,
    pub(super) length: u64,
    /// The device by its index, and where on it.
    pub(super) stripes: Vec<(usize, u64)>,
}

/// The greatest chunk of a kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChunkLimit {
    /// The kernel's `chunk_size`.
    pub(super) size: u64,
    /// A tenth of all writable bytes.
    pub(super) share: u64,
}

/// One of the offers, as the kernel sorts them: `btrfs_cmp_device_info`, greatest first.
pub(super) type Offer = (Reverse<(u64, u64)>, usize, u64);

/// On how many devices a chunk lies where there is room on so many; `None` where these are too few for this kernel.
fn width(found: usize, profile: Profile, rules: &KernelRules) -> Option<u16> {
    let stripes = profile.stripes_on(u16::try_from(found).unwrap_or(u16::MAX))?;
    Some(stripes / profile.raid().device_stripes).filter(|width| *width >= rules.min_devices(profile))
}

/// Which chunk the kernel would make now: `btrfs_create_chunk` in volumes.c with `decide_stripe_size_regular`, Linux
/// 6.18. First the width, then the length that the worst device of it has: uneven devices give many small wide chunks.
pub(super) fn plan(
    devices: &mut [Device],
    profile: Profile,
    limit: ChunkLimit,
    rules: &KernelRules,
    last_first: bool,
    offers: &mut Vec<Offer>,
) -> Option<Plan> {
    let raid = profile.raid();
    let per_device = u64::from(raid.device_stripes);
    let largest = limit.size.min(MAX_STRIPE);
    let count = devices.len();
    offers.clear();
    for (index, device) in devices.iter_mut().enumerate() {
        let unallocated = device.unallocated();
        let Some((start, length)) = device.offer(largest * per_device, STRIPE * per_device) else { continue };
        let order = if last_first { count - index } else { index };
        offers.push((Reverse((length, unallocated)), order, start));
    }
    let width = width(offers.len(), profile, rules)?;
    let worst = usize::from(width) - 1;
    if offers.len() > worst + 1 {
        offers.select_nth_unstable(worst);
        offers.truncate(worst + 1);
    }
    offers.sort_unstable();
    let (Reverse((length, _)), ..) = offers[worst];
    let data = u64::from(profile.data_stripes(width * raid.device_stripes)?);
    let greatest = limit.size.min(limit.share);
    let mut stripe = length / per_device;
    if stripe.saturating_mul(data) > greatest {
        stripe = stripe.min((greatest / data).next_multiple_of(CUT_STRIPE));
    }
    stripe = stripe.min(MAX_STRIPE) / STRIPE * STRIPE;
    if stripe == 0 {
        return None;
    }
    let device = |order: usize| if last_first { count - order } else { order };
    let stripes = offers
        .iter()
        .flat_map(|(_, order, start)| (0..per_device).map(move |nth| (device(*order), start + nth * stripe)));
    Some(Plan { stripe, length: stripe * data, stripes: stripes.collect() })
}

/// Bytes that overcommitted metadata of a profile can count on, where the kernel looks at each device:
/// `calc_one_profile_avail` in volumes.c, Linux 7.1. As wide as can be, as long as the worst of the devices has.
pub(super) fn available(devices: &[Device], profile: Profile, rules: &KernelRules) -> u64 {
    let raid = profile.raid();
    let mut left: Vec<u64> = devices.iter().filter(|device| device.writable).map(Device::unallocated).collect();
    let mut sum = 0_u64;
    loop {
        left.retain(|bytes| *bytes >= STRIPE * u64::from(raid.device_stripes));
        left.sort_unstable_by_key(|bytes| Reverse(*bytes));
        let Some(width) = width(left.len(), profile, rules) else { return sum };
        let Some(data) = profile.data_stripes(width * raid.device_stripes) else { return sum };
        let width = usize::from(width);
        // Up to where the next device would be as good as the worst of these, so that few rounds are enough.
        let next = left.get(width).copied().unwrap_or(0);
        let worst = left[width - 1];
        let taken = worst.saturating_sub(next).max(worst / 8).max(STRIPE).min(worst);
        let stripe = taken / u64::from(raid.device_stripes);
        sum = sum.saturating_add(stripe * u64::from(data));
        left[..width].iter_mut().for_each(|bytes| *bytes -= taken);
    }
}
