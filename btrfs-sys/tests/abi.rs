//! The numbers and layouts of the ABI, held against independent witnesses: `linux-raw-sys`, which has its own bindings
//! of other kernel headers, and what clang makes of the pinned header's macros (`witness/numbers.rs`).

use std::collections::BTreeMap;
use std::mem::{align_of, offset_of, size_of};

use btrfs_sys::ioctl::TABLE;

/// Name and number of each command, as clang evaluates the header.
fn numbers_by_clang() -> BTreeMap<&'static str, u64> {
    include_str!("witness/numbers.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("pub const ")?.strip_suffix(';')?.split_once(": u64 = "))
        .map(|(name, number)| (name, number.parse().unwrap()))
        .collect()
}

fn numbers_in_table() -> BTreeMap<&'static str, u64> {
    TABLE.iter().map(|row| (row.name, u64::from(row.number))).collect()
}

#[test]
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64"))]
fn the_table_is_the_header_s_whole_list_with_clang_s_numbers() {
    assert_eq!(numbers_in_table(), numbers_by_clang());
    assert_eq!(TABLE.len(), numbers_by_clang().len(), "a command stands in the table twice");
}

#[test]
fn numbers_agree_with_linux_raw_sys() {
    let table = numbers_in_table();
    macro_rules! same {
        ($($name:ident)*) => {
            $(assert_eq!(
                table.get(stringify!($name)),
                Some(&u64::from(linux_raw_sys::ioctl::$name)),
                stringify!($name)
            );)*
        };
    }
    same! {
        BTRFS_IOC_ADD_DEV
        BTRFS_IOC_BALANCE
        BTRFS_IOC_BALANCE_CTL
        BTRFS_IOC_BALANCE_PROGRESS
        BTRFS_IOC_BALANCE_V2
        BTRFS_IOC_CLONE
        BTRFS_IOC_CLONE_RANGE
        BTRFS_IOC_DEFAULT_SUBVOL
        BTRFS_IOC_DEFRAG
        BTRFS_IOC_DEFRAG_RANGE
        BTRFS_IOC_DEVICES_READY
        BTRFS_IOC_DEV_INFO
        BTRFS_IOC_DEV_REPLACE
        BTRFS_IOC_FILE_EXTENT_SAME
        BTRFS_IOC_FORGET_DEV
        BTRFS_IOC_FS_INFO
        BTRFS_IOC_GET_DEV_STATS
        BTRFS_IOC_GET_FEATURES
        BTRFS_IOC_GET_SUBVOL_INFO
        BTRFS_IOC_GET_SUBVOL_ROOTREF
        BTRFS_IOC_GET_SUPPORTED_FEATURES
        BTRFS_IOC_INO_LOOKUP
        BTRFS_IOC_INO_LOOKUP_USER
        BTRFS_IOC_INO_PATHS
        BTRFS_IOC_LOGICAL_INO
        BTRFS_IOC_LOGICAL_INO_V2
        BTRFS_IOC_QGROUP_ASSIGN
        BTRFS_IOC_QGROUP_CREATE
        BTRFS_IOC_QGROUP_LIMIT
        BTRFS_IOC_QUOTA_CTL
        BTRFS_IOC_QUOTA_RESCAN
        BTRFS_IOC_QUOTA_RESCAN_STATUS
        BTRFS_IOC_QUOTA_RESCAN_WAIT
        BTRFS_IOC_RESIZE
        BTRFS_IOC_RM_DEV
        BTRFS_IOC_RM_DEV_V2
        BTRFS_IOC_SCAN_DEV
        BTRFS_IOC_SCRUB
        BTRFS_IOC_SCRUB_CANCEL
        BTRFS_IOC_SCRUB_PROGRESS
        BTRFS_IOC_SEND
        BTRFS_IOC_SET_FEATURES
        BTRFS_IOC_SET_RECEIVED_SUBVOL
        BTRFS_IOC_SNAP_CREATE
        BTRFS_IOC_SNAP_CREATE_V2
        BTRFS_IOC_SNAP_DESTROY
        BTRFS_IOC_SNAP_DESTROY_V2
        BTRFS_IOC_SPACE_INFO
        BTRFS_IOC_START_SYNC
        BTRFS_IOC_SUBVOL_CREATE
        BTRFS_IOC_SUBVOL_CREATE_V2
        BTRFS_IOC_SUBVOL_GETFLAGS
        BTRFS_IOC_SUBVOL_SETFLAGS
        BTRFS_IOC_SYNC
        BTRFS_IOC_TRANS_END
        BTRFS_IOC_TRANS_START
        BTRFS_IOC_TREE_SEARCH
        BTRFS_IOC_TREE_SEARCH_V2
        BTRFS_IOC_WAIT_SYNC
    }
}

#[test]
fn layouts_agree_with_linux_raw_sys() {
    macro_rules! same {
        ($($name:ident { $($field:ident)* })*) => {
            $(
                assert_eq!(size_of::<btrfs_sys::$name>(), size_of::<linux_raw_sys::btrfs::$name>(), stringify!($name));
                assert_eq!(align_of::<btrfs_sys::$name>(), align_of::<linux_raw_sys::btrfs::$name>(), stringify!($name));
                $(assert_eq!(
                    offset_of!(btrfs_sys::$name, $field),
                    offset_of!(linux_raw_sys::btrfs::$name, $field),
                    concat!(stringify!($name), ".", stringify!($field))
                );)*
            )*
        };
    }
    same! {
        btrfs_balance_args { profiles devid pstart pend vstart vend target flags stripes_min stripes_max unused }
        btrfs_balance_item { flags data meta sys unused }
        btrfs_balance_progress { expected considered completed }
        btrfs_block_group_item { used chunk_objectid flags }
        btrfs_chunk { length owner stripe_len type_ io_align io_width sector_size num_stripes sub_stripes stripe }
        btrfs_csum_item { csum }
        btrfs_data_container { bytes_left bytes_missing elem_cnt elem_missed val }
        btrfs_dev_extent { chunk_tree chunk_objectid chunk_offset length chunk_tree_uuid }
        btrfs_dev_item { devid total_bytes bytes_used io_align io_width sector_size type_ generation start_offset dev_group seek_speed bandwidth uuid fsid }
        btrfs_dev_replace_item { src_devid cursor_left cursor_right cont_reading_from_srcdev_mode replace_state time_started time_stopped num_write_errors num_uncorrectable_read_errors }
        btrfs_dev_stats_item { values }
        btrfs_dir_item { location transid data_len name_len type_ }
        btrfs_dir_log_item { end }
        btrfs_disk_balance_args { profiles devid pstart pend vstart vend target flags stripes_min stripes_max unused }
        btrfs_disk_key { objectid type_ offset }
        btrfs_extent_data_ref { root objectid offset count }
        btrfs_extent_inline_ref { type_ offset }
        btrfs_extent_item { refs generation flags }
        btrfs_extent_item_v0 { refs }
        btrfs_extent_owner_ref { root_id }
        btrfs_file_extent_item { generation ram_bytes compression encryption other_encoding type_ disk_bytenr disk_num_bytes offset num_bytes }
        btrfs_free_space_entry { offset bytes type_ }
        btrfs_free_space_header { location generation num_entries num_bitmaps }
        btrfs_free_space_info { extent_count flags }
        btrfs_header { csum fsid bytenr flags chunk_tree_uuid generation owner nritems level }
        btrfs_inode_extref { parent_objectid index name_len name }
        btrfs_inode_item { generation transid size nbytes block_group nlink uid gid mode rdev flags sequence atime ctime mtime otime }
        btrfs_inode_ref { index name_len }
        btrfs_ioctl_balance_args { flags state data meta sys stat unused }
        btrfs_ioctl_clone_range_args { src_fd src_offset src_length dest_offset }
        btrfs_ioctl_defrag_range_args { start len flags extent_thresh unused }
        btrfs_ioctl_dev_info_args { devid uuid bytes_used total_bytes fsid unused path }
        btrfs_ioctl_dev_replace_args { cmd result spare }
        btrfs_ioctl_dev_replace_start_params { srcdevid cont_reading_from_srcdev_mode srcdev_name tgtdev_name }
        btrfs_ioctl_dev_replace_status_params { replace_state progress_1000 time_started time_stopped num_write_errors num_uncorrectable_read_errors }
        btrfs_ioctl_encoded_io_args { iov iovcnt offset flags len unencoded_len unencoded_offset compression encryption }
        btrfs_ioctl_feature_flags { compat_flags compat_ro_flags incompat_flags }
        btrfs_ioctl_fs_info_args { max_id num_devices fsid nodesize sectorsize clone_alignment csum_type csum_size flags generation metadata_uuid }
        btrfs_ioctl_get_dev_stats { devid nr_items flags values unused }
        btrfs_ioctl_get_subvol_info_args { treeid name parent_id dirid generation flags uuid parent_uuid received_uuid ctransid otransid stransid rtransid ctime otime stime rtime }
        btrfs_ioctl_get_subvol_rootref_args { min_treeid rootref num_items align }
        btrfs_ioctl_ino_lookup_args { treeid objectid name }
        btrfs_ioctl_ino_lookup_user_args { dirid treeid name path }
        btrfs_ioctl_ino_path_args { inum size fspath }
        btrfs_ioctl_logical_ino_args { logical size flags inodes }
        btrfs_ioctl_qgroup_assign_args { assign src dst }
        btrfs_ioctl_qgroup_create_args { create qgroupid }
        btrfs_ioctl_qgroup_limit_args { qgroupid lim }
        btrfs_ioctl_quota_ctl_args { cmd status }
        btrfs_ioctl_quota_rescan_args { flags progress }
        btrfs_ioctl_received_subvol_args { uuid stransid rtransid stime rtime flags }
        btrfs_ioctl_same_args { logical_offset length dest_count reserved1 reserved2 info }
        btrfs_ioctl_same_extent_info { fd logical_offset bytes_deduped status }
        btrfs_ioctl_scrub_args { devid start end flags progress unused }
        btrfs_ioctl_search_args { key buf }
        btrfs_ioctl_search_args_v2 { key buf_size buf }
        btrfs_ioctl_search_header { transid objectid offset type_ len }
        btrfs_ioctl_search_key { tree_id min_objectid max_objectid min_offset max_offset min_transid max_transid min_type max_type nr_items unused unused1 unused2 unused3 unused4 }
        btrfs_ioctl_send_args { send_fd clone_sources_count clone_sources parent_root flags version }
        btrfs_ioctl_space_args { space_slots total_spaces spaces }
        btrfs_ioctl_space_info { flags total_bytes used_bytes }
        btrfs_ioctl_subvol_wait { subvolid mode count }
        btrfs_ioctl_timespec { sec nsec }
        btrfs_ioctl_vol_args { fd name }
        btrfs_ioctl_vol_args_v2 { fd transid flags }
        btrfs_item { key offset size }
        btrfs_key { objectid type_ offset }
        btrfs_key_ptr { key blockptr generation }
        btrfs_leaf { header items }
        btrfs_node { header ptrs }
        btrfs_qgroup_info_item { generation rfer rfer_cmpr excl excl_cmpr }
        btrfs_qgroup_inherit { flags num_qgroups num_ref_copies num_excl_copies lim qgroups }
        btrfs_qgroup_limit { flags max_rfer max_excl rsv_rfer rsv_excl }
        btrfs_qgroup_limit_item { flags max_rfer max_excl rsv_rfer rsv_excl }
        btrfs_qgroup_status_item { version generation flags rescan enable_gen }
        btrfs_raid_stride { devid physical }
        btrfs_root_backup { tree_root tree_root_gen chunk_root chunk_root_gen extent_root extent_root_gen fs_root fs_root_gen dev_root dev_root_gen csum_root csum_root_gen total_bytes bytes_used num_devices unused_64 tree_root_level chunk_root_level extent_root_level fs_root_level dev_root_level csum_root_level unused_8 }
        btrfs_root_item { inode generation root_dirid bytenr byte_limit bytes_used last_snapshot flags refs drop_progress drop_level level generation_v2 uuid parent_uuid received_uuid ctransid otransid stransid rtransid ctime otime stime rtime }
        btrfs_root_ref { dirid sequence name_len }
        btrfs_scrub_progress { data_extents_scrubbed tree_extents_scrubbed data_bytes_scrubbed tree_bytes_scrubbed read_errors csum_errors verify_errors no_csum csum_discards super_errors malloc_errors uncorrectable_errors corrected_errors last_physical unverified_errors }
        btrfs_shared_data_ref { count }
        btrfs_stripe { devid offset dev_uuid }
        btrfs_stripe_extent {  }
        btrfs_super_block { csum fsid bytenr flags magic generation root chunk_root log_root __unused_log_root_transid total_bytes bytes_used root_dir_objectid num_devices sectorsize nodesize __unused_leafsize stripesize sys_chunk_array_size chunk_root_generation compat_flags compat_ro_flags incompat_flags csum_type root_level chunk_root_level log_root_level dev_item label cache_generation uuid_tree_generation metadata_uuid nr_global_roots sys_chunk_array super_roots padding }
        btrfs_timespec { sec nsec }
        btrfs_tree_block_info { key level }
        btrfs_verity_descriptor_item { size encryption }
    }
}

#[test]
fn every_command_says_a_kernel_that_can_be() {
    for row in TABLE {
        assert!(row.since >= btrfs_sys::ioctl::Version(2, 6, 29), "{}: btrfs came with 2.6.29", row.name);
        assert!(row.removed.is_none_or(|removed| removed > row.since), "{}", row.name);
    }
}
