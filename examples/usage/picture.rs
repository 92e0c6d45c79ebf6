//! The chunks of a device as a line of letters.

use btrfs::preflight::FsState;
use btrfs::{BlockGroupType, Device};

/// Letters of a line.
const WIDTH: u64 = 48;

pub(crate) const LEGEND: &str =
    "D data, M metadata, S system, X data and metadata, . unallocated: what most of each piece is";

/// Of each piece of the device what most of it is.
pub(crate) fn of(state: &FsState, device: &Device) -> String {
    let chunks: Vec<_> = state
        .block_groups
        .iter()
        .flat_map(|group| {
            let bytes = group.stripe_bytes().unwrap_or(0);
            let here = group.stripes.iter().filter(|stripe| stripe.device == device.id);
            here.map(move |stripe| (letter(group.holds), stripe.offset.0, stripe.offset.0 + bytes))
        })
        .collect();
    let edge = |nth: u64| device.total / WIDTH * nth + device.total % WIDTH * nth / WIDTH;
    (0..WIDTH)
        .map(|nth| {
            let (start, end) = (edge(nth), edge(nth + 1));
            let within = |letter: char| -> u64 {
                let of = chunks.iter().filter(|(is, ..)| *is == letter);
                of.map(|(_, from, to)| (*to).min(end).saturating_sub((*from).max(start))).sum()
            };
            let used = ['D', 'M', 'S', 'X'].map(|letter| (within(letter), letter));
            let free = (end - start).saturating_sub(used.iter().map(|(bytes, _)| bytes).sum());
            used.into_iter().chain([(free, '.')]).max_by_key(|(bytes, _)| *bytes).map_or('.', |(_, letter)| letter)
        })
        .collect()
}

fn letter(holds: BlockGroupType) -> char {
    match holds {
        BlockGroupType::Data => 'D',
        BlockGroupType::Metadata => 'M',
        BlockGroupType::System => 'S',
        BlockGroupType::Mixed => 'X',
    }
}
