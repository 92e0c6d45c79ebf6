//! Captured states of real kernels, 8.4.11 and 9.3.3: netlink, `/proc/drbd`, `drbdsetup events2` and `drbdsetup status
//! --json` must tell the same story, fact by fact.
//!
//! The sources of a state were read one after the other within half a second: `/proc/drbd`, netlink, JSON, events2.
//! Where something moved meanwhile, the state is named in [`MOVING`], with what moved.

#[path = "drbd_facts/captures.rs"]
mod captures;
#[path = "drbd_facts/all.rs"]
mod everything;
#[path = "drbd_facts/mod.rs"]
mod facts;
#[path = "drbd_facts/json.rs"]
mod json;
#[path = "drbd_facts/moving.rs"]
mod moving;

use std::collections::BTreeSet;

use captures::Capture;
use drbd::health::{self, Severity};
use drbd::state::{ConnectionState, DiskState, ReplicationState, Role};
use drbd::{Bytes, Generation, Source, Status, proc};
use everything::all;
use facts::{Facts, differences};
use moving::{MOVING, WENT_ON};

/// Only grow.
const COUNTERS: &[&str] = &["read", "written", "sent", "received", "al-writes", "bm-writes"];
/// Go up and down.
const GAUGES: &[&str] = &["pending", "unacked", "upper-pending", "lower-pending", "ap-in-flight", "rs-in-flight"];
/// What can move within the time between two sources: 34-ahead-behind writes 40 MiB in one burst.
const MOST_KIB: u64 = 40 * 1024;

/// Whether two facts, the second read later, can both be true.
fn went_on(capture: &Capture, object: &str, key: &str, earlier: &str, later: &str) -> bool {
    if WENT_ON.contains(&(capture.name.as_str(), object, key, earlier, later)) {
        return true;
    }
    if !MOVING.iter().any(|(name, _)| *name == capture.name) {
        return false;
    }
    let (Ok(earlier), Ok(later)) = (earlier.parse::<u64>(), later.parse::<u64>()) else { return false };
    let plausible = earlier.abs_diff(later) <= MOST_KIB;
    match key {
        key if COUNTERS.contains(&key) => earlier < later && plausible,
        "out-of-sync" => plausible,
        key => GAUGES.contains(&key),
    }
}

/// The lines of what differs and may not; and whether anything moved.
fn contradictions(capture: &Capture, sources: &str, earlier: &Facts, later: &Facts) -> (Vec<String>, bool) {
    let all = differences(earlier, later);
    let moved = !all.is_empty();
    let wrong = all.into_iter().filter(|(object, key, left, right)| !went_on(capture, object, key, left, right));
    let lines = wrong.map(|(object, key, left, right)| {
        format!("{}, {sources}: {object} {key}: {left} against {right}", capture.name)
    });
    (lines.collect(), moved)
}

fn with(name: &str) -> impl Iterator<Item = (Capture, String)> {
    all().into_iter().filter_map(move |capture| {
        let text = capture.text(name)?;
        Some((capture, text))
    })
}

fn without(mut facts: Facts, key: &str) -> Facts {
    for own in facts.values_mut() {
        own.remove(key);
    }
    facts
}

#[test]
fn netlink_and_events2_tell_the_same_story() {
    let mut wrong = Vec::new();
    let mut moved = BTreeSet::new();
    let mut seen = 0;
    for (capture, text) in with("events2.txt") {
        let events = drbd::events2::parse(&text).unwrap();
        // The captures are drbd-utils 9.22's, which have no word for it.
        let netlink = without(facts::of_status(&capture.decode().unwrap()), "open");
        let (lines, any) = contradictions(&capture, "netlink, events2", &netlink, &facts::of_events2(&events));
        wrong.extend(lines);
        if any {
            moved.insert(capture.name);
        }
        seen += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(seen, 39 + 75);
    let named: BTreeSet<String> = MOVING.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(moved, named, "no exception without need");
}

#[test]
fn proc_and_netlink_tell_the_same_story() {
    let mut wrong = Vec::new();
    let mut minors = 0;
    for (capture, text) in with("proc_drbd.txt") {
        let report = proc::parse(text.as_bytes()).unwrap();
        assert!(report.unknown.is_empty(), "{}: {:?}", capture.name, report.unknown);
        let netlink = capture.decode().unwrap();
        let Some(status) = report.status() else {
            assert_eq!((capture.version, report.version.as_str()), (2, "9.3.3"), "only plain 9 lists no minors");
            continue;
        };
        let mut by_minor = facts::by_minor(&netlink);
        for minor in &report.minors {
            minors += 1;
            assert!(minor.unknown.is_empty(), "{}: {:?}", capture.name, minor.unknown);
            if minor.unconfigured {
                let (resource, device) = netlink.device(minor.minor).expect("it is there all the same");
                let (connection, peer) = resource.peers_of(device).next().expect("8.4 has one");
                assert_eq!((&minor.disk, &minor.peer_disk), (&device.disk, &peer.disk));
                assert_eq!((&minor.role, &minor.peer_role), (&resource.role, &connection.role));
                assert_eq!((&minor.connection, &minor.replication), (&connection.state, &peer.replication));
                by_minor.remove(&format!("minor {}", minor.minor));
            }
            let drawn = minor.sync.as_ref().is_some_and(|sync| !sync.verify);
            // Paused resyncs are not drawn, verifies are drawn only there.
            if !drawn {
                if let Some(own) = by_minor.get_mut(&format!("minor {}", minor.minor)) {
                    own.remove("rs-total");
                }
            }
        }
        let mut proc = facts::by_minor(&status);
        for (object, own) in &mut proc {
            if !by_minor.get(object).is_some_and(|netlink| netlink.contains_key("rs-total")) {
                own.remove("rs-total");
            }
        }
        wrong.extend(contradictions(&capture, "/proc, netlink", &proc, &by_minor).0);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(minors, 76);
}

#[test]
fn netlink_and_json_tell_the_same_story() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (capture, text) in with("status.json") {
        let json = json::facts(&text);
        let mut netlink = facts::of_status(&capture.decode().unwrap());
        netlink.retain(|object, _| !object.starts_with("path "));
        for (object, own) in &mut netlink {
            // The JSON has no word for these.
            let said = json.get(object);
            own.retain(|key, _| {
                said.is_some_and(|said| said.contains_key(key)) || !json::UNSAID.contains(&key.as_str())
            });
        }
        wrong.extend(contradictions(&capture, "netlink, JSON", &netlink, &json).0);
        seen += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(seen, 75);
}

#[test]
fn progress_is_what_drbdsetup_and_proc_say() {
    let mut compared = 0;
    for (capture, text) in with("events2.txt") {
        let status = capture.decode().unwrap();
        for event in drbd::events2::parse(&text).unwrap() {
            let Some(done) = event.facts.get("done") else { continue };
            let done: f64 = done.parse().unwrap();
            let resource = status.resource(&event.facts["name"]).unwrap();
            let node: u32 = event.facts["peer-node-id"].parse().unwrap();
            let connection = resource.connections.iter().find(|own| own.peer_node_id.unwrap_or(0) == node).unwrap();
            let volume = event.facts["volume"].parse().ok();
            let peer = connection.peer_devices.iter().find(|peer| peer.volume == volume).unwrap();
            let progress = peer.progress().unwrap_or_else(|| panic!("{}: {event:?}", capture.name));
            let own = f64::from(progress.hundredths) / 100.0;
            // It was read up to half a second earlier.
            assert!(own <= done + 0.01 && done - own < 25.0, "{}: {own} against {done}", capture.name);
            if !MOVING.iter().any(|(name, _)| *name == capture.name) {
                assert!((own - done).abs() <= 0.01, "{}: {own} against {done}", capture.name);
            }
            compared += 1;
        }
    }
    assert!(compared >= 20, "{compared}");

    // 8.4 tells of a verify in /proc only.
    let text = captures::named("8.4/13-verify").text("proc_drbd.txt").unwrap();
    let status = proc::parse(text.as_bytes()).unwrap().status().unwrap();
    let peer = &status.resources[0].connections[0].peer_devices[0];
    let progress = peer.progress().unwrap();
    assert_eq!((progress.left.map(Bytes::kib), progress.total.map(Bytes::kib)), (Some(99_208), Some(131_032)));
    assert_eq!(progress.to_string(), "24.28 % done, 0:00:12 left");
}

#[test]
fn configuration_is_what_drbdsetup_shows() {
    let mut addresses = 0;
    for (capture, shown) in with("show.txt") {
        let status = capture.decode().unwrap();
        for section in shown.split("resource ").skip(1) {
            let name = section.split_whitespace().next().unwrap();
            let resource = status.resource(name).unwrap_or_else(|| panic!("{}: no resource {name}", capture.name));
            let shown: BTreeSet<String> = values(section, "disk").chain(values(section, "meta-disk")).collect();
            let own: BTreeSet<String> = resource
                .devices
                .iter()
                .flat_map(|device| {
                    let shown = |path: &std::path::PathBuf| format!("\"{}\"", path.display());
                    let internal = device.meta_dev == device.backing_dev;
                    let meta = if internal { Some("internal".to_owned()) } else { device.meta_dev.as_ref().map(shown) };
                    [device.backing_dev.as_ref().map(shown), meta.filter(|_| device.meta_dev.is_some())]
                })
                .flatten()
                .collect();
            assert_eq!(own, shown, "{}: {name}", capture.name);
            let shown: BTreeSet<String> =
                values(section, "address").map(|address| address.replace("ipv4 ", "ipv4:")).collect();
            let paths = resource.connections.iter().flat_map(|connection| &connection.paths);
            let own: BTreeSet<String> =
                paths.flat_map(|path| [path.local.to_string(), path.peer.to_string()]).collect();
            assert_eq!(own, shown, "{}: {name}", capture.name);
            addresses += own.len();
        }
    }
    assert!(addresses > 50, "{addresses}");
}

/// The values of an option in `drbdsetup show`: `disk "/dev/ram0";`, but not the section `disk {`.
fn values<'a>(section: &'a str, option: &'a str) -> impl Iterator<Item = String> + 'a {
    section.lines().filter_map(move |line| {
        let value = line.trim().strip_prefix(option)?.strip_suffix(';')?;
        value.starts_with(char::is_whitespace).then(|| value.trim().to_owned())
    })
}

#[test]
fn a_peer_without_connection_is_there_though_the_other_dumps_leave_it_out() {
    let capture = captures::named("8.4/19-standalone-primary-oos");
    let status = capture.decode().unwrap();
    let resource = status.resource("a").unwrap();
    let connection = &resource.connections[0];
    assert_eq!(connection.state, ConnectionState::StandAlone);
    assert_eq!(connection.peer_devices[0].out_of_sync.unwrap().kib(), 6144);
    assert_eq!((connection.protocol.clone(), connection.paths.len()), (None, 0), "the network isn't configured");
    assert_eq!(capture.dump("get_connections").len(), 1, "the end of the dump only");
}

#[test]
fn every_dump_of_every_capture_decodes_with_nothing_unknown() {
    for capture in all() {
        let mut dumps = capture.dumps();
        if capture.version == 1 {
            let more = ["get_resources", "get_devices", "get_connections", "get_peer_devices"];
            dumps.extend(more.map(|name| capture.dump(name)));
        }
        let status =
            captures::decode(capture.version, &dumps).unwrap_or_else(|error| panic!("{}: {error}", capture.name));
        assert_eq!(unknown(&status), 0, "{}: {status:?}", capture.name);
        assert_eq!(status.source, if capture.version == 1 { Source::NetlinkV1 } else { Source::NetlinkV2 });
        assert!(capture.dump("family").len() == 1);
        let family = drbd::netlink::Family::parse(&capture.dump("family")[0]).unwrap();
        assert_eq!(family.version, capture.version, "{}", capture.name);
        assert_eq!(family.commands.contains(&50), capture.version == 2, "only 9 has GET_PATHS");
    }
}

fn unknown(status: &Status) -> usize {
    let peers = status.resources.iter().flat_map(|resource| &resource.connections);
    status.unknown.len()
        + status.resources.iter().map(|resource| resource.unknown.len()).sum::<usize>()
        + status.resources.iter().flat_map(|resource| &resource.devices).map(|own| own.unknown.len()).sum::<usize>()
        + peers.clone().map(|own| own.unknown.len()).sum::<usize>()
        + peers.flat_map(|own| &own.peer_devices).map(|own| own.unknown.len()).sum::<usize>()
}

#[test]
fn an_unprivileged_reader_gets_the_same() {
    for name in ["8.4/global/unprivileged", "9/global/unprivileged"] {
        let status = captures::named(name).decode().unwrap();
        assert!(!status.resources.is_empty(), "{name}");
        assert_eq!(unknown(&status), 0, "{name}");
    }
}

#[test]
fn a_kernel_without_drbd_says_so() {
    for folder in ["8.4", "9"] {
        let path = captures::root().join(folder).join("global/netlink-family-nomodule.bin");
        let error = drbd::netlink::Family::parse(&captures::records(&path)[0]).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(nix::libc::ENOENT), "{error}");
    }
}

#[test]
fn verdicts_are_what_an_administrator_would_say() {
    let verdicts = [
        ("8.4/01-unconfigured", Severity::Unknown, "DRBD is loaded, but no resource is configured"),
        ("8.4/07-sync", Severity::Warning, "b /dev/drbd1 to 127.0.0.1:7001: SyncTarget, 25.63 % done"),
        (
            "8.4/08-paused-sync-user",
            Severity::Warning,
            "a /dev/drbd0 to 127.0.0.1:7002: PausedSyncS, 28.75 % done, waiting (user)",
        ),
        ("8.4/12-mounted-btrfs", Severity::Ok, ""),
        ("8.4/13-verify", Severity::Ok, ""),
        ("8.4/15-suspended-user", Severity::Critical, "a: I/O is suspended (user)"),
        (
            "8.4/18-outdated",
            Severity::Critical,
            "b /dev/drbd1: no good copy of the data within reach, this one is Outdated",
        ),
        ("8.4/21-primary-diskless", Severity::Critical, "a /dev/drbd0: this node is without its disk (Diskless)"),
        (
            "8.4/23-split-brain",
            Severity::Critical,
            "a to peer: StandAlone: won't connect by itself (disconnected, refused or split brain)",
        ),
        ("8.4/30-all-down", Severity::Warning, "b to 127.0.0.1:7001: not connected (Connecting)"),
        (
            "8.4/34-ahead-behind",
            Severity::Warning,
            "c /dev/drbd2 to 127.0.0.1:7004: Ahead: congested, the peer isn't getting every write",
        ),
        (
            "8.4/44-verify-found-oos",
            Severity::Warning,
            "a /dev/drbd0 to 127.0.0.1:7002: both copies count as good, but differ in 1.0 MiB",
        ),
        ("9/06-uptodate/a", Severity::Ok, ""),
        ("9/16-quorum-lost-suspended/a", Severity::Critical, "r0: I/O is suspended (quorum)"),
        ("9/16-quorum-lost-suspended/a", Severity::Critical, "r0 /dev/drbd0: quorum is lost"),
        ("9/32-diskless-client/c", Severity::Ok, ""),
    ];
    for (name, severity, finding) in verdicts {
        let verdict = health::assess_all(&captures::named(name).decode().unwrap());
        let findings: Vec<String> = verdict.findings.iter().map(ToString::to_string).collect();
        assert_eq!(verdict.severity, severity, "{name}: {findings:?}");
        if finding.is_empty() {
            assert!(findings.is_empty(), "{name}: {findings:?}");
        } else {
            assert!(findings.iter().any(|own| own == finding), "{name}: {findings:?}");
        }
    }
}

#[test]
fn every_field_of_one_state_is_where_it_belongs() {
    let status = captures::named("8.4/12-mounted-btrfs").decode().unwrap();
    let (resource, device) = status.device(0).unwrap();
    assert_eq!((resource.role.clone(), device.disk.clone()), (Role::Primary, DiskState::UpToDate));
    assert_eq!(device.size.unwrap().to_string(), "127.9 MiB");
    assert_eq!(device.current_uuid, Some(Generation(0x0fd3_ed39_2e01_0f65)));
    assert_eq!(device.history_uuids, [Generation(0xbd22_e596_fa97_df60), Generation(4)]);
    let (connection, peer) = resource.peers_of(device).next().unwrap();
    assert_eq!(connection.paths[0].peer.to_string(), "ipv4:127.0.0.1:7002");
    assert_eq!((connection.role.clone(), peer.replication.clone()), (Role::Secondary, ReplicationState::Established));
}
