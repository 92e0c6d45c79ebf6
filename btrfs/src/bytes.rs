//! Reading the kernel's structures from bytes: little-endian, every length checked.

use std::ffi::{CStr, c_char};
use std::time::{Duration, SystemTime};

use uuid::Uuid;

/// A structure was shorter than its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a structure of {length} bytes ends before its field at {offset}")]
pub struct Short {
    /// Bytes it has.
    pub length: usize,
    /// Where the field would be.
    pub offset: usize,
}

/// Reads little-endian fields one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    #[inline]
    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Short> {
        let end = self.offset.checked_add(length);
        let taken = end.and_then(|end| self.bytes.get(self.offset..end));
        let taken = taken.ok_or(Short { length: self.bytes.len(), offset: self.offset })?;
        self.offset += length;
        Ok(taken)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Short> {
        let offset = self.offset;
        let array = self.bytes.get(offset..).and_then(<[u8]>::first_chunk);
        self.offset += N;
        array.copied().ok_or(Short { length: self.bytes.len(), offset })
    }

    pub(crate) fn skip(&mut self, length: usize) -> Result<(), Short> {
        self.take(length).map(drop)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Short> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Short> {
        self.array().map(u32::from_le_bytes)
    }

    #[inline]
    pub(crate) fn u64(&mut self) -> Result<u64, Short> {
        self.array().map(u64::from_le_bytes)
    }

    /// A UUID; all zeros say "none".
    #[inline]
    pub(crate) fn uuid(&mut self) -> Result<Option<Uuid>, Short> {
        self.array().map(uuid)
    }

    /// A time as seconds and nanoseconds; zero says "never".
    #[inline]
    pub(crate) fn time(&mut self) -> Result<Option<SystemTime>, Short> {
        Ok(time(self.u64()?, self.u32()?))
    }
}

/// A UUID; all zeros say "none".
pub(crate) fn uuid(bytes: [u8; 16]) -> Option<Uuid> {
    let uuid = Uuid::from_bytes(bytes);
    (!uuid.is_nil()).then_some(uuid)
}

/// A time in seconds and nanoseconds since 1970; zero says "never".
#[inline]
pub(crate) fn time(seconds: u64, nanoseconds: u32) -> Option<SystemTime> {
    if (seconds, nanoseconds) == (0, 0) {
        return None;
    }
    let since = Duration::from_secs(seconds).checked_add(Duration::from_nanos(u64::from(nanoseconds)))?;
    SystemTime::UNIX_EPOCH.checked_add(since)
}

/// Puts a name that was checked into a structure's array, which is zeroed behind it.
///
/// # Panics
///
/// Where the name does not fit with its zero byte: the caller has checked the name.
pub(crate) fn put_name(array: &mut [c_char], name: &[u8]) {
    assert!(name.len() < array.len(), "a name of {} bytes for {}", name.len(), array.len());
    for (to, from) in array.iter_mut().zip(name.iter().chain(std::iter::once(&0))) {
        *to = c_char::from_ne_bytes([*from]);
    }
}

/// The bytes of a structure's array before its zero byte.
pub(crate) fn get_name(array: &[c_char]) -> Vec<u8> {
    array.iter().map(|byte| byte.to_ne_bytes()[0]).take_while(|&byte| byte != 0).collect()
}

/// The bytes before the zero byte, or all of them.
pub(crate) fn until_nul(bytes: &[u8]) -> &[u8] {
    CStr::from_bytes_until_nul(bytes).map_or(bytes, CStr::to_bytes)
}

/// A path as serde has an [`OsStr`](std::ffi::OsStr): bytes, for it need not be UTF-8.
#[cfg(feature = "serde")]
pub(crate) fn serialize_path<S: serde::Serializer>(path: &std::path::Path, serializer: S) -> Result<S::Ok, S::Error> {
    serde::Serialize::serialize(path.as_os_str(), serializer)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn reading_never_goes_past_the_end(bytes: Vec<u8>, lengths: Vec<usize>) {
            let mut reader = Reader::new(&bytes);
            let mut left = bytes.len();
            for length in lengths {
                match reader.take(length) {
                    Ok(taken) => { prop_assert_eq!(taken.len(), length); left -= length; }
                    Err(_) => prop_assert!(length > left),
                }
            }
        }

        #[test]
        fn names_come_back_as_they_went(name in proptest::collection::vec(1u8.., 0..255)) {
            let mut array = [1; 256];
            put_name(&mut array, &name);
            prop_assert_eq!(get_name(&array), name);
        }
    }

    #[test]
    fn fields_are_little_endian() {
        let mut reader = Reader::new(&[2, 0, 3, 0, 0, 0]);
        assert_eq!((reader.u16(), reader.u32()), (Ok(2), Ok(3)));
        assert_eq!(reader.u16(), Err(Short { length: 6, offset: 6 }));
    }
}
