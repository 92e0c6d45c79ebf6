//! The kernel's own answers, kept for a report of a bug, and files of others read again.

use std::fs;

use crate::error::Error;
use crate::netlink::frame::{DRBD_HEADER, GENERIC_HEADER, NETLINK_HEADER};
use crate::netlink::{self, Decoder};
use crate::status::{self, Status};
use crate::{events2, proc};

/// What a recording begins with: the number is that of the format.
const MAGIC: &str = "drbd recording 1\n";
const PLACE: &str = "the recording";

/// What the kernel answered, byte by byte: netlink, `/proc/drbd`, and the module's version.
///
/// The shared secret, which the kernel hands to root, is overwritten before anything else is done with it. Names of
/// resources, hosts and devices, and addresses, are in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recording {
    module: Option<String>,
    /// The version of the netlink family, where there was one.
    family: Option<u32>,
    dumps: Vec<Dump>,
    proc: Option<Vec<u8>>,
}

/// The answer to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dump {
    pub(crate) command: u8,
    pub(crate) datagrams: Vec<Vec<u8>>,
}

impl Recording {
    /// Asks the kernel for what [`Status::read`] asks it for, and for `/proc/drbd`. Needs no capability.
    ///
    /// # Errors
    ///
    /// As [`Status::read`].
    pub fn take() -> Result<Self, Error> {
        let (family, mut dumps) = match netlink::record() {
            Ok((version, dumps)) => (Some(version), dumps),
            Err(Error::Hidden) => (None, Vec::new()),
            Err(error) => return Err(error),
        };
        for datagram in dumps.iter_mut().flat_map(|dump| &mut dump.datagrams) {
            blank_secret(datagram);
        }
        let proc = fs::read(proc::PATH).ok();
        if family.is_none() && proc.is_none() {
            return Err(Error::Hidden);
        }
        Ok(Self { module: status::module_version(), family, dumps, proc })
    }

    /// The state that was recorded.
    ///
    /// # Errors
    ///
    /// As [`Status::read`], for what can't be trusted.
    pub fn status(&self) -> Result<Status, Error> {
        let mut status = match self.family {
            Some(version) => decoded(version, self.dumps.iter().flat_map(|dump| &dump.datagrams))?,
            None => proc::parse(self.proc.as_deref().unwrap_or_default())?.status().ok_or(Error::Hidden)?,
        };
        status.version = self.module.clone().or(status.version);
        Ok(status)
    }

    /// For a file: text in front of each part says what it is, and how long.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.as_bytes().to_vec();
        if let Some(module) = &self.module {
            bytes.extend(format!("module {module}\n").into_bytes());
        }
        if let Some(family) = self.family {
            bytes.extend(format!("family {family}\n").into_bytes());
        }
        for Dump { command, datagrams } in &self.dumps {
            let length: usize = datagrams.iter().map(|datagram| 4 + datagram.len()).sum();
            bytes.extend(format!("dump {command} {length}\n").into_bytes());
            for datagram in datagrams {
                bytes.extend(u32::try_from(datagram.len()).unwrap_or(u32::MAX).to_le_bytes());
                bytes.extend_from_slice(datagram);
            }
        }
        if let Some(text) = &self.proc {
            bytes.extend(format!("proc {}\n", text.len()).into_bytes());
            bytes.extend_from_slice(text);
        }
        bytes.extend_from_slice(b"end\n");
        bytes
    }

    /// Reads what [`Recording::to_bytes`] wrote.
    ///
    /// # Errors
    ///
    /// [`Error::Text`] for anything else, also where the end is missing.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let mut rest = bytes.strip_prefix(MAGIC.as_bytes()).ok_or_else(|| wrong("is none of this format"))?;
        let mut recording = Self::default();
        loop {
            let end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(|| wrong("is cut"))?;
            let (line, after) = rest.split_at(end);
            rest = &after[1..];
            let line = std::str::from_utf8(line).map_err(|_| wrong("has a line that is no text"))?;
            let number = |word: Option<&str>| word.and_then(|word| word.parse::<usize>().ok());
            let mut take = |length: Option<usize>| {
                let length = length.ok_or_else(|| wrong(format!("has a line without a length: {line}")))?;
                let (part, after) = rest.split_at_checked(length).ok_or_else(|| wrong("is cut"))?;
                rest = after;
                Ok::<_, Error>(part)
            };
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["module", version] => recording.module = Some(version.to_owned()),
                ["family", version] => recording.family = number(Some(version)).and_then(|own| own.try_into().ok()),
                ["dump", command, length] => {
                    let command = command.parse().map_err(|_| wrong(format!("names no command: {line}")))?;
                    recording.dumps.push(Dump { command, datagrams: records(take(number(Some(length)))?)? });
                }
                ["proc", length] => recording.proc = Some(take(number(Some(length)))?.to_vec()),
                ["end"] if rest.is_empty() => return Ok(recording),
                _ => return Err(wrong(format!("has a line not known here: {line}"))),
            }
        }
    }
}

impl Status {
    /// The state in a file that somebody recorded, whichever it is: a [`Recording`]; datagrams of netlink, each behind
    /// its length (32 bits, little endian), that begin with the answer to `DRBD_ADM_GET_INITIAL_STATE`; the text of
    /// `/proc/drbd` or of `drbdsetup events2`; or, with the feature `json`, the output of `drbdsetup status --json`.
    ///
    /// # Errors
    ///
    /// [`Error::Text`] where it is none of these; else as each of them is read. [`Error::Hidden`] for a `/proc/drbd` of
    /// DRBD 9, which has no state.
    pub fn from_recorded(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.starts_with(MAGIC.as_bytes()) {
            return Recording::parse(bytes)?.status();
        }
        if bytes.starts_with(b"version: ") {
            return proc::parse(bytes)?.status().ok_or(Error::Hidden);
        }
        if let Some(version) = family_of(bytes) {
            return decoded(version, &records(bytes)?);
        }
        let none = || {
            let known = "a recording, netlink, /proc/drbd, events2 or status JSON";
            Error::text("the file", format!("is none of {known}"))
        };
        let text = std::str::from_utf8(bytes).map_err(|_| none())?;
        match text.trim_start().chars().next() {
            #[cfg(feature = "json")]
            Some('[') => crate::json::status(text),
            Some(_) if text.contains("exists ") => events2::status(text),
            _ => Err(none()),
        }
    }
}

fn decoded<'a>(version: u32, datagrams: impl IntoIterator<Item = &'a Vec<u8>>) -> Result<Status, Error> {
    let mut decoder = Decoder::new(version)?;
    for datagram in datagrams {
        decoder.datagram(datagram)?;
    }
    decoder.finish()
}

fn wrong(rule: impl Into<String>) -> Error {
    Error::text(PLACE, rule)
}

/// Datagrams, each behind its length.
fn records(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    let (mut records, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        let cut = || wrong("is cut within a datagram");
        let (length, after) = rest.split_first_chunk().ok_or_else(cut)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| cut())?;
        let (record, after) = after.split_at_checked(length).ok_or_else(cut)?;
        records.push(record.to_vec());
        rest = after;
    }
    Ok(records)
}

/// The family's version, where these may be datagrams behind their lengths: the first message of the first says it.
fn family_of(bytes: &[u8]) -> Option<u32> {
    let (length, datagram) = bytes.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let message = usize::try_from(u32::from_ne_bytes(*datagram.first_chunk()?)).ok()?;
    let fits = (NETLINK_HEADER + GENERIC_HEADER..=length).contains(&message) && length <= datagram.len();
    datagram.get(NETLINK_HEADER + 1).filter(|_| fits).map(|version| (*version).into())
}

/// Overwrites the shared secret in each message of a datagram.
fn blank_secret(datagram: &mut [u8]) {
    const NET_CONF: u16 = netlink::NET_CONF;
    const SHARED_SECRET: u16 = 1;
    let mut rest = datagram;
    while let Some(length) = rest.first_chunk().map(|length| u32::from_ne_bytes(*length)) {
        let length =
            usize::try_from(length).unwrap_or(usize::MAX).clamp(NETLINK_HEADER, rest.len().max(NETLINK_HEADER));
        let Some((message, after)) = rest.split_at_mut_checked(length) else { return };
        if let Some(attributes) = message.get_mut(NETLINK_HEADER + GENERIC_HEADER + DRBD_HEADER..) {
            blank(attributes, &[NET_CONF, SHARED_SECRET]);
        }
        let padding = (length.next_multiple_of(4) - length).min(after.len());
        rest = &mut after[padding..];
    }
}

/// Overwrites the value of the attribute at the end of this path of nests.
fn blank(attributes: &mut [u8], path: &[u16]) {
    const FLAGS: u16 = 0xc000;
    let Some((number, within)) = path.split_first() else { return attributes.fill(b'*') };
    let mut rest = attributes;
    while let Some([l0, l1, k0, k1]) = rest.first_chunk().copied() {
        let (length, kind) = (usize::from(u16::from_ne_bytes([l0, l1])), u16::from_ne_bytes([k0, k1]));
        if length < 4 || length > rest.len() {
            return;
        }
        let (attribute, after) = rest.split_at_mut(length);
        if kind & !FLAGS == *number {
            blank(&mut attribute[4..], within);
        }
        let padding = (length.next_multiple_of(4) - length).min(after.len());
        rest = &mut after[padding..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(4 + value.len()).unwrap();
        let mut bytes = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
        bytes.extend_from_slice(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn message(attributes: &[u8]) -> Vec<u8> {
        let length = NETLINK_HEADER + GENERIC_HEADER + DRBD_HEADER + attributes.len();
        let mut bytes = u32::try_from(length).unwrap().to_ne_bytes().to_vec();
        bytes.resize(length - attributes.len(), 7);
        bytes.extend_from_slice(attributes);
        bytes
    }

    /// A connection's configuration with this secret, between attributes that look alike.
    fn configuration(secret: &[u8]) -> Vec<u8> {
        let conf = [attribute(0x4006, &[3]), attribute(0x4001, secret), attribute(31, b"bravo\0")].concat();
        [attribute(2, &attribute(1, b"home\0")), attribute(0x8005, &conf), attribute(1, b"plain")].concat()
    }

    #[test]
    fn a_shared_secret_is_overwritten_in_each_message_and_nothing_else_is() {
        let [message, blanked] =
            [&b"xyzzy\0"[..], b"******"].map(|secret| [message(&configuration(secret)), message(&[])].concat());
        let (mut twice, expected) = (message.repeat(2), blanked.repeat(2));
        blank_secret(&mut twice);
        assert_eq!(twice, expected);
        // However it is cut, what is there of it is gone, or the attribute is not whole.
        for end in 0..message.len() {
            let mut cut = message[..end].to_vec();
            blank_secret(&mut cut);
            assert_eq!(cut.len(), end);
        }
    }
}
