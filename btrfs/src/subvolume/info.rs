//! What a subvolume is.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::time::SystemTime;

use bitflags::bitflags;
use btrfs_sys as sys;
use uuid::Uuid;

use crate::bytes;
use crate::id::{Generation, SubvolumeId};
use crate::item::RootItem;
use crate::item::root::Extended;

bitflags! {
    /// Flags of a subvolume's root item. Bits that this library does not know are kept.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub struct SubvolumeFlags: u64 {
        /// Nothing in it can be changed.
        const READ_ONLY = btrfs_sys::BTRFS_ROOT_SUBVOL_RDONLY;
        /// It was deleted; the cleaner is at it.
        const DEAD = btrfs_sys::BTRFS_ROOT_SUBVOL_DEAD;
        const _ = !0;
    }
}

/// What a subvolume is, from its root item.
///
/// From `BTRFS_IOC_GET_SUBVOL_INFO` or, for many, from the tree of trees.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SubvolumeInfo {
    /// Its id.
    pub id: SubvolumeId,
    /// The subvolume it is in; none for the top level and for one that was deleted.
    pub parent_id: Option<SubvolumeId>,
    /// The inode, in the parent, of the directory it is in; none where there is no parent.
    pub directory: Option<u64>,
    /// Its name in that directory, as bytes; empty where there is no parent.
    pub name: OsString,
    /// The transaction that last wrote its tree, by writing or by being the source of a snapshot.
    pub generation: Generation,
    /// Read-only, deleted.
    pub flags: SubvolumeFlags,
    /// Its UUID; none for a top level made by an old mkfs.
    pub uuid: Option<Uuid>,
    /// The UUID of the subvolume that it is a snapshot of; none for one that is no snapshot.
    pub parent_uuid: Option<Uuid>,
    /// The UUID of the subvolume that it was received from; none for one that was not received.
    pub received_uuid: Option<Uuid>,
    /// The transaction that last changed an inode in it.
    pub ctransid: Generation,
    /// The transaction that made it. Snapshots with one `otransid` were taken in one commit.
    pub otransid: Generation,
    /// The transaction, in the sender's filesystem, in which it was sent; 0 where it was not received.
    pub stransid: Generation,
    /// The transaction in which it was received; 0 where it was not.
    pub rtransid: Generation,
    /// When an inode in it was last changed.
    pub ctime: Option<SystemTime>,
    /// When it was made; none for the top level of an old mkfs.
    pub otime: Option<SystemTime>,
    /// When it was sent; none where it was not received.
    pub stime: Option<SystemTime>,
    /// When it was received; none where it was not.
    pub rtime: Option<SystemTime>,
}

impl SubvolumeInfo {
    /// From the tree of trees, without its place.
    #[inline]
    pub(in crate::subvolume) fn from_root_item(id: SubvolumeId, item: RootItem) -> Self {
        let RootItem { generation, flags, extended, .. } = item;
        let more = extended.unwrap_or(Extended::NONE);
        Self {
            id,
            parent_id: None,
            directory: None,
            name: OsString::new(),
            generation,
            flags,
            uuid: more.uuid,
            parent_uuid: more.parent_uuid,
            received_uuid: more.received_uuid,
            ctransid: more.ctransid,
            otransid: more.otransid,
            stransid: more.stransid,
            rtransid: more.rtransid,
            ctime: more.ctime,
            otime: more.otime,
            stime: more.stime,
            rtime: more.rtime,
        }
    }
}

impl From<&sys::btrfs_ioctl_get_subvol_info_args> for SubvolumeInfo {
    fn from(args: &sys::btrfs_ioctl_get_subvol_info_args) -> Self {
        let time = |at: &sys::btrfs_ioctl_timespec| bytes::time(at.sec, at.nsec);
        let parent_id = (args.parent_id != 0).then_some(SubvolumeId(args.parent_id));
        Self {
            id: SubvolumeId(args.treeid),
            parent_id,
            directory: parent_id.map(|_| args.dirid),
            name: OsString::from_vec(bytes::get_name(&args.name)),
            generation: Generation(args.generation),
            flags: SubvolumeFlags::from_bits_retain(args.flags),
            uuid: bytes::uuid(args.uuid),
            parent_uuid: bytes::uuid(args.parent_uuid),
            received_uuid: bytes::uuid(args.received_uuid),
            ctransid: Generation(args.ctransid),
            otransid: Generation(args.otransid),
            stransid: Generation(args.stransid),
            rtransid: Generation(args.rtransid),
            ctime: time(&args.ctime),
            otime: time(&args.otime),
            stime: time(&args.stime),
            rtime: time(&args.rtime),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for SubvolumeFlags {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.bits())
    }
}
