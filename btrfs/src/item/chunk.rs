//! `CHUNK_ITEM`: a piece of logical address space, and where on the devices it is.

use uuid::Uuid;

use crate::block_group::BlockGroupFlags;
use crate::bytes::{Reader, Short};
use crate::id::{DevId, Physical};

/// The data of a chunk item, `struct btrfs_chunk`. Its key's offset is its logical address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Chunk {
    /// Bytes of logical address space.
    pub length: u64,
    /// Type and profile.
    pub flags: BlockGroupFlags,
    /// Bytes after which data goes on in the next stripe, for striped profiles. Always 65536: it is *not* how many bytes
    /// the chunk takes on a device, see [`Chunk::stripe_bytes`].
    pub stripe_len: u64,
    /// Stripes next to each other that hold the same; 2 for raid10.
    pub sub_stripes: u16,
    /// One for each piece of a device that the chunk takes; dup has two on the same device.
    pub stripes: Vec<Stripe>,
}

/// A piece of a device that belongs to a chunk, `struct btrfs_stripe`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Stripe {
    /// The device.
    pub devid: DevId,
    /// Where on the device it begins.
    pub offset: Physical,
    /// The device's UUID; none where it is all zeros.
    pub uuid: Option<Uuid>,
}

impl Chunk {
    /// Reads a chunk item's data.
    ///
    /// # Errors
    ///
    /// Where it ends before the stripes that it counts.
    pub fn parse(data: &[u8]) -> Result<Self, Short> {
        let mut reader = Reader::new(data);
        let length = reader.u64()?;
        reader.skip(8)?; // owner
        let stripe_len = reader.u64()?;
        let flags = BlockGroupFlags::from_bits_retain(reader.u64()?);
        reader.skip(12)?; // io_align, io_width, sector_size
        let count = reader.u16()?;
        let sub_stripes = reader.u16()?;
        let stripes = (0..count)
            .map(|_| {
                let (devid, offset) = (DevId(reader.u64()?), Physical(reader.u64()?));
                Ok(Stripe { devid, offset, uuid: reader.uuid()? })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { length, flags, stripe_len, sub_stripes, stripes })
    }

    /// How many bytes each of its stripes takes on its device: for a raid0 of 3 GiB over 3 devices 1 GiB. `None` where the
    /// profile is not known, or has more copies than there are stripes.
    #[must_use]
    pub fn stripe_bytes(&self) -> Option<u64> {
        let stripes = u16::try_from(self.stripes.len()).ok()?;
        self.flags.profile()?.stripe_bytes(self.length, stripes)
    }
}

#[cfg(test)]
mod tests {
    use btrfs_sys as sys;
    use proptest::prelude::*;

    use super::*;
    use crate::profile::Profile;

    /// The item as the kernel would write it.
    fn bytes(chunk: &Chunk) -> Vec<u8> {
        let mut bytes = Vec::new();
        let count = u16::try_from(chunk.stripes.len()).unwrap();
        for word in [chunk.length, 2, chunk.stripe_len, chunk.flags.bits()] {
            bytes.extend(word.to_le_bytes());
        }
        for word in [65536u32, 65536, 4096] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend(count.to_le_bytes());
        bytes.extend(chunk.sub_stripes.to_le_bytes());
        for stripe in &chunk.stripes {
            bytes.extend(stripe.devid.0.to_le_bytes());
            bytes.extend(stripe.offset.0.to_le_bytes());
            bytes.extend(stripe.uuid.unwrap_or_default().as_bytes());
        }
        bytes
    }

    fn chunks() -> impl Strategy<Value = Chunk> {
        let stripe = any::<(u64, u64, u128)>().prop_map(|(devid, offset, uuid)| Stripe {
            devid: DevId(devid),
            offset: Physical(offset),
            uuid: (uuid != 0).then(|| Uuid::from_u128(uuid)),
        });
        (any::<(u64, u64, u64, u16)>(), prop::collection::vec(stripe, 0..20)).prop_map(
            |((length, bits, stripe_len, sub_stripes), stripes)| Chunk {
                length,
                flags: BlockGroupFlags::from_bits_retain(bits),
                stripe_len,
                sub_stripes,
                stripes,
            },
        )
    }

    proptest! {
        #[test]
        fn chunks_come_back_from_bytes(chunk in chunks()) {
            prop_assert_eq!(Chunk::parse(&bytes(&chunk)), Ok(chunk));
        }

        #[test]
        fn every_cut_is_noticed(chunk in chunks(), cut: prop::sample::Index) {
            let whole = bytes(&chunk);
            prop_assert!(Chunk::parse(&whole[..cut.index(whole.len())]).is_err());
        }

        #[test]
        fn any_bytes_are_safe_to_read(bytes: Vec<u8>) {
            let _ = Chunk::parse(&bytes).map(|chunk| chunk.stripe_bytes());
        }
    }

    #[test]
    fn the_layout_is_the_header_s() {
        let stripe = Stripe { devid: DevId(1), offset: Physical(2), uuid: None };
        let flags = BlockGroupFlags::DATA | BlockGroupFlags::RAID0;
        let mut chunk = Chunk { length: 3 << 30, flags, stripe_len: 65536, sub_stripes: 1, stripes: vec![stripe] };
        assert_eq!(bytes(&chunk).len(), size_of::<sys::btrfs_chunk>());
        chunk.stripes = vec![stripe; 3];
        assert_eq!(bytes(&chunk).len(), size_of::<sys::btrfs_chunk>() + 2 * size_of::<sys::btrfs_stripe>());
        assert_eq!(chunk.stripe_bytes(), Some(1 << 30));
        chunk.flags = BlockGroupFlags::new(crate::BlockGroupType::Data, Profile::Raid6);
        assert_eq!(chunk.stripe_bytes(), Some(3 << 30));
        chunk.stripes.clear();
        assert_eq!(chunk.stripe_bytes(), None);
    }
}
