//! What is refused before the kernel is asked: conversions that lack devices, and those that reduce redundancy without
//! the caller's consent.

use std::fmt;

use super::filter::Filters;
use super::request::{BalanceRequest, CALL};
use crate::block_group::BlockGroupType;
use crate::error::{Error, ErrorKind, Result};
use crate::filesystem::Filesystem;
use crate::profile::{Profile, Profiles};

/// Checks a request against the filesystem it is for.
pub(super) fn check(filesystem: &Filesystem, request: &BalanceRequest) -> Result<()> {
    let object = filesystem.path().display();
    request.check(&object)?;
    let converts = [&request.data, &request.metadata, &request.system].into_iter().flatten();
    if converts.filter_map(target).next().is_none() {
        return Ok(());
    }
    let devices = writable_devices(filesystem)?;
    let space = filesystem.space()?;
    check_against(object, request, devices, |holds| space.profiles(holds))
}

/// Checks a request against so many writable devices, and the profiles that block groups of each type have.
pub(crate) fn check_against(
    object: impl fmt::Display,
    request: &BalanceRequest,
    devices: u64,
    profiles: impl Fn(BlockGroupType) -> Profiles,
) -> Result<()> {
    request.check(&object)?;
    let system = request.effective_system();
    let mixed = profiles(BlockGroupType::Mixed);
    if !mixed.is_empty() && request.data != request.metadata {
        return Err(Error::new(ErrorKind::InvalidArgument, CALL, object)
            .advise("data and metadata share their block groups here: give both the same filters"));
    }
    let parts = [
        (BlockGroupType::Data, request.data.as_ref()),
        (BlockGroupType::Metadata, request.metadata.as_ref()),
        (BlockGroupType::System, system),
    ];
    for (holds, filters) in parts {
        let Some((filters, to)) = filters.and_then(|filters| Some((filters, target(filters)?))) else { continue };
        if let Some(advice) = lacks_devices(holds, to, devices) {
            let kind = ErrorKind::TooFewDevices { needed: to.min_devices().into(), writable: devices };
            return Err(Error::new(kind, CALL, object).advise(advice));
        }
        let present = profiles(holds) | if holds == BlockGroupType::System { Profiles::empty() } else { mixed };
        if let Some(from) = reduced(holds, filters, to, present).filter(|_| !request.force) {
            return Err(Error::new(ErrorKind::NeedsConsent, CALL, object).advise(format!(
                "converting {} from {from} to {to} reduces redundancy ({} instead of {}): \
                 consent to it (force, or -f) if that is meant",
                name(holds),
                survives(to),
                survives(from),
            )));
        }
    }
    Ok(())
}

fn target(filters: &Filters) -> Option<Profile> {
    filters.convert.and_then(Profiles::only)
}

/// The devices that a block group can be laid over: neither missing nor seeds, nor the target of a replace.
fn writable_devices(filesystem: &Filesystem) -> Result<u64> {
    let own = |fsid: Option<_>| fsid.is_none_or(|fsid| fsid == filesystem.fsid());
    let devices = filesystem.devices()?;
    let writable = devices.iter().filter(|device| device.id.0 != 0 && device.missing != Some(true) && own(device.fsid));
    Ok(u64::try_from(writable.count()).unwrap_or(u64::MAX))
}

fn lacks_devices(holds: BlockGroupType, to: Profile, writable: u64) -> Option<String> {
    let needed = u64::from(to.min_devices());
    let possible = Profile::ALL.iter().filter(|profile| u64::from(profile.min_devices()) <= writable);
    let possible: Vec<_> = possible.map(|profile| profile.name()).collect();
    (writable < needed).then(|| {
        format!(
            "converting {} to {to} needs {needed} writable devices, and the filesystem has {writable}: add {} \
             (btrfs device add), or convert to one of {}",
            name(holds),
            needed - writable,
            possible.join(", "),
        )
    })
}

/// The profile that block groups have now which would be less redundant afterwards.
fn reduced(holds: BlockGroupType, filters: &Filters, to: Profile, present: Profiles) -> Option<Profile> {
    let selected = filters.profiles.unwrap_or(Profiles::all());
    let lost = (present & selected).known().filter(|from| from.redundancy() > to.redundancy());
    // The kernel wants consent for all but data, also where the filters spare what is redundant.
    let kernel = present.known().filter(|from| from.is_redundant() && !to.is_redundant());
    let kernel = kernel.filter(|_| holds != BlockGroupType::Data);
    lost.chain(kernel).max_by_key(|from| from.redundancy())
}

fn survives(profile: Profile) -> String {
    use crate::profile::Redundancy;
    match profile.redundancy() {
        Redundancy::None => "nothing may fail".to_owned(),
        Redundancy::Block => "bad blocks may fail, no device".to_owned(),
        Redundancy::Devices(1) => "one device may fail".to_owned(),
        Redundancy::Devices(count) => format!("{count} devices may fail"),
    }
}

fn name(holds: BlockGroupType) -> String {
    holds.name().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reduces(holds: BlockGroupType, filters: &str, present: &[Profile]) -> Option<Profile> {
        let filters: Filters = filters.parse().unwrap();
        let to = target(&filters).unwrap();
        reduced(holds, &filters, to, present.iter().copied().collect())
    }

    #[test]
    fn less_redundancy_is_noticed_for_every_type() {
        use BlockGroupType::{Data, Metadata};
        use Profile::{Dup, Raid0, Raid1, Raid1c3, Raid5, Raid10, Single};
        assert_eq!(reduces(Data, "convert=single", &[Raid1]), Some(Raid1));
        assert_eq!(reduces(Data, "convert=raid0", &[Single]), None);
        assert_eq!(reduces(Metadata, "convert=dup", &[Raid1]), Some(Raid1));
        assert_eq!(reduces(Metadata, "convert=single", &[Dup]), Some(Dup));
        assert_eq!(reduces(Metadata, "convert=raid1", &[Raid1, Raid1c3]), Some(Raid1c3));
        assert_eq!(reduces(Data, "convert=raid5", &[Raid1, Raid10, Raid0]), None);
        assert_eq!(reduces(Data, "convert=raid1", &[Raid5]), None);
    }

    #[test]
    fn only_what_the_filters_take_is_lost_but_the_kernel_asks_for_all_metadata() {
        use BlockGroupType::{Data, Metadata};
        use Profile::{Raid1, Single};
        assert_eq!(reduces(Data, "profiles=single,convert=raid0", &[Single, Raid1]), None);
        assert_eq!(reduces(Metadata, "profiles=single,convert=dup", &[Single, Raid1]), None);
        assert_eq!(reduces(Metadata, "profiles=single,convert=raid0", &[Single, Raid1]), Some(Raid1));
    }

    #[test]
    fn too_few_devices_are_named_with_what_is_possible() {
        assert_eq!(lacks_devices(BlockGroupType::Data, Profile::Raid1c3, 3), None);
        let advice = lacks_devices(BlockGroupType::Metadata, Profile::Raid1c3, 1).unwrap();
        assert_eq!(
            advice,
            "converting metadata to raid1c3 needs 3 writable devices, and the filesystem has 1: add 2 \
             (btrfs device add), or convert to one of single, dup, raid0"
        );
    }
}
