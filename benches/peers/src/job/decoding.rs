//! DRBD's answers decoded, against how many resources there are: those of a captured kernel, over and over.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use drbd::Status;
use drbd::netlink::Decoder;

use crate::contestant::interleave;
use crate::memory;
use crate::results::{Benchmark, Bound, Role, Row, float};

use super::Scale;

/// A node of three that have one resource of two volumes, DRBD 9.
const CAPTURE: &str = "tests/captures/9/06-uptodate/a";
const NAME: &[u8; 3] = b"r0\0";
const NETLINK_HEADER: usize = 16;
/// Of DRBD's own messages, those behind the last object.
const INITIAL_STATE_DONE: u8 = 41;
/// The kernel fills datagrams up to about this.
const DATAGRAM: usize = 16 << 10;

const SIZES: [(&str, usize); 4] =
    [("1000 resources", 1000), ("100 resources", 100), ("10 resources", 10), ("1 resource", 1)];

/// The answer to `DRBD_ADM_GET_INITIAL_STATE` with so many resources, as datagrams.
fn answer(resources: usize) -> Result<Vec<Vec<u8>>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(CAPTURE).join("netlink-get_initial_state.bin");
    let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
    let (mut objects, mut ends, mut rest) = (Vec::new(), Vec::new(), bytes.as_slice());
    while let Some((length, after)) = rest.split_first_chunk() {
        let (mut datagram, after) = after.split_at(usize::try_from(u32::from_le_bytes(*length))?);
        while let Some(length) = datagram.first_chunk() {
            let length = usize::try_from(u32::from_ne_bytes(*length))?.next_multiple_of(4);
            let (message, after) = datagram.split_at(length.min(datagram.len()));
            let done = message.get(4..6) == Some(&[3, 0]) || message.get(NETLINK_HEADER) == Some(&INITIAL_STATE_DONE);
            if done {
                ends.push(message.to_vec())
            } else {
                objects.push(message.to_vec())
            }
            datagram = after;
        }
        rest = after;
    }
    let digits: Vec<u8> = (b'0'..=b'9').chain(b'a'..=b'z').collect();
    let names = digits.iter().flat_map(|one| digits.iter().map(move |other| [*one, *other, 0]));
    let mut datagrams = vec![Vec::new()];
    for name in names.take(resources) {
        for message in &objects {
            let mut message = message.clone();
            let at = message.windows(NAME.len()).position(|own| own == NAME).context("a message without a resource")?;
            message[at..at + NAME.len()].copy_from_slice(&name);
            if datagrams.last().is_some_and(|last: &Vec<u8>| last.len() + message.len() > DATAGRAM) {
                datagrams.push(Vec::new());
            }
            datagrams.last_mut().context("a datagram")?.extend(message);
        }
    }
    datagrams.extend(ends);
    Ok(datagrams)
}

fn decode(answer: &[Vec<u8>]) -> Result<Status> {
    let mut decoder = Decoder::new(2)?;
    for datagram in answer {
        decoder.datagram(datagram)?;
    }
    Ok(decoder.finish()?)
}

pub(crate) fn run(scale: Scale) -> Result<Benchmark> {
    let answers: BTreeMap<_, _> =
        SIZES.iter().map(|(_, count)| Ok((*count, answer(*count)?))).collect::<Result<_>>()?;
    let mut rows: Vec<_> = SIZES.iter().map(|(name, _)| Row::new(name, Role::Ours)).collect();
    interleave("decoding", scale.of(101, 2), SIZES.len(), |_, index| {
        let (_, count) = SIZES[index];
        let answer = &answers[&count];
        let begin = Instant::now();
        let status = black_box(decode(answer)?);
        rows[index].took(begin.elapsed());
        ensure!(status.resources.len() == count, "{} resources of {count}", status.resources.len());
        Ok(())
    })?;
    let mut speeds = Vec::new();
    for (row, (_, count)) in rows.iter_mut().zip(SIZES) {
        let bytes: usize = answers[&count].iter().map(Vec::len).sum();
        let speed = float(u64::try_from(bytes)?) * 1e3 / row.median();
        speeds.push(speed);
        row.count("bytes", u64::try_from(bytes)?);
        row.count("MB/s", format!("{speed:.0}").parse()?);
        row.count("memory, KiB", grown(count)?);
    }
    let how = vec![
        "The answer to `DRBD_ADM_GET_INITIAL_STATE` of a captured node with one resource, two volumes and two peers, repeated \
         under other names, and decoded into `drbd::Status`. Memory is by how much the peak of a process grows that decodes it \
         once and keeps it."
            .to_owned(),
    ];
    let title = "DRBD's state decoded".to_owned();
    let mut benchmark = Benchmark { name: "decoding".into(), title, how, rows, targets: vec![] };
    let linear = speeds[1] / speeds[0];
    benchmark.target("times as long for each of 1000 resources as for each of 100", Bound::AtMost(1.3), linear);
    Ok(benchmark)
}

/// The memory of a process of its own that decodes it once.
fn grown(count: usize) -> Result<u64> {
    memory::of_another(["one-decoding", &count.to_string()].map(OsStr::new))
}

/// That process.
pub(crate) fn child(count: usize) -> Result<()> {
    let answer = answer(count)?;
    let (grown, _) = memory::grown_by(|| Ok(black_box(decode(&answer)?)))?;
    println!("{grown}");
    Ok(())
}
