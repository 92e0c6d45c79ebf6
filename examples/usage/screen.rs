//! The figures as a screen of text.

use std::fmt::Write;

use anyhow::Result;
use btrfs::Profile;
use btrfs::preflight::Allocatable;
use indicatif::BinaryBytes;

use crate::Shown;
use crate::picture;

/// What could be allocated of each profile that these devices can have.
pub(crate) fn profiles(shown: &Shown) -> Result<Vec<Allocatable>> {
    let able = Profile::ALL.iter().filter(|profile| {
        let writable = shown.state.devices.iter().filter(|device| device.writable).count();
        usize::from(shown.rules.min_devices(**profile)) <= writable
    });
    Ok(able.map(|profile| shown.state.allocatable(shown.holds, *profile, &shown.rules)).collect::<Result<_, _>>()?)
}

pub(crate) fn text(shown: &Shown) -> Result<String> {
    let mut text = String::new();
    let sum = |of: fn(&btrfs::Device) -> u64| BinaryBytes(shown.devices.iter().map(of).sum());
    let (total, used, free) = (sum(|device| device.total), sum(|device| device.used), sum(btrfs::Device::unallocated));
    let count = match shown.devices.len() {
        1 => "1 device".to_owned(),
        many => format!("{many} devices"),
    };
    writeln!(text, "{}: {total} on {count}, {used} of it allocated, {free} not\n", shown.path.display())?;

    writeln!(text, "{:14} {:8} {:>12} {:>12} {:>12}", "TYPE", "PROFILE", "SIZE", "USED", "FREE")?;
    for (holds, profile, size, used) in &shown.spaces {
        let bytes = [*size, *used, size.saturating_sub(*used)].map(|bytes| BinaryBytes(bytes).to_string());
        let [size, used, free] = bytes;
        writeln!(text, "{:14} {:8} {size:>12} {used:>12} {free:>12}", holds.name(), profile.name())?;
    }

    let profile = shown.profile;
    let new = shown.state.allocatable(shown.holds, profile, &shown.rules)?;
    let name = |device: &btrfs::Device| match &device.path {
        Some(path) if device.missing != Some(true) => path.display().to_string(),
        _ => format!("{} (missing)", device.id),
    };
    let width = shown.devices.iter().map(|device| name(device).len()).max().unwrap_or(0).max(6);
    writeln!(text, "\n{:width$} {:>12} {:>12} {:>12}", "DEVICE", "SIZE", "UNALLOCATED", "UNREACHABLE")?;
    for (device, unreachable) in shown.devices.iter().zip(&new.unreachable) {
        let [size, free, lost] =
            [device.total, device.unallocated(), *unreachable].map(|bytes| BinaryBytes(bytes).to_string());
        let chunks = if shown.whole { picture::of(&shown.state, device) } else { String::new() };
        let line = format!("{:width$} {size:>12} {free:>12} {lost:>12}  {chunks}", name(device));
        writeln!(text, "{}", line.trim_end())?;
    }
    if shown.whole {
        writeln!(text, "{}", picture::LEGEND)?;
    } else {
        writeln!(text, "where chunks lie only root may know: what is unallocated is assumed to lie in one piece")?;
    }

    let [all, free, bytes] = [shown.free + new.bytes, shown.free, new.bytes].map(BinaryBytes);
    writeln!(text, "\nfits still: {all} of data ({free} in chunks that there are, {bytes} in new ones, {profile})")?;
    if shown.elsewhere > 0 {
        let elsewhere = BinaryBytes(shown.elsewhere);
        writeln!(text, "{elsewhere} are free in chunks of another profile, which new data does not go into")?;
    }
    let (left, kept) = (BinaryBytes(shown.metadata), BinaryBytes(shown.reserve));
    writeln!(text, "then {left} of metadata are left, of which the kernel keeps back {kept}")?;
    if shown.short_of_metadata {
        let needed = BinaryBytes(shown.rules.metadata_to_create(shown.state.nodesize));
        writeln!(text, "that is too little, and no more can be allocated: the kernel wants {needed} to create a file")?;
    }
    let others = profiles(shown)?;
    let others = others.iter().map(|new| format!("{} {}", new.profile, BinaryBytes(new.bytes)));
    writeln!(text, "new chunks of another profile would have: {}", others.collect::<Vec<_>>().join(", "))?;
    Ok(text)
}
