//! `/proc/drbd` of versions there are no captures of, written as their kernels format it (`drbd_proc.c` of each).

use std::time::Duration;

use drbd::proc;
use drbd::state::{ConnectionState, DiskState, Protocol, Raw, ReplicationState, Role, WriteOrdering};
use drbd::{Bytes, Source};

/// 8.3.11: unconfigured minors stay listed, and above 4 GiB the bar's line runs on into the next one.
const V83: &str = "\
version: 8.3.11 (api:88/proto:86-96)
GIT-hash: 0de839cee13a4160eed6037c4bddd066645e23c5 build by root@alpha, 2011-07-01 10:11:12
 0: cs:SyncSource ro:Primary/Secondary ds:UpToDate/Inconsistent C r---n-
    ns:2097152 nr:0 dw:1024 dr:2098176 al:3 bm:128 lo:1 pe:7 ua:1 ap:6 ep:1 wo:b oos:8388608
\t[===>................] sync'ed: 20.0% (8192/10240)Mfinish: 1:02:03 speed: 11,264 (10,240) K/sec (stalled)
 1: cs:Unconfigured

 3: cs:WFReportParams ro:Secondary/Unknown ds:Consistent/DUnknown A s---a-
    ns:0 nr:0 dw:0 dr:0 al:0 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:x oos:0
";

/// 8.0: roles under `st:`, fewer letters, no write order and no amount out of sync.
const V80: &str = "\
version: 8.0.16 (api:86/proto:86)
GIT-hash: d30881451c988619e243d6294a899139eed1183d build by root@alpha, 2009-08-22 13:27:57
 0: cs:Connected st:Primary/Secondary ds:UpToDate/UpToDate C r---
    ns:10 nr:20 dw:30 dr:40 al:1 bm:2 lo:0 pe:0 ua:0 ap:0
\tresync: used:0/31 hits:0 misses:0 starving:0 dirty:0 changed:0
\tact_log: used:0/127 hits:9 misses:1 starving:0 dirty:0 changed:1
";

#[test]
fn drbd_8_3() {
    let report = proc::parse(V83.as_bytes()).unwrap();
    assert_eq!((report.version.as_str(), report.api, report.protocol), ("8.3.11", Some(88), Some((86, 96))));
    assert!(report.build.as_ref().unwrap().starts_with("GIT-hash: 0de839c"));
    assert_eq!(report.minors.iter().map(|minor| minor.minor).collect::<Vec<_>>(), [0, 1, 3]);

    let sync = report.minors[0].sync.as_ref().unwrap();
    assert_eq!((sync.left, sync.total), (Bytes::from_kib(8192 << 10), Bytes::from_kib(10240 << 10)));
    assert_eq!(sync.finish, Some(Duration::from_secs(3723)));
    assert_eq!((sync.rate, sync.rate_average), (Bytes::from_kib(11_264), Bytes::from_kib(10_240)));
    assert!(sync.stalled && !sync.verify && sync.unknown.is_empty());
    assert_eq!(report.minors[0].flags.as_ref().unwrap().congestion, Some('n'));
    assert!(report.minors[1].unconfigured);
    let last = &report.minors[2];
    assert_eq!((&last.connection, &last.replication), (&ConnectionState::Connected, &ReplicationState::Off));
    assert_eq!(last.write_ordering, Some(WriteOrdering::Other(Raw::Word("x".to_owned()))));
    assert_eq!(last.flags.as_ref().unwrap().congestion, Some('a'));

    let status = report.status().unwrap();
    assert_eq!((status.source, status.version.as_deref()), (Source::Proc, Some("8.3.11")));
    assert_eq!(status.resources.len(), 2, "what is unconfigured is nobody's data");
    let (resource, device) = status.device(0).unwrap();
    let (connection, peer) = resource.peers_of(device).next().unwrap();
    assert_eq!((&resource.role, &connection.role), (&Role::Primary, &Role::Secondary));
    assert_eq!((&device.disk, &peer.disk), (&DiskState::UpToDate, &DiskState::Inconsistent));
    assert_eq!((connection.protocol.as_ref(), peer.pending), (Some(&Protocol::C), Some(7)));
    assert_eq!(peer.progress().unwrap().to_string(), "20.00 % done, 1:02:03 left");
    let (resource, _) = status.device(3).unwrap();
    assert!(resource.suspended.any());
}

#[test]
fn drbd_8_0() {
    let report = proc::parse(V80.as_bytes()).unwrap();
    let minor = &report.minors[0];
    assert_eq!((&minor.role, &minor.peer_role), (&Role::Primary, &Role::Secondary));
    assert_eq!((minor.sent, minor.read), (Bytes::from_kib(10), Bytes::from_kib(40)));
    assert_eq!((minor.out_of_sync, minor.write_ordering.as_ref()), (None, None), "not told isn't zero");
    assert_eq!(minor.flags.as_ref().unwrap().al_suspended, None);
    assert_eq!(minor.details.len(), 2);
    assert!(minor.unknown.is_empty());
}

#[test]
fn drbd_9_with_and_without_the_old_text() {
    let plain = "version: 9.3.3 (api:2/proto:118-124)\nGIT-hash: 97da build by @vm\nTransports (api:22): tcp (9.3.3)\n";
    let report = proc::parse(plain.as_bytes()).unwrap();
    assert_eq!(report.transports.as_deref(), Some("Transports (api:22): tcp (9.3.3)"));
    assert!(report.unknown.is_empty());
    assert_eq!(report.status(), None, "no minors listed is not: no minors");
    let compatible = plain.replace("124)", "124) (compat 8.4)");
    let report = proc::parse(compatible.as_bytes()).unwrap();
    assert!(report.compat_84 && report.unknown.is_empty());
    assert_eq!(report.status().unwrap().resources, []);
}

#[test]
fn what_drbd_never_wrote_is_an_error_that_says_where() {
    let error = |text: &str| proc::parse(text.as_bytes()).unwrap_err().to_string();
    assert_eq!(error(""), "/proc/drbd, line 1: does not start with \"version: \"");
    assert_eq!(error("hello\n"), "/proc/drbd, line 1: does not start with \"version: \"");
    let damaged = V80.replace("dw:30", "dw:many");
    assert_eq!(error(&damaged), "/proc/drbd, line 4: \"many\": invalid digit found in string");
    let damaged = V80.replace("UpToDate/UpToDate", "UpToDate");
    assert_eq!(error(&damaged), "/proc/drbd, line 3: \"UpToDate\" is not two words with a slash between");
}
