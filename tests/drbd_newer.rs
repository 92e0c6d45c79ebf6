//! What a newer kernel may say: attributes, states, bits, messages and words this version doesn't know are kept and
//! shown, and disturb nothing else.

#[path = "drbd_facts/captures.rs"]
mod captures;
#[path = "drbd_facts/message.rs"]
mod message;

use drbd::state::Role;
use drbd::{Attribute, MetaDataFlags, Status, health, proc};
use message::{RICH, attributes, command, is_message, nest, rewritten, with_value};
use proptest::prelude::*;

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

proptest! {
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
