//! Making subvolumes, opening them, and what they are.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown, symlink};

use anyhow::Result;
use btrfs::name::NameError;
use btrfs::subvolume::{CreateOptions, SnapshotGroup, SnapshotOptions};
use btrfs::{ErrorKind, Filesystem, QgroupId, Subvolume, SubvolumeId};
use testbed::harness::Test;
use testbed::{MIB, NOBODY, World, kernel_version, unprivileged};

use crate::witness::{refused, same_as_shown, show};

pub(crate) const TESTS: &[Test] = testbed::tests![
    a_new_subvolume_is_what_btrfs_progs_shows,
    names_are_bytes_up_to_255_of_them,
    names_that_break_a_rule_are_refused_by_name,
    a_path_that_is_taken_is_refused,
    a_symlink_of_the_name_is_not_followed,
    what_is_no_subvolume_is_not_opened,
    each_handle_describes_its_own_subvolume,
    the_kernel_s_1_is_success,
    a_deleted_subvolume_says_so,
    a_place_that_can_t_be_written_is_refused,
    a_new_subvolume_joins_its_quota_groups,
    quota_groups_that_can_t_be_are_refused,
    a_full_quota_is_refused,
    a_full_filesystem_is_refused,
    anybody_makes_and_reads_subvolumes_of_their_own,
    descriptors_close_on_exec_and_are_not_left_open,
];

fn a_new_subvolume_is_what_btrfs_progs_shows() -> Result<()> {
    let world = World::small()?;
    CreateOptions::new().create(File::open(world.path())?, "a")?;
    CreateOptions::new().create_at(world.join("a/b//"))?;
    for path in ["a", "a/b", ""] {
        let subvolume = Subvolume::open(world.join(path))?;
        let info = subvolume.info()?;
        same_as_shown(&info, &world, path)?;
        assert_eq!(subvolume.id()?, info.id);
        assert_eq!(subvolume.path(), world.join(path));
        let id = world.btrfs(&["inspect-internal", "rootid"], path)?;
        assert_eq!(subvolume.id()?.to_string(), id.trim());
    }
    let inner = Subvolume::open(world.join("a/b"))?.info()?;
    assert_eq!(inner.parent_id, Some(Subvolume::open(world.join("a"))?.id()?));
    assert_eq!(inner.directory, Some(fs::metadata(world.join("a"))?.ino()));
    let top = Subvolume::open(world.path())?.info()?;
    assert_eq!((top.id, top.parent_id, top.directory), (SubvolumeId::TOP_LEVEL, None, None));
    Ok(())
}

fn names_are_bytes_up_to_255_of_them() -> Result<()> {
    let world = World::small()?;
    let parent = File::open(world.path())?;
    let every_byte: Vec<u8> = (1..=255).filter(|byte| *byte != b'/').collect();
    for name in [&[b'x'; 255][..], b"caf\xe9 \xff", b"two\nlines", b"...", b" ", &every_byte] {
        let name = OsStr::from_bytes(name);
        CreateOptions::new().create(&parent, name)?;
        let subvolume = Subvolume::open_in(&parent, name)?;
        assert_eq!(subvolume.info()?.name, name);
        let listed = fs::read_dir(world.path())?.filter_map(Result::ok).find(|entry| entry.file_name() == name);
        assert_eq!(
            listed.expect("in its directory").metadata()?.dev(),
            File::open(world.join(name))?.metadata()?.dev()
        );
        assert_eq!(show(&world, name)?["UUID"], subvolume.info()?.uuid.expect("a UUID").to_string());
    }
    Ok(())
}

fn names_that_break_a_rule_are_refused_by_name() -> Result<()> {
    let world = World::small()?;
    let parent = File::open(world.path())?;
    let long = "x".repeat(256);
    for (name, rule) in [
        ("", NameError::Empty),
        (".", NameError::Dots),
        ("..", NameError::Dots),
        ("a/b", NameError::Slash),
        ("/", NameError::Slash),
        ("a\0b", NameError::Nul),
        (&long, NameError::TooLong(256)),
    ] {
        refused(CreateOptions::new().create(&parent, name), &ErrorKind::InvalidName(rule), &rule.to_string());
        refused(Subvolume::open_in(&parent, name), &ErrorKind::InvalidName(rule), &rule.to_string());
    }
    refused(CreateOptions::new().create_at(world.join("..")), &ErrorKind::InvalidName(NameError::Dots), "`..`");
    refused(CreateOptions::new().create_at("/"), &ErrorKind::InvalidName(NameError::Empty), "empty");
    assert_eq!(fs::read_dir(world.path())?.count(), 0);
    Ok(())
}

fn a_path_that_is_taken_is_refused() -> Result<()> {
    let world = World::small()?;
    world.btrfs(&["subvolume", "create"], "subvolume")?;
    fs::create_dir(world.join("directory"))?;
    File::create(world.join("file"))?;
    for name in ["subvolume", "directory", "file"] {
        refused(CreateOptions::new().create_at(world.join(name)), &ErrorKind::AlreadyExists, "there already");
    }
    refused(CreateOptions::new().create_at(world.join("file/a")), &ErrorKind::NotDirectory, "file");
    refused(CreateOptions::new().create(File::open(world.join("file"))?, "a"), &ErrorKind::NotDirectory, "parent");
    refused(CreateOptions::new().create_at(world.join("missing/a")), &ErrorKind::NotFound, "missing");
    refused(CreateOptions::new().create_at("/proc/a"), &ErrorKind::NotBtrfs, "not on a btrfs");
    Ok(())
}

fn a_symlink_of_the_name_is_not_followed() -> Result<()> {
    let world = World::small()?;
    world.btrfs(&["subvolume", "create"], "a")?;
    fs::create_dir(world.join("elsewhere"))?;
    symlink("elsewhere/new", world.join("dangling"))?;
    symlink("a", world.join("link"))?;
    refused(CreateOptions::new().create_at(world.join("dangling")), &ErrorKind::AlreadyExists, "there already");
    assert_eq!(fs::read_dir(world.join("elsewhere"))?.count(), 0);
    let parent = File::open(world.path())?;
    assert!(Subvolume::open_in(&parent, "link").is_err());
    // A path is the caller's: there, symlinks are followed.
    assert_eq!(Subvolume::open(world.join("link"))?.id()?, Subvolume::open_in(&parent, "a")?.id()?);
    Ok(())
}

fn what_is_no_subvolume_is_not_opened() -> Result<()> {
    let world = World::small()?;
    fs::create_dir(world.join("directory"))?;
    File::create(world.join("file"))?;
    refused(Subvolume::open(world.join("directory")), &ErrorKind::NotSubvolume, "not the root directory");
    refused(Subvolume::from_fd(File::open(world.join("directory"))?), &ErrorKind::NotSubvolume, "not the root");
    refused(Subvolume::from_fd(File::open(world.join("file"))?), &ErrorKind::NotSubvolume, "not the root");
    refused(Subvolume::open(world.join("file")), &ErrorKind::NotDirectory, "a subvolume is a directory");
    refused(Subvolume::open(world.join("missing")), &ErrorKind::NotFound, "missing");
    refused(Subvolume::open("/proc"), &ErrorKind::NotBtrfs, "not on a btrfs");
    // The empty directory that a snapshot has where its source has a subvolume.
    world.btrfs(&["subvolume", "create"], "a")?;
    world.btrfs(&["subvolume", "create"], "a/inner")?;
    world.btrfs(&["subvolume", "snapshot", &world.join("a").to_string_lossy()], "b")?;
    refused(Subvolume::open(world.join("b/inner")), &ErrorKind::NotSubvolume, "such an empty directory");
    let inside = CreateOptions::new().create_at(world.join("b/inner/c"));
    refused(inside, &ErrorKind::InvalidArgument, "nothing can be put there");
    let path_only = OpenOptions::new().read(true).custom_flags(libc::O_PATH | libc::O_DIRECTORY).open(world.path())?;
    refused(CreateOptions::new().create(&path_only, "c"), &ErrorKind::InvalidArgument, "O_PATH");
    refused(Subvolume::from_fd(path_only), &ErrorKind::InvalidArgument, "O_PATH");
    Ok(())
}

fn each_handle_describes_its_own_subvolume() -> Result<()> {
    let world = World::small()?;
    let handles = ["a", "b", "c"].map(|name| {
        world.btrfs(&["subvolume", "create"], name).expect("created");
        (name, Subvolume::open(world.join(name)).expect("opened"))
    });
    // Renamed, and another in its place: the handle stays on the one it was opened on.
    fs::rename(world.join("a"), world.join("moved"))?;
    world.btrfs(&["subvolume", "create"], "a")?;
    for (name, handle) in handles.iter().chain(handles.iter().rev()) {
        let name = if *name == "a" { "moved" } else { name };
        same_as_shown(&handle.info()?, &world, name)?;
        let again = Subvolume::from_fd(handle)?;
        assert_eq!((again.id()?, again.info()?), (handle.id()?, handle.info()?));
        // By an open file inside, too, the kernel means the subvolume that it is in; the handle wants the root.
        File::create(world.join(name).join("file"))?;
        refused(Subvolume::from_fd(File::open(world.join(name).join("file"))?), &ErrorKind::NotSubvolume, "root");
    }
    Ok(())
}

fn the_kernel_s_1_is_success() -> Result<()> {
    let world = World::small()?;
    world.btrfs(&["subvolume", "create"], "a")?;
    let subvolume = Subvolume::open(world.join("a"))?;
    // Another id is asked for, and the kernel does not look at it.
    let mut args = btrfs_sys::btrfs_ioctl_get_subvol_info_args { treeid: 5, ..Default::default() };
    let number = <btrfs_sys::ioctl::BTRFS_IOC_GET_SUBVOL_INFO as btrfs_sys::ioctl::Command>::ROW.number;
    // SAFETY: the kernel writes one structure of this type, which outlives the call.
    let returned = unsafe { libc::ioctl(subvolume.as_fd().as_raw_fd(), libc::Ioctl::from(number), &raw mut args) };
    // A newer kernel may say 0, as other calls do; a library that takes 1 for a refusal fails on the others.
    assert!(matches!(returned, 0 | 1), "{returned}: {}", std::io::Error::last_os_error());
    assert_eq!(subvolume.info()?.id.0, args.treeid);
    assert_eq!(show(&world, "a")?["Subvolume ID"], args.treeid.to_string());
    Ok(())
}

fn a_deleted_subvolume_says_so() -> Result<()> {
    let world = World::small()?;
    world.btrfs(&["subvolume", "create"], "a")?;
    let subvolume = Subvolume::open(world.join("a"))?;
    let id = subvolume.id()?;
    world.btrfs(&["subvolume", "delete"], "a")?;
    refused(subvolume.info(), &ErrorKind::NotFound, "was deleted");
    assert_eq!(subvolume.id()?, id);
    refused(CreateOptions::new().create(&subvolume, "b"), &ErrorKind::NotFound, "directory was deleted");
    Ok(())
}

fn a_place_that_can_t_be_written_is_refused() -> Result<()> {
    let world = World::small()?;
    world.btrfs(&["subvolume", "create"], "a")?;
    let read_only = Subvolume::open(world.join("a"))?;
    read_only.set_read_only()?;
    refused(CreateOptions::new().create(&read_only, "b"), &ErrorKind::ReadOnly, "read-only");
    drop(read_only);
    world.umount()?;
    world.mount("ro")?;
    refused(CreateOptions::new().create_at(world.join("b")), &ErrorKind::ReadOnly, "read-only");
    Ok(())
}

fn a_new_subvolume_joins_its_quota_groups() -> Result<()> {
    let world = World::small()?;
    world.btrfs(&["quota", "enable"], "")?;
    world.btrfs(&["qgroup", "create", "1/100"], "")?;
    world.btrfs(&["qgroup", "create", "2/200"], "")?;
    let (first, second) = (QgroupId { level: 1, id: 100 }, QgroupId { level: 2, id: 200 });
    CreateOptions::new().inherit(first).inherit(second).create_at(world.join("a"))?;
    let own = format!("0/{}", Subvolume::open(world.join("a"))?.id()?);
    let shown = world.btrfs(&["qgroup", "show", "-p"], "")?;
    let line = shown.lines().find(|line| line.starts_with(&own)).expect("its own group");
    assert!(line.contains("1/100") && line.contains("2/200"), "{shown}");
    Ok(())
}

fn quota_groups_that_can_t_be_are_refused() -> Result<()> {
    let world = World::small()?;
    world.btrfs(&["quota", "enable"], "")?;
    let create = |options: CreateOptions, name| options.create_at(world.join(name));
    let level_0 = QgroupId { level: 0, id: 300 };
    refused(create(CreateOptions::new().inherit(level_0), "a"), &ErrorKind::InvalidArgument, "0/300");
    let many = (1..=504).map(|id| QgroupId { level: 1, id }).fold(CreateOptions::new(), CreateOptions::inherit);
    refused(create(many, "b"), &ErrorKind::InvalidArgument, "503 at most");
    match create(CreateOptions::new().inherit(QgroupId { level: 1, id: 7 }), "c") {
        // Older kernels leave out groups that do not exist, as the documentation says.
        Ok(()) if kernel_version()? < (6, 9) => assert!(!world.btrfs(&["qgroup", "show", "-p"], "")?.contains("1/7")),
        result => refused(result, &ErrorKind::NotFound, "1/7"),
    }
    Ok(())
}

fn a_full_quota_is_refused() -> Result<()> {
    let world = World::small()?;
    world.btrfs(&["subvolume", "create"], "a")?;
    world.btrfs(&["quota", "enable"], "")?;
    world.btrfs(&["quota", "rescan", "-w"], "")?;
    world.btrfs(&["qgroup", "limit", "16384"], "a")?;
    let result = CreateOptions::new().create_at(world.join("a/b"));
    assert_eq!(result.as_ref().unwrap_err().raw_os_error(), Some(libc::EDQUOT));
    refused(result, &ErrorKind::NoSpace, "quota limit");
    Ok(())
}

fn a_full_filesystem_is_refused() -> Result<()> {
    let world = World::new(&[32 * MIB], &["--mixed", "-dsingle", "-msingle", "-n4096"])?;
    let parent = File::open(world.path())?;
    world.fill("filler", 64 * MIB).expect_err("full");
    let error = (0..10_000).find_map(|n| CreateOptions::new().create(&parent, format!("{n}")).err());
    let error = error.expect("no space for ten thousand subvolumes");
    assert_eq!(error.raw_os_error(), Some(libc::ENOSPC), "{error}");
    refused(Err::<(), _>(error), &ErrorKind::NoSpace, "no space left");
    Ok(())
}

fn anybody_makes_and_reads_subvolumes_of_their_own() -> Result<()> {
    let world = World::small()?;
    fs::create_dir(world.join("own"))?;
    chown(world.join("own"), Some(NOBODY), Some(NOBODY))?;
    let info = unprivileged(|| {
        refused(CreateOptions::new().create_at(world.join("b")), &ErrorKind::PermissionDenied, "may not write");
        CreateOptions::new().create_at(world.join("own/a"))?;
        let subvolume = Subvolume::open(world.join("own/a"))?;
        subvolume.set_read_only()?;
        let id = subvolume.id()?;
        let filesystem = Filesystem::from_fd(&subvolume)?;
        refused(filesystem.default_subvolume(), &ErrorKind::PermissionDenied, "CAP_SYS_ADMIN");
        refused(filesystem.set_default_subvolume(id), &ErrorKind::PermissionDenied, "CAP_SYS_ADMIN");
        let top = Subvolume::open(world.path())?;
        assert_eq!(top.info()?.id, SubvolumeId::TOP_LEVEL);
        refused(top.set_read_only(), &ErrorKind::PermissionDenied, "owner");
        Ok(subvolume.info()?)
    })?;
    same_as_shown(&info, &world, "own/a")?;
    assert_eq!(fs::metadata(world.join("own/a"))?.uid(), NOBODY);
    Ok(())
}

fn descriptors_close_on_exec_and_are_not_left_open() -> Result<()> {
    let world = World::small()?;
    CreateOptions::new().create_at(world.join("a"))?;
    let parent = File::open(world.path())?;
    let handles = [Subvolume::open(world.join("a"))?, Subvolume::open_in(&parent, "a")?, Subvolume::from_fd(&parent)?];
    for handle in &handles {
        let flags = nix::fcntl::fcntl(handle, nix::fcntl::FcntlArg::F_GETFD)?;
        assert!(nix::fcntl::FdFlag::from_bits_retain(flags).contains(nix::fcntl::FdFlag::FD_CLOEXEC), "{handle:?}");
    }
    // And a program started now has none of them.
    let inherited = testbed::command::run("ls", ["-l", "/proc/self/fd"])?;
    assert!(!inherited.contains(&*world.path().to_string_lossy()), "{inherited}");
    let left = testbed::left_open(|| {
        SnapshotOptions::new().create_at(world.join("a"), world.join("b"))?;
        let group = || SnapshotGroup::new().add(&handles[0], &parent, "c");
        group().add(&handles[0], &parent, "b").take().unwrap_err();
        let outcome = group().take()?;
        assert_eq!((outcome.taken().count(), outcome.failed().count()), (1, 0));
        assert!(outcome.remove_taken().iter().all(|removal| removal.result.is_ok()));
        Subvolume::open(world.join("missing")).unwrap_err();
        Subvolume::from_fd(File::open("/proc")?).unwrap_err();
        Ok(())
    })?;
    assert!(left.is_empty(), "{left:?}");
    Ok(())
}
