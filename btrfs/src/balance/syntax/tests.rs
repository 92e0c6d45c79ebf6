use proptest::option::of;
use proptest::prelude::*;

use super::*;

fn filters() -> impl Strategy<Value = Filters> {
    let ordered = |(a, b): (u64, u64)| if a < b { a..b } else { b..a.max(b + 1) };
    let bytes = || (0..u64::MAX, prop_oneof![0..u64::MAX, Just(u64::MAX)]).prop_map(ordered);
    let count = || (any::<u32>(), prop_oneof![any::<u32>(), Just(u32::MAX)]).prop_map(|(a, b)| a.min(b)..=a.max(b));
    let profile = || prop::sample::select(Profile::ALL);
    let place = (of(1..u64::MAX), of(bytes()), of(bytes()));
    let layout =
        (of(prop::collection::vec(profile(), 1..4)), of((0..=100u8, 0..=100u8)), of((profile(), any::<bool>())));
    (place, layout, of(count()), of(count())).prop_map(|(place, layout, limit, stripes)| {
        let (devid, drange, vrange) = place;
        let (profiles, usage, convert) = layout;
        Filters {
            profiles: profiles.map(|profiles| profiles.into_iter().collect()),
            usage: usage.map(|(a, b)| a.min(b)..a.max(b)),
            devid: devid.map(DevId),
            drange: drange.filter(|_| devid.is_some()).map(|r| Physical(r.start)..Physical(r.end)),
            vrange: vrange.map(|r| Logical(r.start)..Logical(r.end)),
            limit,
            stripes,
            convert: convert.map(|(profile, _)| profile.into()),
            soft: convert.is_some_and(|(_, soft)| soft),
            unknown: 0,
        }
    })
}

proptest! {
    #[test]
    fn what_is_printed_reads_as_the_same(filters in filters()) {
        prop_assert_eq!(filters.to_string().parse::<Filters>(), Ok(filters));
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*", words in "((usage|limit|drange|convert|soft|devid|vrange)(=[0-9.KMGTEraid|-]*)?,?)*") {
        let _ = text.parse::<Filters>();
        if let Ok(filters) = words.parse::<Filters>() {
            prop_assert_eq!(filters.to_string().parse::<Filters>(), Ok(filters));
        }
    }
}

#[test]
fn words_mean_what_they_mean_to_btrfs_progs() {
    let cases = [
        ("", Filters::new()),
        (",,", Filters::new()),
        ("usage=50", Filters::new().usage(0..50)),
        ("usage=..50", Filters::new().usage(0..50)),
        ("usage=0", Filters::new().usage(0..0)),
        ("usage=10..50", Filters::new().usage(10..50)),
        ("usage=10..", Filters::new().usage(10..100)),
        ("usage=10,usage=20", Filters::new().usage(0..20)),
        ("limit=2", Filters::new().limit(0..=2)),
        ("limit=3..", Filters::new().limit(3..=u32::MAX)),
        ("limit=3..5", Filters::new().limit(3..=5)),
        ("stripes=1..2", Filters::new().stripes(1..=2)),
        ("devid=2,drange=1..3", Filters::new().devid(DevId(2)).drange(Physical(1)..Physical(3))),
        ("drange=..3,devid=2", Filters::new().devid(DevId(2)).drange(Physical(0)..Physical(3))),
        ("vrange=1M..1g", Filters::new().vrange(Logical(1 << 20)..Logical(1 << 30))),
        ("vrange=7..", Filters::new().vrange(Logical(7)..Logical(u64::MAX))),
        ("profiles=raid1|dup", Filters::new().profiles([Profile::Dup, Profile::Raid1])),
        ("profiles=raid1,profiles=dup", Filters::new().profiles([Profile::Dup, Profile::Raid1])),
        ("convert=raid1,soft", Filters::new().convert(Profile::Raid1).soft()),
        ("soft,convert=single", Filters::new().convert(Profile::Single).soft()),
    ];
    for (text, filters) in cases {
        assert_eq!(text.parse(), Ok(filters), "{text}");
    }
}

#[test]
fn an_error_names_the_word_and_what_is_allowed() {
    let cases = [
        ("limit=2,usge=5", "usge=5", "there are profiles=, usage=, devid="),
        ("usage", "usage", "needs a value, such as usage=50"),
        ("usage=", "usage=", "needs a value, such as usage=50"),
        ("usage=half", "usage=half", "like 50 or 10..50"),
        ("usage=101", "usage=101", "0 to 100"),
        ("usage=300", "usage=300", "0 to 100"),
        ("usage=60..50", "usage=60..50", "the smaller one first"),
        ("usage=..", "usage=..", "like 50 or 10..50"),
        ("limit=5..3", "limit=5..3", "the smaller number has to come first"),
        ("limit=4294967296", "limit=4294967296", "0 to 4294967295"),
        ("limit=-1", "limit=-1", "like 2 or 3..5"),
        ("stripes=2", "stripes=2", "like 1..2"),
        ("devid=0", "devid=0", "numbered from 1"),
        ("drange=0..1", "drange=0..1", "name that with devid="),
        ("vrange=5..5", "vrange=5..5", "greater than the start"),
        ("vrange=1X..2X", "vrange=1X..2X", "like 0..1G"),
        ("vrange=0..99999999E", "vrange=0..99999999E", "like 0..1G"),
        ("soft", "soft", "together with convert="),
        ("convert=raid1,soft=1", "soft=1", "takes no value"),
        ("convert=raid7", "convert=raid7", "use single, dup, raid0"),
        ("convert=raid1|dup", "convert=raid1|dup", "use single, dup, raid0"),
        ("profiles=raid1|", "profiles=raid1|", "use single, dup, raid0"),
    ];
    for (text, word, rule) in cases {
        let error = text.parse::<Filters>().unwrap_err();
        assert_eq!(error.word(), word, "{error}");
        assert!(error.to_string().contains(rule), "{error}");
    }
}

#[test]
fn what_was_built_is_checked_as_what_was_typed() {
    let built = [
        Filters::new().profiles([]),
        Filters::new().usage(0..101),
        Filters::new().soft(),
        Filters::new().drange(Physical(0)..Physical(1)),
    ];
    for filters in built {
        assert!(filters.check().is_err(), "{filters}");
    }
}
