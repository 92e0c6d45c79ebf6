//! Captured messages taken apart and put together again, with something changed.

use drbd::{Error, Status};

use crate::captures::{self, Capture};

/// States with many objects in them.
pub(crate) const RICH: [&str; 4] =
    ["8.4/32-two-volumes-sync-dependency", "8.4/12-mounted-btrfs", "9/25-resync-after-dependency/a", "9/07-verify/a"];

/// `nlmsghdr`, `genlmsghdr`, `drbd_genlmsghdr`.
const HEADERS: usize = 16 + 4 + 8;

fn u16_at(bytes: &[u8], at: usize) -> usize {
    u16::from_ne_bytes(bytes[at..at + 2].try_into().unwrap()).into()
}

pub(crate) fn is_message(datagram: &[u8]) -> bool {
    u16_at(datagram, 4) >= 16
}

pub(crate) fn command(datagram: &[u8]) -> u8 {
    datagram[16]
}

/// The attributes of a nest: number with its flag bits, and content.
pub(crate) fn attributes(mut bytes: &[u8]) -> Vec<(u16, Vec<u8>)> {
    let mut list = Vec::new();
    while !bytes.is_empty() {
        let length = u16_at(bytes, 0);
        let number = u16::from_ne_bytes(bytes[2..4].try_into().unwrap());
        list.push((number, bytes[4..length].to_vec()));
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    list
}

pub(crate) fn nest(list: &[(u16, Vec<u8>)]) -> Vec<u8> {
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
pub(crate) fn rewritten(datagram: &[u8], rewrite: impl FnOnce(&mut Vec<(u16, Vec<u8>)>)) -> Vec<u8> {
    let mut list = attributes(&datagram[HEADERS..]);
    rewrite(&mut list);
    let mut message = datagram[..HEADERS].to_vec();
    message.extend(nest(&list));
    let length = u32::try_from(message.len()).unwrap();
    message[..4].copy_from_slice(&length.to_ne_bytes());
    message
}

/// Rewrites one attribute in one nest of every message of the snapshot.
pub(crate) fn with_value(capture: &Capture, nest_number: u16, number: u16, value: &[u8]) -> Result<Status, Error> {
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
