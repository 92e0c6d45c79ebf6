//! What is reckoned from a captured state: who may be Primary, who has the good data, and what holds.

#[path = "drbd_facts/captures.rs"]
mod captures;
#[path = "drbd_facts/all.rs"]
mod everything;

use std::collections::{BTreeMap, HashMap};

use drbd::generations::{Relation, relations};
use drbd::health::{Reason, assess_all};
use drbd::monitor::Condition;
use drbd::state::{ConnectionState, ReplicationState};
use drbd::{Status, events2};
use everything::all;

/// `drbdsetup` reckons it from a state that it read a moment later.
#[test]
fn promotion_is_what_drbdsetup_reckons() {
    let mut compared = BTreeMap::new();
    for capture in all().into_iter().filter(|capture| capture.version == 2) {
        let Some(text) = capture.text("events2.txt") else { continue };
        let status = capture.decode().unwrap();
        for event in events2::parse(&text).unwrap().iter().filter(|event| event.object == "resource") {
            let promotion = status.resource(&event.facts["name"]).unwrap().promotion();
            let own = (if promotion.may_promote { "yes" } else { "no" }, promotion.score.to_string());
            let theirs = (event.facts["may_promote"].as_str(), event.facts["promotion_score"].clone());
            assert_eq!(own, theirs, "{} {}", capture.name, event.facts["name"]);
            *compared.entry(theirs.0.to_owned()).or_insert(0) += 1;
        }
    }
    assert!(compared["yes"] >= 8 && compared["no"] > 50, "{compared:?}");
}

/// Both nodes of each captured state of 9, and both ends of 8.4 in one kernel.
#[test]
fn generations_tell_who_has_the_good_data() {
    let mut seen = HashMap::<Relation, usize>::new();
    for capture in all().into_iter().filter(|capture| capture.version == 2 && capture.name.ends_with("/a")) {
        for other in ["b", "c"] {
            let name = capture.name.replace("/a", &format!("/{other}"));
            if !all().iter().any(|own| own.name == name) {
                continue;
            }
            let (ours, theirs) = (capture.decode().unwrap(), captures::named(&name).decode().unwrap());
            for volume in relations(&ours, &theirs) {
                let resource = ours.resource(volume.resource.as_bytes()).unwrap();
                let device = resource.devices.iter().find(|own| own.volume == volume.volume).unwrap();
                let node = theirs.resource(volume.resource.as_bytes()).unwrap().node_id;
                let (connection, peer) = resource.peers_of(device).find(|(own, _)| own.peer_node_id == node).unwrap();
                let what = format!("{name} {volume:?} {} {}", connection.state, peer.replication);
                *seen.entry(volume.relation).or_default() += 1;
                match (&connection.state, &peer.replication, volume.relation) {
                    // While they are connected the kernel has judged.
                    (_, ReplicationState::Established | ReplicationState::VerifyS | ReplicationState::VerifyT, own) => {
                        assert!(matches!(own, Relation::Same | Relation::Unknown), "{what}");
                    }
                    (_, ReplicationState::SyncSource | ReplicationState::PausedSyncS, own) => {
                        assert!(matches!(own, Relation::Same | Relation::OursIsNewer), "{what}");
                    }
                    (_, ReplicationState::SyncTarget | ReplicationState::PausedSyncT, own) => {
                        assert!(matches!(own, Relation::Same | Relation::TheirsIsNewer), "{what}");
                    }
                    // The other volume was written on one of them only.
                    (ConnectionState::StandAlone, _, own)
                        if name.contains("split-brain") && volume.volume == Some(0) =>
                    {
                        assert_eq!(own, Relation::SplitBrain, "{what}");
                    }
                    (_, _, own) => assert!(!matches!(own, Relation::SplitBrain | Relation::Unrelated), "{what}"),
                }
            }
        }
    }
    for relation in [Relation::Same, Relation::OursIsNewer, Relation::SplitBrain] {
        assert!(seen.contains_key(&relation), "{seen:?}");
    }
}

#[test]
fn a_split_brain_of_8_4_shows_in_the_generations() {
    for (state, relation) in [
        ("8.4/23-split-brain", Relation::SplitBrain),
        ("8.4/24-split-brain-later", Relation::SplitBrain),
        ("8.4/25-split-brain-resolved", Relation::Same),
        ("8.4/19-standalone-primary-oos", Relation::OursIsNewer),
        ("8.4/11-uptodate-primary-secondary", Relation::Same),
    ] {
        // Both ends are resources of one kernel there.
        let ours = captures::named(state).decode().unwrap();
        let names: Vec<_> = ours.resources.iter().filter_map(|own| own.name.clone()).collect();
        let mut theirs = ours.clone();
        for resource in &mut theirs.resources {
            let at = names.iter().position(|own| Some(own) == resource.name.as_ref()).unwrap();
            resource.name = Some(names[at ^ 1].clone());
        }
        let all = relations(&ours, &theirs);
        assert!(!all.is_empty(), "{state}");
        assert_eq!(all[0].relation, relation, "{state}: {all:?}");
    }
}

#[test]
fn conditions_hold_where_the_state_says_so() {
    let holding = |name: &str| -> Vec<&str> {
        let status = captures::named(name).decode().unwrap();
        let all = Condition::ALL.into_iter().filter(|own| own.holds_for(&status, &[]));
        all.map(Condition::name).collect()
    };
    for (name, expected) in [
        ("8.4/05-wfconnection", &["disconnected"][..]),
        ("8.4/07-sync", &["connected"]),
        ("8.4/11-uptodate-primary-secondary", &["connected", "uptodate", "in-sync"]),
        ("8.4/23-split-brain", &["disconnected", "uptodate"]),
        ("8.4/44-verify-found-oos", &["connected", "uptodate"]),
        ("8.4/01-unconfigured", &[]),
        ("9/28-all-secondary-may-promote/a", &["uptodate", "may-promote"]),
        ("9/06-uptodate/a", &["connected", "uptodate", "in-sync"]),
        ("9/03-sync/a", &["connected", "uptodate"]),
        ("9/24-all-down/a", &[]),
    ] {
        assert_eq!(holding(name), expected, "{name}");
    }
    let status = captures::named("8.4/11-uptodate-primary-secondary").decode().unwrap();
    let known = status.resources[0].name.clone().unwrap();
    assert!(Condition::InSync.holds_for(&status, std::slice::from_ref(&known)));
    assert!(!Condition::InSync.holds_for(&status, &[known, drbd::Name::new("none")]), "one that isn't there");
    assert_eq!("in-sync".parse(), Ok(Condition::InSync));
    let error = "synced".parse::<Condition>().unwrap_err();
    assert_eq!(error, "one of connected, disconnected, uptodate, in-sync, may-promote");
}

#[test]
fn every_finding_says_what_to_do() {
    let mut reasons = std::collections::BTreeSet::new();
    let statuses: Vec<Status> = all().iter().map(|capture| capture.decode().unwrap()).collect();
    for finding in statuses.iter().flat_map(|status| assess_all(status).findings) {
        assert!(finding.reason.advice().len() > 15, "{finding}");
        reasons.insert(finding.reason.advice());
        if finding.reason == Reason::StandAlone {
            assert!(finding.reason.advice().contains("--discard-my-data"));
        }
    }
    assert!(reasons.len() > 12, "{reasons:?}");
}
