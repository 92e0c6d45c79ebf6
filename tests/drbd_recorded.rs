//! What others recorded, read again by the library and by `drbd_status --read`; and the metrics that are made of it.

#[path = "drbd_facts/captures.rs"]
mod captures;
#[path = "drbd_facts/all.rs"]
mod everything;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Output, Stdio};

use captures::{Capture, records};
use drbd::{Error, Recording, Source, Status, events2, json, netlink, proc};
use everything::all;
use testbed::command::example;

/// A recording of a captured state, written down by hand.
fn recording(capture: &Capture) -> Vec<u8> {
    let commands: &[(u8, &str)] = match capture.version {
        1 => &[(38, "get_initial_state"), (2, "get_status")],
        _ => &[
            (38, "get_initial_state"),
            (30, "get_resources"),
            (31, "get_devices"),
            (32, "get_connections"),
            (33, "get_peer_devices"),
            (50, "get_paths"),
        ],
    };
    let mut bytes = format!("drbd recording 1\nmodule 9.9\nfamily {}\n", capture.version).into_bytes();
    for (command, name) in commands {
        let dump = capture.bytes(&format!("netlink-{name}.bin")).unwrap();
        bytes.extend(format!("dump {command} {}\n", dump.len()).into_bytes());
        bytes.extend(dump);
    }
    if let Some(text) = capture.text("proc_drbd.txt") {
        bytes.extend(format!("proc {}\n{text}", text.len()).into_bytes());
    }
    bytes.extend(b"end\n");
    bytes
}

/// What is the same whoever recorded it.
fn known(mut status: Status) -> Status {
    status.version = None;
    status
}

#[test]
fn each_file_is_told_by_what_is_in_it() {
    for capture in all() {
        let read = |bytes: &[u8]| Status::from_recorded(bytes).unwrap_or_else(|error| panic!("{capture:?}: {error}"));
        let whole = read(&recording(&capture));
        assert_eq!(whole.version.as_deref(), Some("9.9"));
        assert_eq!(known(whole), known(capture.decode().unwrap()), "{}", capture.name);
        // The snapshot alone has all but the configuration.
        let snapshot = read(&capture.bytes("netlink-get_initial_state.bin").unwrap());
        let dump = [capture.dump("get_initial_state")];
        assert_eq!(snapshot, captures::decode(capture.version, &dump).unwrap(), "{}", capture.name);
        if let Some(text) = capture.text("events2.txt") {
            assert_eq!(read(text.as_bytes()), events2::status(&text).unwrap());
        }
        if let Some(text) = capture.text("status.json") {
            assert_eq!(read(text.as_bytes()), json::status(&text).unwrap());
        }
        let Some(text) = capture.text("proc_drbd.txt") else { continue };
        match proc::parse(text.as_bytes()).unwrap().status() {
            Some(status) => assert_eq!(read(text.as_bytes()), status),
            None => assert!(matches!(Status::from_recorded(text.as_bytes()), Err(Error::Hidden))),
        }
    }
}

#[test]
fn a_recording_is_written_as_it_was_read_and_cut_it_is_none() {
    for name in ["8.4/07-sync", "9/03-sync/a"] {
        let bytes = recording(&captures::named(name));
        assert_eq!(Recording::parse(&bytes).unwrap().to_bytes(), bytes, "{name}");
        for end in 0..bytes.len() {
            assert!(matches!(Recording::parse(&bytes[..end]), Err(Error::Text { .. })), "{name}, {end} bytes");
        }
    }
    for (bytes, rule) in [
        (&b"drbd recording 2\n"[..], "the file: is none of"),
        (b"drbd recording 1\nodd\n", "the recording: has a line not known here: odd"),
        (b"drbd recording 1\nend\nmore\n", "the recording: has a line not known here: end"),
        (b"drbd recording 1\nproc x\n", "the recording: has a line without a length: proc x"),
        (b"", "the file: is none of"),
        (b"\x7fELF\x02\x01\x01", "the file: is none of"),
    ] {
        let error = Status::from_recorded(bytes).unwrap_err().to_string();
        assert!(error.starts_with(rule), "{error}");
    }
}

fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(example("drbd_status").unwrap());
    let mut child =
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn the_program_reads_what_others_recorded() {
    let capture = captures::named("8.4/07-sync");
    let directory = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("recording", recording(&capture)),
        ("netlink", capture.bytes("netlink-get_initial_state.bin").unwrap()),
        ("proc", capture.bytes("proc_drbd.txt").unwrap()),
        ("events2", capture.bytes("events2.txt").unwrap()),
    ] {
        let path = directory.path().join(name);
        std::fs::write(&path, &bytes).unwrap();
        let output = run(&["--json", "--read", path.to_str().unwrap()], b"");
        assert_eq!(output.status.code(), Some(1), "a resync is a warning: {output:?}");
        let shown: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let status = serde_json::to_value(Status::from_recorded(&bytes).unwrap()).unwrap();
        assert_eq!(shown["resources"], status["resources"], "{name}");
        assert_eq!(run(&["--json", "--read", "-"], &bytes).stdout, output.stdout, "{name}");
    }
    let output = run(&["--read", "-"], b"nothing of this kind");
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("UNKNOWN: -: the file: is none of a recording, netlink, /proc/drbd, "), "{said}");
    let output = run(&["--read", "/does/not/exist"], b"");
    assert!(String::from_utf8(output.stdout).unwrap().contains("/does/not/exist: No such file"));
}

/// Lines of the text format, by name and labels.
fn metrics(text: &str) -> BTreeMap<String, f64> {
    let mut typed = BTreeSet::new();
    let mut metrics = BTreeMap::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            assert!(typed.insert(rest.split(' ').next().unwrap().to_owned()), "twice: {line}");
        }
        if line.starts_with('#') {
            continue;
        }
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(typed.contains(name.split('{').next().unwrap()), "{line}");
        assert!(metrics.insert(name.to_owned(), value.parse().unwrap()).is_none(), "twice: {line}");
    }
    metrics
}

#[test]
fn the_metrics_are_those_of_the_state() {
    for capture in all() {
        let bytes = recording(&capture);
        let output = run(&["--prometheus", "-", "--read", "-"], &bytes);
        let metrics = metrics(&String::from_utf8(output.stdout).unwrap());
        let status = capture.decode().unwrap();
        let severity = drbd::health::assess_all(&status).severity.exit_code();
        assert_eq!((metrics["drbd_up"], metrics["drbd_severity"]), (1.0, severity.into()), "{}", capture.name);
        assert_eq!(output.status.code(), Some(severity.into()), "{}", capture.name);
        let of = |name: &str| metrics.keys().filter(|key| key.split('{').next() == Some(name)).count();
        let devices: usize = status.resources.iter().map(|own| own.devices.len()).sum();
        let peers = status.resources.iter().flat_map(|own| &own.connections);
        assert_eq!(of("drbd_device_disk"), devices);
        assert_eq!(of("drbd_connection"), peers.clone().count());
        assert_eq!(of("drbd_peer_device_replication"), peers.map(|own| own.peer_devices.len()).sum::<usize>());
    }
    let output = run(&["--prometheus", "-", "--read", "-"], &recording(&captures::named("9/06-uptodate/a")));
    let text = String::from_utf8(output.stdout).unwrap();
    let metrics = metrics(&text);
    let status = captures::named("9/06-uptodate/a").decode().unwrap();
    let device = &status.resources[0].devices[0];
    let labels = format!("{{minor=\"{}\",resource=\"r0\",volume=\"0\"}}", device.minor);
    let size = metrics[&format!("drbd_device_size_bytes{labels}")];
    assert_eq!(device.size.map(|size| size.to_string()), Some(drbd::Bytes(whole(size)).to_string()), "{text}");
    assert_eq!(Some(drbd::Bytes(whole(metrics[&format!("drbd_device_written_bytes_total{labels}")]))), device.written);
}

fn whole(value: f64) -> u64 {
    format!("{value:.0}").parse().unwrap()
}

#[test]
fn a_metrics_file_is_whole_and_readable_by_others() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("drbd.prom");
    let bytes = recording(&captures::named("9/03-sync/a"));
    for _ in 0..2 {
        assert!(run(&["--prometheus", path.to_str().unwrap(), "--read", "-"], &bytes).stdout.is_empty());
        assert!(metrics(&std::fs::read_to_string(&path).unwrap()).len() > 50);
    }
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o644);
    // Where there is no state, that is what it says; an alert can be on it.
    let output = run(&["--prometheus", "-", "--read", "-"], b"");
    assert_eq!(metrics(&String::from_utf8(output.stdout).unwrap())["drbd_up"], 0.0);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "nothing else is left");
}

#[test]
fn a_decoder_is_of_a_version_it_knows() {
    assert!(netlink::Decoder::new(2).is_ok());
    let mut bytes = captures::named("9/03-sync/a").bytes("netlink-get_initial_state.bin").unwrap();
    bytes[4 + 17] = 3;
    assert!(matches!(Status::from_recorded(&bytes), Err(Error::UnknownVersion { version: 3 })));
    assert_eq!(captures::named("9/03-sync/a").decode().unwrap().source, Source::NetlinkV2);
    assert!(!records(&captures::root().join("9/03-sync/a/netlink-family.bin")).is_empty());
}
