use proptest::prelude::*;

use super::*;

fn profiles() -> impl Strategy<Value = Profile> {
    prop::sample::select(Profile::ALL)
}

proptest! {
    #[test]
    fn names_are_read_in_any_case(profile in profiles(), upper in prop::collection::vec(any::<bool>(), 7)) {
        let mixed: String = profile
            .name()
            .chars()
            .zip(upper)
            .map(|(letter, upper)| if upper { letter.to_ascii_uppercase() } else { letter })
            .collect();
        prop_assert_eq!(mixed.parse(), Ok(profile));
    }

    #[test]
    fn sets_come_back_from_text_and_bits(chosen in prop::collection::vec(profiles(), 1..9)) {
        let set: Profiles = chosen.iter().copied().collect();
        prop_assert_eq!(set.to_string().parse(), Ok(set));
        prop_assert_eq!(set.known().collect::<Profiles>(), set);
        prop_assert!(Profile::ALL.iter().all(|profile| set.contains((*profile).into()) == chosen.contains(profile)));
    }

    #[test]
    fn unknown_bits_are_kept_and_shown(bits: u64) {
        let set = Profiles::from_bits_retain(bits);
        let known: Profiles = set.known().collect();
        let unknown = set.to_string().split_once("0x").map_or(0, |(_, hex)| u64::from_str_radix(hex, 16).unwrap());
        prop_assert_eq!(known.bits() | unknown, bits);
        prop_assert_eq!(known.bits() & unknown, 0);
    }

    #[test]
    fn stripes_hold_copies_and_parity_of_the_data(profile in profiles(), devices in 0u16..100, mib in 1u64..1000) {
        match profile.stripes_on(devices) {
            None => prop_assert!(devices < profile.min_devices()),
            Some(stripes) => {
                prop_assert!(devices >= profile.min_devices());
                prop_assert!(stripes <= devices * profile.raid().device_stripes);
                let data = profile.data_stripes(stripes).unwrap();
                prop_assert_eq!(data * profile.raid().copies + profile.raid().parity, stripes);
                let length = u64::from(data) * mib;
                prop_assert_eq!(profile.stripe_bytes(length, stripes), Some(mib));
                prop_assert_eq!(profile.raw_bytes(length, stripes), Some(mib * u64::from(stripes)));
            }
        }
    }
}

#[test]
fn every_profile_bit_of_the_header_is_one_profile_s() {
    let bits = Profile::ALL.iter().map(|profile| profile.raid().flag);
    assert_eq!(bits.clone().fold(0, |all, bit| all | bit), sys::BTRFS_BLOCK_GROUP_PROFILE_MASK);
    assert_eq!(bits.map(u64::count_ones).sum::<u32>(), 8);
    assert_eq!(Profiles::from(Profile::Single).bits(), 1 << 48);
}

#[test]
fn the_table_agrees_with_the_header_s_groups_of_profiles() {
    let with =
        |rule: fn(&Raid) -> bool| Profile::ALL.iter().filter(move |p| rule(p.raid())).map(|p| p.raid().flag).sum();
    let raid56: u64 = with(|raid| raid.parity > 0);
    let raid1: u64 = with(|raid| raid.copies > 1 && raid.max_devices == Some(raid.copies));
    assert_eq!(raid56, sys::BTRFS_BLOCK_GROUP_RAID56_MASK);
    assert_eq!(raid1, sys::BTRFS_BLOCK_GROUP_RAID1_MASK);
    for profile in Profile::ALL {
        let raid = profile.raid();
        // A device lost takes one copy or one parity with it, but both copies of dup.
        let lost = if raid.device_stripes > 1 { 0 } else { raid.copies - 1 + raid.parity };
        assert_eq!(raid.tolerated_failures, lost, "{profile}");
    }
}

#[test]
fn redundancy_is_ordered_by_what_is_survived() {
    use Profile::*;
    let ordered = [vec![Single, Raid0], vec![Dup], vec![Raid1, Raid10, Raid5], vec![Raid1c3, Raid6], vec![Raid1c4]];
    for (rank, profiles) in ordered.iter().enumerate() {
        for profile in profiles {
            assert_eq!(profile.redundancy(), profiles[0].redundancy());
            assert_eq!(profile.is_redundant(), rank > 0);
            assert!(ordered[..rank].iter().flatten().all(|lesser| lesser.redundancy() < profile.redundancy()));
        }
    }
}

#[test]
fn worked_numbers() {
    const GIB: u64 = 1 << 30;
    assert_eq!(Profile::Raid6.raw_bytes(3 * GIB, 5), Some(5 * GIB));
    assert_eq!(Profile::Raid10.stripe_bytes(2 * GIB, 4), Some(GIB));
    assert_eq!(Profile::Dup.raw_bytes(GIB / 4, 2), Some(GIB / 2));
    assert_eq!(Profile::Raid10.stripes_on(5), Some(4));
    assert_eq!(Profile::Raid1.stripes_on(5), Some(2));
    assert_eq!(Profile::Dup.stripes_on(5), Some(2));
    assert_eq!(Profile::Raid1c4.stripes_on(3), None);
    assert_eq!(Profile::Raid5.data_stripes(1), None);
    assert_eq!(Profiles::from_str("RAID1|dup").unwrap().to_string(), "dup|raid1");
    assert_eq!(Profiles::RAID1.only(), Some(Profile::Raid1));
    assert_eq!((Profiles::RAID1 | Profiles::DUP).only(), None);
    assert_eq!("raid7".parse::<Profile>(), Err(UnknownProfile("raid7".into())));
}
