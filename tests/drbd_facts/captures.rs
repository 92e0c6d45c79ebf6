//! Captured states of real kernels: where they are, and their bytes.

use std::fs;
use std::path::{Path, PathBuf};

use drbd::netlink::Decoder;
use drbd::{Error, Status};

/// A captured state: what one node's sources said within half a second.
#[derive(Debug)]
pub(crate) struct Capture {
    /// Such as `8.4/07-sync`.
    pub(crate) name: String,
    directory: PathBuf,
    /// Of the netlink family.
    pub(crate) version: u32,
}

/// The captured state called so, such as `8.4/07-sync`.
pub(crate) fn named(name: &str) -> Capture {
    let directory = root().join(name);
    assert!(directory.is_dir(), "no capture {name}");
    Capture { name: name.to_owned(), directory, version: if name.starts_with("8.4/") { 1 } else { 2 } }
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures")
}

impl Capture {
    /// A text, if that state has it.
    pub(crate) fn text(&self, file: &str) -> Option<String> {
        self.bytes(file).and_then(|bytes| String::from_utf8(bytes).ok())
    }

    /// A file, if that state has it.
    pub(crate) fn bytes(&self, file: &str) -> Option<Vec<u8>> {
        fs::read(self.directory.join(file)).ok()
    }

    /// The datagrams of one dump.
    pub(crate) fn dump(&self, name: &str) -> Vec<Vec<u8>> {
        records(&self.directory.join(format!("netlink-{name}.bin")))
    }

    /// The dumps a reader makes: the snapshot, then what adds to it.
    pub(crate) fn dumps(&self) -> Vec<Vec<Vec<u8>>> {
        let mut names = vec!["get_initial_state"];
        match self.version {
            1 => names.push("get_status"),
            _ => names.extend(["get_resources", "get_devices", "get_connections", "get_peer_devices", "get_paths"]),
        }
        names.into_iter().map(|name| self.dump(name)).collect()
    }

    pub(crate) fn decode(&self) -> Result<Status, Error> {
        decode(self.version, &self.dumps())
    }
}

pub(crate) fn decode(version: u32, dumps: &[Vec<Vec<u8>>]) -> Result<Status, Error> {
    let mut decoder = Decoder::new(version)?;
    for datagram in dumps.iter().flatten() {
        decoder.datagram(datagram)?;
    }
    decoder.finish()
}

/// Each record is its length, 32 bits little-endian, and one datagram.
pub(crate) fn records(path: &Path) -> Vec<Vec<u8>> {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut records = Vec::new();
    let mut rest = bytes.as_slice();
    while let Some((length, after)) = rest.split_first_chunk() {
        let (record, after) = after.split_at(usize::try_from(u32::from_le_bytes(*length)).unwrap());
        records.push(record.to_vec());
        rest = after;
    }
    records
}
