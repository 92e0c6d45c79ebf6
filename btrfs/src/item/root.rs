//! `ROOT_ITEM`: a tree; for a subvolume, what it is.

use std::time::SystemTime;

use uuid::Uuid;

use crate::bytes::{Reader, Short};
use crate::id::Generation;
use crate::subvolume::SubvolumeFlags;

/// A tree's item in the tree of trees. `struct btrfs_root_item`, without what only the kernel needs.
///
/// The item is written when a transaction is committed; what an open subvolume says of itself can be newer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RootItem {
    /// The transaction that last wrote the tree.
    pub generation: Generation,
    /// Bytes of metadata that the tree uses.
    pub bytes_used: u64,
    /// Read-only, deleted.
    pub flags: SubvolumeFlags,
    /// How many names the tree has: 0 for a subvolume that was deleted.
    pub refs: u32,
    /// What kernels since 3.6 add; none where an older one wrote the item last.
    pub extended: Option<Extended>,
}

/// The part of a [`RootItem`] that came with Linux 3.6.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extended {
    /// The subvolume's UUID.
    pub uuid: Option<Uuid>,
    /// The UUID of the subvolume that it is a snapshot of.
    pub parent_uuid: Option<Uuid>,
    /// The UUID of the subvolume that it was received from.
    pub received_uuid: Option<Uuid>,
    /// The transaction that last changed an inode in it.
    pub ctransid: Generation,
    /// The transaction that made it.
    pub otransid: Generation,
    /// The transaction in the sender's filesystem in which it was sent.
    pub stransid: Generation,
    /// The transaction in which it was received.
    pub rtransid: Generation,
    /// When an inode in it was last changed.
    pub ctime: Option<SystemTime>,
    /// When it was made.
    pub otime: Option<SystemTime>,
    /// When it was sent.
    pub stime: Option<SystemTime>,
    /// When it was received.
    pub rtime: Option<SystemTime>,
}

impl RootItem {
    /// Bytes of an item before Linux 3.6.
    pub const OLD_LENGTH: usize = 239;
    /// Bytes of `struct btrfs_inode_item`, with which a root item begins.
    const INODE: usize = 160;
    /// Bytes of `struct btrfs_disk_key`.
    const DISK_KEY: usize = 17;

    /// From the bytes of an item, of either length.
    ///
    /// # Errors
    ///
    /// Where they end within a field.
    #[inline]
    pub fn parse(bytes: &[u8]) -> Result<Self, Short> {
        let mut reader = Reader::new(bytes);
        reader.skip(Self::INODE)?;
        let generation = reader.u64()?;
        // root_dirid, bytenr, byte_limit
        reader.skip(3 * size_of::<u64>())?;
        let bytes_used = reader.u64()?;
        // last_snapshot
        reader.skip(size_of::<u64>())?;
        let flags = SubvolumeFlags::from_bits_retain(reader.u64()?);
        let refs = reader.u32()?;
        // drop_progress, drop_level, level
        reader.skip(Self::DISK_KEY + 2)?;
        let extended = if bytes.len() > Self::OLD_LENGTH { Extended::parse(&mut reader, generation)? } else { None };
        Ok(Self { generation: Generation(generation), bytes_used, flags, refs, extended })
    }

    /// Whether the subvolume was deleted, as far as the item tells: it does so from the next commit on.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.refs == 0 || self.flags.contains(SubvolumeFlags::DEAD)
    }
}

impl Extended {
    /// What an item says that lacks it.
    pub(crate) const NONE: Self = Self {
        uuid: None,
        parent_uuid: None,
        received_uuid: None,
        ctransid: Generation(0),
        otransid: Generation(0),
        stransid: Generation(0),
        rtransid: Generation(0),
        ctime: None,
        otime: None,
        stime: None,
        rtime: None,
    };

    #[inline]
    fn parse(reader: &mut Reader<'_>, generation: u64) -> Result<Option<Self>, Short> {
        let generation_v2 = reader.u64()?;
        let extended = Self {
            uuid: reader.uuid()?,
            parent_uuid: reader.uuid()?,
            received_uuid: reader.uuid()?,
            ctransid: Generation(reader.u64()?),
            otransid: Generation(reader.u64()?),
            stransid: Generation(reader.u64()?),
            rtransid: Generation(reader.u64()?),
            ctime: reader.time()?,
            otime: reader.time()?,
            stime: reader.time()?,
            rtime: reader.time()?,
        };
        // An old kernel writes the first generation only, and leaves behind it what is no longer true.
        Ok((generation_v2 == generation).then_some(extended))
    }
}

#[cfg(test)]
mod tests {
    use std::mem::offset_of;
    use std::time::Duration;

    use btrfs_sys::btrfs_root_item;
    use proptest::prelude::*;

    use super::*;

    const LENGTH: usize = size_of::<btrfs_root_item>();

    fn put(item: &mut [u8], offset: usize, field: &[u8]) {
        item[offset..offset + field.len()].copy_from_slice(field);
    }

    proptest! {
        #[test]
        fn fields_are_where_the_header_has_them(
            generation: u64, used: u64, flags: u64, refs: u32, uuids in prop::array::uniform3(1u128..),
            transactions: [u64; 4], seconds in prop::array::uniform4(1u32..),
        ) {
            let mut item = vec![0xaa; LENGTH];
            put(&mut item, offset_of!(btrfs_root_item, generation), &generation.to_le_bytes());
            put(&mut item, offset_of!(btrfs_root_item, bytes_used), &used.to_le_bytes());
            put(&mut item, offset_of!(btrfs_root_item, flags), &flags.to_le_bytes());
            put(&mut item, offset_of!(btrfs_root_item, refs), &refs.to_le_bytes());
            put(&mut item, offset_of!(btrfs_root_item, generation_v2), &generation.to_le_bytes());
            for (index, uuid) in uuids.iter().enumerate() {
                put(&mut item, offset_of!(btrfs_root_item, uuid) + 16 * index, &uuid.to_be_bytes());
            }
            for (index, transaction) in transactions.iter().enumerate() {
                put(&mut item, offset_of!(btrfs_root_item, ctransid) + 8 * index, &transaction.to_le_bytes());
            }
            for (index, seconds) in seconds.iter().enumerate() {
                let time = [&u64::from(*seconds).to_le_bytes()[..], &7u32.to_le_bytes()].concat();
                put(&mut item, offset_of!(btrfs_root_item, ctime) + 12 * index, &time);
            }
            let parsed = RootItem::parse(&item).expect("long enough");
            prop_assert_eq!(parsed.generation, Generation(generation));
            prop_assert_eq!(parsed.bytes_used, used);
            prop_assert_eq!(parsed.flags.bits(), flags);
            prop_assert_eq!(parsed.refs, refs);
            let more = parsed.extended.expect("generations agree");
            let found = [more.uuid, more.parent_uuid, more.received_uuid];
            prop_assert_eq!(found, uuids.map(|uuid| Some(Uuid::from_u128(uuid))));
            let found = [more.ctransid, more.otransid, more.stransid, more.rtransid];
            prop_assert_eq!(found, transactions.map(Generation));
            let times = seconds.map(|seconds| Some(SystemTime::UNIX_EPOCH + Duration::new(seconds.into(), 7)));
            prop_assert_eq!([more.ctime, more.otime, more.stime, more.rtime], times);
        }

        #[test]
        fn any_bytes_are_an_answer_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
            // Whole structures only: the old one, or the new one up to its reserved words.
            let whole = bytes.len() == RootItem::OLD_LENGTH || bytes.len() >= offset_of!(btrfs_root_item, reserved);
            prop_assert_eq!(RootItem::parse(&bytes).is_ok(), whole);
        }
    }

    #[test]
    fn an_item_of_an_old_kernel_has_no_uuid() {
        let old = RootItem::parse(&[0; RootItem::OLD_LENGTH]).expect("long enough");
        assert_eq!(old.extended, None);
        assert!(old.is_dead(), "refs is 0");
    }

    #[test]
    fn what_an_old_kernel_left_behind_is_not_believed() {
        let mut item = [1; LENGTH];
        put(&mut item, offset_of!(btrfs_root_item, generation), &9u64.to_le_bytes());
        assert_eq!(RootItem::parse(&item).expect("long enough").extended, None);
    }
}
