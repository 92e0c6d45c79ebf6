//! Texts of drbd-utils that others recorded: what is cut, damaged or newer is told, never guessed.

use std::fs;
use std::path::Path;

use drbd::state::{ConnectionState, DiskState, Raw, ReplicationState, Role};
use drbd::{Error, Source, Status, events2, json};
use proptest::prelude::*;

const RICH: [&str; 3] = ["9/25-resync-after-dependency/a", "9/07-verify/a", "8.4/32-two-volumes-sync-dependency"];

type Parser = fn(&str) -> Result<Status, Error>;

/// What was captured, if that state has it.
fn captured(state: &str, file: &str) -> Option<String> {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures").join(state).join(file)).ok()
}

fn stream(name: &str) -> String {
    captured(name, "events2-stream.txt").unwrap()
}

#[test]
fn a_stream_gives_the_state_after_its_last_line() {
    let text = stream("9/streams/1");
    let lines: Vec<&str> = text.lines().collect();
    let until = |found: &dyn Fn(&&str) -> bool| {
        let end = lines.iter().position(found).unwrap();
        events2::status(&(lines[..=end].join("\n") + "\n")).unwrap()
    };
    let status = until(&|line| line.contains("change peer-device") && line.contains("replication:SyncSource"));
    let resource = status.resource("r0").unwrap();
    assert_eq!((status.source, &resource.role), (Source::Events2, &Role::Primary));
    let peer = &resource.connections.iter().flat_map(|own| &own.peer_devices);
    let syncing: Vec<_> = peer.clone().filter(|own| own.replication == ReplicationState::SyncSource).collect();
    assert!(syncing.iter().any(|own| own.progress().is_some_and(|progress| progress.hundredths == 0)), "{syncing:?}");

    let renamed = until(&|line| line.contains("rename resource"));
    assert!(renamed.resource("r0").is_none());
    assert_eq!(renamed.resources[0].devices.len(), 2, "they went with it: {renamed:?}");
    assert!(events2::status(&text).unwrap().resources.is_empty(), "in the end all was taken down");

    // 8.4's connections have neither name nor number, whatever drbdsetup prints.
    let legacy = stream("8.4/streams/2");
    let end = legacy.find("helper:split-brain").unwrap();
    let end = legacy[..end].rfind('\n').unwrap() + 1;
    let status = events2::status(&legacy[..end]).unwrap();
    let connection = &status.resource("a").unwrap().connections[0];
    assert_eq!((&connection.name, connection.peer_node_id), (&None, None));
}

#[test]
fn a_text_that_is_cut_is_an_error() {
    for name in RICH {
        let text = captured(name, "events2.txt").unwrap();
        for end in 1..text.len() {
            let error = events2::status(&text[..end]).unwrap_err();
            assert!(matches!(error, Error::Text { .. }), "{name}: {error}");
        }
        if let Some(text) = captured(name, "status.json") {
            for end in 0..text.trim_end().len() {
                assert!(matches!(json::status(&text[..end]), Err(Error::Text { .. })), "{name}, {end} bytes");
            }
        }
    }
    let error = events2::status("exists device name:a volume:0 minor:0 disk:UpToDate\nexists -\n").unwrap_err();
    assert_eq!(error.to_string(), "events2, a 0: has no resource");
    let error = events2::status("exists resource name:a suspended:no\nexists -\n").unwrap_err();
    assert_eq!(error.to_string(), "events2, resource a: role is missing");
    let error = json::status(r#"[{"name": "a", "role": "Primary", "devices": {}, "connections": []}]"#).unwrap_err();
    assert_eq!(error.to_string(), "status JSON, a: a list is missing");
    let error = json::status(r#"[{"role": "Primary"}]"#).unwrap_err();
    assert_eq!(error.to_string(), "status JSON, resource: has no name");
}

#[test]
fn what_drbdsetup_would_print_of_strange_things_is_read() {
    let text = "exists resource name:a role:Primary suspended:user,flood force-io-failures:no\n\
                exists device name:a volume:0 minor:7 disk:Melted client:no\n\
                exists connection name:a peer-node-id:4 conn-name:b connection:Connected role:Secondary\n\
                exists path name:a peer-node-id:4 conn-name:b local:ipv6:[::1]:7000 peer:ssocks:10.0.0.1:7000 established:yes\n\
                exists peer-device name:a peer-node-id:4 conn-name:b volume:0 replication:SyncSource peer-disk:UpToDate \
                resync-suspended:no done:7.5 dbdt1:1.5 eta:nan\n\
                exists -\n";
    let status = events2::status(text).unwrap();
    let resource = status.resource("a").unwrap();
    assert!(resource.suspended.user);
    assert_eq!(status.unknown_words, ["events2, resource a: suspended:flood"]);
    assert_eq!(resource.devices[0].disk, DiskState::Other(Raw::Word("Melted".to_owned())));
    let path = &resource.connections[0].paths[0];
    assert_eq!(
        (path.local.to_string(), path.peer.to_string()),
        ("ipv6:[::1]:7000".into(), "ssocks:10.0.0.1:7000".into())
    );
    let progress = resource.connections[0].peer_devices[0].progress().unwrap();
    assert_eq!((progress.hundredths, progress.rate, progress.finish), (750, Some(drbd::Bytes(1_572_864)), None));
    assert_eq!(resource.connections[0].state, ConnectionState::Connected);
}

/// All that is known, without what wasn't.
fn known(mut status: Status) -> Status {
    status.unknown_words.clear();
    status
}

proptest! {
    #[test]
    fn words_and_objects_of_newer_drbd_utils_are_kept(key in "q[a-z]{2,9}", value in "[a-zA-Z0-9:,]{0,9}", object in "q[a-z]{3,9}") {
        for name in RICH {
            let text = captured(name, "events2.txt").unwrap();
            let before = events2::status(&text).unwrap();
            let objects = text.lines().filter(|line| !line.ends_with(" -")).count();
            let longer: String = text
                .lines()
                .map(|line| if line.ends_with(" -") { format!("{line}\n") } else { format!("{line} {key}:{value}\n") })
                .collect();
            let after = events2::status(&format!("exists {object} name:a {key}:{value}\n{longer}")).unwrap();
            prop_assert_eq!(after.unknown_words.len(), objects + 1);
            let added = format!("{key}:{value}");
            prop_assert!(after.unknown_words.iter().all(|own| own.contains(&added)));
            prop_assert_eq!(known(after), before);

            let Some(text) = captured(name, "status.json") else { continue };
            let before = json::status(&text).unwrap();
            let pair = format!("\"{key}\": \"{value}\", ");
            let longer = text.replace("\"name\":", &format!("{pair}\"name\":")).replace("\"volume\":", &format!("{pair}\"volume\":"));
            let after = json::status(&longer).unwrap();
            prop_assert!(after.unknown_words.len() > 6);
            prop_assert_eq!(known(after), before);
        }
    }

    #[test]
    fn noise_is_never_a_state(noise in "[ -~\n]{0,200}") {
        // Only the empty list is one.
        if noise.trim() != "[]" {
            prop_assert!(json::status(&noise).is_err());
        }
        prop_assert!(events2::status(&noise).is_err());
    }

    #[test]
    fn damaged_texts_never_panic(index in 0..2_usize, at in any::<prop::sample::Index>(), char in "[ -~]") {
        let parsers: [(&str, Parser); 2] = [("events2.txt", events2::status), ("status.json", json::status)];
        for (name, parse) in parsers {
            let mut text = captured(RICH[index], name).unwrap();
            let at = at.index(text.len());
            text.replace_range(at..=at, &char);
            match parse(&text) {
                Ok(status) => drop(format!("{:?}", drbd::health::assess_all(&status))),
                Err(error) => prop_assert!(!error.to_string().is_empty()),
            }
        }
    }
}
