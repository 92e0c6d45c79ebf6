//! Attributes of one nest, taken out one by one; what nobody takes is kept as unknown.

use netlink_packet_core::NlasIterator;

use crate::error::Error;
use crate::value::{Attribute, Bytes, Generation};

/// The attributes of a message, or of one attribute that holds attributes.
///
/// The flag bits of the numbers are ignored: DRBD 8.4 and early 9 set 0x4000 with a meaning of their own
/// (`DRBD_GENLA_F_MANDATORY`), and not every nest is marked as one.
pub(crate) struct Nest<'a> {
    name: &'static str,
    number: Option<u16>,
    attributes: Vec<(u16, &'a [u8])>,
}

impl<'a> Nest<'a> {
    pub(crate) fn parse(name: &'static str, number: Option<u16>, bytes: &'a [u8]) -> Result<Self, Error> {
        let mut attributes = Vec::new();
        for attribute in NlasIterator::new(bytes) {
            let attribute = attribute.map_err(|error| Error::malformed(name, error.to_string()))?;
            let (kind, length) = (attribute.kind(), usize::from(attribute.length()));
            // Number 0 is padding before 64-bit values.
            if kind != 0 {
                attributes.push((kind, attribute.into_inner().get(4..length).unwrap_or_default()));
            }
        }
        Ok(Self { name, number, attributes })
    }

    /// Takes the first attribute with that number.
    pub(crate) fn take(&mut self, number: u16) -> Option<&'a [u8]> {
        let index = self.attributes.iter().position(|(own, _)| *own == number)?;
        Some(self.attributes.remove(index).1)
    }

    /// Takes a nest out of this one. An absent nest is an empty one.
    pub(crate) fn nest(&mut self, number: u16, name: &'static str) -> Result<Nest<'a>, Error> {
        Nest::parse(name, Some(number), self.take(number).unwrap_or_default())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }

    fn array<const N: usize>(&mut self, number: u16) -> Result<Option<[u8; N]>, Error> {
        let Some(value) = self.take(number) else { return Ok(None) };
        match value.try_into() {
            Ok(array) => Ok(Some(array)),
            Err(_) => Err(self.wrong(number, format!("has {} bytes, not {N}", value.len()))),
        }
    }

    pub(crate) fn u8(&mut self, number: u16) -> Result<Option<u8>, Error> {
        Ok(self.array(number)?.map(u8::from_ne_bytes))
    }

    pub(crate) fn u16(&mut self, number: u16) -> Result<Option<u16>, Error> {
        Ok(self.array(number)?.map(u16::from_ne_bytes))
    }

    pub(crate) fn u32(&mut self, number: u16) -> Result<Option<u32>, Error> {
        Ok(self.array(number)?.map(u32::from_ne_bytes))
    }

    pub(crate) fn u64(&mut self, number: u16) -> Result<Option<u64>, Error> {
        Ok(self.array(number)?.map(u64::from_ne_bytes))
    }

    /// DRBD sends its flags as a byte, not as an attribute that is there or not.
    pub(crate) fn flag(&mut self, number: u16) -> Result<Option<bool>, Error> {
        Ok(self.u8(number)?.map(|byte| byte != 0))
    }

    pub(crate) fn sectors(&mut self, number: u16) -> Result<Option<Bytes>, Error> {
        let Some(sectors) = self.u64(number)? else { return Ok(None) };
        Bytes::from_sectors(sectors).map(Some).ok_or_else(|| self.wrong(number, "is above 2^64 bytes"))
    }

    /// A string without its NUL; `None` if it is empty.
    pub(crate) fn string(&mut self, number: u16) -> Option<&'a [u8]> {
        let value = self.take(number)?;
        let string = value.split(|byte| *byte == 0).next().unwrap_or_default();
        (!string.is_empty()).then_some(string)
    }

    pub(crate) fn generation(&mut self, number: u16) -> Result<Option<Generation>, Error> {
        Ok(self.u64(number)?.map(Generation))
    }

    /// A list of generations, without the zeros it is filled up with.
    pub(crate) fn generations(&mut self, number: u16) -> Result<Vec<Generation>, Error> {
        let value = self.take(number).unwrap_or_default();
        if value.len() % 8 != 0 {
            return Err(self.wrong(number, format!("has {} bytes, no multiple of 8", value.len())));
        }
        let numbers = value.chunks_exact(8).filter_map(|chunk| chunk.try_into().ok().map(u64::from_ne_bytes));
        Ok(numbers.filter(|number| *number != 0).map(Generation).collect())
    }

    /// For an attribute without which the message has no meaning.
    pub(crate) fn required<T>(&self, number: u16, value: Option<T>) -> Result<T, Error> {
        value.ok_or_else(|| self.wrong(number, "is missing"))
    }

    pub(crate) fn wrong(&self, number: u16, rule: impl Into<String>) -> Error {
        Error::malformed(format!("{}, attribute {number}", self.name), rule)
    }

    /// Everything that nobody took.
    pub(crate) fn rest(self) -> Vec<Attribute> {
        let nest = self.number;
        let keep = |(number, value): (u16, &[u8])| Attribute { nest, number, value: value.to_vec() };
        self.attributes.into_iter().map(keep).collect()
    }
}
