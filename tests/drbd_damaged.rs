//! The decoders under bytes that are cut, damaged or refusals: an error, never a panic or a partial answer.

#[path = "drbd_facts/captures.rs"]
mod captures;
#[path = "drbd_facts/message.rs"]
mod message;

use std::io::ErrorKind;

use captures::Capture;
use drbd::{Error, Status, health, proc};
use message::{RICH, command, is_message, rewritten, with_value};
use proptest::prelude::*;
use proptest::sample::Index;

const NLMSG_ERROR: u16 = 2;

#[test]
fn every_cut_of_an_answer_is_an_error() {
    for capture in RICH.map(captures::named) {
        let dumps = capture.dumps();
        let snapshot = &dumps[0];
        assert!(capture.decode().is_ok(), "whole, it is an answer");
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
}
