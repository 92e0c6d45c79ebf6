//! The small values the model is made of.

use std::ffi::OsStr;
use std::fmt::{self, Write as _};
use std::os::unix::ffi::OsStrExt;

/// The name of a resource or a connection. The kernel takes any bytes; they are kept as they are.
///
/// Displayed, and serialised, with `\xNN` for what isn't printable UTF-8, so that a name can't play with a terminal.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Vec<u8>);

impl Name {
    /// A name of these bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes, as the kernel keeps them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same bytes, for use as a path's part or a program's argument.
    pub fn as_os_str(&self) -> &OsStr {
        OsStr::from_bytes(&self.0)
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = String::new();
        for chunk in self.0.utf8_chunks() {
            for char in chunk.valid().chars() {
                if char.is_control() || char == '\\' {
                    let mut buffer = [0; 4];
                    for byte in char.encode_utf8(&mut buffer).bytes() {
                        write!(shown, "\\x{byte:02x}")?;
                    }
                } else {
                    shown.push(char);
                }
            }
            for byte in chunk.invalid() {
                write!(shown, "\\x{byte:02x}")?;
            }
        }
        f.pad(&shown)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// An amount of data in bytes. DRBD counts in sectors of 512 bytes, its texts in KiB; here it is bytes throughout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Bytes(pub u64);

impl Bytes {
    /// That many sectors of 512 bytes; `None` above 2⁶⁴ bytes.
    pub const fn from_sectors(sectors: u64) -> Option<Self> {
        match sectors.checked_mul(512) {
            Some(bytes) => Some(Self(bytes)),
            None => None,
        }
    }

    /// That many KiB; `None` above 2⁶⁴ bytes.
    pub const fn from_kib(kib: u64) -> Option<Self> {
        match kib.checked_mul(1024) {
            Some(bytes) => Some(Self(bytes)),
            None => None,
        }
    }

    /// In whole KiB, as `drbdsetup` prints it.
    pub const fn kib(self) -> u64 {
        self.0 / 1024
    }
}

impl fmt::Display for Bytes {
    /// In the largest unit that leaves a number of at least 1, with one digit after the point: `128.0 MiB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        let mut unit = 0;
        let mut scale = 1024_u128;
        let bytes = u128::from(self.0);
        if bytes < scale {
            return f.pad(&format!("{bytes} B"));
        }
        while bytes / scale >= 1024 {
            scale *= 1024;
            unit += 1;
        }
        let tenths = bytes * 10 / scale;
        f.pad(&format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit]))
    }
}

/// Generation of the data: a number DRBD draws anew whenever the copies may part. Two copies of the same generation are
/// equal, as far as the bitmap doesn't say otherwise.
///
/// Displayed, and serialised, in the 16 hexadecimal digits of `drbdadm get-gi`. The lowest bit says whether the node was
/// Primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Generation(pub u64);

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:016X}", self.0))
    }
}

/// A netlink attribute this version doesn't know, kept as it was received.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Attribute {
    /// Number of the nest it stood in (17 is `connection_info`); `None` if it stood in the message itself.
    pub nest: Option<u16>,
    /// Its number, without the flag bits.
    pub number: u16,
    /// Its content; numbers in it are in the machine's byte order. Serialised in hexadecimal.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::hex"))]
    pub value: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_shows_every_byte() {
        assert_eq!(Name::new("r0").to_string(), "r0");
        assert_eq!(Name::new("größe").to_string(), "größe");
        assert_eq!(Name::new(b"a\xffb\x1b[31m".to_vec()).to_string(), "a\\xffb\\x1b[31m");
        assert_eq!(Name::new("a\\xff").to_string(), "a\\x5cxff", "no two names look the same");
    }

    #[test]
    fn an_amount_reads_well() {
        assert_eq!(Bytes(0).to_string(), "0 B");
        assert_eq!(Bytes(131_032 * 1024).to_string(), "127.9 MiB");
        assert_eq!(Bytes(u64::MAX).to_string(), "15.9 EiB");
        assert_eq!(Bytes::from_sectors(u64::MAX), None);
    }
}
