// Linux 7.2 linux/btrfs.h and linux/btrfs_tree.h. Generated: do not edit, run `cargo xtask bindings`.

#[repr(C)]
#[derive(Default)]
pub struct __IncompleteArrayField<T>(::core::marker::PhantomData<T>, [T; 0]);
impl<T> __IncompleteArrayField<T> {
    #[inline]
    pub const fn new() -> Self {
        __IncompleteArrayField(::core::marker::PhantomData, [])
    }
    #[inline]
    pub fn as_ptr(&self) -> *const T {
        self as *const _ as *const T
    }
    #[inline]
    pub fn as_mut_ptr(&mut self) -> *mut T {
        self as *mut _ as *mut T
    }
    #[inline]
    pub unsafe fn as_slice(&self, len: usize) -> &[T] {
        unsafe { ::core::slice::from_raw_parts(self.as_ptr(), len) }
    }
    #[inline]
    pub unsafe fn as_mut_slice(&mut self, len: usize) -> &mut [T] {
        unsafe { ::core::slice::from_raw_parts_mut(self.as_mut_ptr(), len) }
    }
}
impl<T> ::core::fmt::Debug for __IncompleteArrayField<T> {
    fn fmt(&self, fmt: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        fmt.write_str("__IncompleteArrayField")
    }
}
pub const BTRFS_IOCTL_MAGIC: u64 = 148;
pub const BTRFS_VOL_NAME_MAX: u64 = 255;
pub const BTRFS_LABEL_SIZE: u64 = 256;
pub const BTRFS_PATH_NAME_MAX: u64 = 4087;
pub const BTRFS_DEVICE_PATH_NAME_MAX: u64 = 1024;
pub const BTRFS_SUBVOL_NAME_MAX: u64 = 4039;
pub const BTRFS_SUBVOL_CREATE_ASYNC: u64 = 1;
pub const BTRFS_SUBVOL_RDONLY: u64 = 2;
pub const BTRFS_SUBVOL_QGROUP_INHERIT: u64 = 4;
pub const BTRFS_DEVICE_SPEC_BY_ID: u64 = 8;
pub const BTRFS_SUBVOL_SPEC_BY_ID: u64 = 16;
pub const BTRFS_VOL_ARG_V2_FLAGS_SUPPORTED: u64 = 30;
pub const BTRFS_FSID_SIZE: u64 = 16;
pub const BTRFS_UUID_SIZE: u64 = 16;
pub const BTRFS_UUID_UNPARSED_SIZE: u64 = 37;
pub const BTRFS_QGROUP_LIMIT_MAX_RFER: u64 = 1;
pub const BTRFS_QGROUP_LIMIT_MAX_EXCL: u64 = 2;
pub const BTRFS_QGROUP_LIMIT_RSV_RFER: u64 = 4;
pub const BTRFS_QGROUP_LIMIT_RSV_EXCL: u64 = 8;
pub const BTRFS_QGROUP_LIMIT_RFER_CMPR: u64 = 16;
pub const BTRFS_QGROUP_LIMIT_EXCL_CMPR: u64 = 32;
pub const BTRFS_QGROUP_INHERIT_SET_LIMITS: u64 = 1;
pub const BTRFS_QGROUP_INHERIT_FLAGS_SUPP: u64 = 1;
pub const BTRFS_DEVICE_REMOVE_ARGS_MASK: u64 = 8;
pub const BTRFS_SUBVOL_CREATE_ARGS_MASK: u64 = 6;
pub const BTRFS_SUBVOL_DELETE_ARGS_MASK: u64 = 16;
pub const BTRFS_SCRUB_READONLY: u64 = 1;
pub const BTRFS_SCRUB_SUPPORTED_FLAGS: u64 = 1;
pub const BTRFS_IOCTL_DEV_REPLACE_CONT_READING_FROM_SRCDEV_MODE_ALWAYS: u64 = 0;
pub const BTRFS_IOCTL_DEV_REPLACE_CONT_READING_FROM_SRCDEV_MODE_AVOID: u64 = 1;
pub const BTRFS_IOCTL_DEV_REPLACE_STATE_NEVER_STARTED: u64 = 0;
pub const BTRFS_IOCTL_DEV_REPLACE_STATE_STARTED: u64 = 1;
pub const BTRFS_IOCTL_DEV_REPLACE_STATE_FINISHED: u64 = 2;
pub const BTRFS_IOCTL_DEV_REPLACE_STATE_CANCELED: u64 = 3;
pub const BTRFS_IOCTL_DEV_REPLACE_STATE_SUSPENDED: u64 = 4;
pub const BTRFS_IOCTL_DEV_REPLACE_CMD_START: u64 = 0;
pub const BTRFS_IOCTL_DEV_REPLACE_CMD_STATUS: u64 = 1;
pub const BTRFS_IOCTL_DEV_REPLACE_CMD_CANCEL: u64 = 2;
pub const BTRFS_IOCTL_DEV_REPLACE_RESULT_NO_ERROR: u64 = 0;
pub const BTRFS_IOCTL_DEV_REPLACE_RESULT_NOT_STARTED: u64 = 1;
pub const BTRFS_IOCTL_DEV_REPLACE_RESULT_ALREADY_STARTED: u64 = 2;
pub const BTRFS_IOCTL_DEV_REPLACE_RESULT_SCRUB_INPROGRESS: u64 = 3;
pub const BTRFS_FS_INFO_FLAG_CSUM_INFO: u64 = 1;
pub const BTRFS_FS_INFO_FLAG_GENERATION: u64 = 2;
pub const BTRFS_FS_INFO_FLAG_METADATA_UUID: u64 = 4;
pub const BTRFS_FEATURE_COMPAT_RO_FREE_SPACE_TREE: u64 = 1;
pub const BTRFS_FEATURE_COMPAT_RO_FREE_SPACE_TREE_VALID: u64 = 2;
pub const BTRFS_FEATURE_COMPAT_RO_VERITY: u64 = 4;
pub const BTRFS_FEATURE_COMPAT_RO_BLOCK_GROUP_TREE: u64 = 8;
pub const BTRFS_FEATURE_INCOMPAT_MIXED_BACKREF: u64 = 1;
pub const BTRFS_FEATURE_INCOMPAT_DEFAULT_SUBVOL: u64 = 2;
pub const BTRFS_FEATURE_INCOMPAT_MIXED_GROUPS: u64 = 4;
pub const BTRFS_FEATURE_INCOMPAT_COMPRESS_LZO: u64 = 8;
pub const BTRFS_FEATURE_INCOMPAT_COMPRESS_ZSTD: u64 = 16;
pub const BTRFS_FEATURE_INCOMPAT_BIG_METADATA: u64 = 32;
pub const BTRFS_FEATURE_INCOMPAT_EXTENDED_IREF: u64 = 64;
pub const BTRFS_FEATURE_INCOMPAT_RAID56: u64 = 128;
pub const BTRFS_FEATURE_INCOMPAT_SKINNY_METADATA: u64 = 256;
pub const BTRFS_FEATURE_INCOMPAT_NO_HOLES: u64 = 512;
pub const BTRFS_FEATURE_INCOMPAT_METADATA_UUID: u64 = 1024;
pub const BTRFS_FEATURE_INCOMPAT_RAID1C34: u64 = 2048;
pub const BTRFS_FEATURE_INCOMPAT_ZONED: u64 = 4096;
pub const BTRFS_FEATURE_INCOMPAT_EXTENT_TREE_V2: u64 = 8192;
pub const BTRFS_FEATURE_INCOMPAT_RAID_STRIPE_TREE: u64 = 16384;
pub const BTRFS_FEATURE_INCOMPAT_SIMPLE_QUOTA: u64 = 65536;
pub const BTRFS_FEATURE_INCOMPAT_REMAP_TREE: u64 = 131072;
pub const BTRFS_BALANCE_CTL_PAUSE: u64 = 1;
pub const BTRFS_BALANCE_CTL_CANCEL: u64 = 2;
pub const BTRFS_BALANCE_DATA: u64 = 1;
pub const BTRFS_BALANCE_SYSTEM: u64 = 2;
pub const BTRFS_BALANCE_METADATA: u64 = 4;
pub const BTRFS_BALANCE_TYPE_MASK: u64 = 7;
pub const BTRFS_BALANCE_FORCE: u64 = 8;
pub const BTRFS_BALANCE_RESUME: u64 = 16;
pub const BTRFS_BALANCE_ARGS_PROFILES: u64 = 1;
pub const BTRFS_BALANCE_ARGS_USAGE: u64 = 2;
pub const BTRFS_BALANCE_ARGS_DEVID: u64 = 4;
pub const BTRFS_BALANCE_ARGS_DRANGE: u64 = 8;
pub const BTRFS_BALANCE_ARGS_VRANGE: u64 = 16;
pub const BTRFS_BALANCE_ARGS_LIMIT: u64 = 32;
pub const BTRFS_BALANCE_ARGS_LIMIT_RANGE: u64 = 64;
pub const BTRFS_BALANCE_ARGS_STRIPES_RANGE: u64 = 128;
pub const BTRFS_BALANCE_ARGS_USAGE_RANGE: u64 = 1024;
pub const BTRFS_BALANCE_ARGS_MASK: u64 = 1279;
pub const BTRFS_BALANCE_ARGS_CONVERT: u64 = 256;
pub const BTRFS_BALANCE_ARGS_SOFT: u64 = 512;
pub const BTRFS_BALANCE_STATE_RUNNING: u64 = 1;
pub const BTRFS_BALANCE_STATE_PAUSE_REQ: u64 = 2;
pub const BTRFS_BALANCE_STATE_CANCEL_REQ: u64 = 4;
pub const BTRFS_INO_LOOKUP_PATH_MAX: u64 = 4080;
pub const BTRFS_INO_LOOKUP_USER_PATH_MAX: u64 = 3824;
pub const BTRFS_DEFRAG_RANGE_COMPRESS: u64 = 1;
pub const BTRFS_DEFRAG_RANGE_START_IO: u64 = 2;
pub const BTRFS_DEFRAG_RANGE_COMPRESS_LEVEL: u64 = 4;
pub const BTRFS_DEFRAG_RANGE_NOCOMPRESS: u64 = 8;
pub const BTRFS_DEFRAG_RANGE_FLAGS_SUPP: u64 = 15;
pub const BTRFS_SAME_DATA_DIFFERS: u64 = 1;
pub const BTRFS_LOGICAL_INO_ARGS_IGNORE_OFFSET: u64 = 1;
pub const BTRFS_DEV_STATS_RESET: u64 = 1;
pub const BTRFS_QUOTA_CTL_ENABLE: u64 = 1;
pub const BTRFS_QUOTA_CTL_DISABLE: u64 = 2;
pub const BTRFS_QUOTA_CTL_RESCAN__NOTUSED: u64 = 3;
pub const BTRFS_QUOTA_CTL_ENABLE_SIMPLE_QUOTA: u64 = 4;
pub const BTRFS_SEND_FLAG_NO_FILE_DATA: u64 = 1;
pub const BTRFS_SEND_FLAG_OMIT_STREAM_HEADER: u64 = 2;
pub const BTRFS_SEND_FLAG_OMIT_END_CMD: u64 = 4;
pub const BTRFS_SEND_FLAG_VERSION: u64 = 8;
pub const BTRFS_SEND_FLAG_COMPRESSED: u64 = 16;
pub const BTRFS_SEND_FLAG_MASK: u64 = 31;
pub const BTRFS_MAX_ROOTREF_BUFFER_NUM: u64 = 255;
pub const BTRFS_ENCODED_IO_COMPRESSION_NONE: u64 = 0;
pub const BTRFS_ENCODED_IO_COMPRESSION_ZLIB: u64 = 1;
pub const BTRFS_ENCODED_IO_COMPRESSION_ZSTD: u64 = 2;
pub const BTRFS_ENCODED_IO_COMPRESSION_LZO_4K: u64 = 3;
pub const BTRFS_ENCODED_IO_COMPRESSION_LZO_8K: u64 = 4;
pub const BTRFS_ENCODED_IO_COMPRESSION_LZO_16K: u64 = 5;
pub const BTRFS_ENCODED_IO_COMPRESSION_LZO_32K: u64 = 6;
pub const BTRFS_ENCODED_IO_COMPRESSION_LZO_64K: u64 = 7;
pub const BTRFS_ENCODED_IO_COMPRESSION_TYPES: u64 = 8;
pub const BTRFS_ENCODED_IO_ENCRYPTION_NONE: u64 = 0;
pub const BTRFS_ENCODED_IO_ENCRYPTION_TYPES: u64 = 1;
pub const BTRFS_SUBVOL_SYNC_WAIT_FOR_ONE: u64 = 0;
pub const BTRFS_SUBVOL_SYNC_WAIT_FOR_QUEUED: u64 = 1;
pub const BTRFS_SUBVOL_SYNC_COUNT: u64 = 2;
pub const BTRFS_SUBVOL_SYNC_PEEK_FIRST: u64 = 3;
pub const BTRFS_SUBVOL_SYNC_PEEK_LAST: u64 = 4;
pub const BTRFS_GET_CSUMS_HAS_CSUMS: u64 = 1;
pub const BTRFS_GET_CSUMS_ZEROED: u64 = 2;
pub const BTRFS_GET_CSUMS_NODATASUM: u64 = 4;
pub const BTRFS_GET_CSUMS_COMPRESSED: u64 = 8;
pub const BTRFS_GET_CSUMS_ENCRYPTED: u64 = 16;
pub const BTRFS_GET_CSUMS_INLINE: u64 = 32;
pub const BTRFS_SHUTDOWN_FLAGS_DEFAULT: u64 = 0;
pub const BTRFS_SHUTDOWN_FLAGS_LOGFLUSH: u64 = 1;
pub const BTRFS_SHUTDOWN_FLAGS_NOLOGFLUSH: u64 = 2;
pub const BTRFS_SHUTDOWN_FLAGS_LAST: u64 = 3;
pub const BTRFS_MAGIC: u64 = 5575266562640200287;
pub const BTRFS_MAX_LEVEL: u64 = 8;
pub const BTRFS_NAME_LEN: u64 = 255;
pub const BTRFS_LINK_MAX: u64 = 65535;
pub const BTRFS_ROOT_TREE_OBJECTID: u64 = 1;
pub const BTRFS_EXTENT_TREE_OBJECTID: u64 = 2;
pub const BTRFS_CHUNK_TREE_OBJECTID: u64 = 3;
pub const BTRFS_DEV_TREE_OBJECTID: u64 = 4;
pub const BTRFS_FS_TREE_OBJECTID: u64 = 5;
pub const BTRFS_ROOT_TREE_DIR_OBJECTID: u64 = 6;
pub const BTRFS_CSUM_TREE_OBJECTID: u64 = 7;
pub const BTRFS_QUOTA_TREE_OBJECTID: u64 = 8;
pub const BTRFS_UUID_TREE_OBJECTID: u64 = 9;
pub const BTRFS_FREE_SPACE_TREE_OBJECTID: u64 = 10;
pub const BTRFS_BLOCK_GROUP_TREE_OBJECTID: u64 = 11;
pub const BTRFS_RAID_STRIPE_TREE_OBJECTID: u64 = 12;
pub const BTRFS_REMAP_TREE_OBJECTID: u64 = 13;
pub const BTRFS_DEV_STATS_OBJECTID: u64 = 0;
pub const BTRFS_BALANCE_OBJECTID: u64 = 18446744073709551612;
pub const BTRFS_ORPHAN_OBJECTID: u64 = 18446744073709551611;
pub const BTRFS_TREE_LOG_OBJECTID: u64 = 18446744073709551610;
pub const BTRFS_TREE_LOG_FIXUP_OBJECTID: u64 = 18446744073709551609;
pub const BTRFS_TREE_RELOC_OBJECTID: u64 = 18446744073709551608;
pub const BTRFS_DATA_RELOC_TREE_OBJECTID: u64 = 18446744073709551607;
pub const BTRFS_EXTENT_CSUM_OBJECTID: u64 = 18446744073709551606;
pub const BTRFS_FREE_SPACE_OBJECTID: u64 = 18446744073709551605;
pub const BTRFS_FREE_INO_OBJECTID: u64 = 18446744073709551604;
pub const BTRFS_MULTIPLE_OBJECTIDS: u64 = 18446744073709551361;
pub const BTRFS_FIRST_FREE_OBJECTID: u64 = 256;
pub const BTRFS_LAST_FREE_OBJECTID: u64 = 18446744073709551360;
pub const BTRFS_FIRST_CHUNK_TREE_OBJECTID: u64 = 256;
pub const BTRFS_DEV_ITEMS_OBJECTID: u64 = 1;
pub const BTRFS_BTREE_INODE_OBJECTID: u64 = 1;
pub const BTRFS_EMPTY_SUBVOL_DIR_OBJECTID: u64 = 2;
pub const BTRFS_DEV_REPLACE_DEVID: u64 = 0;
pub const BTRFS_INODE_ITEM_KEY: u64 = 1;
pub const BTRFS_INODE_REF_KEY: u64 = 12;
pub const BTRFS_INODE_EXTREF_KEY: u64 = 13;
pub const BTRFS_XATTR_ITEM_KEY: u64 = 24;
pub const BTRFS_VERITY_DESC_ITEM_KEY: u64 = 36;
pub const BTRFS_VERITY_MERKLE_ITEM_KEY: u64 = 37;
pub const BTRFS_ORPHAN_ITEM_KEY: u64 = 48;
pub const BTRFS_DIR_LOG_ITEM_KEY: u64 = 60;
pub const BTRFS_DIR_LOG_INDEX_KEY: u64 = 72;
pub const BTRFS_DIR_ITEM_KEY: u64 = 84;
pub const BTRFS_DIR_INDEX_KEY: u64 = 96;
pub const BTRFS_EXTENT_DATA_KEY: u64 = 108;
pub const BTRFS_EXTENT_CSUM_KEY: u64 = 128;
pub const BTRFS_ROOT_ITEM_KEY: u64 = 132;
pub const BTRFS_ROOT_BACKREF_KEY: u64 = 144;
pub const BTRFS_ROOT_REF_KEY: u64 = 156;
pub const BTRFS_EXTENT_ITEM_KEY: u64 = 168;
pub const BTRFS_METADATA_ITEM_KEY: u64 = 169;
pub const BTRFS_EXTENT_OWNER_REF_KEY: u64 = 172;
pub const BTRFS_TREE_BLOCK_REF_KEY: u64 = 176;
pub const BTRFS_EXTENT_DATA_REF_KEY: u64 = 178;
pub const BTRFS_SHARED_BLOCK_REF_KEY: u64 = 182;
pub const BTRFS_SHARED_DATA_REF_KEY: u64 = 184;
pub const BTRFS_BLOCK_GROUP_ITEM_KEY: u64 = 192;
pub const BTRFS_FREE_SPACE_INFO_KEY: u64 = 198;
pub const BTRFS_FREE_SPACE_EXTENT_KEY: u64 = 199;
pub const BTRFS_FREE_SPACE_BITMAP_KEY: u64 = 200;
pub const BTRFS_DEV_EXTENT_KEY: u64 = 204;
pub const BTRFS_DEV_ITEM_KEY: u64 = 216;
pub const BTRFS_CHUNK_ITEM_KEY: u64 = 228;
pub const BTRFS_RAID_STRIPE_KEY: u64 = 230;
pub const BTRFS_IDENTITY_REMAP_KEY: u64 = 234;
pub const BTRFS_REMAP_KEY: u64 = 235;
pub const BTRFS_REMAP_BACKREF_KEY: u64 = 236;
pub const BTRFS_QGROUP_STATUS_KEY: u64 = 240;
pub const BTRFS_QGROUP_INFO_KEY: u64 = 242;
pub const BTRFS_QGROUP_LIMIT_KEY: u64 = 244;
pub const BTRFS_QGROUP_RELATION_KEY: u64 = 246;
pub const BTRFS_BALANCE_ITEM_KEY: u64 = 248;
pub const BTRFS_TEMPORARY_ITEM_KEY: u64 = 248;
pub const BTRFS_DEV_STATS_KEY: u64 = 249;
pub const BTRFS_PERSISTENT_ITEM_KEY: u64 = 249;
pub const BTRFS_DEV_REPLACE_KEY: u64 = 250;
pub const BTRFS_UUID_KEY_SUBVOL: u64 = 251;
pub const BTRFS_UUID_KEY_RECEIVED_SUBVOL: u64 = 252;
pub const BTRFS_STRING_ITEM_KEY: u64 = 253;
pub const BTRFS_MAX_METADATA_BLOCKSIZE: u64 = 65536;
pub const BTRFS_CSUM_SIZE: u64 = 32;
pub const BTRFS_FT_UNKNOWN: u64 = 0;
pub const BTRFS_FT_REG_FILE: u64 = 1;
pub const BTRFS_FT_DIR: u64 = 2;
pub const BTRFS_FT_CHRDEV: u64 = 3;
pub const BTRFS_FT_BLKDEV: u64 = 4;
pub const BTRFS_FT_FIFO: u64 = 5;
pub const BTRFS_FT_SOCK: u64 = 6;
pub const BTRFS_FT_SYMLINK: u64 = 7;
pub const BTRFS_FT_XATTR: u64 = 8;
pub const BTRFS_FT_MAX: u64 = 9;
pub const BTRFS_FT_ENCRYPTED: u64 = 128;
pub const BTRFS_INODE_NODATASUM: u64 = 1;
pub const BTRFS_INODE_NODATACOW: u64 = 2;
pub const BTRFS_INODE_READONLY: u64 = 4;
pub const BTRFS_INODE_NOCOMPRESS: u64 = 8;
pub const BTRFS_INODE_PREALLOC: u64 = 16;
pub const BTRFS_INODE_SYNC: u64 = 32;
pub const BTRFS_INODE_IMMUTABLE: u64 = 64;
pub const BTRFS_INODE_APPEND: u64 = 128;
pub const BTRFS_INODE_NODUMP: u64 = 256;
pub const BTRFS_INODE_NOATIME: u64 = 512;
pub const BTRFS_INODE_DIRSYNC: u64 = 1024;
pub const BTRFS_INODE_COMPRESS: u64 = 2048;
pub const BTRFS_INODE_ROOT_ITEM_INIT: u64 = 2147483648;
pub const BTRFS_INODE_FLAG_MASK: u64 = 2147487743;
pub const BTRFS_INODE_RO_VERITY: u64 = 1;
pub const BTRFS_INODE_RO_FLAG_MASK: u64 = 1;
pub const BTRFS_SYSTEM_CHUNK_ARRAY_SIZE: u64 = 2048;
pub const BTRFS_NUM_BACKUP_ROOTS: u64 = 4;
pub const BTRFS_FREE_SPACE_EXTENT: u64 = 1;
pub const BTRFS_FREE_SPACE_BITMAP: u64 = 2;
pub const BTRFS_HEADER_FLAG_WRITTEN: u64 = 1;
pub const BTRFS_HEADER_FLAG_RELOC: u64 = 2;
pub const BTRFS_SUPER_FLAG_ERROR: u64 = 4;
pub const BTRFS_SUPER_FLAG_SEEDING: u64 = 4294967296;
pub const BTRFS_SUPER_FLAG_METADUMP: u64 = 8589934592;
pub const BTRFS_SUPER_FLAG_METADUMP_V2: u64 = 17179869184;
pub const BTRFS_SUPER_FLAG_CHANGING_FSID: u64 = 34359738368;
pub const BTRFS_SUPER_FLAG_CHANGING_FSID_V2: u64 = 68719476736;
pub const BTRFS_SUPER_FLAG_CHANGING_BG_TREE: u64 = 274877906944;
pub const BTRFS_SUPER_FLAG_CHANGING_DATA_CSUM: u64 = 549755813888;
pub const BTRFS_SUPER_FLAG_CHANGING_META_CSUM: u64 = 1099511627776;
pub const BTRFS_EXTENT_FLAG_DATA: u64 = 1;
pub const BTRFS_EXTENT_FLAG_TREE_BLOCK: u64 = 2;
pub const BTRFS_BLOCK_FLAG_FULL_BACKREF: u64 = 256;
pub const BTRFS_BACKREF_REV_MAX: u64 = 256;
pub const BTRFS_BACKREF_REV_SHIFT: u64 = 56;
pub const BTRFS_OLD_BACKREF_REV: u64 = 0;
pub const BTRFS_MIXED_BACKREF_REV: u64 = 1;
pub const BTRFS_EXTENT_FLAG_SUPER: u64 = 281474976710656;
pub const BTRFS_ROOT_SUBVOL_RDONLY: u64 = 1;
pub const BTRFS_ROOT_SUBVOL_DEAD: u64 = 281474976710656;
pub const BTRFS_DEV_REPLACE_ITEM_CONT_READING_FROM_SRCDEV_MODE_ALWAYS: u64 = 0;
pub const BTRFS_DEV_REPLACE_ITEM_CONT_READING_FROM_SRCDEV_MODE_AVOID: u64 = 1;
pub const BTRFS_BLOCK_GROUP_DATA: u64 = 1;
pub const BTRFS_BLOCK_GROUP_SYSTEM: u64 = 2;
pub const BTRFS_BLOCK_GROUP_METADATA: u64 = 4;
pub const BTRFS_BLOCK_GROUP_RAID0: u64 = 8;
pub const BTRFS_BLOCK_GROUP_RAID1: u64 = 16;
pub const BTRFS_BLOCK_GROUP_DUP: u64 = 32;
pub const BTRFS_BLOCK_GROUP_RAID10: u64 = 64;
pub const BTRFS_BLOCK_GROUP_RAID5: u64 = 128;
pub const BTRFS_BLOCK_GROUP_RAID6: u64 = 256;
pub const BTRFS_BLOCK_GROUP_RAID1C3: u64 = 512;
pub const BTRFS_BLOCK_GROUP_RAID1C4: u64 = 1024;
pub const BTRFS_BLOCK_GROUP_REMAPPED: u64 = 2048;
pub const BTRFS_BLOCK_GROUP_METADATA_REMAP: u64 = 4096;
pub const BTRFS_BLOCK_GROUP_TYPE_MASK: u64 = 4103;
pub const BTRFS_BLOCK_GROUP_PROFILE_MASK: u64 = 2040;
pub const BTRFS_BLOCK_GROUP_RAID56_MASK: u64 = 384;
pub const BTRFS_BLOCK_GROUP_RAID1_MASK: u64 = 1552;
pub const BTRFS_AVAIL_ALLOC_BIT_SINGLE: u64 = 281474976710656;
pub const BTRFS_SPACE_INFO_GLOBAL_RSV: u64 = 562949953421312;
pub const BTRFS_EXTENDED_PROFILE_MASK: u64 = 281474976712696;
pub const BTRFS_FREE_SPACE_USING_BITMAPS: u64 = 1;
pub const BTRFS_FREE_SPACE_FLAGS_MASK: u64 = 1;
pub const BTRFS_QGROUP_LEVEL_SHIFT: u64 = 48;
pub const BTRFS_QGROUP_STATUS_FLAG_ON: u64 = 1;
pub const BTRFS_QGROUP_STATUS_FLAG_RESCAN: u64 = 2;
pub const BTRFS_QGROUP_STATUS_FLAG_INCONSISTENT: u64 = 4;
pub const BTRFS_QGROUP_STATUS_FLAG_SIMPLE_MODE: u64 = 8;
pub const BTRFS_QGROUP_STATUS_FLAGS_MASK: u64 = 15;
pub const BTRFS_QGROUP_STATUS_VERSION: u64 = 1;
pub type __s8 = core::ffi::c_schar;
pub type __u8 = core::ffi::c_uchar;
pub type __u16 = core::ffi::c_ushort;
pub type __s32 = core::ffi::c_int;
pub type __u32 = core::ffi::c_uint;
pub type __s64 = core::ffi::c_longlong;
pub type __u64 = core::ffi::c_ulonglong;
pub type __le16 = __u16;
pub type __le32 = __u32;
pub type __le64 = __u64;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct btrfs_ioctl_vol_args {
    pub fd: __s64,
    pub name: [core::ffi::c_char; 4088usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_vol_args",
    ][::core::mem::size_of::<btrfs_ioctl_vol_args>() - 4096usize];
    [
        "Alignment of btrfs_ioctl_vol_args",
    ][::core::mem::align_of::<btrfs_ioctl_vol_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_vol_args::fd",
    ][::core::mem::offset_of!(btrfs_ioctl_vol_args, fd) - 0usize];
    [
        "Offset of field: btrfs_ioctl_vol_args::name",
    ][::core::mem::offset_of!(btrfs_ioctl_vol_args, name) - 8usize];
};
impl Default for btrfs_ioctl_vol_args {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_qgroup_limit {
    pub flags: __u64,
    pub max_rfer: __u64,
    pub max_excl: __u64,
    pub rsv_rfer: __u64,
    pub rsv_excl: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_qgroup_limit",
    ][::core::mem::size_of::<btrfs_qgroup_limit>() - 40usize];
    [
        "Alignment of btrfs_qgroup_limit",
    ][::core::mem::align_of::<btrfs_qgroup_limit>() - 8usize];
    [
        "Offset of field: btrfs_qgroup_limit::flags",
    ][::core::mem::offset_of!(btrfs_qgroup_limit, flags) - 0usize];
    [
        "Offset of field: btrfs_qgroup_limit::max_rfer",
    ][::core::mem::offset_of!(btrfs_qgroup_limit, max_rfer) - 8usize];
    [
        "Offset of field: btrfs_qgroup_limit::max_excl",
    ][::core::mem::offset_of!(btrfs_qgroup_limit, max_excl) - 16usize];
    [
        "Offset of field: btrfs_qgroup_limit::rsv_rfer",
    ][::core::mem::offset_of!(btrfs_qgroup_limit, rsv_rfer) - 24usize];
    [
        "Offset of field: btrfs_qgroup_limit::rsv_excl",
    ][::core::mem::offset_of!(btrfs_qgroup_limit, rsv_excl) - 32usize];
};
#[repr(C)]
#[derive(Debug, Default)]
pub struct btrfs_qgroup_inherit {
    pub flags: __u64,
    pub num_qgroups: __u64,
    pub num_ref_copies: __u64,
    pub num_excl_copies: __u64,
    pub lim: btrfs_qgroup_limit,
    pub qgroups: __IncompleteArrayField<__u64>,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_qgroup_inherit",
    ][::core::mem::size_of::<btrfs_qgroup_inherit>() - 72usize];
    [
        "Alignment of btrfs_qgroup_inherit",
    ][::core::mem::align_of::<btrfs_qgroup_inherit>() - 8usize];
    [
        "Offset of field: btrfs_qgroup_inherit::flags",
    ][::core::mem::offset_of!(btrfs_qgroup_inherit, flags) - 0usize];
    [
        "Offset of field: btrfs_qgroup_inherit::num_qgroups",
    ][::core::mem::offset_of!(btrfs_qgroup_inherit, num_qgroups) - 8usize];
    [
        "Offset of field: btrfs_qgroup_inherit::num_ref_copies",
    ][::core::mem::offset_of!(btrfs_qgroup_inherit, num_ref_copies) - 16usize];
    [
        "Offset of field: btrfs_qgroup_inherit::num_excl_copies",
    ][::core::mem::offset_of!(btrfs_qgroup_inherit, num_excl_copies) - 24usize];
    [
        "Offset of field: btrfs_qgroup_inherit::lim",
    ][::core::mem::offset_of!(btrfs_qgroup_inherit, lim) - 32usize];
    [
        "Offset of field: btrfs_qgroup_inherit::qgroups",
    ][::core::mem::offset_of!(btrfs_qgroup_inherit, qgroups) - 72usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_ioctl_qgroup_limit_args {
    pub qgroupid: __u64,
    pub lim: btrfs_qgroup_limit,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_qgroup_limit_args",
    ][::core::mem::size_of::<btrfs_ioctl_qgroup_limit_args>() - 48usize];
    [
        "Alignment of btrfs_ioctl_qgroup_limit_args",
    ][::core::mem::align_of::<btrfs_ioctl_qgroup_limit_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_qgroup_limit_args::qgroupid",
    ][::core::mem::offset_of!(btrfs_ioctl_qgroup_limit_args, qgroupid) - 0usize];
    [
        "Offset of field: btrfs_ioctl_qgroup_limit_args::lim",
    ][::core::mem::offset_of!(btrfs_ioctl_qgroup_limit_args, lim) - 8usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct btrfs_ioctl_vol_args_v2 {
    pub fd: __s64,
    pub transid: __u64,
    pub flags: __u64,
    pub __bindgen_anon_1: btrfs_ioctl_vol_args_v2__bindgen_ty_1,
    pub __bindgen_anon_2: btrfs_ioctl_vol_args_v2__bindgen_ty_2,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union btrfs_ioctl_vol_args_v2__bindgen_ty_1 {
    pub __bindgen_anon_1: btrfs_ioctl_vol_args_v2__bindgen_ty_1__bindgen_ty_1,
    pub unused: [__u64; 4usize],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct btrfs_ioctl_vol_args_v2__bindgen_ty_1__bindgen_ty_1 {
    pub size: __u64,
    pub qgroup_inherit: *mut btrfs_qgroup_inherit,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_vol_args_v2__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::size_of::<btrfs_ioctl_vol_args_v2__bindgen_ty_1__bindgen_ty_1>()
        - 16usize];
    [
        "Alignment of btrfs_ioctl_vol_args_v2__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::align_of::<btrfs_ioctl_vol_args_v2__bindgen_ty_1__bindgen_ty_1>()
        - 8usize];
    [
        "Offset of field: btrfs_ioctl_vol_args_v2__bindgen_ty_1__bindgen_ty_1::size",
    ][::core::mem::offset_of!(btrfs_ioctl_vol_args_v2__bindgen_ty_1__bindgen_ty_1, size)
        - 0usize];
    [
        "Offset of field: btrfs_ioctl_vol_args_v2__bindgen_ty_1__bindgen_ty_1::qgroup_inherit",
    ][::core::mem::offset_of!(
        btrfs_ioctl_vol_args_v2__bindgen_ty_1__bindgen_ty_1, qgroup_inherit
    ) - 8usize];
};
impl Default for btrfs_ioctl_vol_args_v2__bindgen_ty_1__bindgen_ty_1 {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_vol_args_v2__bindgen_ty_1",
    ][::core::mem::size_of::<btrfs_ioctl_vol_args_v2__bindgen_ty_1>() - 32usize];
    [
        "Alignment of btrfs_ioctl_vol_args_v2__bindgen_ty_1",
    ][::core::mem::align_of::<btrfs_ioctl_vol_args_v2__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_vol_args_v2__bindgen_ty_1::unused",
    ][::core::mem::offset_of!(btrfs_ioctl_vol_args_v2__bindgen_ty_1, unused) - 0usize];
};
impl Default for btrfs_ioctl_vol_args_v2__bindgen_ty_1 {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union btrfs_ioctl_vol_args_v2__bindgen_ty_2 {
    pub name: [core::ffi::c_char; 4040usize],
    pub devid: __u64,
    pub subvolid: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_vol_args_v2__bindgen_ty_2",
    ][::core::mem::size_of::<btrfs_ioctl_vol_args_v2__bindgen_ty_2>() - 4040usize];
    [
        "Alignment of btrfs_ioctl_vol_args_v2__bindgen_ty_2",
    ][::core::mem::align_of::<btrfs_ioctl_vol_args_v2__bindgen_ty_2>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_vol_args_v2__bindgen_ty_2::name",
    ][::core::mem::offset_of!(btrfs_ioctl_vol_args_v2__bindgen_ty_2, name) - 0usize];
    [
        "Offset of field: btrfs_ioctl_vol_args_v2__bindgen_ty_2::devid",
    ][::core::mem::offset_of!(btrfs_ioctl_vol_args_v2__bindgen_ty_2, devid) - 0usize];
    [
        "Offset of field: btrfs_ioctl_vol_args_v2__bindgen_ty_2::subvolid",
    ][::core::mem::offset_of!(btrfs_ioctl_vol_args_v2__bindgen_ty_2, subvolid) - 0usize];
};
impl Default for btrfs_ioctl_vol_args_v2__bindgen_ty_2 {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_vol_args_v2",
    ][::core::mem::size_of::<btrfs_ioctl_vol_args_v2>() - 4096usize];
    [
        "Alignment of btrfs_ioctl_vol_args_v2",
    ][::core::mem::align_of::<btrfs_ioctl_vol_args_v2>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_vol_args_v2::fd",
    ][::core::mem::offset_of!(btrfs_ioctl_vol_args_v2, fd) - 0usize];
    [
        "Offset of field: btrfs_ioctl_vol_args_v2::transid",
    ][::core::mem::offset_of!(btrfs_ioctl_vol_args_v2, transid) - 8usize];
    [
        "Offset of field: btrfs_ioctl_vol_args_v2::flags",
    ][::core::mem::offset_of!(btrfs_ioctl_vol_args_v2, flags) - 16usize];
};
impl Default for btrfs_ioctl_vol_args_v2 {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_scrub_progress {
    pub data_extents_scrubbed: __u64,
    pub tree_extents_scrubbed: __u64,
    pub data_bytes_scrubbed: __u64,
    pub tree_bytes_scrubbed: __u64,
    pub read_errors: __u64,
    pub csum_errors: __u64,
    pub verify_errors: __u64,
    pub no_csum: __u64,
    pub csum_discards: __u64,
    pub super_errors: __u64,
    pub malloc_errors: __u64,
    pub uncorrectable_errors: __u64,
    pub corrected_errors: __u64,
    pub last_physical: __u64,
    pub unverified_errors: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_scrub_progress",
    ][::core::mem::size_of::<btrfs_scrub_progress>() - 120usize];
    [
        "Alignment of btrfs_scrub_progress",
    ][::core::mem::align_of::<btrfs_scrub_progress>() - 8usize];
    [
        "Offset of field: btrfs_scrub_progress::data_extents_scrubbed",
    ][::core::mem::offset_of!(btrfs_scrub_progress, data_extents_scrubbed) - 0usize];
    [
        "Offset of field: btrfs_scrub_progress::tree_extents_scrubbed",
    ][::core::mem::offset_of!(btrfs_scrub_progress, tree_extents_scrubbed) - 8usize];
    [
        "Offset of field: btrfs_scrub_progress::data_bytes_scrubbed",
    ][::core::mem::offset_of!(btrfs_scrub_progress, data_bytes_scrubbed) - 16usize];
    [
        "Offset of field: btrfs_scrub_progress::tree_bytes_scrubbed",
    ][::core::mem::offset_of!(btrfs_scrub_progress, tree_bytes_scrubbed) - 24usize];
    [
        "Offset of field: btrfs_scrub_progress::read_errors",
    ][::core::mem::offset_of!(btrfs_scrub_progress, read_errors) - 32usize];
    [
        "Offset of field: btrfs_scrub_progress::csum_errors",
    ][::core::mem::offset_of!(btrfs_scrub_progress, csum_errors) - 40usize];
    [
        "Offset of field: btrfs_scrub_progress::verify_errors",
    ][::core::mem::offset_of!(btrfs_scrub_progress, verify_errors) - 48usize];
    [
        "Offset of field: btrfs_scrub_progress::no_csum",
    ][::core::mem::offset_of!(btrfs_scrub_progress, no_csum) - 56usize];
    [
        "Offset of field: btrfs_scrub_progress::csum_discards",
    ][::core::mem::offset_of!(btrfs_scrub_progress, csum_discards) - 64usize];
    [
        "Offset of field: btrfs_scrub_progress::super_errors",
    ][::core::mem::offset_of!(btrfs_scrub_progress, super_errors) - 72usize];
    [
        "Offset of field: btrfs_scrub_progress::malloc_errors",
    ][::core::mem::offset_of!(btrfs_scrub_progress, malloc_errors) - 80usize];
    [
        "Offset of field: btrfs_scrub_progress::uncorrectable_errors",
    ][::core::mem::offset_of!(btrfs_scrub_progress, uncorrectable_errors) - 88usize];
    [
        "Offset of field: btrfs_scrub_progress::corrected_errors",
    ][::core::mem::offset_of!(btrfs_scrub_progress, corrected_errors) - 96usize];
    [
        "Offset of field: btrfs_scrub_progress::last_physical",
    ][::core::mem::offset_of!(btrfs_scrub_progress, last_physical) - 104usize];
    [
        "Offset of field: btrfs_scrub_progress::unverified_errors",
    ][::core::mem::offset_of!(btrfs_scrub_progress, unverified_errors) - 112usize];
};
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct btrfs_ioctl_scrub_args {
    pub devid: __u64,
    pub start: __u64,
    pub end: __u64,
    pub flags: __u64,
    pub progress: btrfs_scrub_progress,
    pub unused: [__u64; 109usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_scrub_args",
    ][::core::mem::size_of::<btrfs_ioctl_scrub_args>() - 1024usize];
    [
        "Alignment of btrfs_ioctl_scrub_args",
    ][::core::mem::align_of::<btrfs_ioctl_scrub_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_scrub_args::devid",
    ][::core::mem::offset_of!(btrfs_ioctl_scrub_args, devid) - 0usize];
    [
        "Offset of field: btrfs_ioctl_scrub_args::start",
    ][::core::mem::offset_of!(btrfs_ioctl_scrub_args, start) - 8usize];
    [
        "Offset of field: btrfs_ioctl_scrub_args::end",
    ][::core::mem::offset_of!(btrfs_ioctl_scrub_args, end) - 16usize];
    [
        "Offset of field: btrfs_ioctl_scrub_args::flags",
    ][::core::mem::offset_of!(btrfs_ioctl_scrub_args, flags) - 24usize];
    [
        "Offset of field: btrfs_ioctl_scrub_args::progress",
    ][::core::mem::offset_of!(btrfs_ioctl_scrub_args, progress) - 32usize];
    [
        "Offset of field: btrfs_ioctl_scrub_args::unused",
    ][::core::mem::offset_of!(btrfs_ioctl_scrub_args, unused) - 152usize];
};
impl Default for btrfs_ioctl_scrub_args {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct btrfs_ioctl_dev_replace_start_params {
    pub srcdevid: __u64,
    pub cont_reading_from_srcdev_mode: __u64,
    pub srcdev_name: [__u8; 1025usize],
    pub tgtdev_name: [__u8; 1025usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_dev_replace_start_params",
    ][::core::mem::size_of::<btrfs_ioctl_dev_replace_start_params>() - 2072usize];
    [
        "Alignment of btrfs_ioctl_dev_replace_start_params",
    ][::core::mem::align_of::<btrfs_ioctl_dev_replace_start_params>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_dev_replace_start_params::srcdevid",
    ][::core::mem::offset_of!(btrfs_ioctl_dev_replace_start_params, srcdevid) - 0usize];
    [
        "Offset of field: btrfs_ioctl_dev_replace_start_params::cont_reading_from_srcdev_mode",
    ][::core::mem::offset_of!(
        btrfs_ioctl_dev_replace_start_params, cont_reading_from_srcdev_mode
    ) - 8usize];
    [
        "Offset of field: btrfs_ioctl_dev_replace_start_params::srcdev_name",
    ][::core::mem::offset_of!(btrfs_ioctl_dev_replace_start_params, srcdev_name)
        - 16usize];
    [
        "Offset of field: btrfs_ioctl_dev_replace_start_params::tgtdev_name",
    ][::core::mem::offset_of!(btrfs_ioctl_dev_replace_start_params, tgtdev_name)
        - 1041usize];
};
impl Default for btrfs_ioctl_dev_replace_start_params {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_ioctl_dev_replace_status_params {
    pub replace_state: __u64,
    pub progress_1000: __u64,
    pub time_started: __u64,
    pub time_stopped: __u64,
    pub num_write_errors: __u64,
    pub num_uncorrectable_read_errors: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_dev_replace_status_params",
    ][::core::mem::size_of::<btrfs_ioctl_dev_replace_status_params>() - 48usize];
    [
        "Alignment of btrfs_ioctl_dev_replace_status_params",
    ][::core::mem::align_of::<btrfs_ioctl_dev_replace_status_params>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_dev_replace_status_params::replace_state",
    ][::core::mem::offset_of!(btrfs_ioctl_dev_replace_status_params, replace_state)
        - 0usize];
    [
        "Offset of field: btrfs_ioctl_dev_replace_status_params::progress_1000",
    ][::core::mem::offset_of!(btrfs_ioctl_dev_replace_status_params, progress_1000)
        - 8usize];
    [
        "Offset of field: btrfs_ioctl_dev_replace_status_params::time_started",
    ][::core::mem::offset_of!(btrfs_ioctl_dev_replace_status_params, time_started)
        - 16usize];
    [
        "Offset of field: btrfs_ioctl_dev_replace_status_params::time_stopped",
    ][::core::mem::offset_of!(btrfs_ioctl_dev_replace_status_params, time_stopped)
        - 24usize];
    [
        "Offset of field: btrfs_ioctl_dev_replace_status_params::num_write_errors",
    ][::core::mem::offset_of!(btrfs_ioctl_dev_replace_status_params, num_write_errors)
        - 32usize];
    [
        "Offset of field: btrfs_ioctl_dev_replace_status_params::num_uncorrectable_read_errors",
    ][::core::mem::offset_of!(
        btrfs_ioctl_dev_replace_status_params, num_uncorrectable_read_errors
    ) - 40usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct btrfs_ioctl_dev_replace_args {
    pub cmd: __u64,
    pub result: __u64,
    pub __bindgen_anon_1: btrfs_ioctl_dev_replace_args__bindgen_ty_1,
    pub spare: [__u64; 64usize],
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union btrfs_ioctl_dev_replace_args__bindgen_ty_1 {
    pub start: btrfs_ioctl_dev_replace_start_params,
    pub status: btrfs_ioctl_dev_replace_status_params,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_dev_replace_args__bindgen_ty_1",
    ][::core::mem::size_of::<btrfs_ioctl_dev_replace_args__bindgen_ty_1>() - 2072usize];
    [
        "Alignment of btrfs_ioctl_dev_replace_args__bindgen_ty_1",
    ][::core::mem::align_of::<btrfs_ioctl_dev_replace_args__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_dev_replace_args__bindgen_ty_1::start",
    ][::core::mem::offset_of!(btrfs_ioctl_dev_replace_args__bindgen_ty_1, start)
        - 0usize];
    [
        "Offset of field: btrfs_ioctl_dev_replace_args__bindgen_ty_1::status",
    ][::core::mem::offset_of!(btrfs_ioctl_dev_replace_args__bindgen_ty_1, status)
        - 0usize];
};
impl Default for btrfs_ioctl_dev_replace_args__bindgen_ty_1 {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_dev_replace_args",
    ][::core::mem::size_of::<btrfs_ioctl_dev_replace_args>() - 2600usize];
    [
        "Alignment of btrfs_ioctl_dev_replace_args",
    ][::core::mem::align_of::<btrfs_ioctl_dev_replace_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_dev_replace_args::cmd",
    ][::core::mem::offset_of!(btrfs_ioctl_dev_replace_args, cmd) - 0usize];
    [
        "Offset of field: btrfs_ioctl_dev_replace_args::result",
    ][::core::mem::offset_of!(btrfs_ioctl_dev_replace_args, result) - 8usize];
    [
        "Offset of field: btrfs_ioctl_dev_replace_args::spare",
    ][::core::mem::offset_of!(btrfs_ioctl_dev_replace_args, spare) - 2088usize];
};
impl Default for btrfs_ioctl_dev_replace_args {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct btrfs_ioctl_dev_info_args {
    pub devid: __u64,
    pub uuid: [__u8; 16usize],
    pub bytes_used: __u64,
    pub total_bytes: __u64,
    pub fsid: [__u8; 16usize],
    pub unused: [__u64; 377usize],
    pub path: [__u8; 1024usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_dev_info_args",
    ][::core::mem::size_of::<btrfs_ioctl_dev_info_args>() - 4096usize];
    [
        "Alignment of btrfs_ioctl_dev_info_args",
    ][::core::mem::align_of::<btrfs_ioctl_dev_info_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_dev_info_args::devid",
    ][::core::mem::offset_of!(btrfs_ioctl_dev_info_args, devid) - 0usize];
    [
        "Offset of field: btrfs_ioctl_dev_info_args::uuid",
    ][::core::mem::offset_of!(btrfs_ioctl_dev_info_args, uuid) - 8usize];
    [
        "Offset of field: btrfs_ioctl_dev_info_args::bytes_used",
    ][::core::mem::offset_of!(btrfs_ioctl_dev_info_args, bytes_used) - 24usize];
    [
        "Offset of field: btrfs_ioctl_dev_info_args::total_bytes",
    ][::core::mem::offset_of!(btrfs_ioctl_dev_info_args, total_bytes) - 32usize];
    [
        "Offset of field: btrfs_ioctl_dev_info_args::fsid",
    ][::core::mem::offset_of!(btrfs_ioctl_dev_info_args, fsid) - 40usize];
    [
        "Offset of field: btrfs_ioctl_dev_info_args::unused",
    ][::core::mem::offset_of!(btrfs_ioctl_dev_info_args, unused) - 56usize];
    [
        "Offset of field: btrfs_ioctl_dev_info_args::path",
    ][::core::mem::offset_of!(btrfs_ioctl_dev_info_args, path) - 3072usize];
};
impl Default for btrfs_ioctl_dev_info_args {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct btrfs_ioctl_fs_info_args {
    pub max_id: __u64,
    pub num_devices: __u64,
    pub fsid: [__u8; 16usize],
    pub nodesize: __u32,
    pub sectorsize: __u32,
    pub clone_alignment: __u32,
    pub csum_type: __u16,
    pub csum_size: __u16,
    pub flags: __u64,
    pub generation: __u64,
    pub metadata_uuid: [__u8; 16usize],
    pub reserved: [__u8; 944usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_fs_info_args",
    ][::core::mem::size_of::<btrfs_ioctl_fs_info_args>() - 1024usize];
    [
        "Alignment of btrfs_ioctl_fs_info_args",
    ][::core::mem::align_of::<btrfs_ioctl_fs_info_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_fs_info_args::max_id",
    ][::core::mem::offset_of!(btrfs_ioctl_fs_info_args, max_id) - 0usize];
    [
        "Offset of field: btrfs_ioctl_fs_info_args::num_devices",
    ][::core::mem::offset_of!(btrfs_ioctl_fs_info_args, num_devices) - 8usize];
    [
        "Offset of field: btrfs_ioctl_fs_info_args::fsid",
    ][::core::mem::offset_of!(btrfs_ioctl_fs_info_args, fsid) - 16usize];
    [
        "Offset of field: btrfs_ioctl_fs_info_args::nodesize",
    ][::core::mem::offset_of!(btrfs_ioctl_fs_info_args, nodesize) - 32usize];
    [
        "Offset of field: btrfs_ioctl_fs_info_args::sectorsize",
    ][::core::mem::offset_of!(btrfs_ioctl_fs_info_args, sectorsize) - 36usize];
    [
        "Offset of field: btrfs_ioctl_fs_info_args::clone_alignment",
    ][::core::mem::offset_of!(btrfs_ioctl_fs_info_args, clone_alignment) - 40usize];
    [
        "Offset of field: btrfs_ioctl_fs_info_args::csum_type",
    ][::core::mem::offset_of!(btrfs_ioctl_fs_info_args, csum_type) - 44usize];
    [
        "Offset of field: btrfs_ioctl_fs_info_args::csum_size",
    ][::core::mem::offset_of!(btrfs_ioctl_fs_info_args, csum_size) - 46usize];
    [
        "Offset of field: btrfs_ioctl_fs_info_args::flags",
    ][::core::mem::offset_of!(btrfs_ioctl_fs_info_args, flags) - 48usize];
    [
        "Offset of field: btrfs_ioctl_fs_info_args::generation",
    ][::core::mem::offset_of!(btrfs_ioctl_fs_info_args, generation) - 56usize];
    [
        "Offset of field: btrfs_ioctl_fs_info_args::metadata_uuid",
    ][::core::mem::offset_of!(btrfs_ioctl_fs_info_args, metadata_uuid) - 64usize];
    [
        "Offset of field: btrfs_ioctl_fs_info_args::reserved",
    ][::core::mem::offset_of!(btrfs_ioctl_fs_info_args, reserved) - 80usize];
};
impl Default for btrfs_ioctl_fs_info_args {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_ioctl_feature_flags {
    pub compat_flags: __u64,
    pub compat_ro_flags: __u64,
    pub incompat_flags: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_feature_flags",
    ][::core::mem::size_of::<btrfs_ioctl_feature_flags>() - 24usize];
    [
        "Alignment of btrfs_ioctl_feature_flags",
    ][::core::mem::align_of::<btrfs_ioctl_feature_flags>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_feature_flags::compat_flags",
    ][::core::mem::offset_of!(btrfs_ioctl_feature_flags, compat_flags) - 0usize];
    [
        "Offset of field: btrfs_ioctl_feature_flags::compat_ro_flags",
    ][::core::mem::offset_of!(btrfs_ioctl_feature_flags, compat_ro_flags) - 8usize];
    [
        "Offset of field: btrfs_ioctl_feature_flags::incompat_flags",
    ][::core::mem::offset_of!(btrfs_ioctl_feature_flags, incompat_flags) - 16usize];
};
#[repr(C, packed)]
#[derive(Copy, Clone)]
pub struct btrfs_balance_args {
    pub profiles: __u64,
    pub __bindgen_anon_1: btrfs_balance_args__bindgen_ty_1,
    pub devid: __u64,
    pub pstart: __u64,
    pub pend: __u64,
    pub vstart: __u64,
    pub vend: __u64,
    pub target: __u64,
    pub flags: __u64,
    pub __bindgen_anon_2: btrfs_balance_args__bindgen_ty_2,
    pub stripes_min: __u32,
    pub stripes_max: __u32,
    pub unused: [__u64; 6usize],
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union btrfs_balance_args__bindgen_ty_1 {
    pub usage: __u64,
    pub __bindgen_anon_1: btrfs_balance_args__bindgen_ty_1__bindgen_ty_1,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_balance_args__bindgen_ty_1__bindgen_ty_1 {
    pub usage_min: __u32,
    pub usage_max: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_balance_args__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::size_of::<btrfs_balance_args__bindgen_ty_1__bindgen_ty_1>() - 8usize];
    [
        "Alignment of btrfs_balance_args__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::align_of::<btrfs_balance_args__bindgen_ty_1__bindgen_ty_1>()
        - 4usize];
    [
        "Offset of field: btrfs_balance_args__bindgen_ty_1__bindgen_ty_1::usage_min",
    ][::core::mem::offset_of!(btrfs_balance_args__bindgen_ty_1__bindgen_ty_1, usage_min)
        - 0usize];
    [
        "Offset of field: btrfs_balance_args__bindgen_ty_1__bindgen_ty_1::usage_max",
    ][::core::mem::offset_of!(btrfs_balance_args__bindgen_ty_1__bindgen_ty_1, usage_max)
        - 4usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_balance_args__bindgen_ty_1",
    ][::core::mem::size_of::<btrfs_balance_args__bindgen_ty_1>() - 8usize];
    [
        "Alignment of btrfs_balance_args__bindgen_ty_1",
    ][::core::mem::align_of::<btrfs_balance_args__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: btrfs_balance_args__bindgen_ty_1::usage",
    ][::core::mem::offset_of!(btrfs_balance_args__bindgen_ty_1, usage) - 0usize];
};
impl Default for btrfs_balance_args__bindgen_ty_1 {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union btrfs_balance_args__bindgen_ty_2 {
    pub limit: __u64,
    pub __bindgen_anon_1: btrfs_balance_args__bindgen_ty_2__bindgen_ty_1,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_balance_args__bindgen_ty_2__bindgen_ty_1 {
    pub limit_min: __u32,
    pub limit_max: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_balance_args__bindgen_ty_2__bindgen_ty_1",
    ][::core::mem::size_of::<btrfs_balance_args__bindgen_ty_2__bindgen_ty_1>() - 8usize];
    [
        "Alignment of btrfs_balance_args__bindgen_ty_2__bindgen_ty_1",
    ][::core::mem::align_of::<btrfs_balance_args__bindgen_ty_2__bindgen_ty_1>()
        - 4usize];
    [
        "Offset of field: btrfs_balance_args__bindgen_ty_2__bindgen_ty_1::limit_min",
    ][::core::mem::offset_of!(btrfs_balance_args__bindgen_ty_2__bindgen_ty_1, limit_min)
        - 0usize];
    [
        "Offset of field: btrfs_balance_args__bindgen_ty_2__bindgen_ty_1::limit_max",
    ][::core::mem::offset_of!(btrfs_balance_args__bindgen_ty_2__bindgen_ty_1, limit_max)
        - 4usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_balance_args__bindgen_ty_2",
    ][::core::mem::size_of::<btrfs_balance_args__bindgen_ty_2>() - 8usize];
    [
        "Alignment of btrfs_balance_args__bindgen_ty_2",
    ][::core::mem::align_of::<btrfs_balance_args__bindgen_ty_2>() - 8usize];
    [
        "Offset of field: btrfs_balance_args__bindgen_ty_2::limit",
    ][::core::mem::offset_of!(btrfs_balance_args__bindgen_ty_2, limit) - 0usize];
};
impl Default for btrfs_balance_args__bindgen_ty_2 {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_balance_args",
    ][::core::mem::size_of::<btrfs_balance_args>() - 136usize];
    [
        "Alignment of btrfs_balance_args",
    ][::core::mem::align_of::<btrfs_balance_args>() - 1usize];
    [
        "Offset of field: btrfs_balance_args::profiles",
    ][::core::mem::offset_of!(btrfs_balance_args, profiles) - 0usize];
    [
        "Offset of field: btrfs_balance_args::devid",
    ][::core::mem::offset_of!(btrfs_balance_args, devid) - 16usize];
    [
        "Offset of field: btrfs_balance_args::pstart",
    ][::core::mem::offset_of!(btrfs_balance_args, pstart) - 24usize];
    [
        "Offset of field: btrfs_balance_args::pend",
    ][::core::mem::offset_of!(btrfs_balance_args, pend) - 32usize];
    [
        "Offset of field: btrfs_balance_args::vstart",
    ][::core::mem::offset_of!(btrfs_balance_args, vstart) - 40usize];
    [
        "Offset of field: btrfs_balance_args::vend",
    ][::core::mem::offset_of!(btrfs_balance_args, vend) - 48usize];
    [
        "Offset of field: btrfs_balance_args::target",
    ][::core::mem::offset_of!(btrfs_balance_args, target) - 56usize];
    [
        "Offset of field: btrfs_balance_args::flags",
    ][::core::mem::offset_of!(btrfs_balance_args, flags) - 64usize];
    [
        "Offset of field: btrfs_balance_args::stripes_min",
    ][::core::mem::offset_of!(btrfs_balance_args, stripes_min) - 80usize];
    [
        "Offset of field: btrfs_balance_args::stripes_max",
    ][::core::mem::offset_of!(btrfs_balance_args, stripes_max) - 84usize];
    [
        "Offset of field: btrfs_balance_args::unused",
    ][::core::mem::offset_of!(btrfs_balance_args, unused) - 88usize];
};
impl Default for btrfs_balance_args {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_balance_progress {
    pub expected: __u64,
    pub considered: __u64,
    pub completed: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_balance_progress",
    ][::core::mem::size_of::<btrfs_balance_progress>() - 24usize];
    [
        "Alignment of btrfs_balance_progress",
    ][::core::mem::align_of::<btrfs_balance_progress>() - 8usize];
    [
        "Offset of field: btrfs_balance_progress::expected",
    ][::core::mem::offset_of!(btrfs_balance_progress, expected) - 0usize];
    [
        "Offset of field: btrfs_balance_progress::considered",
    ][::core::mem::offset_of!(btrfs_balance_progress, considered) - 8usize];
    [
        "Offset of field: btrfs_balance_progress::completed",
    ][::core::mem::offset_of!(btrfs_balance_progress, completed) - 16usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct btrfs_ioctl_balance_args {
    pub flags: __u64,
    pub state: __u64,
    pub data: btrfs_balance_args,
    pub meta: btrfs_balance_args,
    pub sys: btrfs_balance_args,
    pub stat: btrfs_balance_progress,
    pub unused: [__u64; 72usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_balance_args",
    ][::core::mem::size_of::<btrfs_ioctl_balance_args>() - 1024usize];
    [
        "Alignment of btrfs_ioctl_balance_args",
    ][::core::mem::align_of::<btrfs_ioctl_balance_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_balance_args::flags",
    ][::core::mem::offset_of!(btrfs_ioctl_balance_args, flags) - 0usize];
    [
        "Offset of field: btrfs_ioctl_balance_args::state",
    ][::core::mem::offset_of!(btrfs_ioctl_balance_args, state) - 8usize];
    [
        "Offset of field: btrfs_ioctl_balance_args::data",
    ][::core::mem::offset_of!(btrfs_ioctl_balance_args, data) - 16usize];
    [
        "Offset of field: btrfs_ioctl_balance_args::meta",
    ][::core::mem::offset_of!(btrfs_ioctl_balance_args, meta) - 152usize];
    [
        "Offset of field: btrfs_ioctl_balance_args::sys",
    ][::core::mem::offset_of!(btrfs_ioctl_balance_args, sys) - 288usize];
    [
        "Offset of field: btrfs_ioctl_balance_args::stat",
    ][::core::mem::offset_of!(btrfs_ioctl_balance_args, stat) - 424usize];
    [
        "Offset of field: btrfs_ioctl_balance_args::unused",
    ][::core::mem::offset_of!(btrfs_ioctl_balance_args, unused) - 448usize];
};
impl Default for btrfs_ioctl_balance_args {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct btrfs_ioctl_ino_lookup_args {
    pub treeid: __u64,
    pub objectid: __u64,
    pub name: [core::ffi::c_char; 4080usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_ino_lookup_args",
    ][::core::mem::size_of::<btrfs_ioctl_ino_lookup_args>() - 4096usize];
    [
        "Alignment of btrfs_ioctl_ino_lookup_args",
    ][::core::mem::align_of::<btrfs_ioctl_ino_lookup_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_ino_lookup_args::treeid",
    ][::core::mem::offset_of!(btrfs_ioctl_ino_lookup_args, treeid) - 0usize];
    [
        "Offset of field: btrfs_ioctl_ino_lookup_args::objectid",
    ][::core::mem::offset_of!(btrfs_ioctl_ino_lookup_args, objectid) - 8usize];
    [
        "Offset of field: btrfs_ioctl_ino_lookup_args::name",
    ][::core::mem::offset_of!(btrfs_ioctl_ino_lookup_args, name) - 16usize];
};
impl Default for btrfs_ioctl_ino_lookup_args {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct btrfs_ioctl_ino_lookup_user_args {
    pub dirid: __u64,
    pub treeid: __u64,
    pub name: [core::ffi::c_char; 256usize],
    pub path: [core::ffi::c_char; 3824usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_ino_lookup_user_args",
    ][::core::mem::size_of::<btrfs_ioctl_ino_lookup_user_args>() - 4096usize];
    [
        "Alignment of btrfs_ioctl_ino_lookup_user_args",
    ][::core::mem::align_of::<btrfs_ioctl_ino_lookup_user_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_ino_lookup_user_args::dirid",
    ][::core::mem::offset_of!(btrfs_ioctl_ino_lookup_user_args, dirid) - 0usize];
    [
        "Offset of field: btrfs_ioctl_ino_lookup_user_args::treeid",
    ][::core::mem::offset_of!(btrfs_ioctl_ino_lookup_user_args, treeid) - 8usize];
    [
        "Offset of field: btrfs_ioctl_ino_lookup_user_args::name",
    ][::core::mem::offset_of!(btrfs_ioctl_ino_lookup_user_args, name) - 16usize];
    [
        "Offset of field: btrfs_ioctl_ino_lookup_user_args::path",
    ][::core::mem::offset_of!(btrfs_ioctl_ino_lookup_user_args, path) - 272usize];
};
impl Default for btrfs_ioctl_ino_lookup_user_args {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_ioctl_search_key {
    pub tree_id: __u64,
    pub min_objectid: __u64,
    pub max_objectid: __u64,
    pub min_offset: __u64,
    pub max_offset: __u64,
    pub min_transid: __u64,
    pub max_transid: __u64,
    pub min_type: __u32,
    pub max_type: __u32,
    pub nr_items: __u32,
    pub unused: __u32,
    pub unused1: __u64,
    pub unused2: __u64,
    pub unused3: __u64,
    pub unused4: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_search_key",
    ][::core::mem::size_of::<btrfs_ioctl_search_key>() - 104usize];
    [
        "Alignment of btrfs_ioctl_search_key",
    ][::core::mem::align_of::<btrfs_ioctl_search_key>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_search_key::tree_id",
    ][::core::mem::offset_of!(btrfs_ioctl_search_key, tree_id) - 0usize];
    [
        "Offset of field: btrfs_ioctl_search_key::min_objectid",
    ][::core::mem::offset_of!(btrfs_ioctl_search_key, min_objectid) - 8usize];
    [
        "Offset of field: btrfs_ioctl_search_key::max_objectid",
    ][::core::mem::offset_of!(btrfs_ioctl_search_key, max_objectid) - 16usize];
    [
        "Offset of field: btrfs_ioctl_search_key::min_offset",
    ][::core::mem::offset_of!(btrfs_ioctl_search_key, min_offset) - 24usize];
    [
        "Offset of field: btrfs_ioctl_search_key::max_offset",
    ][::core::mem::offset_of!(btrfs_ioctl_search_key, max_offset) - 32usize];
    [
        "Offset of field: btrfs_ioctl_search_key::min_transid",
    ][::core::mem::offset_of!(btrfs_ioctl_search_key, min_transid) - 40usize];
    [
        "Offset of field: btrfs_ioctl_search_key::max_transid",
    ][::core::mem::offset_of!(btrfs_ioctl_search_key, max_transid) - 48usize];
    [
        "Offset of field: btrfs_ioctl_search_key::min_type",
    ][::core::mem::offset_of!(btrfs_ioctl_search_key, min_type) - 56usize];
    [
        "Offset of field: btrfs_ioctl_search_key::max_type",
    ][::core::mem::offset_of!(btrfs_ioctl_search_key, max_type) - 60usize];
    [
        "Offset of field: btrfs_ioctl_search_key::nr_items",
    ][::core::mem::offset_of!(btrfs_ioctl_search_key, nr_items) - 64usize];
    [
        "Offset of field: btrfs_ioctl_search_key::unused",
    ][::core::mem::offset_of!(btrfs_ioctl_search_key, unused) - 68usize];
    [
        "Offset of field: btrfs_ioctl_search_key::unused1",
    ][::core::mem::offset_of!(btrfs_ioctl_search_key, unused1) - 72usize];
    [
        "Offset of field: btrfs_ioctl_search_key::unused2",
    ][::core::mem::offset_of!(btrfs_ioctl_search_key, unused2) - 80usize];
    [
        "Offset of field: btrfs_ioctl_search_key::unused3",
    ][::core::mem::offset_of!(btrfs_ioctl_search_key, unused3) - 88usize];
    [
        "Offset of field: btrfs_ioctl_search_key::unused4",
    ][::core::mem::offset_of!(btrfs_ioctl_search_key, unused4) - 96usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_ioctl_search_header {
    pub transid: __u64,
    pub objectid: __u64,
    pub offset: __u64,
    pub type_: __u32,
    pub len: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_search_header",
    ][::core::mem::size_of::<btrfs_ioctl_search_header>() - 32usize];
    [
        "Alignment of btrfs_ioctl_search_header",
    ][::core::mem::align_of::<btrfs_ioctl_search_header>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_search_header::transid",
    ][::core::mem::offset_of!(btrfs_ioctl_search_header, transid) - 0usize];
    [
        "Offset of field: btrfs_ioctl_search_header::objectid",
    ][::core::mem::offset_of!(btrfs_ioctl_search_header, objectid) - 8usize];
    [
        "Offset of field: btrfs_ioctl_search_header::offset",
    ][::core::mem::offset_of!(btrfs_ioctl_search_header, offset) - 16usize];
    [
        "Offset of field: btrfs_ioctl_search_header::type_",
    ][::core::mem::offset_of!(btrfs_ioctl_search_header, type_) - 24usize];
    [
        "Offset of field: btrfs_ioctl_search_header::len",
    ][::core::mem::offset_of!(btrfs_ioctl_search_header, len) - 28usize];
};
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct btrfs_ioctl_search_args {
    pub key: btrfs_ioctl_search_key,
    pub buf: [core::ffi::c_char; 3992usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_search_args",
    ][::core::mem::size_of::<btrfs_ioctl_search_args>() - 4096usize];
    [
        "Alignment of btrfs_ioctl_search_args",
    ][::core::mem::align_of::<btrfs_ioctl_search_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_search_args::key",
    ][::core::mem::offset_of!(btrfs_ioctl_search_args, key) - 0usize];
    [
        "Offset of field: btrfs_ioctl_search_args::buf",
    ][::core::mem::offset_of!(btrfs_ioctl_search_args, buf) - 104usize];
};
impl Default for btrfs_ioctl_search_args {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Default)]
pub struct btrfs_ioctl_search_args_v2 {
    pub key: btrfs_ioctl_search_key,
    pub buf_size: __u64,
    pub buf: __IncompleteArrayField<__u8>,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_search_args_v2",
    ][::core::mem::size_of::<btrfs_ioctl_search_args_v2>() - 112usize];
    [
        "Alignment of btrfs_ioctl_search_args_v2",
    ][::core::mem::align_of::<btrfs_ioctl_search_args_v2>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_search_args_v2::key",
    ][::core::mem::offset_of!(btrfs_ioctl_search_args_v2, key) - 0usize];
    [
        "Offset of field: btrfs_ioctl_search_args_v2::buf_size",
    ][::core::mem::offset_of!(btrfs_ioctl_search_args_v2, buf_size) - 104usize];
    [
        "Offset of field: btrfs_ioctl_search_args_v2::buf",
    ][::core::mem::offset_of!(btrfs_ioctl_search_args_v2, buf) - 112usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_ioctl_clone_range_args {
    pub src_fd: __s64,
    pub src_offset: __u64,
    pub src_length: __u64,
    pub dest_offset: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_clone_range_args",
    ][::core::mem::size_of::<btrfs_ioctl_clone_range_args>() - 32usize];
    [
        "Alignment of btrfs_ioctl_clone_range_args",
    ][::core::mem::align_of::<btrfs_ioctl_clone_range_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_clone_range_args::src_fd",
    ][::core::mem::offset_of!(btrfs_ioctl_clone_range_args, src_fd) - 0usize];
    [
        "Offset of field: btrfs_ioctl_clone_range_args::src_offset",
    ][::core::mem::offset_of!(btrfs_ioctl_clone_range_args, src_offset) - 8usize];
    [
        "Offset of field: btrfs_ioctl_clone_range_args::src_length",
    ][::core::mem::offset_of!(btrfs_ioctl_clone_range_args, src_length) - 16usize];
    [
        "Offset of field: btrfs_ioctl_clone_range_args::dest_offset",
    ][::core::mem::offset_of!(btrfs_ioctl_clone_range_args, dest_offset) - 24usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct btrfs_ioctl_defrag_range_args {
    pub start: __u64,
    pub len: __u64,
    pub flags: __u64,
    pub extent_thresh: __u32,
    pub __bindgen_anon_1: btrfs_ioctl_defrag_range_args__bindgen_ty_1,
    pub unused: [__u32; 4usize],
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union btrfs_ioctl_defrag_range_args__bindgen_ty_1 {
    pub compress_type: __u32,
    pub compress: btrfs_ioctl_defrag_range_args__bindgen_ty_1__bindgen_ty_1,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_ioctl_defrag_range_args__bindgen_ty_1__bindgen_ty_1 {
    pub type_: __u8,
    pub level: __s8,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_defrag_range_args__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::size_of::<btrfs_ioctl_defrag_range_args__bindgen_ty_1__bindgen_ty_1>()
        - 2usize];
    [
        "Alignment of btrfs_ioctl_defrag_range_args__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::align_of::<
        btrfs_ioctl_defrag_range_args__bindgen_ty_1__bindgen_ty_1,
    >() - 1usize];
    [
        "Offset of field: btrfs_ioctl_defrag_range_args__bindgen_ty_1__bindgen_ty_1::type_",
    ][::core::mem::offset_of!(
        btrfs_ioctl_defrag_range_args__bindgen_ty_1__bindgen_ty_1, type_
    ) - 0usize];
    [
        "Offset of field: btrfs_ioctl_defrag_range_args__bindgen_ty_1__bindgen_ty_1::level",
    ][::core::mem::offset_of!(
        btrfs_ioctl_defrag_range_args__bindgen_ty_1__bindgen_ty_1, level
    ) - 1usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_defrag_range_args__bindgen_ty_1",
    ][::core::mem::size_of::<btrfs_ioctl_defrag_range_args__bindgen_ty_1>() - 4usize];
    [
        "Alignment of btrfs_ioctl_defrag_range_args__bindgen_ty_1",
    ][::core::mem::align_of::<btrfs_ioctl_defrag_range_args__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: btrfs_ioctl_defrag_range_args__bindgen_ty_1::compress_type",
    ][::core::mem::offset_of!(btrfs_ioctl_defrag_range_args__bindgen_ty_1, compress_type)
        - 0usize];
    [
        "Offset of field: btrfs_ioctl_defrag_range_args__bindgen_ty_1::compress",
    ][::core::mem::offset_of!(btrfs_ioctl_defrag_range_args__bindgen_ty_1, compress)
        - 0usize];
};
impl Default for btrfs_ioctl_defrag_range_args__bindgen_ty_1 {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_defrag_range_args",
    ][::core::mem::size_of::<btrfs_ioctl_defrag_range_args>() - 48usize];
    [
        "Alignment of btrfs_ioctl_defrag_range_args",
    ][::core::mem::align_of::<btrfs_ioctl_defrag_range_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_defrag_range_args::start",
    ][::core::mem::offset_of!(btrfs_ioctl_defrag_range_args, start) - 0usize];
    [
        "Offset of field: btrfs_ioctl_defrag_range_args::len",
    ][::core::mem::offset_of!(btrfs_ioctl_defrag_range_args, len) - 8usize];
    [
        "Offset of field: btrfs_ioctl_defrag_range_args::flags",
    ][::core::mem::offset_of!(btrfs_ioctl_defrag_range_args, flags) - 16usize];
    [
        "Offset of field: btrfs_ioctl_defrag_range_args::extent_thresh",
    ][::core::mem::offset_of!(btrfs_ioctl_defrag_range_args, extent_thresh) - 24usize];
    [
        "Offset of field: btrfs_ioctl_defrag_range_args::unused",
    ][::core::mem::offset_of!(btrfs_ioctl_defrag_range_args, unused) - 32usize];
};
impl Default for btrfs_ioctl_defrag_range_args {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_ioctl_same_extent_info {
    pub fd: __s64,
    pub logical_offset: __u64,
    pub bytes_deduped: __u64,
    pub status: __s32,
    pub reserved: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_same_extent_info",
    ][::core::mem::size_of::<btrfs_ioctl_same_extent_info>() - 32usize];
    [
        "Alignment of btrfs_ioctl_same_extent_info",
    ][::core::mem::align_of::<btrfs_ioctl_same_extent_info>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_same_extent_info::fd",
    ][::core::mem::offset_of!(btrfs_ioctl_same_extent_info, fd) - 0usize];
    [
        "Offset of field: btrfs_ioctl_same_extent_info::logical_offset",
    ][::core::mem::offset_of!(btrfs_ioctl_same_extent_info, logical_offset) - 8usize];
    [
        "Offset of field: btrfs_ioctl_same_extent_info::bytes_deduped",
    ][::core::mem::offset_of!(btrfs_ioctl_same_extent_info, bytes_deduped) - 16usize];
    [
        "Offset of field: btrfs_ioctl_same_extent_info::status",
    ][::core::mem::offset_of!(btrfs_ioctl_same_extent_info, status) - 24usize];
    [
        "Offset of field: btrfs_ioctl_same_extent_info::reserved",
    ][::core::mem::offset_of!(btrfs_ioctl_same_extent_info, reserved) - 28usize];
};
#[repr(C)]
#[derive(Debug, Default)]
pub struct btrfs_ioctl_same_args {
    pub logical_offset: __u64,
    pub length: __u64,
    pub dest_count: __u16,
    pub reserved1: __u16,
    pub reserved2: __u32,
    pub info: __IncompleteArrayField<btrfs_ioctl_same_extent_info>,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_same_args",
    ][::core::mem::size_of::<btrfs_ioctl_same_args>() - 24usize];
    [
        "Alignment of btrfs_ioctl_same_args",
    ][::core::mem::align_of::<btrfs_ioctl_same_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_same_args::logical_offset",
    ][::core::mem::offset_of!(btrfs_ioctl_same_args, logical_offset) - 0usize];
    [
        "Offset of field: btrfs_ioctl_same_args::length",
    ][::core::mem::offset_of!(btrfs_ioctl_same_args, length) - 8usize];
    [
        "Offset of field: btrfs_ioctl_same_args::dest_count",
    ][::core::mem::offset_of!(btrfs_ioctl_same_args, dest_count) - 16usize];
    [
        "Offset of field: btrfs_ioctl_same_args::reserved1",
    ][::core::mem::offset_of!(btrfs_ioctl_same_args, reserved1) - 18usize];
    [
        "Offset of field: btrfs_ioctl_same_args::reserved2",
    ][::core::mem::offset_of!(btrfs_ioctl_same_args, reserved2) - 20usize];
    [
        "Offset of field: btrfs_ioctl_same_args::info",
    ][::core::mem::offset_of!(btrfs_ioctl_same_args, info) - 24usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_ioctl_space_info {
    pub flags: __u64,
    pub total_bytes: __u64,
    pub used_bytes: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_space_info",
    ][::core::mem::size_of::<btrfs_ioctl_space_info>() - 24usize];
    [
        "Alignment of btrfs_ioctl_space_info",
    ][::core::mem::align_of::<btrfs_ioctl_space_info>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_space_info::flags",
    ][::core::mem::offset_of!(btrfs_ioctl_space_info, flags) - 0usize];
    [
        "Offset of field: btrfs_ioctl_space_info::total_bytes",
    ][::core::mem::offset_of!(btrfs_ioctl_space_info, total_bytes) - 8usize];
    [
        "Offset of field: btrfs_ioctl_space_info::used_bytes",
    ][::core::mem::offset_of!(btrfs_ioctl_space_info, used_bytes) - 16usize];
};
#[repr(C)]
#[derive(Debug, Default)]
pub struct btrfs_ioctl_space_args {
    pub space_slots: __u64,
    pub total_spaces: __u64,
    pub spaces: __IncompleteArrayField<btrfs_ioctl_space_info>,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_space_args",
    ][::core::mem::size_of::<btrfs_ioctl_space_args>() - 16usize];
    [
        "Alignment of btrfs_ioctl_space_args",
    ][::core::mem::align_of::<btrfs_ioctl_space_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_space_args::space_slots",
    ][::core::mem::offset_of!(btrfs_ioctl_space_args, space_slots) - 0usize];
    [
        "Offset of field: btrfs_ioctl_space_args::total_spaces",
    ][::core::mem::offset_of!(btrfs_ioctl_space_args, total_spaces) - 8usize];
    [
        "Offset of field: btrfs_ioctl_space_args::spaces",
    ][::core::mem::offset_of!(btrfs_ioctl_space_args, spaces) - 16usize];
};
#[repr(C)]
#[derive(Debug, Default)]
pub struct btrfs_data_container {
    pub bytes_left: __u32,
    pub bytes_missing: __u32,
    pub elem_cnt: __u32,
    pub elem_missed: __u32,
    pub val: __IncompleteArrayField<__u64>,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_data_container",
    ][::core::mem::size_of::<btrfs_data_container>() - 16usize];
    [
        "Alignment of btrfs_data_container",
    ][::core::mem::align_of::<btrfs_data_container>() - 8usize];
    [
        "Offset of field: btrfs_data_container::bytes_left",
    ][::core::mem::offset_of!(btrfs_data_container, bytes_left) - 0usize];
    [
        "Offset of field: btrfs_data_container::bytes_missing",
    ][::core::mem::offset_of!(btrfs_data_container, bytes_missing) - 4usize];
    [
        "Offset of field: btrfs_data_container::elem_cnt",
    ][::core::mem::offset_of!(btrfs_data_container, elem_cnt) - 8usize];
    [
        "Offset of field: btrfs_data_container::elem_missed",
    ][::core::mem::offset_of!(btrfs_data_container, elem_missed) - 12usize];
    [
        "Offset of field: btrfs_data_container::val",
    ][::core::mem::offset_of!(btrfs_data_container, val) - 16usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_ioctl_ino_path_args {
    pub inum: __u64,
    pub size: __u64,
    pub reserved: [__u64; 4usize],
    pub fspath: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_ino_path_args",
    ][::core::mem::size_of::<btrfs_ioctl_ino_path_args>() - 56usize];
    [
        "Alignment of btrfs_ioctl_ino_path_args",
    ][::core::mem::align_of::<btrfs_ioctl_ino_path_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_ino_path_args::inum",
    ][::core::mem::offset_of!(btrfs_ioctl_ino_path_args, inum) - 0usize];
    [
        "Offset of field: btrfs_ioctl_ino_path_args::size",
    ][::core::mem::offset_of!(btrfs_ioctl_ino_path_args, size) - 8usize];
    [
        "Offset of field: btrfs_ioctl_ino_path_args::reserved",
    ][::core::mem::offset_of!(btrfs_ioctl_ino_path_args, reserved) - 16usize];
    [
        "Offset of field: btrfs_ioctl_ino_path_args::fspath",
    ][::core::mem::offset_of!(btrfs_ioctl_ino_path_args, fspath) - 48usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_ioctl_logical_ino_args {
    pub logical: __u64,
    pub size: __u64,
    pub reserved: [__u64; 3usize],
    pub flags: __u64,
    pub inodes: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_logical_ino_args",
    ][::core::mem::size_of::<btrfs_ioctl_logical_ino_args>() - 56usize];
    [
        "Alignment of btrfs_ioctl_logical_ino_args",
    ][::core::mem::align_of::<btrfs_ioctl_logical_ino_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_logical_ino_args::logical",
    ][::core::mem::offset_of!(btrfs_ioctl_logical_ino_args, logical) - 0usize];
    [
        "Offset of field: btrfs_ioctl_logical_ino_args::size",
    ][::core::mem::offset_of!(btrfs_ioctl_logical_ino_args, size) - 8usize];
    [
        "Offset of field: btrfs_ioctl_logical_ino_args::reserved",
    ][::core::mem::offset_of!(btrfs_ioctl_logical_ino_args, reserved) - 16usize];
    [
        "Offset of field: btrfs_ioctl_logical_ino_args::flags",
    ][::core::mem::offset_of!(btrfs_ioctl_logical_ino_args, flags) - 40usize];
    [
        "Offset of field: btrfs_ioctl_logical_ino_args::inodes",
    ][::core::mem::offset_of!(btrfs_ioctl_logical_ino_args, inodes) - 48usize];
};
pub const BTRFS_DEV_STAT_WRITE_ERRS: btrfs_dev_stat_values = 0;
pub const BTRFS_DEV_STAT_READ_ERRS: btrfs_dev_stat_values = 1;
pub const BTRFS_DEV_STAT_FLUSH_ERRS: btrfs_dev_stat_values = 2;
pub const BTRFS_DEV_STAT_CORRUPTION_ERRS: btrfs_dev_stat_values = 3;
pub const BTRFS_DEV_STAT_GENERATION_ERRS: btrfs_dev_stat_values = 4;
pub const BTRFS_DEV_STAT_VALUES_MAX: btrfs_dev_stat_values = 5;
pub type btrfs_dev_stat_values = core::ffi::c_uint;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct btrfs_ioctl_get_dev_stats {
    pub devid: __u64,
    pub nr_items: __u64,
    pub flags: __u64,
    pub values: [__u64; 5usize],
    pub unused: [__u64; 121usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_get_dev_stats",
    ][::core::mem::size_of::<btrfs_ioctl_get_dev_stats>() - 1032usize];
    [
        "Alignment of btrfs_ioctl_get_dev_stats",
    ][::core::mem::align_of::<btrfs_ioctl_get_dev_stats>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_get_dev_stats::devid",
    ][::core::mem::offset_of!(btrfs_ioctl_get_dev_stats, devid) - 0usize];
    [
        "Offset of field: btrfs_ioctl_get_dev_stats::nr_items",
    ][::core::mem::offset_of!(btrfs_ioctl_get_dev_stats, nr_items) - 8usize];
    [
        "Offset of field: btrfs_ioctl_get_dev_stats::flags",
    ][::core::mem::offset_of!(btrfs_ioctl_get_dev_stats, flags) - 16usize];
    [
        "Offset of field: btrfs_ioctl_get_dev_stats::values",
    ][::core::mem::offset_of!(btrfs_ioctl_get_dev_stats, values) - 24usize];
    [
        "Offset of field: btrfs_ioctl_get_dev_stats::unused",
    ][::core::mem::offset_of!(btrfs_ioctl_get_dev_stats, unused) - 64usize];
};
impl Default for btrfs_ioctl_get_dev_stats {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_ioctl_quota_ctl_args {
    pub cmd: __u64,
    pub status: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_quota_ctl_args",
    ][::core::mem::size_of::<btrfs_ioctl_quota_ctl_args>() - 16usize];
    [
        "Alignment of btrfs_ioctl_quota_ctl_args",
    ][::core::mem::align_of::<btrfs_ioctl_quota_ctl_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_quota_ctl_args::cmd",
    ][::core::mem::offset_of!(btrfs_ioctl_quota_ctl_args, cmd) - 0usize];
    [
        "Offset of field: btrfs_ioctl_quota_ctl_args::status",
    ][::core::mem::offset_of!(btrfs_ioctl_quota_ctl_args, status) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_ioctl_quota_rescan_args {
    pub flags: __u64,
    pub progress: __u64,
    pub reserved: [__u64; 6usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_quota_rescan_args",
    ][::core::mem::size_of::<btrfs_ioctl_quota_rescan_args>() - 64usize];
    [
        "Alignment of btrfs_ioctl_quota_rescan_args",
    ][::core::mem::align_of::<btrfs_ioctl_quota_rescan_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_quota_rescan_args::flags",
    ][::core::mem::offset_of!(btrfs_ioctl_quota_rescan_args, flags) - 0usize];
    [
        "Offset of field: btrfs_ioctl_quota_rescan_args::progress",
    ][::core::mem::offset_of!(btrfs_ioctl_quota_rescan_args, progress) - 8usize];
    [
        "Offset of field: btrfs_ioctl_quota_rescan_args::reserved",
    ][::core::mem::offset_of!(btrfs_ioctl_quota_rescan_args, reserved) - 16usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_ioctl_qgroup_assign_args {
    pub assign: __u64,
    pub src: __u64,
    pub dst: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_qgroup_assign_args",
    ][::core::mem::size_of::<btrfs_ioctl_qgroup_assign_args>() - 24usize];
    [
        "Alignment of btrfs_ioctl_qgroup_assign_args",
    ][::core::mem::align_of::<btrfs_ioctl_qgroup_assign_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_qgroup_assign_args::assign",
    ][::core::mem::offset_of!(btrfs_ioctl_qgroup_assign_args, assign) - 0usize];
    [
        "Offset of field: btrfs_ioctl_qgroup_assign_args::src",
    ][::core::mem::offset_of!(btrfs_ioctl_qgroup_assign_args, src) - 8usize];
    [
        "Offset of field: btrfs_ioctl_qgroup_assign_args::dst",
    ][::core::mem::offset_of!(btrfs_ioctl_qgroup_assign_args, dst) - 16usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_ioctl_qgroup_create_args {
    pub create: __u64,
    pub qgroupid: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_qgroup_create_args",
    ][::core::mem::size_of::<btrfs_ioctl_qgroup_create_args>() - 16usize];
    [
        "Alignment of btrfs_ioctl_qgroup_create_args",
    ][::core::mem::align_of::<btrfs_ioctl_qgroup_create_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_qgroup_create_args::create",
    ][::core::mem::offset_of!(btrfs_ioctl_qgroup_create_args, create) - 0usize];
    [
        "Offset of field: btrfs_ioctl_qgroup_create_args::qgroupid",
    ][::core::mem::offset_of!(btrfs_ioctl_qgroup_create_args, qgroupid) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_ioctl_timespec {
    pub sec: __u64,
    pub nsec: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_timespec",
    ][::core::mem::size_of::<btrfs_ioctl_timespec>() - 16usize];
    [
        "Alignment of btrfs_ioctl_timespec",
    ][::core::mem::align_of::<btrfs_ioctl_timespec>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_timespec::sec",
    ][::core::mem::offset_of!(btrfs_ioctl_timespec, sec) - 0usize];
    [
        "Offset of field: btrfs_ioctl_timespec::nsec",
    ][::core::mem::offset_of!(btrfs_ioctl_timespec, nsec) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_ioctl_received_subvol_args {
    pub uuid: [core::ffi::c_char; 16usize],
    pub stransid: __u64,
    pub rtransid: __u64,
    pub stime: btrfs_ioctl_timespec,
    pub rtime: btrfs_ioctl_timespec,
    pub flags: __u64,
    pub reserved: [__u64; 16usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_received_subvol_args",
    ][::core::mem::size_of::<btrfs_ioctl_received_subvol_args>() - 200usize];
    [
        "Alignment of btrfs_ioctl_received_subvol_args",
    ][::core::mem::align_of::<btrfs_ioctl_received_subvol_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_received_subvol_args::uuid",
    ][::core::mem::offset_of!(btrfs_ioctl_received_subvol_args, uuid) - 0usize];
    [
        "Offset of field: btrfs_ioctl_received_subvol_args::stransid",
    ][::core::mem::offset_of!(btrfs_ioctl_received_subvol_args, stransid) - 16usize];
    [
        "Offset of field: btrfs_ioctl_received_subvol_args::rtransid",
    ][::core::mem::offset_of!(btrfs_ioctl_received_subvol_args, rtransid) - 24usize];
    [
        "Offset of field: btrfs_ioctl_received_subvol_args::stime",
    ][::core::mem::offset_of!(btrfs_ioctl_received_subvol_args, stime) - 32usize];
    [
        "Offset of field: btrfs_ioctl_received_subvol_args::rtime",
    ][::core::mem::offset_of!(btrfs_ioctl_received_subvol_args, rtime) - 48usize];
    [
        "Offset of field: btrfs_ioctl_received_subvol_args::flags",
    ][::core::mem::offset_of!(btrfs_ioctl_received_subvol_args, flags) - 64usize];
    [
        "Offset of field: btrfs_ioctl_received_subvol_args::reserved",
    ][::core::mem::offset_of!(btrfs_ioctl_received_subvol_args, reserved) - 72usize];
};
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct btrfs_ioctl_send_args {
    pub send_fd: __s64,
    pub clone_sources_count: __u64,
    pub clone_sources: *mut __u64,
    pub parent_root: __u64,
    pub flags: __u64,
    pub version: __u32,
    pub reserved: [__u8; 28usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_send_args",
    ][::core::mem::size_of::<btrfs_ioctl_send_args>() - 72usize];
    [
        "Alignment of btrfs_ioctl_send_args",
    ][::core::mem::align_of::<btrfs_ioctl_send_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_send_args::send_fd",
    ][::core::mem::offset_of!(btrfs_ioctl_send_args, send_fd) - 0usize];
    [
        "Offset of field: btrfs_ioctl_send_args::clone_sources_count",
    ][::core::mem::offset_of!(btrfs_ioctl_send_args, clone_sources_count) - 8usize];
    [
        "Offset of field: btrfs_ioctl_send_args::clone_sources",
    ][::core::mem::offset_of!(btrfs_ioctl_send_args, clone_sources) - 16usize];
    [
        "Offset of field: btrfs_ioctl_send_args::parent_root",
    ][::core::mem::offset_of!(btrfs_ioctl_send_args, parent_root) - 24usize];
    [
        "Offset of field: btrfs_ioctl_send_args::flags",
    ][::core::mem::offset_of!(btrfs_ioctl_send_args, flags) - 32usize];
    [
        "Offset of field: btrfs_ioctl_send_args::version",
    ][::core::mem::offset_of!(btrfs_ioctl_send_args, version) - 40usize];
    [
        "Offset of field: btrfs_ioctl_send_args::reserved",
    ][::core::mem::offset_of!(btrfs_ioctl_send_args, reserved) - 44usize];
};
impl Default for btrfs_ioctl_send_args {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct btrfs_ioctl_get_subvol_info_args {
    pub treeid: __u64,
    pub name: [core::ffi::c_char; 256usize],
    pub parent_id: __u64,
    pub dirid: __u64,
    pub generation: __u64,
    pub flags: __u64,
    pub uuid: [__u8; 16usize],
    pub parent_uuid: [__u8; 16usize],
    pub received_uuid: [__u8; 16usize],
    pub ctransid: __u64,
    pub otransid: __u64,
    pub stransid: __u64,
    pub rtransid: __u64,
    pub ctime: btrfs_ioctl_timespec,
    pub otime: btrfs_ioctl_timespec,
    pub stime: btrfs_ioctl_timespec,
    pub rtime: btrfs_ioctl_timespec,
    pub reserved: [__u64; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_get_subvol_info_args",
    ][::core::mem::size_of::<btrfs_ioctl_get_subvol_info_args>() - 504usize];
    [
        "Alignment of btrfs_ioctl_get_subvol_info_args",
    ][::core::mem::align_of::<btrfs_ioctl_get_subvol_info_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_info_args::treeid",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_info_args, treeid) - 0usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_info_args::name",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_info_args, name) - 8usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_info_args::parent_id",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_info_args, parent_id) - 264usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_info_args::dirid",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_info_args, dirid) - 272usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_info_args::generation",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_info_args, generation) - 280usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_info_args::flags",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_info_args, flags) - 288usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_info_args::uuid",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_info_args, uuid) - 296usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_info_args::parent_uuid",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_info_args, parent_uuid) - 312usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_info_args::received_uuid",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_info_args, received_uuid)
        - 328usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_info_args::ctransid",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_info_args, ctransid) - 344usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_info_args::otransid",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_info_args, otransid) - 352usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_info_args::stransid",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_info_args, stransid) - 360usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_info_args::rtransid",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_info_args, rtransid) - 368usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_info_args::ctime",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_info_args, ctime) - 376usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_info_args::otime",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_info_args, otime) - 392usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_info_args::stime",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_info_args, stime) - 408usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_info_args::rtime",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_info_args, rtime) - 424usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_info_args::reserved",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_info_args, reserved) - 440usize];
};
impl Default for btrfs_ioctl_get_subvol_info_args {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct btrfs_ioctl_get_subvol_rootref_args {
    pub min_treeid: __u64,
    pub rootref: [btrfs_ioctl_get_subvol_rootref_args__bindgen_ty_1; 255usize],
    pub num_items: __u8,
    pub align: [__u8; 7usize],
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_ioctl_get_subvol_rootref_args__bindgen_ty_1 {
    pub treeid: __u64,
    pub dirid: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_get_subvol_rootref_args__bindgen_ty_1",
    ][::core::mem::size_of::<btrfs_ioctl_get_subvol_rootref_args__bindgen_ty_1>()
        - 16usize];
    [
        "Alignment of btrfs_ioctl_get_subvol_rootref_args__bindgen_ty_1",
    ][::core::mem::align_of::<btrfs_ioctl_get_subvol_rootref_args__bindgen_ty_1>()
        - 8usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_rootref_args__bindgen_ty_1::treeid",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_rootref_args__bindgen_ty_1, treeid)
        - 0usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_rootref_args__bindgen_ty_1::dirid",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_rootref_args__bindgen_ty_1, dirid)
        - 8usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_get_subvol_rootref_args",
    ][::core::mem::size_of::<btrfs_ioctl_get_subvol_rootref_args>() - 4096usize];
    [
        "Alignment of btrfs_ioctl_get_subvol_rootref_args",
    ][::core::mem::align_of::<btrfs_ioctl_get_subvol_rootref_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_rootref_args::min_treeid",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_rootref_args, min_treeid) - 0usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_rootref_args::rootref",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_rootref_args, rootref) - 8usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_rootref_args::num_items",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_rootref_args, num_items)
        - 4088usize];
    [
        "Offset of field: btrfs_ioctl_get_subvol_rootref_args::align",
    ][::core::mem::offset_of!(btrfs_ioctl_get_subvol_rootref_args, align) - 4089usize];
};
impl Default for btrfs_ioctl_get_subvol_rootref_args {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct btrfs_ioctl_encoded_io_args {
    pub iov: *mut iovec,
    pub iovcnt: core::ffi::c_ulong,
    pub offset: __s64,
    pub flags: __u64,
    pub len: __u64,
    pub unencoded_len: __u64,
    pub unencoded_offset: __u64,
    pub compression: __u32,
    pub encryption: __u32,
    pub reserved: [__u8; 64usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_encoded_io_args",
    ][::core::mem::size_of::<btrfs_ioctl_encoded_io_args>() - 128usize];
    [
        "Alignment of btrfs_ioctl_encoded_io_args",
    ][::core::mem::align_of::<btrfs_ioctl_encoded_io_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_encoded_io_args::iov",
    ][::core::mem::offset_of!(btrfs_ioctl_encoded_io_args, iov) - 0usize];
    [
        "Offset of field: btrfs_ioctl_encoded_io_args::iovcnt",
    ][::core::mem::offset_of!(btrfs_ioctl_encoded_io_args, iovcnt) - 8usize];
    [
        "Offset of field: btrfs_ioctl_encoded_io_args::offset",
    ][::core::mem::offset_of!(btrfs_ioctl_encoded_io_args, offset) - 16usize];
    [
        "Offset of field: btrfs_ioctl_encoded_io_args::flags",
    ][::core::mem::offset_of!(btrfs_ioctl_encoded_io_args, flags) - 24usize];
    [
        "Offset of field: btrfs_ioctl_encoded_io_args::len",
    ][::core::mem::offset_of!(btrfs_ioctl_encoded_io_args, len) - 32usize];
    [
        "Offset of field: btrfs_ioctl_encoded_io_args::unencoded_len",
    ][::core::mem::offset_of!(btrfs_ioctl_encoded_io_args, unencoded_len) - 40usize];
    [
        "Offset of field: btrfs_ioctl_encoded_io_args::unencoded_offset",
    ][::core::mem::offset_of!(btrfs_ioctl_encoded_io_args, unencoded_offset) - 48usize];
    [
        "Offset of field: btrfs_ioctl_encoded_io_args::compression",
    ][::core::mem::offset_of!(btrfs_ioctl_encoded_io_args, compression) - 56usize];
    [
        "Offset of field: btrfs_ioctl_encoded_io_args::encryption",
    ][::core::mem::offset_of!(btrfs_ioctl_encoded_io_args, encryption) - 60usize];
    [
        "Offset of field: btrfs_ioctl_encoded_io_args::reserved",
    ][::core::mem::offset_of!(btrfs_ioctl_encoded_io_args, reserved) - 64usize];
};
impl Default for btrfs_ioctl_encoded_io_args {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_ioctl_subvol_wait {
    pub subvolid: __u64,
    pub mode: __u32,
    pub count: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_subvol_wait",
    ][::core::mem::size_of::<btrfs_ioctl_subvol_wait>() - 16usize];
    [
        "Alignment of btrfs_ioctl_subvol_wait",
    ][::core::mem::align_of::<btrfs_ioctl_subvol_wait>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_subvol_wait::subvolid",
    ][::core::mem::offset_of!(btrfs_ioctl_subvol_wait, subvolid) - 0usize];
    [
        "Offset of field: btrfs_ioctl_subvol_wait::mode",
    ][::core::mem::offset_of!(btrfs_ioctl_subvol_wait, mode) - 8usize];
    [
        "Offset of field: btrfs_ioctl_subvol_wait::count",
    ][::core::mem::offset_of!(btrfs_ioctl_subvol_wait, count) - 12usize];
};
pub const BTRFS_ERROR_DEV_RAID1_MIN_NOT_MET: btrfs_err_code = 1;
pub const BTRFS_ERROR_DEV_RAID10_MIN_NOT_MET: btrfs_err_code = 2;
pub const BTRFS_ERROR_DEV_RAID5_MIN_NOT_MET: btrfs_err_code = 3;
pub const BTRFS_ERROR_DEV_RAID6_MIN_NOT_MET: btrfs_err_code = 4;
pub const BTRFS_ERROR_DEV_TGT_REPLACE: btrfs_err_code = 5;
pub const BTRFS_ERROR_DEV_MISSING_NOT_FOUND: btrfs_err_code = 6;
pub const BTRFS_ERROR_DEV_ONLY_WRITABLE: btrfs_err_code = 7;
pub const BTRFS_ERROR_DEV_EXCL_RUN_IN_PROGRESS: btrfs_err_code = 8;
pub const BTRFS_ERROR_DEV_RAID1C3_MIN_NOT_MET: btrfs_err_code = 9;
pub const BTRFS_ERROR_DEV_RAID1C4_MIN_NOT_MET: btrfs_err_code = 10;
pub type btrfs_err_code = core::ffi::c_uint;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_ioctl_get_csums_entry {
    pub offset: __u64,
    pub length: __u64,
    pub type_: __u32,
    pub reserved: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_get_csums_entry",
    ][::core::mem::size_of::<btrfs_ioctl_get_csums_entry>() - 24usize];
    [
        "Alignment of btrfs_ioctl_get_csums_entry",
    ][::core::mem::align_of::<btrfs_ioctl_get_csums_entry>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_get_csums_entry::offset",
    ][::core::mem::offset_of!(btrfs_ioctl_get_csums_entry, offset) - 0usize];
    [
        "Offset of field: btrfs_ioctl_get_csums_entry::length",
    ][::core::mem::offset_of!(btrfs_ioctl_get_csums_entry, length) - 8usize];
    [
        "Offset of field: btrfs_ioctl_get_csums_entry::type_",
    ][::core::mem::offset_of!(btrfs_ioctl_get_csums_entry, type_) - 16usize];
    [
        "Offset of field: btrfs_ioctl_get_csums_entry::reserved",
    ][::core::mem::offset_of!(btrfs_ioctl_get_csums_entry, reserved) - 20usize];
};
#[repr(C)]
#[derive(Debug, Default)]
pub struct btrfs_ioctl_get_csums_args {
    pub offset: __u64,
    pub length: __u64,
    pub buf_size: __u64,
    pub flags: __u64,
    pub buf: __IncompleteArrayField<__u8>,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_ioctl_get_csums_args",
    ][::core::mem::size_of::<btrfs_ioctl_get_csums_args>() - 32usize];
    [
        "Alignment of btrfs_ioctl_get_csums_args",
    ][::core::mem::align_of::<btrfs_ioctl_get_csums_args>() - 8usize];
    [
        "Offset of field: btrfs_ioctl_get_csums_args::offset",
    ][::core::mem::offset_of!(btrfs_ioctl_get_csums_args, offset) - 0usize];
    [
        "Offset of field: btrfs_ioctl_get_csums_args::length",
    ][::core::mem::offset_of!(btrfs_ioctl_get_csums_args, length) - 8usize];
    [
        "Offset of field: btrfs_ioctl_get_csums_args::buf_size",
    ][::core::mem::offset_of!(btrfs_ioctl_get_csums_args, buf_size) - 16usize];
    [
        "Offset of field: btrfs_ioctl_get_csums_args::flags",
    ][::core::mem::offset_of!(btrfs_ioctl_get_csums_args, flags) - 24usize];
    [
        "Offset of field: btrfs_ioctl_get_csums_args::buf",
    ][::core::mem::offset_of!(btrfs_ioctl_get_csums_args, buf) - 32usize];
};
pub const BTRFS_CSUM_TYPE_CRC32: btrfs_csum_type = 0;
pub const BTRFS_CSUM_TYPE_XXHASH: btrfs_csum_type = 1;
pub const BTRFS_CSUM_TYPE_SHA256: btrfs_csum_type = 2;
pub const BTRFS_CSUM_TYPE_BLAKE2: btrfs_csum_type = 3;
pub type btrfs_csum_type = core::ffi::c_uint;
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_disk_key {
    pub objectid: __le64,
    pub type_: __u8,
    pub offset: __le64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_disk_key"][::core::mem::size_of::<btrfs_disk_key>() - 17usize];
    ["Alignment of btrfs_disk_key"][::core::mem::align_of::<btrfs_disk_key>() - 1usize];
    [
        "Offset of field: btrfs_disk_key::objectid",
    ][::core::mem::offset_of!(btrfs_disk_key, objectid) - 0usize];
    [
        "Offset of field: btrfs_disk_key::type_",
    ][::core::mem::offset_of!(btrfs_disk_key, type_) - 8usize];
    [
        "Offset of field: btrfs_disk_key::offset",
    ][::core::mem::offset_of!(btrfs_disk_key, offset) - 9usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_key {
    pub objectid: __u64,
    pub type_: __u8,
    pub offset: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_key"][::core::mem::size_of::<btrfs_key>() - 17usize];
    ["Alignment of btrfs_key"][::core::mem::align_of::<btrfs_key>() - 1usize];
    [
        "Offset of field: btrfs_key::objectid",
    ][::core::mem::offset_of!(btrfs_key, objectid) - 0usize];
    [
        "Offset of field: btrfs_key::type_",
    ][::core::mem::offset_of!(btrfs_key, type_) - 8usize];
    [
        "Offset of field: btrfs_key::offset",
    ][::core::mem::offset_of!(btrfs_key, offset) - 9usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_header {
    pub csum: [__u8; 32usize],
    pub fsid: [__u8; 16usize],
    pub bytenr: __le64,
    pub flags: __le64,
    pub chunk_tree_uuid: [__u8; 16usize],
    pub generation: __le64,
    pub owner: __le64,
    pub nritems: __le32,
    pub level: __u8,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_header"][::core::mem::size_of::<btrfs_header>() - 101usize];
    ["Alignment of btrfs_header"][::core::mem::align_of::<btrfs_header>() - 1usize];
    [
        "Offset of field: btrfs_header::csum",
    ][::core::mem::offset_of!(btrfs_header, csum) - 0usize];
    [
        "Offset of field: btrfs_header::fsid",
    ][::core::mem::offset_of!(btrfs_header, fsid) - 32usize];
    [
        "Offset of field: btrfs_header::bytenr",
    ][::core::mem::offset_of!(btrfs_header, bytenr) - 48usize];
    [
        "Offset of field: btrfs_header::flags",
    ][::core::mem::offset_of!(btrfs_header, flags) - 56usize];
    [
        "Offset of field: btrfs_header::chunk_tree_uuid",
    ][::core::mem::offset_of!(btrfs_header, chunk_tree_uuid) - 64usize];
    [
        "Offset of field: btrfs_header::generation",
    ][::core::mem::offset_of!(btrfs_header, generation) - 80usize];
    [
        "Offset of field: btrfs_header::owner",
    ][::core::mem::offset_of!(btrfs_header, owner) - 88usize];
    [
        "Offset of field: btrfs_header::nritems",
    ][::core::mem::offset_of!(btrfs_header, nritems) - 96usize];
    [
        "Offset of field: btrfs_header::level",
    ][::core::mem::offset_of!(btrfs_header, level) - 100usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_root_backup {
    pub tree_root: __le64,
    pub tree_root_gen: __le64,
    pub chunk_root: __le64,
    pub chunk_root_gen: __le64,
    pub extent_root: __le64,
    pub extent_root_gen: __le64,
    pub fs_root: __le64,
    pub fs_root_gen: __le64,
    pub dev_root: __le64,
    pub dev_root_gen: __le64,
    pub csum_root: __le64,
    pub csum_root_gen: __le64,
    pub total_bytes: __le64,
    pub bytes_used: __le64,
    pub num_devices: __le64,
    pub unused_64: [__le64; 4usize],
    pub tree_root_level: __u8,
    pub chunk_root_level: __u8,
    pub extent_root_level: __u8,
    pub fs_root_level: __u8,
    pub dev_root_level: __u8,
    pub csum_root_level: __u8,
    pub unused_8: [__u8; 10usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_root_backup",
    ][::core::mem::size_of::<btrfs_root_backup>() - 168usize];
    [
        "Alignment of btrfs_root_backup",
    ][::core::mem::align_of::<btrfs_root_backup>() - 1usize];
    [
        "Offset of field: btrfs_root_backup::tree_root",
    ][::core::mem::offset_of!(btrfs_root_backup, tree_root) - 0usize];
    [
        "Offset of field: btrfs_root_backup::tree_root_gen",
    ][::core::mem::offset_of!(btrfs_root_backup, tree_root_gen) - 8usize];
    [
        "Offset of field: btrfs_root_backup::chunk_root",
    ][::core::mem::offset_of!(btrfs_root_backup, chunk_root) - 16usize];
    [
        "Offset of field: btrfs_root_backup::chunk_root_gen",
    ][::core::mem::offset_of!(btrfs_root_backup, chunk_root_gen) - 24usize];
    [
        "Offset of field: btrfs_root_backup::extent_root",
    ][::core::mem::offset_of!(btrfs_root_backup, extent_root) - 32usize];
    [
        "Offset of field: btrfs_root_backup::extent_root_gen",
    ][::core::mem::offset_of!(btrfs_root_backup, extent_root_gen) - 40usize];
    [
        "Offset of field: btrfs_root_backup::fs_root",
    ][::core::mem::offset_of!(btrfs_root_backup, fs_root) - 48usize];
    [
        "Offset of field: btrfs_root_backup::fs_root_gen",
    ][::core::mem::offset_of!(btrfs_root_backup, fs_root_gen) - 56usize];
    [
        "Offset of field: btrfs_root_backup::dev_root",
    ][::core::mem::offset_of!(btrfs_root_backup, dev_root) - 64usize];
    [
        "Offset of field: btrfs_root_backup::dev_root_gen",
    ][::core::mem::offset_of!(btrfs_root_backup, dev_root_gen) - 72usize];
    [
        "Offset of field: btrfs_root_backup::csum_root",
    ][::core::mem::offset_of!(btrfs_root_backup, csum_root) - 80usize];
    [
        "Offset of field: btrfs_root_backup::csum_root_gen",
    ][::core::mem::offset_of!(btrfs_root_backup, csum_root_gen) - 88usize];
    [
        "Offset of field: btrfs_root_backup::total_bytes",
    ][::core::mem::offset_of!(btrfs_root_backup, total_bytes) - 96usize];
    [
        "Offset of field: btrfs_root_backup::bytes_used",
    ][::core::mem::offset_of!(btrfs_root_backup, bytes_used) - 104usize];
    [
        "Offset of field: btrfs_root_backup::num_devices",
    ][::core::mem::offset_of!(btrfs_root_backup, num_devices) - 112usize];
    [
        "Offset of field: btrfs_root_backup::unused_64",
    ][::core::mem::offset_of!(btrfs_root_backup, unused_64) - 120usize];
    [
        "Offset of field: btrfs_root_backup::tree_root_level",
    ][::core::mem::offset_of!(btrfs_root_backup, tree_root_level) - 152usize];
    [
        "Offset of field: btrfs_root_backup::chunk_root_level",
    ][::core::mem::offset_of!(btrfs_root_backup, chunk_root_level) - 153usize];
    [
        "Offset of field: btrfs_root_backup::extent_root_level",
    ][::core::mem::offset_of!(btrfs_root_backup, extent_root_level) - 154usize];
    [
        "Offset of field: btrfs_root_backup::fs_root_level",
    ][::core::mem::offset_of!(btrfs_root_backup, fs_root_level) - 155usize];
    [
        "Offset of field: btrfs_root_backup::dev_root_level",
    ][::core::mem::offset_of!(btrfs_root_backup, dev_root_level) - 156usize];
    [
        "Offset of field: btrfs_root_backup::csum_root_level",
    ][::core::mem::offset_of!(btrfs_root_backup, csum_root_level) - 157usize];
    [
        "Offset of field: btrfs_root_backup::unused_8",
    ][::core::mem::offset_of!(btrfs_root_backup, unused_8) - 158usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_item {
    pub key: btrfs_disk_key,
    pub offset: __le32,
    pub size: __le32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_item"][::core::mem::size_of::<btrfs_item>() - 25usize];
    ["Alignment of btrfs_item"][::core::mem::align_of::<btrfs_item>() - 1usize];
    [
        "Offset of field: btrfs_item::key",
    ][::core::mem::offset_of!(btrfs_item, key) - 0usize];
    [
        "Offset of field: btrfs_item::offset",
    ][::core::mem::offset_of!(btrfs_item, offset) - 17usize];
    [
        "Offset of field: btrfs_item::size",
    ][::core::mem::offset_of!(btrfs_item, size) - 21usize];
};
#[repr(C, packed)]
pub struct btrfs_leaf {
    pub header: btrfs_header,
    pub items: __IncompleteArrayField<btrfs_item>,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_leaf"][::core::mem::size_of::<btrfs_leaf>() - 101usize];
    ["Alignment of btrfs_leaf"][::core::mem::align_of::<btrfs_leaf>() - 1usize];
    [
        "Offset of field: btrfs_leaf::header",
    ][::core::mem::offset_of!(btrfs_leaf, header) - 0usize];
    [
        "Offset of field: btrfs_leaf::items",
    ][::core::mem::offset_of!(btrfs_leaf, items) - 101usize];
};
impl Default for btrfs_leaf {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_key_ptr {
    pub key: btrfs_disk_key,
    pub blockptr: __le64,
    pub generation: __le64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_key_ptr"][::core::mem::size_of::<btrfs_key_ptr>() - 33usize];
    ["Alignment of btrfs_key_ptr"][::core::mem::align_of::<btrfs_key_ptr>() - 1usize];
    [
        "Offset of field: btrfs_key_ptr::key",
    ][::core::mem::offset_of!(btrfs_key_ptr, key) - 0usize];
    [
        "Offset of field: btrfs_key_ptr::blockptr",
    ][::core::mem::offset_of!(btrfs_key_ptr, blockptr) - 17usize];
    [
        "Offset of field: btrfs_key_ptr::generation",
    ][::core::mem::offset_of!(btrfs_key_ptr, generation) - 25usize];
};
#[repr(C, packed)]
pub struct btrfs_node {
    pub header: btrfs_header,
    pub ptrs: __IncompleteArrayField<btrfs_key_ptr>,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_node"][::core::mem::size_of::<btrfs_node>() - 101usize];
    ["Alignment of btrfs_node"][::core::mem::align_of::<btrfs_node>() - 1usize];
    [
        "Offset of field: btrfs_node::header",
    ][::core::mem::offset_of!(btrfs_node, header) - 0usize];
    [
        "Offset of field: btrfs_node::ptrs",
    ][::core::mem::offset_of!(btrfs_node, ptrs) - 101usize];
};
impl Default for btrfs_node {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_dev_item {
    pub devid: __le64,
    pub total_bytes: __le64,
    pub bytes_used: __le64,
    pub io_align: __le32,
    pub io_width: __le32,
    pub sector_size: __le32,
    pub type_: __le64,
    pub generation: __le64,
    pub start_offset: __le64,
    pub dev_group: __le32,
    pub seek_speed: __u8,
    pub bandwidth: __u8,
    pub uuid: [__u8; 16usize],
    pub fsid: [__u8; 16usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_dev_item"][::core::mem::size_of::<btrfs_dev_item>() - 98usize];
    ["Alignment of btrfs_dev_item"][::core::mem::align_of::<btrfs_dev_item>() - 1usize];
    [
        "Offset of field: btrfs_dev_item::devid",
    ][::core::mem::offset_of!(btrfs_dev_item, devid) - 0usize];
    [
        "Offset of field: btrfs_dev_item::total_bytes",
    ][::core::mem::offset_of!(btrfs_dev_item, total_bytes) - 8usize];
    [
        "Offset of field: btrfs_dev_item::bytes_used",
    ][::core::mem::offset_of!(btrfs_dev_item, bytes_used) - 16usize];
    [
        "Offset of field: btrfs_dev_item::io_align",
    ][::core::mem::offset_of!(btrfs_dev_item, io_align) - 24usize];
    [
        "Offset of field: btrfs_dev_item::io_width",
    ][::core::mem::offset_of!(btrfs_dev_item, io_width) - 28usize];
    [
        "Offset of field: btrfs_dev_item::sector_size",
    ][::core::mem::offset_of!(btrfs_dev_item, sector_size) - 32usize];
    [
        "Offset of field: btrfs_dev_item::type_",
    ][::core::mem::offset_of!(btrfs_dev_item, type_) - 36usize];
    [
        "Offset of field: btrfs_dev_item::generation",
    ][::core::mem::offset_of!(btrfs_dev_item, generation) - 44usize];
    [
        "Offset of field: btrfs_dev_item::start_offset",
    ][::core::mem::offset_of!(btrfs_dev_item, start_offset) - 52usize];
    [
        "Offset of field: btrfs_dev_item::dev_group",
    ][::core::mem::offset_of!(btrfs_dev_item, dev_group) - 60usize];
    [
        "Offset of field: btrfs_dev_item::seek_speed",
    ][::core::mem::offset_of!(btrfs_dev_item, seek_speed) - 64usize];
    [
        "Offset of field: btrfs_dev_item::bandwidth",
    ][::core::mem::offset_of!(btrfs_dev_item, bandwidth) - 65usize];
    [
        "Offset of field: btrfs_dev_item::uuid",
    ][::core::mem::offset_of!(btrfs_dev_item, uuid) - 66usize];
    [
        "Offset of field: btrfs_dev_item::fsid",
    ][::core::mem::offset_of!(btrfs_dev_item, fsid) - 82usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_stripe {
    pub devid: __le64,
    pub offset: __le64,
    pub dev_uuid: [__u8; 16usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_stripe"][::core::mem::size_of::<btrfs_stripe>() - 32usize];
    ["Alignment of btrfs_stripe"][::core::mem::align_of::<btrfs_stripe>() - 1usize];
    [
        "Offset of field: btrfs_stripe::devid",
    ][::core::mem::offset_of!(btrfs_stripe, devid) - 0usize];
    [
        "Offset of field: btrfs_stripe::offset",
    ][::core::mem::offset_of!(btrfs_stripe, offset) - 8usize];
    [
        "Offset of field: btrfs_stripe::dev_uuid",
    ][::core::mem::offset_of!(btrfs_stripe, dev_uuid) - 16usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_chunk {
    pub length: __le64,
    pub owner: __le64,
    pub stripe_len: __le64,
    pub type_: __le64,
    pub io_align: __le32,
    pub io_width: __le32,
    pub sector_size: __le32,
    pub num_stripes: __le16,
    pub sub_stripes: __le16,
    pub stripe: btrfs_stripe,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_chunk"][::core::mem::size_of::<btrfs_chunk>() - 80usize];
    ["Alignment of btrfs_chunk"][::core::mem::align_of::<btrfs_chunk>() - 1usize];
    [
        "Offset of field: btrfs_chunk::length",
    ][::core::mem::offset_of!(btrfs_chunk, length) - 0usize];
    [
        "Offset of field: btrfs_chunk::owner",
    ][::core::mem::offset_of!(btrfs_chunk, owner) - 8usize];
    [
        "Offset of field: btrfs_chunk::stripe_len",
    ][::core::mem::offset_of!(btrfs_chunk, stripe_len) - 16usize];
    [
        "Offset of field: btrfs_chunk::type_",
    ][::core::mem::offset_of!(btrfs_chunk, type_) - 24usize];
    [
        "Offset of field: btrfs_chunk::io_align",
    ][::core::mem::offset_of!(btrfs_chunk, io_align) - 32usize];
    [
        "Offset of field: btrfs_chunk::io_width",
    ][::core::mem::offset_of!(btrfs_chunk, io_width) - 36usize];
    [
        "Offset of field: btrfs_chunk::sector_size",
    ][::core::mem::offset_of!(btrfs_chunk, sector_size) - 40usize];
    [
        "Offset of field: btrfs_chunk::num_stripes",
    ][::core::mem::offset_of!(btrfs_chunk, num_stripes) - 44usize];
    [
        "Offset of field: btrfs_chunk::sub_stripes",
    ][::core::mem::offset_of!(btrfs_chunk, sub_stripes) - 46usize];
    [
        "Offset of field: btrfs_chunk::stripe",
    ][::core::mem::offset_of!(btrfs_chunk, stripe) - 48usize];
};
#[repr(C, packed)]
#[derive(Debug, Copy, Clone)]
pub struct btrfs_super_block {
    pub csum: [__u8; 32usize],
    pub fsid: [__u8; 16usize],
    pub bytenr: __le64,
    pub flags: __le64,
    pub magic: __le64,
    pub generation: __le64,
    pub root: __le64,
    pub chunk_root: __le64,
    pub log_root: __le64,
    pub __unused_log_root_transid: __le64,
    pub total_bytes: __le64,
    pub bytes_used: __le64,
    pub root_dir_objectid: __le64,
    pub num_devices: __le64,
    pub sectorsize: __le32,
    pub nodesize: __le32,
    pub __unused_leafsize: __le32,
    pub stripesize: __le32,
    pub sys_chunk_array_size: __le32,
    pub chunk_root_generation: __le64,
    pub compat_flags: __le64,
    pub compat_ro_flags: __le64,
    pub incompat_flags: __le64,
    pub csum_type: __le16,
    pub root_level: __u8,
    pub chunk_root_level: __u8,
    pub log_root_level: __u8,
    pub dev_item: btrfs_dev_item,
    pub label: [core::ffi::c_char; 256usize],
    pub cache_generation: __le64,
    pub uuid_tree_generation: __le64,
    pub metadata_uuid: [__u8; 16usize],
    pub nr_global_roots: __u64,
    pub remap_root: __le64,
    pub remap_root_generation: __le64,
    pub remap_root_level: __u8,
    pub reserved: [__u8; 199usize],
    pub sys_chunk_array: [__u8; 2048usize],
    pub super_roots: [btrfs_root_backup; 4usize],
    pub padding: [__u8; 565usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_super_block",
    ][::core::mem::size_of::<btrfs_super_block>() - 4096usize];
    [
        "Alignment of btrfs_super_block",
    ][::core::mem::align_of::<btrfs_super_block>() - 1usize];
    [
        "Offset of field: btrfs_super_block::csum",
    ][::core::mem::offset_of!(btrfs_super_block, csum) - 0usize];
    [
        "Offset of field: btrfs_super_block::fsid",
    ][::core::mem::offset_of!(btrfs_super_block, fsid) - 32usize];
    [
        "Offset of field: btrfs_super_block::bytenr",
    ][::core::mem::offset_of!(btrfs_super_block, bytenr) - 48usize];
    [
        "Offset of field: btrfs_super_block::flags",
    ][::core::mem::offset_of!(btrfs_super_block, flags) - 56usize];
    [
        "Offset of field: btrfs_super_block::magic",
    ][::core::mem::offset_of!(btrfs_super_block, magic) - 64usize];
    [
        "Offset of field: btrfs_super_block::generation",
    ][::core::mem::offset_of!(btrfs_super_block, generation) - 72usize];
    [
        "Offset of field: btrfs_super_block::root",
    ][::core::mem::offset_of!(btrfs_super_block, root) - 80usize];
    [
        "Offset of field: btrfs_super_block::chunk_root",
    ][::core::mem::offset_of!(btrfs_super_block, chunk_root) - 88usize];
    [
        "Offset of field: btrfs_super_block::log_root",
    ][::core::mem::offset_of!(btrfs_super_block, log_root) - 96usize];
    [
        "Offset of field: btrfs_super_block::__unused_log_root_transid",
    ][::core::mem::offset_of!(btrfs_super_block, __unused_log_root_transid) - 104usize];
    [
        "Offset of field: btrfs_super_block::total_bytes",
    ][::core::mem::offset_of!(btrfs_super_block, total_bytes) - 112usize];
    [
        "Offset of field: btrfs_super_block::bytes_used",
    ][::core::mem::offset_of!(btrfs_super_block, bytes_used) - 120usize];
    [
        "Offset of field: btrfs_super_block::root_dir_objectid",
    ][::core::mem::offset_of!(btrfs_super_block, root_dir_objectid) - 128usize];
    [
        "Offset of field: btrfs_super_block::num_devices",
    ][::core::mem::offset_of!(btrfs_super_block, num_devices) - 136usize];
    [
        "Offset of field: btrfs_super_block::sectorsize",
    ][::core::mem::offset_of!(btrfs_super_block, sectorsize) - 144usize];
    [
        "Offset of field: btrfs_super_block::nodesize",
    ][::core::mem::offset_of!(btrfs_super_block, nodesize) - 148usize];
    [
        "Offset of field: btrfs_super_block::__unused_leafsize",
    ][::core::mem::offset_of!(btrfs_super_block, __unused_leafsize) - 152usize];
    [
        "Offset of field: btrfs_super_block::stripesize",
    ][::core::mem::offset_of!(btrfs_super_block, stripesize) - 156usize];
    [
        "Offset of field: btrfs_super_block::sys_chunk_array_size",
    ][::core::mem::offset_of!(btrfs_super_block, sys_chunk_array_size) - 160usize];
    [
        "Offset of field: btrfs_super_block::chunk_root_generation",
    ][::core::mem::offset_of!(btrfs_super_block, chunk_root_generation) - 164usize];
    [
        "Offset of field: btrfs_super_block::compat_flags",
    ][::core::mem::offset_of!(btrfs_super_block, compat_flags) - 172usize];
    [
        "Offset of field: btrfs_super_block::compat_ro_flags",
    ][::core::mem::offset_of!(btrfs_super_block, compat_ro_flags) - 180usize];
    [
        "Offset of field: btrfs_super_block::incompat_flags",
    ][::core::mem::offset_of!(btrfs_super_block, incompat_flags) - 188usize];
    [
        "Offset of field: btrfs_super_block::csum_type",
    ][::core::mem::offset_of!(btrfs_super_block, csum_type) - 196usize];
    [
        "Offset of field: btrfs_super_block::root_level",
    ][::core::mem::offset_of!(btrfs_super_block, root_level) - 198usize];
    [
        "Offset of field: btrfs_super_block::chunk_root_level",
    ][::core::mem::offset_of!(btrfs_super_block, chunk_root_level) - 199usize];
    [
        "Offset of field: btrfs_super_block::log_root_level",
    ][::core::mem::offset_of!(btrfs_super_block, log_root_level) - 200usize];
    [
        "Offset of field: btrfs_super_block::dev_item",
    ][::core::mem::offset_of!(btrfs_super_block, dev_item) - 201usize];
    [
        "Offset of field: btrfs_super_block::label",
    ][::core::mem::offset_of!(btrfs_super_block, label) - 299usize];
    [
        "Offset of field: btrfs_super_block::cache_generation",
    ][::core::mem::offset_of!(btrfs_super_block, cache_generation) - 555usize];
    [
        "Offset of field: btrfs_super_block::uuid_tree_generation",
    ][::core::mem::offset_of!(btrfs_super_block, uuid_tree_generation) - 563usize];
    [
        "Offset of field: btrfs_super_block::metadata_uuid",
    ][::core::mem::offset_of!(btrfs_super_block, metadata_uuid) - 571usize];
    [
        "Offset of field: btrfs_super_block::nr_global_roots",
    ][::core::mem::offset_of!(btrfs_super_block, nr_global_roots) - 587usize];
    [
        "Offset of field: btrfs_super_block::remap_root",
    ][::core::mem::offset_of!(btrfs_super_block, remap_root) - 595usize];
    [
        "Offset of field: btrfs_super_block::remap_root_generation",
    ][::core::mem::offset_of!(btrfs_super_block, remap_root_generation) - 603usize];
    [
        "Offset of field: btrfs_super_block::remap_root_level",
    ][::core::mem::offset_of!(btrfs_super_block, remap_root_level) - 611usize];
    [
        "Offset of field: btrfs_super_block::reserved",
    ][::core::mem::offset_of!(btrfs_super_block, reserved) - 612usize];
    [
        "Offset of field: btrfs_super_block::sys_chunk_array",
    ][::core::mem::offset_of!(btrfs_super_block, sys_chunk_array) - 811usize];
    [
        "Offset of field: btrfs_super_block::super_roots",
    ][::core::mem::offset_of!(btrfs_super_block, super_roots) - 2859usize];
    [
        "Offset of field: btrfs_super_block::padding",
    ][::core::mem::offset_of!(btrfs_super_block, padding) - 3531usize];
};
impl Default for btrfs_super_block {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_free_space_entry {
    pub offset: __le64,
    pub bytes: __le64,
    pub type_: __u8,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_free_space_entry",
    ][::core::mem::size_of::<btrfs_free_space_entry>() - 17usize];
    [
        "Alignment of btrfs_free_space_entry",
    ][::core::mem::align_of::<btrfs_free_space_entry>() - 1usize];
    [
        "Offset of field: btrfs_free_space_entry::offset",
    ][::core::mem::offset_of!(btrfs_free_space_entry, offset) - 0usize];
    [
        "Offset of field: btrfs_free_space_entry::bytes",
    ][::core::mem::offset_of!(btrfs_free_space_entry, bytes) - 8usize];
    [
        "Offset of field: btrfs_free_space_entry::type_",
    ][::core::mem::offset_of!(btrfs_free_space_entry, type_) - 16usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_free_space_header {
    pub location: btrfs_disk_key,
    pub generation: __le64,
    pub num_entries: __le64,
    pub num_bitmaps: __le64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_free_space_header",
    ][::core::mem::size_of::<btrfs_free_space_header>() - 41usize];
    [
        "Alignment of btrfs_free_space_header",
    ][::core::mem::align_of::<btrfs_free_space_header>() - 1usize];
    [
        "Offset of field: btrfs_free_space_header::location",
    ][::core::mem::offset_of!(btrfs_free_space_header, location) - 0usize];
    [
        "Offset of field: btrfs_free_space_header::generation",
    ][::core::mem::offset_of!(btrfs_free_space_header, generation) - 17usize];
    [
        "Offset of field: btrfs_free_space_header::num_entries",
    ][::core::mem::offset_of!(btrfs_free_space_header, num_entries) - 25usize];
    [
        "Offset of field: btrfs_free_space_header::num_bitmaps",
    ][::core::mem::offset_of!(btrfs_free_space_header, num_bitmaps) - 33usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_raid_stride {
    pub devid: __le64,
    pub physical: __le64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_raid_stride"][::core::mem::size_of::<btrfs_raid_stride>() - 16usize];
    [
        "Alignment of btrfs_raid_stride",
    ][::core::mem::align_of::<btrfs_raid_stride>() - 1usize];
    [
        "Offset of field: btrfs_raid_stride::devid",
    ][::core::mem::offset_of!(btrfs_raid_stride, devid) - 0usize];
    [
        "Offset of field: btrfs_raid_stride::physical",
    ][::core::mem::offset_of!(btrfs_raid_stride, physical) - 8usize];
};
#[repr(C, packed)]
pub struct btrfs_stripe_extent {
    pub __bindgen_anon_1: btrfs_stripe_extent__bindgen_ty_1,
}
#[repr(C)]
#[derive(Debug, Default)]
pub struct btrfs_stripe_extent__bindgen_ty_1 {
    pub __empty_strides: btrfs_stripe_extent__bindgen_ty_1__bindgen_ty_1,
    pub strides: __IncompleteArrayField<btrfs_raid_stride>,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_stripe_extent__bindgen_ty_1__bindgen_ty_1 {}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_stripe_extent__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::size_of::<btrfs_stripe_extent__bindgen_ty_1__bindgen_ty_1>()
        - 0usize];
    [
        "Alignment of btrfs_stripe_extent__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::align_of::<btrfs_stripe_extent__bindgen_ty_1__bindgen_ty_1>()
        - 1usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_stripe_extent__bindgen_ty_1",
    ][::core::mem::size_of::<btrfs_stripe_extent__bindgen_ty_1>() - 0usize];
    [
        "Alignment of btrfs_stripe_extent__bindgen_ty_1",
    ][::core::mem::align_of::<btrfs_stripe_extent__bindgen_ty_1>() - 1usize];
    [
        "Offset of field: btrfs_stripe_extent__bindgen_ty_1::__empty_strides",
    ][::core::mem::offset_of!(btrfs_stripe_extent__bindgen_ty_1, __empty_strides)
        - 0usize];
    [
        "Offset of field: btrfs_stripe_extent__bindgen_ty_1::strides",
    ][::core::mem::offset_of!(btrfs_stripe_extent__bindgen_ty_1, strides) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_stripe_extent",
    ][::core::mem::size_of::<btrfs_stripe_extent>() - 0usize];
    [
        "Alignment of btrfs_stripe_extent",
    ][::core::mem::align_of::<btrfs_stripe_extent>() - 1usize];
};
impl Default for btrfs_stripe_extent {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_extent_item {
    pub refs: __le64,
    pub generation: __le64,
    pub flags: __le64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_extent_item"][::core::mem::size_of::<btrfs_extent_item>() - 24usize];
    [
        "Alignment of btrfs_extent_item",
    ][::core::mem::align_of::<btrfs_extent_item>() - 1usize];
    [
        "Offset of field: btrfs_extent_item::refs",
    ][::core::mem::offset_of!(btrfs_extent_item, refs) - 0usize];
    [
        "Offset of field: btrfs_extent_item::generation",
    ][::core::mem::offset_of!(btrfs_extent_item, generation) - 8usize];
    [
        "Offset of field: btrfs_extent_item::flags",
    ][::core::mem::offset_of!(btrfs_extent_item, flags) - 16usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_extent_item_v0 {
    pub refs: __le32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_extent_item_v0",
    ][::core::mem::size_of::<btrfs_extent_item_v0>() - 4usize];
    [
        "Alignment of btrfs_extent_item_v0",
    ][::core::mem::align_of::<btrfs_extent_item_v0>() - 1usize];
    [
        "Offset of field: btrfs_extent_item_v0::refs",
    ][::core::mem::offset_of!(btrfs_extent_item_v0, refs) - 0usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_tree_block_info {
    pub key: btrfs_disk_key,
    pub level: __u8,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_tree_block_info",
    ][::core::mem::size_of::<btrfs_tree_block_info>() - 18usize];
    [
        "Alignment of btrfs_tree_block_info",
    ][::core::mem::align_of::<btrfs_tree_block_info>() - 1usize];
    [
        "Offset of field: btrfs_tree_block_info::key",
    ][::core::mem::offset_of!(btrfs_tree_block_info, key) - 0usize];
    [
        "Offset of field: btrfs_tree_block_info::level",
    ][::core::mem::offset_of!(btrfs_tree_block_info, level) - 17usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_extent_data_ref {
    pub root: __le64,
    pub objectid: __le64,
    pub offset: __le64,
    pub count: __le32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_extent_data_ref",
    ][::core::mem::size_of::<btrfs_extent_data_ref>() - 28usize];
    [
        "Alignment of btrfs_extent_data_ref",
    ][::core::mem::align_of::<btrfs_extent_data_ref>() - 1usize];
    [
        "Offset of field: btrfs_extent_data_ref::root",
    ][::core::mem::offset_of!(btrfs_extent_data_ref, root) - 0usize];
    [
        "Offset of field: btrfs_extent_data_ref::objectid",
    ][::core::mem::offset_of!(btrfs_extent_data_ref, objectid) - 8usize];
    [
        "Offset of field: btrfs_extent_data_ref::offset",
    ][::core::mem::offset_of!(btrfs_extent_data_ref, offset) - 16usize];
    [
        "Offset of field: btrfs_extent_data_ref::count",
    ][::core::mem::offset_of!(btrfs_extent_data_ref, count) - 24usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_shared_data_ref {
    pub count: __le32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_shared_data_ref",
    ][::core::mem::size_of::<btrfs_shared_data_ref>() - 4usize];
    [
        "Alignment of btrfs_shared_data_ref",
    ][::core::mem::align_of::<btrfs_shared_data_ref>() - 1usize];
    [
        "Offset of field: btrfs_shared_data_ref::count",
    ][::core::mem::offset_of!(btrfs_shared_data_ref, count) - 0usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_extent_owner_ref {
    pub root_id: __le64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_extent_owner_ref",
    ][::core::mem::size_of::<btrfs_extent_owner_ref>() - 8usize];
    [
        "Alignment of btrfs_extent_owner_ref",
    ][::core::mem::align_of::<btrfs_extent_owner_ref>() - 1usize];
    [
        "Offset of field: btrfs_extent_owner_ref::root_id",
    ][::core::mem::offset_of!(btrfs_extent_owner_ref, root_id) - 0usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_extent_inline_ref {
    pub type_: __u8,
    pub offset: __le64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_extent_inline_ref",
    ][::core::mem::size_of::<btrfs_extent_inline_ref>() - 9usize];
    [
        "Alignment of btrfs_extent_inline_ref",
    ][::core::mem::align_of::<btrfs_extent_inline_ref>() - 1usize];
    [
        "Offset of field: btrfs_extent_inline_ref::type_",
    ][::core::mem::offset_of!(btrfs_extent_inline_ref, type_) - 0usize];
    [
        "Offset of field: btrfs_extent_inline_ref::offset",
    ][::core::mem::offset_of!(btrfs_extent_inline_ref, offset) - 1usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_dev_extent {
    pub chunk_tree: __le64,
    pub chunk_objectid: __le64,
    pub chunk_offset: __le64,
    pub length: __le64,
    pub chunk_tree_uuid: [__u8; 16usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_dev_extent"][::core::mem::size_of::<btrfs_dev_extent>() - 48usize];
    [
        "Alignment of btrfs_dev_extent",
    ][::core::mem::align_of::<btrfs_dev_extent>() - 1usize];
    [
        "Offset of field: btrfs_dev_extent::chunk_tree",
    ][::core::mem::offset_of!(btrfs_dev_extent, chunk_tree) - 0usize];
    [
        "Offset of field: btrfs_dev_extent::chunk_objectid",
    ][::core::mem::offset_of!(btrfs_dev_extent, chunk_objectid) - 8usize];
    [
        "Offset of field: btrfs_dev_extent::chunk_offset",
    ][::core::mem::offset_of!(btrfs_dev_extent, chunk_offset) - 16usize];
    [
        "Offset of field: btrfs_dev_extent::length",
    ][::core::mem::offset_of!(btrfs_dev_extent, length) - 24usize];
    [
        "Offset of field: btrfs_dev_extent::chunk_tree_uuid",
    ][::core::mem::offset_of!(btrfs_dev_extent, chunk_tree_uuid) - 32usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_inode_ref {
    pub index: __le64,
    pub name_len: __le16,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_inode_ref"][::core::mem::size_of::<btrfs_inode_ref>() - 10usize];
    [
        "Alignment of btrfs_inode_ref",
    ][::core::mem::align_of::<btrfs_inode_ref>() - 1usize];
    [
        "Offset of field: btrfs_inode_ref::index",
    ][::core::mem::offset_of!(btrfs_inode_ref, index) - 0usize];
    [
        "Offset of field: btrfs_inode_ref::name_len",
    ][::core::mem::offset_of!(btrfs_inode_ref, name_len) - 8usize];
};
#[repr(C, packed)]
pub struct btrfs_inode_extref {
    pub parent_objectid: __le64,
    pub index: __le64,
    pub name_len: __le16,
    pub name: __IncompleteArrayField<__u8>,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_inode_extref",
    ][::core::mem::size_of::<btrfs_inode_extref>() - 18usize];
    [
        "Alignment of btrfs_inode_extref",
    ][::core::mem::align_of::<btrfs_inode_extref>() - 1usize];
    [
        "Offset of field: btrfs_inode_extref::parent_objectid",
    ][::core::mem::offset_of!(btrfs_inode_extref, parent_objectid) - 0usize];
    [
        "Offset of field: btrfs_inode_extref::index",
    ][::core::mem::offset_of!(btrfs_inode_extref, index) - 8usize];
    [
        "Offset of field: btrfs_inode_extref::name_len",
    ][::core::mem::offset_of!(btrfs_inode_extref, name_len) - 16usize];
    [
        "Offset of field: btrfs_inode_extref::name",
    ][::core::mem::offset_of!(btrfs_inode_extref, name) - 18usize];
};
impl Default for btrfs_inode_extref {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_timespec {
    pub sec: __le64,
    pub nsec: __le32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_timespec"][::core::mem::size_of::<btrfs_timespec>() - 12usize];
    ["Alignment of btrfs_timespec"][::core::mem::align_of::<btrfs_timespec>() - 1usize];
    [
        "Offset of field: btrfs_timespec::sec",
    ][::core::mem::offset_of!(btrfs_timespec, sec) - 0usize];
    [
        "Offset of field: btrfs_timespec::nsec",
    ][::core::mem::offset_of!(btrfs_timespec, nsec) - 8usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_inode_item {
    pub generation: __le64,
    pub transid: __le64,
    pub size: __le64,
    pub nbytes: __le64,
    pub block_group: __le64,
    pub nlink: __le32,
    pub uid: __le32,
    pub gid: __le32,
    pub mode: __le32,
    pub rdev: __le64,
    pub flags: __le64,
    pub sequence: __le64,
    pub reserved: [__le64; 4usize],
    pub atime: btrfs_timespec,
    pub ctime: btrfs_timespec,
    pub mtime: btrfs_timespec,
    pub otime: btrfs_timespec,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_inode_item"][::core::mem::size_of::<btrfs_inode_item>() - 160usize];
    [
        "Alignment of btrfs_inode_item",
    ][::core::mem::align_of::<btrfs_inode_item>() - 1usize];
    [
        "Offset of field: btrfs_inode_item::generation",
    ][::core::mem::offset_of!(btrfs_inode_item, generation) - 0usize];
    [
        "Offset of field: btrfs_inode_item::transid",
    ][::core::mem::offset_of!(btrfs_inode_item, transid) - 8usize];
    [
        "Offset of field: btrfs_inode_item::size",
    ][::core::mem::offset_of!(btrfs_inode_item, size) - 16usize];
    [
        "Offset of field: btrfs_inode_item::nbytes",
    ][::core::mem::offset_of!(btrfs_inode_item, nbytes) - 24usize];
    [
        "Offset of field: btrfs_inode_item::block_group",
    ][::core::mem::offset_of!(btrfs_inode_item, block_group) - 32usize];
    [
        "Offset of field: btrfs_inode_item::nlink",
    ][::core::mem::offset_of!(btrfs_inode_item, nlink) - 40usize];
    [
        "Offset of field: btrfs_inode_item::uid",
    ][::core::mem::offset_of!(btrfs_inode_item, uid) - 44usize];
    [
        "Offset of field: btrfs_inode_item::gid",
    ][::core::mem::offset_of!(btrfs_inode_item, gid) - 48usize];
    [
        "Offset of field: btrfs_inode_item::mode",
    ][::core::mem::offset_of!(btrfs_inode_item, mode) - 52usize];
    [
        "Offset of field: btrfs_inode_item::rdev",
    ][::core::mem::offset_of!(btrfs_inode_item, rdev) - 56usize];
    [
        "Offset of field: btrfs_inode_item::flags",
    ][::core::mem::offset_of!(btrfs_inode_item, flags) - 64usize];
    [
        "Offset of field: btrfs_inode_item::sequence",
    ][::core::mem::offset_of!(btrfs_inode_item, sequence) - 72usize];
    [
        "Offset of field: btrfs_inode_item::reserved",
    ][::core::mem::offset_of!(btrfs_inode_item, reserved) - 80usize];
    [
        "Offset of field: btrfs_inode_item::atime",
    ][::core::mem::offset_of!(btrfs_inode_item, atime) - 112usize];
    [
        "Offset of field: btrfs_inode_item::ctime",
    ][::core::mem::offset_of!(btrfs_inode_item, ctime) - 124usize];
    [
        "Offset of field: btrfs_inode_item::mtime",
    ][::core::mem::offset_of!(btrfs_inode_item, mtime) - 136usize];
    [
        "Offset of field: btrfs_inode_item::otime",
    ][::core::mem::offset_of!(btrfs_inode_item, otime) - 148usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_dir_log_item {
    pub end: __le64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_dir_log_item",
    ][::core::mem::size_of::<btrfs_dir_log_item>() - 8usize];
    [
        "Alignment of btrfs_dir_log_item",
    ][::core::mem::align_of::<btrfs_dir_log_item>() - 1usize];
    [
        "Offset of field: btrfs_dir_log_item::end",
    ][::core::mem::offset_of!(btrfs_dir_log_item, end) - 0usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_dir_item {
    pub location: btrfs_disk_key,
    pub transid: __le64,
    pub data_len: __le16,
    pub name_len: __le16,
    pub type_: __u8,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_dir_item"][::core::mem::size_of::<btrfs_dir_item>() - 30usize];
    ["Alignment of btrfs_dir_item"][::core::mem::align_of::<btrfs_dir_item>() - 1usize];
    [
        "Offset of field: btrfs_dir_item::location",
    ][::core::mem::offset_of!(btrfs_dir_item, location) - 0usize];
    [
        "Offset of field: btrfs_dir_item::transid",
    ][::core::mem::offset_of!(btrfs_dir_item, transid) - 17usize];
    [
        "Offset of field: btrfs_dir_item::data_len",
    ][::core::mem::offset_of!(btrfs_dir_item, data_len) - 25usize];
    [
        "Offset of field: btrfs_dir_item::name_len",
    ][::core::mem::offset_of!(btrfs_dir_item, name_len) - 27usize];
    [
        "Offset of field: btrfs_dir_item::type_",
    ][::core::mem::offset_of!(btrfs_dir_item, type_) - 29usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_root_item {
    pub inode: btrfs_inode_item,
    pub generation: __le64,
    pub root_dirid: __le64,
    pub bytenr: __le64,
    pub byte_limit: __le64,
    pub bytes_used: __le64,
    pub last_snapshot: __le64,
    pub flags: __le64,
    pub refs: __le32,
    pub drop_progress: btrfs_disk_key,
    pub drop_level: __u8,
    pub level: __u8,
    pub generation_v2: __le64,
    pub uuid: [__u8; 16usize],
    pub parent_uuid: [__u8; 16usize],
    pub received_uuid: [__u8; 16usize],
    pub ctransid: __le64,
    pub otransid: __le64,
    pub stransid: __le64,
    pub rtransid: __le64,
    pub ctime: btrfs_timespec,
    pub otime: btrfs_timespec,
    pub stime: btrfs_timespec,
    pub rtime: btrfs_timespec,
    pub reserved: [__le64; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_root_item"][::core::mem::size_of::<btrfs_root_item>() - 439usize];
    [
        "Alignment of btrfs_root_item",
    ][::core::mem::align_of::<btrfs_root_item>() - 1usize];
    [
        "Offset of field: btrfs_root_item::inode",
    ][::core::mem::offset_of!(btrfs_root_item, inode) - 0usize];
    [
        "Offset of field: btrfs_root_item::generation",
    ][::core::mem::offset_of!(btrfs_root_item, generation) - 160usize];
    [
        "Offset of field: btrfs_root_item::root_dirid",
    ][::core::mem::offset_of!(btrfs_root_item, root_dirid) - 168usize];
    [
        "Offset of field: btrfs_root_item::bytenr",
    ][::core::mem::offset_of!(btrfs_root_item, bytenr) - 176usize];
    [
        "Offset of field: btrfs_root_item::byte_limit",
    ][::core::mem::offset_of!(btrfs_root_item, byte_limit) - 184usize];
    [
        "Offset of field: btrfs_root_item::bytes_used",
    ][::core::mem::offset_of!(btrfs_root_item, bytes_used) - 192usize];
    [
        "Offset of field: btrfs_root_item::last_snapshot",
    ][::core::mem::offset_of!(btrfs_root_item, last_snapshot) - 200usize];
    [
        "Offset of field: btrfs_root_item::flags",
    ][::core::mem::offset_of!(btrfs_root_item, flags) - 208usize];
    [
        "Offset of field: btrfs_root_item::refs",
    ][::core::mem::offset_of!(btrfs_root_item, refs) - 216usize];
    [
        "Offset of field: btrfs_root_item::drop_progress",
    ][::core::mem::offset_of!(btrfs_root_item, drop_progress) - 220usize];
    [
        "Offset of field: btrfs_root_item::drop_level",
    ][::core::mem::offset_of!(btrfs_root_item, drop_level) - 237usize];
    [
        "Offset of field: btrfs_root_item::level",
    ][::core::mem::offset_of!(btrfs_root_item, level) - 238usize];
    [
        "Offset of field: btrfs_root_item::generation_v2",
    ][::core::mem::offset_of!(btrfs_root_item, generation_v2) - 239usize];
    [
        "Offset of field: btrfs_root_item::uuid",
    ][::core::mem::offset_of!(btrfs_root_item, uuid) - 247usize];
    [
        "Offset of field: btrfs_root_item::parent_uuid",
    ][::core::mem::offset_of!(btrfs_root_item, parent_uuid) - 263usize];
    [
        "Offset of field: btrfs_root_item::received_uuid",
    ][::core::mem::offset_of!(btrfs_root_item, received_uuid) - 279usize];
    [
        "Offset of field: btrfs_root_item::ctransid",
    ][::core::mem::offset_of!(btrfs_root_item, ctransid) - 295usize];
    [
        "Offset of field: btrfs_root_item::otransid",
    ][::core::mem::offset_of!(btrfs_root_item, otransid) - 303usize];
    [
        "Offset of field: btrfs_root_item::stransid",
    ][::core::mem::offset_of!(btrfs_root_item, stransid) - 311usize];
    [
        "Offset of field: btrfs_root_item::rtransid",
    ][::core::mem::offset_of!(btrfs_root_item, rtransid) - 319usize];
    [
        "Offset of field: btrfs_root_item::ctime",
    ][::core::mem::offset_of!(btrfs_root_item, ctime) - 327usize];
    [
        "Offset of field: btrfs_root_item::otime",
    ][::core::mem::offset_of!(btrfs_root_item, otime) - 339usize];
    [
        "Offset of field: btrfs_root_item::stime",
    ][::core::mem::offset_of!(btrfs_root_item, stime) - 351usize];
    [
        "Offset of field: btrfs_root_item::rtime",
    ][::core::mem::offset_of!(btrfs_root_item, rtime) - 363usize];
    [
        "Offset of field: btrfs_root_item::reserved",
    ][::core::mem::offset_of!(btrfs_root_item, reserved) - 375usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_root_ref {
    pub dirid: __le64,
    pub sequence: __le64,
    pub name_len: __le16,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_root_ref"][::core::mem::size_of::<btrfs_root_ref>() - 18usize];
    ["Alignment of btrfs_root_ref"][::core::mem::align_of::<btrfs_root_ref>() - 1usize];
    [
        "Offset of field: btrfs_root_ref::dirid",
    ][::core::mem::offset_of!(btrfs_root_ref, dirid) - 0usize];
    [
        "Offset of field: btrfs_root_ref::sequence",
    ][::core::mem::offset_of!(btrfs_root_ref, sequence) - 8usize];
    [
        "Offset of field: btrfs_root_ref::name_len",
    ][::core::mem::offset_of!(btrfs_root_ref, name_len) - 16usize];
};
#[repr(C, packed)]
#[derive(Copy, Clone)]
pub struct btrfs_disk_balance_args {
    pub profiles: __le64,
    pub __bindgen_anon_1: btrfs_disk_balance_args__bindgen_ty_1,
    pub devid: __le64,
    pub pstart: __le64,
    pub pend: __le64,
    pub vstart: __le64,
    pub vend: __le64,
    pub target: __le64,
    pub flags: __le64,
    pub __bindgen_anon_2: btrfs_disk_balance_args__bindgen_ty_2,
    pub stripes_min: __le32,
    pub stripes_max: __le32,
    pub unused: [__le64; 6usize],
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union btrfs_disk_balance_args__bindgen_ty_1 {
    pub usage: __le64,
    pub __bindgen_anon_1: btrfs_disk_balance_args__bindgen_ty_1__bindgen_ty_1,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_disk_balance_args__bindgen_ty_1__bindgen_ty_1 {
    pub usage_min: __le32,
    pub usage_max: __le32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_disk_balance_args__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::size_of::<btrfs_disk_balance_args__bindgen_ty_1__bindgen_ty_1>()
        - 8usize];
    [
        "Alignment of btrfs_disk_balance_args__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::align_of::<btrfs_disk_balance_args__bindgen_ty_1__bindgen_ty_1>()
        - 4usize];
    [
        "Offset of field: btrfs_disk_balance_args__bindgen_ty_1__bindgen_ty_1::usage_min",
    ][::core::mem::offset_of!(
        btrfs_disk_balance_args__bindgen_ty_1__bindgen_ty_1, usage_min
    ) - 0usize];
    [
        "Offset of field: btrfs_disk_balance_args__bindgen_ty_1__bindgen_ty_1::usage_max",
    ][::core::mem::offset_of!(
        btrfs_disk_balance_args__bindgen_ty_1__bindgen_ty_1, usage_max
    ) - 4usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_disk_balance_args__bindgen_ty_1",
    ][::core::mem::size_of::<btrfs_disk_balance_args__bindgen_ty_1>() - 8usize];
    [
        "Alignment of btrfs_disk_balance_args__bindgen_ty_1",
    ][::core::mem::align_of::<btrfs_disk_balance_args__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: btrfs_disk_balance_args__bindgen_ty_1::usage",
    ][::core::mem::offset_of!(btrfs_disk_balance_args__bindgen_ty_1, usage) - 0usize];
};
impl Default for btrfs_disk_balance_args__bindgen_ty_1 {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union btrfs_disk_balance_args__bindgen_ty_2 {
    pub limit: __le64,
    pub __bindgen_anon_1: btrfs_disk_balance_args__bindgen_ty_2__bindgen_ty_1,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_disk_balance_args__bindgen_ty_2__bindgen_ty_1 {
    pub limit_min: __le32,
    pub limit_max: __le32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_disk_balance_args__bindgen_ty_2__bindgen_ty_1",
    ][::core::mem::size_of::<btrfs_disk_balance_args__bindgen_ty_2__bindgen_ty_1>()
        - 8usize];
    [
        "Alignment of btrfs_disk_balance_args__bindgen_ty_2__bindgen_ty_1",
    ][::core::mem::align_of::<btrfs_disk_balance_args__bindgen_ty_2__bindgen_ty_1>()
        - 4usize];
    [
        "Offset of field: btrfs_disk_balance_args__bindgen_ty_2__bindgen_ty_1::limit_min",
    ][::core::mem::offset_of!(
        btrfs_disk_balance_args__bindgen_ty_2__bindgen_ty_1, limit_min
    ) - 0usize];
    [
        "Offset of field: btrfs_disk_balance_args__bindgen_ty_2__bindgen_ty_1::limit_max",
    ][::core::mem::offset_of!(
        btrfs_disk_balance_args__bindgen_ty_2__bindgen_ty_1, limit_max
    ) - 4usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_disk_balance_args__bindgen_ty_2",
    ][::core::mem::size_of::<btrfs_disk_balance_args__bindgen_ty_2>() - 8usize];
    [
        "Alignment of btrfs_disk_balance_args__bindgen_ty_2",
    ][::core::mem::align_of::<btrfs_disk_balance_args__bindgen_ty_2>() - 8usize];
    [
        "Offset of field: btrfs_disk_balance_args__bindgen_ty_2::limit",
    ][::core::mem::offset_of!(btrfs_disk_balance_args__bindgen_ty_2, limit) - 0usize];
};
impl Default for btrfs_disk_balance_args__bindgen_ty_2 {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_disk_balance_args",
    ][::core::mem::size_of::<btrfs_disk_balance_args>() - 136usize];
    [
        "Alignment of btrfs_disk_balance_args",
    ][::core::mem::align_of::<btrfs_disk_balance_args>() - 1usize];
    [
        "Offset of field: btrfs_disk_balance_args::profiles",
    ][::core::mem::offset_of!(btrfs_disk_balance_args, profiles) - 0usize];
    [
        "Offset of field: btrfs_disk_balance_args::devid",
    ][::core::mem::offset_of!(btrfs_disk_balance_args, devid) - 16usize];
    [
        "Offset of field: btrfs_disk_balance_args::pstart",
    ][::core::mem::offset_of!(btrfs_disk_balance_args, pstart) - 24usize];
    [
        "Offset of field: btrfs_disk_balance_args::pend",
    ][::core::mem::offset_of!(btrfs_disk_balance_args, pend) - 32usize];
    [
        "Offset of field: btrfs_disk_balance_args::vstart",
    ][::core::mem::offset_of!(btrfs_disk_balance_args, vstart) - 40usize];
    [
        "Offset of field: btrfs_disk_balance_args::vend",
    ][::core::mem::offset_of!(btrfs_disk_balance_args, vend) - 48usize];
    [
        "Offset of field: btrfs_disk_balance_args::target",
    ][::core::mem::offset_of!(btrfs_disk_balance_args, target) - 56usize];
    [
        "Offset of field: btrfs_disk_balance_args::flags",
    ][::core::mem::offset_of!(btrfs_disk_balance_args, flags) - 64usize];
    [
        "Offset of field: btrfs_disk_balance_args::stripes_min",
    ][::core::mem::offset_of!(btrfs_disk_balance_args, stripes_min) - 80usize];
    [
        "Offset of field: btrfs_disk_balance_args::stripes_max",
    ][::core::mem::offset_of!(btrfs_disk_balance_args, stripes_max) - 84usize];
    [
        "Offset of field: btrfs_disk_balance_args::unused",
    ][::core::mem::offset_of!(btrfs_disk_balance_args, unused) - 88usize];
};
impl Default for btrfs_disk_balance_args {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C, packed)]
#[derive(Copy, Clone)]
pub struct btrfs_balance_item {
    pub flags: __le64,
    pub data: btrfs_disk_balance_args,
    pub meta: btrfs_disk_balance_args,
    pub sys: btrfs_disk_balance_args,
    pub unused: [__le64; 4usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_balance_item",
    ][::core::mem::size_of::<btrfs_balance_item>() - 448usize];
    [
        "Alignment of btrfs_balance_item",
    ][::core::mem::align_of::<btrfs_balance_item>() - 1usize];
    [
        "Offset of field: btrfs_balance_item::flags",
    ][::core::mem::offset_of!(btrfs_balance_item, flags) - 0usize];
    [
        "Offset of field: btrfs_balance_item::data",
    ][::core::mem::offset_of!(btrfs_balance_item, data) - 8usize];
    [
        "Offset of field: btrfs_balance_item::meta",
    ][::core::mem::offset_of!(btrfs_balance_item, meta) - 144usize];
    [
        "Offset of field: btrfs_balance_item::sys",
    ][::core::mem::offset_of!(btrfs_balance_item, sys) - 280usize];
    [
        "Offset of field: btrfs_balance_item::unused",
    ][::core::mem::offset_of!(btrfs_balance_item, unused) - 416usize];
};
impl Default for btrfs_balance_item {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
pub const BTRFS_FILE_EXTENT_INLINE: _bindgen_ty_1 = 0;
pub const BTRFS_FILE_EXTENT_REG: _bindgen_ty_1 = 1;
pub const BTRFS_FILE_EXTENT_PREALLOC: _bindgen_ty_1 = 2;
pub const BTRFS_NR_FILE_EXTENT_TYPES: _bindgen_ty_1 = 3;
pub type _bindgen_ty_1 = core::ffi::c_uint;
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_file_extent_item {
    pub generation: __le64,
    pub ram_bytes: __le64,
    pub compression: __u8,
    pub encryption: __u8,
    pub other_encoding: __le16,
    pub type_: __u8,
    pub disk_bytenr: __le64,
    pub disk_num_bytes: __le64,
    pub offset: __le64,
    pub num_bytes: __le64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_file_extent_item",
    ][::core::mem::size_of::<btrfs_file_extent_item>() - 53usize];
    [
        "Alignment of btrfs_file_extent_item",
    ][::core::mem::align_of::<btrfs_file_extent_item>() - 1usize];
    [
        "Offset of field: btrfs_file_extent_item::generation",
    ][::core::mem::offset_of!(btrfs_file_extent_item, generation) - 0usize];
    [
        "Offset of field: btrfs_file_extent_item::ram_bytes",
    ][::core::mem::offset_of!(btrfs_file_extent_item, ram_bytes) - 8usize];
    [
        "Offset of field: btrfs_file_extent_item::compression",
    ][::core::mem::offset_of!(btrfs_file_extent_item, compression) - 16usize];
    [
        "Offset of field: btrfs_file_extent_item::encryption",
    ][::core::mem::offset_of!(btrfs_file_extent_item, encryption) - 17usize];
    [
        "Offset of field: btrfs_file_extent_item::other_encoding",
    ][::core::mem::offset_of!(btrfs_file_extent_item, other_encoding) - 18usize];
    [
        "Offset of field: btrfs_file_extent_item::type_",
    ][::core::mem::offset_of!(btrfs_file_extent_item, type_) - 20usize];
    [
        "Offset of field: btrfs_file_extent_item::disk_bytenr",
    ][::core::mem::offset_of!(btrfs_file_extent_item, disk_bytenr) - 21usize];
    [
        "Offset of field: btrfs_file_extent_item::disk_num_bytes",
    ][::core::mem::offset_of!(btrfs_file_extent_item, disk_num_bytes) - 29usize];
    [
        "Offset of field: btrfs_file_extent_item::offset",
    ][::core::mem::offset_of!(btrfs_file_extent_item, offset) - 37usize];
    [
        "Offset of field: btrfs_file_extent_item::num_bytes",
    ][::core::mem::offset_of!(btrfs_file_extent_item, num_bytes) - 45usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_csum_item {
    pub csum: __u8,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_csum_item"][::core::mem::size_of::<btrfs_csum_item>() - 1usize];
    [
        "Alignment of btrfs_csum_item",
    ][::core::mem::align_of::<btrfs_csum_item>() - 1usize];
    [
        "Offset of field: btrfs_csum_item::csum",
    ][::core::mem::offset_of!(btrfs_csum_item, csum) - 0usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_dev_stats_item {
    pub values: [__le64; 5usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_dev_stats_item",
    ][::core::mem::size_of::<btrfs_dev_stats_item>() - 40usize];
    [
        "Alignment of btrfs_dev_stats_item",
    ][::core::mem::align_of::<btrfs_dev_stats_item>() - 1usize];
    [
        "Offset of field: btrfs_dev_stats_item::values",
    ][::core::mem::offset_of!(btrfs_dev_stats_item, values) - 0usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_dev_replace_item {
    pub src_devid: __le64,
    pub cursor_left: __le64,
    pub cursor_right: __le64,
    pub cont_reading_from_srcdev_mode: __le64,
    pub replace_state: __le64,
    pub time_started: __le64,
    pub time_stopped: __le64,
    pub num_write_errors: __le64,
    pub num_uncorrectable_read_errors: __le64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_dev_replace_item",
    ][::core::mem::size_of::<btrfs_dev_replace_item>() - 72usize];
    [
        "Alignment of btrfs_dev_replace_item",
    ][::core::mem::align_of::<btrfs_dev_replace_item>() - 1usize];
    [
        "Offset of field: btrfs_dev_replace_item::src_devid",
    ][::core::mem::offset_of!(btrfs_dev_replace_item, src_devid) - 0usize];
    [
        "Offset of field: btrfs_dev_replace_item::cursor_left",
    ][::core::mem::offset_of!(btrfs_dev_replace_item, cursor_left) - 8usize];
    [
        "Offset of field: btrfs_dev_replace_item::cursor_right",
    ][::core::mem::offset_of!(btrfs_dev_replace_item, cursor_right) - 16usize];
    [
        "Offset of field: btrfs_dev_replace_item::cont_reading_from_srcdev_mode",
    ][::core::mem::offset_of!(btrfs_dev_replace_item, cont_reading_from_srcdev_mode)
        - 24usize];
    [
        "Offset of field: btrfs_dev_replace_item::replace_state",
    ][::core::mem::offset_of!(btrfs_dev_replace_item, replace_state) - 32usize];
    [
        "Offset of field: btrfs_dev_replace_item::time_started",
    ][::core::mem::offset_of!(btrfs_dev_replace_item, time_started) - 40usize];
    [
        "Offset of field: btrfs_dev_replace_item::time_stopped",
    ][::core::mem::offset_of!(btrfs_dev_replace_item, time_stopped) - 48usize];
    [
        "Offset of field: btrfs_dev_replace_item::num_write_errors",
    ][::core::mem::offset_of!(btrfs_dev_replace_item, num_write_errors) - 56usize];
    [
        "Offset of field: btrfs_dev_replace_item::num_uncorrectable_read_errors",
    ][::core::mem::offset_of!(btrfs_dev_replace_item, num_uncorrectable_read_errors)
        - 64usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_block_group_item {
    pub used: __le64,
    pub chunk_objectid: __le64,
    pub flags: __le64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_block_group_item",
    ][::core::mem::size_of::<btrfs_block_group_item>() - 24usize];
    [
        "Alignment of btrfs_block_group_item",
    ][::core::mem::align_of::<btrfs_block_group_item>() - 1usize];
    [
        "Offset of field: btrfs_block_group_item::used",
    ][::core::mem::offset_of!(btrfs_block_group_item, used) - 0usize];
    [
        "Offset of field: btrfs_block_group_item::chunk_objectid",
    ][::core::mem::offset_of!(btrfs_block_group_item, chunk_objectid) - 8usize];
    [
        "Offset of field: btrfs_block_group_item::flags",
    ][::core::mem::offset_of!(btrfs_block_group_item, flags) - 16usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_block_group_item_v2 {
    pub used: __le64,
    pub chunk_objectid: __le64,
    pub flags: __le64,
    pub remap_bytes: __le64,
    pub identity_remap_count: __le32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_block_group_item_v2",
    ][::core::mem::size_of::<btrfs_block_group_item_v2>() - 36usize];
    [
        "Alignment of btrfs_block_group_item_v2",
    ][::core::mem::align_of::<btrfs_block_group_item_v2>() - 1usize];
    [
        "Offset of field: btrfs_block_group_item_v2::used",
    ][::core::mem::offset_of!(btrfs_block_group_item_v2, used) - 0usize];
    [
        "Offset of field: btrfs_block_group_item_v2::chunk_objectid",
    ][::core::mem::offset_of!(btrfs_block_group_item_v2, chunk_objectid) - 8usize];
    [
        "Offset of field: btrfs_block_group_item_v2::flags",
    ][::core::mem::offset_of!(btrfs_block_group_item_v2, flags) - 16usize];
    [
        "Offset of field: btrfs_block_group_item_v2::remap_bytes",
    ][::core::mem::offset_of!(btrfs_block_group_item_v2, remap_bytes) - 24usize];
    [
        "Offset of field: btrfs_block_group_item_v2::identity_remap_count",
    ][::core::mem::offset_of!(btrfs_block_group_item_v2, identity_remap_count)
        - 32usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_free_space_info {
    pub extent_count: __le32,
    pub flags: __le32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_free_space_info",
    ][::core::mem::size_of::<btrfs_free_space_info>() - 8usize];
    [
        "Alignment of btrfs_free_space_info",
    ][::core::mem::align_of::<btrfs_free_space_info>() - 1usize];
    [
        "Offset of field: btrfs_free_space_info::extent_count",
    ][::core::mem::offset_of!(btrfs_free_space_info, extent_count) - 0usize];
    [
        "Offset of field: btrfs_free_space_info::flags",
    ][::core::mem::offset_of!(btrfs_free_space_info, flags) - 4usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_qgroup_status_item {
    pub version: __le64,
    pub generation: __le64,
    pub flags: __le64,
    pub rescan: __le64,
    pub enable_gen: __le64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_qgroup_status_item",
    ][::core::mem::size_of::<btrfs_qgroup_status_item>() - 40usize];
    [
        "Alignment of btrfs_qgroup_status_item",
    ][::core::mem::align_of::<btrfs_qgroup_status_item>() - 1usize];
    [
        "Offset of field: btrfs_qgroup_status_item::version",
    ][::core::mem::offset_of!(btrfs_qgroup_status_item, version) - 0usize];
    [
        "Offset of field: btrfs_qgroup_status_item::generation",
    ][::core::mem::offset_of!(btrfs_qgroup_status_item, generation) - 8usize];
    [
        "Offset of field: btrfs_qgroup_status_item::flags",
    ][::core::mem::offset_of!(btrfs_qgroup_status_item, flags) - 16usize];
    [
        "Offset of field: btrfs_qgroup_status_item::rescan",
    ][::core::mem::offset_of!(btrfs_qgroup_status_item, rescan) - 24usize];
    [
        "Offset of field: btrfs_qgroup_status_item::enable_gen",
    ][::core::mem::offset_of!(btrfs_qgroup_status_item, enable_gen) - 32usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_qgroup_info_item {
    pub generation: __le64,
    pub rfer: __le64,
    pub rfer_cmpr: __le64,
    pub excl: __le64,
    pub excl_cmpr: __le64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_qgroup_info_item",
    ][::core::mem::size_of::<btrfs_qgroup_info_item>() - 40usize];
    [
        "Alignment of btrfs_qgroup_info_item",
    ][::core::mem::align_of::<btrfs_qgroup_info_item>() - 1usize];
    [
        "Offset of field: btrfs_qgroup_info_item::generation",
    ][::core::mem::offset_of!(btrfs_qgroup_info_item, generation) - 0usize];
    [
        "Offset of field: btrfs_qgroup_info_item::rfer",
    ][::core::mem::offset_of!(btrfs_qgroup_info_item, rfer) - 8usize];
    [
        "Offset of field: btrfs_qgroup_info_item::rfer_cmpr",
    ][::core::mem::offset_of!(btrfs_qgroup_info_item, rfer_cmpr) - 16usize];
    [
        "Offset of field: btrfs_qgroup_info_item::excl",
    ][::core::mem::offset_of!(btrfs_qgroup_info_item, excl) - 24usize];
    [
        "Offset of field: btrfs_qgroup_info_item::excl_cmpr",
    ][::core::mem::offset_of!(btrfs_qgroup_info_item, excl_cmpr) - 32usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_qgroup_limit_item {
    pub flags: __le64,
    pub max_rfer: __le64,
    pub max_excl: __le64,
    pub rsv_rfer: __le64,
    pub rsv_excl: __le64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_qgroup_limit_item",
    ][::core::mem::size_of::<btrfs_qgroup_limit_item>() - 40usize];
    [
        "Alignment of btrfs_qgroup_limit_item",
    ][::core::mem::align_of::<btrfs_qgroup_limit_item>() - 1usize];
    [
        "Offset of field: btrfs_qgroup_limit_item::flags",
    ][::core::mem::offset_of!(btrfs_qgroup_limit_item, flags) - 0usize];
    [
        "Offset of field: btrfs_qgroup_limit_item::max_rfer",
    ][::core::mem::offset_of!(btrfs_qgroup_limit_item, max_rfer) - 8usize];
    [
        "Offset of field: btrfs_qgroup_limit_item::max_excl",
    ][::core::mem::offset_of!(btrfs_qgroup_limit_item, max_excl) - 16usize];
    [
        "Offset of field: btrfs_qgroup_limit_item::rsv_rfer",
    ][::core::mem::offset_of!(btrfs_qgroup_limit_item, rsv_rfer) - 24usize];
    [
        "Offset of field: btrfs_qgroup_limit_item::rsv_excl",
    ][::core::mem::offset_of!(btrfs_qgroup_limit_item, rsv_excl) - 32usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_verity_descriptor_item {
    pub size: __le64,
    pub reserved: [__le64; 2usize],
    pub encryption: __u8,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btrfs_verity_descriptor_item",
    ][::core::mem::size_of::<btrfs_verity_descriptor_item>() - 25usize];
    [
        "Alignment of btrfs_verity_descriptor_item",
    ][::core::mem::align_of::<btrfs_verity_descriptor_item>() - 1usize];
    [
        "Offset of field: btrfs_verity_descriptor_item::size",
    ][::core::mem::offset_of!(btrfs_verity_descriptor_item, size) - 0usize];
    [
        "Offset of field: btrfs_verity_descriptor_item::reserved",
    ][::core::mem::offset_of!(btrfs_verity_descriptor_item, reserved) - 8usize];
    [
        "Offset of field: btrfs_verity_descriptor_item::encryption",
    ][::core::mem::offset_of!(btrfs_verity_descriptor_item, encryption) - 24usize];
};
#[repr(C, packed)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btrfs_remap_item {
    pub address: __le64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btrfs_remap_item"][::core::mem::size_of::<btrfs_remap_item>() - 8usize];
    [
        "Alignment of btrfs_remap_item",
    ][::core::mem::align_of::<btrfs_remap_item>() - 1usize];
    [
        "Offset of field: btrfs_remap_item::address",
    ][::core::mem::offset_of!(btrfs_remap_item, address) - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct iovec {
    pub _address: u8,
}
