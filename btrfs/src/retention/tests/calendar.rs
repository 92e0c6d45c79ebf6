//! The calendar's odd days.

use super::*;

fn periods(unit: Unit, zone: &Zone, moments: &[&str]) -> Vec<String> {
    moments.iter().map(|text| Period::of(unit, moment(text), zone).to_string()).collect()
}

/// How many hourly snapshots of a day there are, and how many days they are in.
fn hours_of(first: &str, hours: u64) -> (usize, usize) {
    let (zone, first) = (Zone::posix(BERLIN), moment(first));
    let of = |unit| {
        let all = (0..hours).map(|hour| Period::of(unit, first + time(hour * HOUR), &zone));
        all.collect::<std::collections::HashSet<_>>().len()
    };
    (of(Unit::Hour), of(Unit::Day))
}

#[test]
fn a_day_has_23_or_25_hours_when_the_clocks_change() {
    assert_eq!(hours_of("2026-03-28T00:00:00+01:00", 24), (24, 1));
    assert_eq!(hours_of("2026-03-29T00:00:00+01:00", 23), (23, 1));
    assert_eq!(hours_of("2026-03-29T00:00:00+01:00", 24), (24, 2));
    assert_eq!(hours_of("2026-10-25T00:00:00+02:00", 25), (25, 1));
    assert_eq!(hours_of("2026-10-25T00:00:00+02:00", 26), (26, 2));
}

#[test]
fn the_hour_that_comes_twice_is_two_hours() {
    let berlin = Zone::posix(BERLIN);
    let twice = ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"];
    assert_eq!(periods(Unit::Hour, &berlin, &twice), ["2026-10-25T02+02:00", "2026-10-25T02+01:00"]);
    let all = ["2026-10-25T01:30:00+02:00", twice[0], twice[1], "2026-10-25T03:30:00+01:00"];
    let snapshots: Vec<_> = all.iter().map(|text| Snapshot::new(*text, moment(text))).collect();
    let policy = Policy::new().hourly(3).zone(berlin);
    assert_eq!(deleted(&snapshots, &policy, moment(all[3])), [all[0]]);
}

#[test]
fn days_are_those_of_the_zone() {
    // Midnight in Berlin is 22:00 UTC in summer, and 23:00 UTC in winter.
    let around = ["2026-07-01T21:59:59Z", "2026-07-01T22:00:00Z", "2026-12-01T22:59:59Z", "2026-12-01T23:00:00Z"];
    let berlin = ["2026-07-01", "2026-07-02", "2026-12-01", "2026-12-02"];
    assert_eq!(periods(Unit::Day, &Zone::posix(BERLIN), &around), berlin);
    let utc = ["2026-07-01", "2026-07-01", "2026-12-01", "2026-12-01"];
    assert_eq!(periods(Unit::Day, &Zone::utc(), &around), utc);
    let snapshots: Vec<_> = around.iter().map(|text| Snapshot::new(*text, moment(text))).collect();
    let policy = Policy::new().daily(9);
    // The oldest stays until there are nine.
    assert_eq!(deleted(&snapshots, &policy, moment(around[3])), [around[2]]);
    assert!(deleted(&snapshots, &policy.zone(Zone::posix(BERLIN)), moment(around[3])).is_empty());
}

#[test]
fn the_week_at_the_year_s_end_is_one_week() {
    let days = ["2026-12-27T12:00:00Z", "2026-12-28T12:00:00Z", "2027-01-03T12:00:00Z", "2027-01-04T12:00:00Z"];
    assert_eq!(periods(Unit::Week, &Zone::utc(), &days), ["2026-W52", "2026-W53", "2026-W53", "2027-W01"]);
    let days = ["2024-12-29T12:00:00Z", "2024-12-30T12:00:00Z", "2025-01-01T12:00:00Z"];
    assert_eq!(periods(Unit::Week, &Zone::utc(), &days), ["2024-W52", "2025-W01", "2025-W01"]);
    // The last of 2026 falls into the week that the third of January ends.
    let snapshots: Vec<_> =
        [27, 31, 34].map(|day| Snapshot::new(day, moment("2026-12-01T12:00:00Z") + time((day - 1) * DAY))).into();
    assert_eq!(deleted(&snapshots, &Policy::new().weekly(2), snapshots[2].at), [31]);
    assert_eq!(deleted(&snapshots, &Policy::new().yearly(2), snapshots[2].at), [27]);
}

#[test]
fn a_day_that_is_left_and_entered_again_is_one_day() {
    let zone = Zone::posix(ST_JOHNS);
    let all = [
        "2026-10-24T23:30:00-02:30",
        "2026-10-25T00:00:30-02:30",
        "2026-10-24T23:30:00-03:30",
        "2026-10-25T00:00:30-03:30",
    ];
    assert_eq!(periods(Unit::Day, &zone, &all), ["2026-10-24", "2026-10-25", "2026-10-24", "2026-10-25"]);
    let snapshots: Vec<_> = all.iter().map(|text| Snapshot::new(*text, moment(text))).collect();
    assert_eq!(deleted(&snapshots, &Policy::new().daily(2).zone(zone), moment(all[3])), [all[0], all[1]]);
}

#[test]
fn periods_are_shown_as_people_write_them() {
    let (zone, at) = (Zone::posix(ST_JOHNS), moment("2026-02-03T04:05:06-03:30"));
    let shown = [Unit::Hour, Unit::Day, Unit::Week, Unit::Month, Unit::Year]
        .map(|unit| Period::of(unit, at, &zone).to_string());
    assert_eq!(shown, ["2026-02-03T04-03:30", "2026-02-03", "2026-W06", "2026-02", "2026"]);
}

#[test]
fn moments_beyond_the_calendar_are_its_ends() {
    let far = SystemTime::UNIX_EPOCH + time(1 << 40);
    assert_eq!(Period::of(Unit::Year, far, &Zone::utc()), Period::Year { year: 9999 });
    let snapshots = [Snapshot::new(1, at(0)), Snapshot::new(2, far), Snapshot::new(3, far + time(1))];
    assert_eq!(deleted(&snapshots, &Policy::new().yearly(2), far + time(1)), [2]);
}

#[test]
fn a_zone_comes_by_name_or_not_at_all() {
    let Ok(berlin) = Zone::named("Europe/Berlin") else {
        // Without the files of tzdata it has to say so.
        assert!(!std::path::Path::new("/usr/share/zoneinfo/Europe/Berlin").exists());
        return;
    };
    assert_eq!(berlin.to_string(), "Europe/Berlin");
    let rule = Zone::posix(BERLIN);
    for hour in 0..2 * YEAR / HOUR {
        let at = at(1_790_000_000 + hour * HOUR);
        assert_eq!(Period::of(Unit::Hour, at, &berlin), Period::of(Unit::Hour, at, &rule));
    }
    let error = Zone::named("Europe/Atlantis").unwrap_err().to_string();
    assert!(error.contains("Atlantis") && error.contains("tzdata"), "{error}");
    assert_eq!(Zone::fixed(90_000_000), Err(ZoneError::Offset(90_000_000)));
    assert_eq!((Zone::fixed(-12_600).unwrap().to_string(), Zone::utc().to_string()), ("-03:30".into(), "UTC".into()));
}
