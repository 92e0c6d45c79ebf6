//! The decoders under bytes no kernel of today sends: cut, damaged, and of newer versions.
//!
//! Cut or damaged bytes are errors, never a panic or a partial answer. What a newer kernel may add is kept.

#[path = "drbd_facts/captures.rs"]
mod captures;

use std::io::ErrorKind;

use captures::Capture;
use drbd::state::Role;
use drbd::{Attribute, Error, MetaDataFlags, Status, health, proc};
use proptest::prelude::*;
use proptest::sample::Index;

/// States with many objects in them.
const RICH: [&str; 4] =
    ["8.4/32-two-volumes-sync-dependency", "8.4/12-mounted-btrfs", "9/25-resync-after-dependency/a", "9/07-verify/a"];

const NLMSG_ERROR: u16 = 2;
/// `nlmsghdr`, `genlmsghdr`, `drbd_genlmsghdr`.
const HEADERS: usize = 16 + 4 + 8;

fn u16_at(bytes: &[u8], at: usize) -> usize {
    u16::from_ne_bytes(bytes[at..at + 2].try_into().unwrap()).into()
}

fn is_message(datagram: &[u8]) -> bool {
    u16_at(datagram, 4) >= 16
}

fn command(datagram: &[u8]) -> u8 {
    datagram[16]
}

/// The attributes of a nest: number with its flag bits, and content.
fn attributes(mut bytes: &[u8]) -> Vec<(u16, Vec<u8>)> {
    let mut list = Vec::new();
    while !bytes.is_empty() {
        let length = u16_at(bytes, 0);
        let number = u16::from_ne_bytes(bytes[2..4].try_into().unwrap());
        list.push((number, bytes[4..length].to_vec()));
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    list
}

fn nest(list: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (number, content) in list {
        bytes.extend(u16::try_from(content.len() + 4).unwrap().to_ne_bytes());
        bytes.extend(number.to_ne_bytes());
        bytes.extend(content);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

/// The message with its attributes rewritten: those of the message itself, each a nest of others.
fn rewritten(datagram: &[u8], rewrite: impl FnOnce(&mut Vec<(u16, Vec<u8>)>)) -> Vec<u8> {
    let mut list = attributes(&datagram[HEADERS..]);
    rewrite(&mut list);
    let mut message = datagram[..HEADERS].to_vec();
    message.extend(nest(&list));
    let length = u32::try_from(message.len()).unwrap();
    message[..4].copy_from_slice(&length.to_ne_bytes());
    message
}

/// Rewrites one attribute in one nest of every message of the snapshot.
fn with_value(capture: &Capture, nest_number: u16, number: u16, value: &[u8]) -> Result<Status, Error> {
    let mut dumps = capture.dumps();
    for datagram in dumps[0].iter_mut().filter(|datagram| is_message(datagram)) {
        *datagram = rewritten(datagram, |list| {
            for (_, content) in list.iter_mut().filter(|(own, _)| own & 0x3fff == nest_number) {
                let mut own = attributes(content);
                for (_, old) in own.iter_mut().filter(|(own, _)| own & 0x3fff == number) {
                    *old = value.to_vec();
                }
                *content = nest(&own);
            }
        });
    }
    captures::decode(capture.version, &dumps)
}

/// Everything kept as unknown, wherever it hangs.
fn unknown(status: &Status) -> Vec<Attribute> {
    let mut all = Vec::new();
    for resource in &status.resources {
        all.extend(resource.unknown.clone());
        all.extend(resource.devices.iter().flat_map(|device| device.unknown.clone()));
        for connection in &resource.connections {
            all.extend(connection.unknown.clone());
            all.extend(connection.peer_devices.iter().flat_map(|peer| peer.unknown.clone()));
        }
    }
    all
}

/// The same model without what is unknown.
fn stripped(mut status: Status) -> Status {
    for resource in &mut status.resources {
        resource.unknown.clear();
        resource.devices.iter_mut().for_each(|device| device.unknown.clear());
        for connection in &mut resource.connections {
            connection.unknown.clear();
            connection.peer_devices.iter_mut().for_each(|peer| peer.unknown.clear());
        }
    }
    status
}

#[test]
fn attributes_of_a_newer_kernel_are_kept_and_disturb_nothing() {
    for capture in RICH.map(captures::named) {
        let before = capture.decode().unwrap();
        let mut dumps = capture.dumps();
        let mut sent = Vec::new();
        let mut serial = 0_u64;
        let mut next = |nest: Option<u16>, number: u16| {
            serial += 1;
            sent.push((nest, number, serial.to_ne_bytes().to_vec()));
            serial.to_ne_bytes().to_vec()
        };
        let objects = |datagram: &&mut Vec<u8>| is_message(datagram) && (34..=37).contains(&command(datagram));
        for datagram in dumps[0].iter_mut().filter(objects) {
            *datagram = rewritten(datagram, |list| {
                for (number, content) in list.iter_mut() {
                    let mut own = attributes(content);
                    own.insert(0, (0x4000 | 201, next(Some(*number & 0x3fff), 201)));
                    // Padding before a 64-bit value is no attribute.
                    own.push((0, Vec::new()));
                    own.push((200, next(Some(*number & 0x3fff), 200)));
                    *content = nest(&own);
                }
                list.push((0x8000 | 60, next(None, 60)));
            });
        }
        let after = captures::decode(capture.version, &dumps).unwrap();
        let mut kept: Vec<_> =
            unknown(&after).into_iter().map(|attribute| (attribute.nest, attribute.number, attribute.value)).collect();
        kept.sort_by(|a, b| a.2.cmp(&b.2));
        sent.sort_by(|a, b| a.2.cmp(&b.2));
        assert!(sent.len() > 30);
        assert_eq!(kept, sent, "{}", capture.name);
        assert_eq!(stripped(after), before, "{}", capture.name);
    }
}

#[test]
fn configuration_of_a_newer_kernel_is_kept() {
    for capture in RICH.map(captures::named) {
        let mut dumps = capture.dumps();
        let mut sent = 0;
        for datagram in dumps[1..].iter_mut().flatten().filter(|datagram| is_message(datagram)) {
            *datagram = rewritten(datagram, |list| {
                for (_, content) in list.iter_mut().filter(|(own, _)| [3, 4, 5, 27].contains(&(own & 0x3fff))) {
                    let mut own = attributes(content);
                    sent += 1;
                    own.push((202, vec![42]));
                    *content = nest(&own);
                }
            });
        }
        let status = captures::decode(capture.version, &dumps).unwrap();
        let mut kept = 0;
        let mut count = |options: &[Attribute]| kept += options.iter().filter(|own| own.number == 202).count();
        for resource in &status.resources {
            count(&resource.options);
            resource.devices.iter().for_each(|device| count(&device.options));
            for connection in &resource.connections {
                count(&connection.options);
                connection.peer_devices.iter().for_each(|peer| count(&peer.options));
            }
        }
        let volumes: usize = status.resources.iter().map(|resource| resource.devices.len()).sum();
        // 8.4 repeats what belongs to a resource or a connection with each of its volumes.
        let repeated = if capture.version == 1 { 2 * (volumes - status.resources.len()) } else { 0 };
        assert!(kept > 0);
        assert_eq!(kept, sent - repeated, "{}", capture.name);
    }
}

#[test]
fn states_and_bits_of_a_newer_kernel_are_shown_with_their_number() {
    const NUMBER: u32 = 0xdead_beef;
    for capture in RICH.map(captures::named) {
        // resource role; disk; connection and role; replication and peer disk; write ordering
        for (nest, number) in [(15, 1), (16, 1), (17, 1), (17, 2), (18, 1), (18, 2), (19, 1)] {
            let status = with_value(&capture, nest, number, &NUMBER.to_ne_bytes()).unwrap();
            let shown = serde_json::to_string(&status).unwrap();
            assert!(shown.contains("unknown(3735928559)"), "{} {nest}.{number}: {shown}", capture.name);
            assert!(!unknown(&status).iter().any(|own| own.number == number), "a known attribute stays known");
        }
        let status = with_value(&capture, 16, 1, &NUMBER.to_ne_bytes()).unwrap();
        let verdict = health::assess_all(&status);
        let told = verdict.findings.iter().any(|own| own.severity == health::Severity::Unknown);
        assert!(told, "what isn't understood isn't called good: {verdict:?}");
        let status = with_value(&capture, 20, 13, &u32::MAX.to_ne_bytes()).unwrap();
        let device = &status.resources[0].devices[0];
        assert_eq!(device.meta_data_flags.map(|flags| flags.bits()), Some(u32::MAX));
        assert!(device.meta_data_flags.unwrap().contains(MetaDataFlags::AL_CLEAN));
    }
}

#[test]
fn messages_of_a_newer_kernel_are_kept() {
    let capture = captures::named(RICH[2]);
    let mut dumps = capture.dumps();
    let mut message = dumps[0][0].clone();
    message[16] = 200;
    message[20..24].copy_from_slice(&7_u32.to_ne_bytes());
    dumps[0].insert(1, message);
    let mut status = captures::decode(capture.version, &dumps).unwrap();
    assert_eq!((status.unknown[0].command, status.unknown[0].minor), (200, Some(7)));
    let context = status.unknown[0].attributes.iter().find(|own| own.number == 2).unwrap();
    assert!(context.value.windows(2).any(|bytes| bytes == b"r0"), "with all it says");
    status.unknown.clear();
    assert_eq!(status, capture.decode().unwrap());
}

#[test]
fn a_shared_secret_is_not_kept() {
    const SECRET: &[u8] = b"xyzzy-plugh\0";
    for capture in RICH.map(captures::named) {
        let mut dumps = capture.dumps();
        let mut put = 0;
        for datagram in dumps.iter_mut().flatten().filter(|datagram| is_message(datagram)) {
            *datagram = rewritten(datagram, |list| {
                for (_, content) in list.iter_mut().filter(|(own, _)| own & 0x3fff == 5) {
                    let mut own = attributes(content);
                    own[0].1 = SECRET.to_vec();
                    put += 1;
                    *content = nest(&own);
                }
            });
        }
        assert!(put > 0);
        let status = captures::decode(capture.version, &dumps).unwrap();
        let bytes = |own: &Attribute| own.value.windows(5).any(|bytes| bytes == b"xyzzy");
        let connections = status.resources.iter().flat_map(|resource| &resource.connections);
        assert!(!connections.flat_map(|own| &own.options).any(bytes), "{}", capture.name);
        assert!(!unknown(&status).iter().any(bytes), "{}", capture.name);
    }
}

#[test]
fn every_cut_of_an_answer_is_an_error() {
    for capture in RICH.map(captures::named) {
        let dumps = capture.dumps();
        let snapshot = &dumps[0];
        // Datagrams missing at the end.
        for count in 0..snapshot.len() {
            let error = captures::decode(capture.version, &[snapshot[..count].to_vec()]).unwrap_err();
            assert!(matches!(error, Error::Lost { .. }), "{}: {error}", capture.name);
        }
        // Bytes missing at the end of a datagram.
        for (index, datagram) in snapshot.iter().enumerate() {
            for length in 0..datagram.len() {
                let mut cut = snapshot.clone();
                cut[index].truncate(length);
                let error = captures::decode(capture.version, &[cut]).unwrap_err();
                assert!(matches!(error, Error::Malformed { .. }), "{}: {error}", capture.name);
            }
        }
        // An object without the one that holds it.
        let mut without = snapshot.clone();
        without.remove(0);
        let error = captures::decode(capture.version, &[without]).unwrap_err();
        assert!(error.to_string().contains("named before"), "{error}");
        // An object twice.
        for index in (0..snapshot.len()).filter(|index| (34..=37).contains(&command(&snapshot[*index]))) {
            let mut twice = snapshot.clone();
            twice.insert(index, twice[index].clone());
            let error = captures::decode(capture.version, &[twice]).unwrap_err();
            assert!(error.to_string().contains("is there twice"), "{error}");
        }
    }
}

#[test]
fn a_missing_state_is_an_error_that_names_it() {
    let capture = captures::named(RICH[0]);
    let mut dumps = capture.dumps();
    let at = dumps[0].iter().position(|datagram| is_message(datagram) && command(datagram) == 35).unwrap();
    dumps[0][at] = rewritten(&dumps[0][at], |list| list.retain(|(own, _)| own & 0x3fff != 16));
    let error = captures::decode(1, &dumps).unwrap_err();
    assert_eq!(error.to_string(), "malformed netlink message, device_info, attribute 1: is missing");
    let error = with_value(&capture, 20, 1, &[0; 4]).unwrap_err();
    assert_eq!(error.to_string(), "malformed netlink message, device_statistics, attribute 1: has 4 bytes, not 8");
}

#[test]
fn what_the_kernel_refuses_or_interrupts_is_an_error() {
    let capture = captures::named(RICH[1]);
    let snapshot = capture.dump("get_initial_state");
    let decode = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut snapshot = snapshot.clone();
        change(&mut snapshot[2]);
        captures::decode(capture.version, &[snapshot]).unwrap_err()
    };
    let error = decode(&|datagram| datagram[6] |= 0x10);
    assert!(matches!(error, Error::Interrupted { .. }), "{error}");
    let error = decode(&|datagram| datagram[4..6].copy_from_slice(&4_u16.to_ne_bytes()));
    assert!(matches!(error, Error::Lost { what: "NLMSG_OVERRUN" }), "{error}");
    let error = decode(&|datagram| {
        datagram[4..6].copy_from_slice(&NLMSG_ERROR.to_ne_bytes());
        datagram[16..20].copy_from_slice(&(-1_i32).to_ne_bytes());
    });
    assert_eq!(error.raw_os_error(), Some(1), "{error}");
    let error = decode(&|datagram| datagram[24..28].copy_from_slice(&158_i32.to_ne_bytes()));
    assert!(error.to_string().contains("DRBD error 158"), "{error}");
    // A dump that ends with an error, and one that ends without a code.
    let mut ended = snapshot.clone();
    let end = ended.last_mut().unwrap();
    end[16..20].copy_from_slice(&(-105_i32).to_ne_bytes());
    let error = captures::decode(1, &[ended.clone()]).unwrap_err();
    assert!(matches!(&error, Error::Refused { source, .. } if source.raw_os_error() == Some(105)), "{error}");
    let end = ended.last_mut().unwrap();
    end.truncate(16);
    end[..4].copy_from_slice(&16_u32.to_ne_bytes());
    assert!(captures::decode(1, &[ended]).is_ok());
}

#[test]
fn a_version_that_is_not_known_is_refused() {
    for version in [0, 3, u32::MAX] {
        let error = drbd::netlink::Decoder::new(version).err().unwrap();
        assert!(matches!(error, Error::UnknownVersion { version: own } if own == version));
    }
}

#[test]
fn whether_drbd_is_loaded_is_told_as_it_is() {
    match std::fs::read("/proc/drbd") {
        Ok(_) => {
            assert!(!matches!(Status::read(), Err(Error::NotLoaded)));
            assert!(proc::read().is_ok());
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::NotFound);
            assert!(matches!(Status::read(), Err(Error::NotLoaded)));
            assert!(matches!(drbd::netlink::read(), Err(Error::NotLoaded)));
            assert!(matches!(proc::read(), Err(Error::NotLoaded)));
        }
    }
}

fn rich() -> impl Strategy<Value = Capture> {
    (0..RICH.len()).prop_map(|index| captures::named(RICH[index]))
}

proptest! {
    #[test]
    fn damaged_netlink_never_panics(
        capture in rich(),
        damage in prop::collection::vec((any::<Index>(), any::<Index>(), any::<u8>()), 1..20),
    ) {
        let mut dumps = capture.dumps();
        for (which, at, byte) in damage {
            let datagrams: usize = dumps.iter().map(Vec::len).sum();
            let datagram = dumps.iter_mut().flatten().nth(which.index(datagrams)).unwrap();
            let at = at.index(datagram.len());
            datagram[at] = byte;
        }
        // An answer, or an error: both can be shown.
        match captures::decode(capture.version, &dumps) {
            Ok(status) => drop(format!("{:?} {:?}", status, health::assess_all(&status))),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn noise_is_never_an_answer(noise in prop::collection::vec(any::<u8>(), 0..200), version in 1_u32..=2) {
        prop_assert!(captures::decode(version, &[vec![noise.clone()]]).is_err());
        let _ = drbd::netlink::Family::parse(&noise);
    }

    #[test]
    fn proc_never_panics(noise in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = proc::parse(&noise);
    }

    #[test]
    fn damaged_proc_never_panics(
        index in 0..2_usize,
        damage in prop::collection::vec((any::<Index>(), any::<u8>()), 1..10),
    ) {
        let capture = captures::named(["8.4/41-sync-proc-details-2", "8.4/32-two-volumes-sync-dependency"][index]);
        let mut text = capture.text("proc_drbd.txt").unwrap().into_bytes();
        for (at, byte) in damage {
            let at = at.index(text.len());
            text[at] = byte;
        }
        if let Ok(report) = proc::parse(&text) {
            drop(format!("{:?}", report.status().map(|status| health::assess_all(&status))));
        }
    }

    #[test]
    fn words_of_a_newer_proc_are_kept(word in "[a-z]{4,9}:[a-zA-Z0-9]{1,6}", state in "[A-Z][a-z]{3,8}Q") {
        let text = captures::named("8.4/07-sync").text("proc_drbd.txt").unwrap();
        let before = proc::parse(text.as_bytes()).unwrap();
        let longer: String = text.lines().map(|line| format!("{line} {word}\n")).collect();
        let mut after = proc::parse(format!("{longer}\t{word}\n").as_bytes()).unwrap();
        for (minor, old) in after.minors.iter_mut().zip(&before.minors) {
            let kept = minor.unknown.iter().chain(&minor.sync.as_ref().unwrap().unknown);
            // Two lines of state, two of the resync; and a line of its own for the last minor.
            prop_assert_eq!(kept.filter(|own| **own == word).count(), if minor.minor == 1 { 5 } else { 4 });
            minor.unknown.clear();
            minor.sync.as_mut().unwrap().unknown.clear();
            prop_assert_eq!(&*minor, old);
        }
        let renamed = text.replace("ro:Primary", &format!("ro:{state}")).replace("SyncSource", &state);
        let report = proc::parse(renamed.as_bytes()).unwrap();
        prop_assert_eq!(report.minors[0].role.to_string(), state.clone());
        prop_assert_eq!(report.minors[0].connection.to_string(), state.clone());
        prop_assert_eq!(report.minors[0].replication.to_string(), state);
        prop_assert_ne!(&report.minors[0].role, &Role::Primary);
    }
}
