//! Years of runs with the usual counts, and what is there in the end.

use super::*;

fn ladder(zone: &Zone) -> Policy {
    Policy::new().hourly(6).daily(7).weekly(4).monthly(12).yearly(3).zone(zone.clone())
}

/// What is left when a snapshot is taken and the plan followed every so often, from one moment to another.
fn run(policy: &Policy, from: &str, to: &str, every: u64) -> Vec<String> {
    let zone = jiff::tz::TimeZone::posix(BERLIN).unwrap();
    let (mut now, end) = (moment(from), moment(to));
    let mut left = Vec::new();
    while now <= end {
        left.push(Snapshot::new((), now));
        left = followed(&left, policy, now);
        now += time(every);
    }
    let text = |at| jiff::Timestamp::try_from(at).unwrap().to_zoned(zone.clone()).strftime("%F %H:%M").to_string();
    left.iter().rev().map(|snapshot| text(snapshot.at)).collect()
}

#[test]
fn three_years_of_hourly_runs_leave_the_ladder() {
    let policy = ladder(&Zone::posix(BERLIN));
    let left = run(&policy, "2025-11-15T12:00:00+01:00", "2028-11-15T17:00:00+01:00", HOUR);
    let hours = (12..18).rev().map(|hour| format!("2028-11-15 {hour}:00"));
    // Six days before this one, and the ends of weeks (of which one is among the days) and months. In civil time: the
    // last hour of a summer month is not UTC's.
    let ends = [
        "11-14", "11-13", "11-12", "11-11", "11-10", "11-09", "11-05", "10-31", "10-29", "09-30", "08-31", "07-31",
        "06-30", "05-31", "04-30", "03-31", "02-29", "01-31",
    ];
    let ends = ends.map(|day| format!("2028-{day} 23:00"));
    let years = ["2027-12-31 23:00", "2026-12-31 23:00"].map(str::to_owned);
    assert_eq!(left, hours.chain(ends).chain(years).collect::<Vec<_>>());
}

#[test]
fn three_years_of_daily_runs_leave_the_ladder() {
    let policy = ladder(&Zone::utc()).hourly(0);
    let left = run(&policy, "2025-11-15T06:00:00Z", "2028-11-15T06:00:00Z", DAY);
    let expected = [
        "2028-11-15",
        "2028-11-14",
        "2028-11-13",
        "2028-11-12",
        "2028-11-11",
        "2028-11-10",
        "2028-11-09",
        "2028-11-05",
        "2028-10-31",
        "2028-10-29",
        "2028-09-30",
        "2028-08-31",
        "2028-07-31",
        "2028-06-30",
        "2028-05-31",
        "2028-04-30",
        "2028-03-31",
        "2028-02-29",
        "2028-01-31",
        "2027-12-31",
        "2026-12-31",
    ];
    assert_eq!(left.iter().map(|at| &at[..10]).collect::<Vec<_>>(), expected);
}

#[test]
fn the_ladder_reaches_back_to_the_first_day_until_it_is_full() {
    let policy = Policy::new().daily(3).yearly(3);
    let left = run(&policy, "2026-03-01T12:00:00Z", "2026-12-20T12:00:00Z", DAY);
    assert_eq!(left, ["2026-12-20 13:00", "2026-12-19 13:00", "2026-12-18 13:00", "2026-03-01 13:00"]);
    // Three years have a snapshot each: the first day is no longer needed.
    let left = run(&policy, "2026-03-01T12:00:00Z", "2028-01-01T12:00:00Z", DAY);
    let expected = ["2028-01-01 13:00", "2027-12-31 13:00", "2027-12-30 13:00", "2026-12-31 13:00"];
    assert_eq!(left, expected);
}

#[test]
fn the_maximum_age_ends_the_ladder() {
    let policy = Policy::new().daily(2).yearly(9).max_age(time(400 * DAY));
    let left = run(&policy, "2024-06-01T12:00:00Z", "2028-01-10T12:00:00Z", DAY);
    assert_eq!(
        left,
        ["2028-01-10 13:00", "2028-01-09 13:00", "2027-12-31 13:00", "2026-12-31 13:00"].map(str::to_owned)[..]
    );
}
