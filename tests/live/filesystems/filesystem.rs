//! `Filesystem`: opening it from anything on it, and what it is.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use btrfs::filesystem::Checksum;
use btrfs::{DevId, ErrorKind, Filesystem};
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::sys::stat::Mode;
use testbed::harness::Test;
use testbed::{GIB, MIB, ROOT, World, command};

pub(crate) const TESTS: &[Test] = testbed::tests![
    it_opens_from_any_path_and_any_descriptor,
    a_descriptor_of_o_path_is_refused,
    a_fifo_neither_blocks_nor_opens,
    what_is_not_on_a_btrfs_is_refused,
    what_it_is_agrees_with_the_superblock,
    every_checksum_is_told,
    the_label_is_bytes,
    sync_commits_and_the_generation_grows,
    descriptors_close_on_exec_and_are_not_left_open,
];

fn it_opens_from_any_path_and_any_descriptor() -> Result<()> {
    let world = World::small()?;
    let fsid = world.fsid()?;
    world.btrfs(&["subvolume", "create"], "subvolume")?;
    fs::create_dir(world.join("directory"))?;
    fs::write(world.join("directory/file"), "x")?;
    fs::write(world.join(OsStr::from_bytes(b"not utf-8 \xff")), "x")?;
    symlink("directory/file", world.join("link"))?;
    // From another filesystem, that is.
    let outside = tempfile::tempdir_in(ROOT)?;
    symlink(world.path(), outside.path().join("link"))?;
    let odd = world.join(OsStr::from_bytes(b"not utf-8 \xff"));
    for path in [
        world.path().to_owned(),
        world.join("subvolume"),
        world.join("directory"),
        world.join("directory/file"),
        world.join("link"),
        outside.path().join("link"),
        odd,
    ] {
        let filesystem = Filesystem::open(&path).with_context(|| path.display().to_string())?;
        assert_eq!(filesystem.fsid().to_string(), fsid, "{}", path.display());
        assert_eq!(filesystem.path(), path);
        let filesystem = Filesystem::from_fd(File::open(&path)?)?;
        assert_eq!(filesystem.fsid().to_string(), fsid, "a descriptor of {}", path.display());
    }
    // A file that is open for writing only, and one that has no name any more.
    let writing = File::options().append(true).open(world.join("directory/file"))?;
    fs::remove_file(world.join("directory/file"))?;
    assert_eq!(Filesystem::from_fd(&writing)?.fsid().to_string(), fsid);
    Ok(())
}

fn a_descriptor_of_o_path_is_refused() -> Result<()> {
    let world = World::small()?;
    let path_only = File::options().read(true).custom_flags(libc::O_PATH).open(world.path())?;
    let error = Filesystem::from_fd(&path_only).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::InvalidArgument);
    assert!(error.to_string().contains("O_PATH"), "{error}");
    assert!(error.to_string().contains(&*world.path().to_string_lossy()), "{error}");
    assert_eq!(error.raw_os_error(), Some(libc::EBADF));
    Ok(())
}

fn a_fifo_neither_blocks_nor_opens() -> Result<()> {
    let world = World::small()?;
    let fifo = world.join("fifo");
    nix::unistd::mkfifo(&fifo, Mode::S_IRWXU)?;
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || send.send(Filesystem::open(fifo).map(drop)));
    let error = receive.recv_timeout(Duration::from_secs(10)).context("opening a FIFO blocks")?.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::NotBtrfs);
    assert!(error.to_string().contains("FIFO"), "{error}");
    Ok(())
}

fn what_is_not_on_a_btrfs_is_refused() -> Result<()> {
    for elsewhere in [ROOT, "/proc", "/dev/null"] {
        let error = Filesystem::open(elsewhere).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::NotBtrfs, "{elsewhere}");
        assert!(error.to_string().contains(elsewhere), "{error}");
    }
    let error = Filesystem::open(format!("{ROOT}/nothing")).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::NotFound);
    assert!(error.to_string().contains("/nothing"), "{error}");
    Ok(())
}

fn what_it_is_agrees_with_the_superblock() -> Result<()> {
    let world = World::new(&[GIB, GIB], &["--nodesize", "32768", "--csum", "xxhash"])?;
    let filesystem = Filesystem::open(world.path())?;
    filesystem.sync()?;
    let info = filesystem.info()?;
    let superblock =
        command::run("btrfs", ["inspect-internal".as_ref(), "dump-super".as_ref(), world.device(1).as_os_str()])?;
    let field = |name: &str| {
        let line = superblock.lines().find(|line| line.split_whitespace().next() == Some(name));
        line.and_then(|line| line.split_whitespace().nth(1)).map(str::to_owned).unwrap_or_default()
    };
    assert_eq!(info.fsid.to_string(), field("fsid"));
    assert_eq!(info.metadata_uuid, None);
    assert_eq!(info.num_devices.to_string(), field("num_devices"));
    assert_eq!(info.max_id, 2);
    assert_eq!(info.nodesize.to_string(), field("nodesize"));
    assert_eq!(info.sectorsize.to_string(), field("sectorsize"));
    assert_eq!(info.clone_alignment, info.sectorsize);
    assert!(superblock.contains("(xxhash64)"), "{superblock}");
    assert_eq!(info.checksum, Some(Checksum::Xxhash));
    assert_eq!(info.generation.context("no generation")?.to_string(), field("generation"));
    // The UUID in the metadata stays when the filesystem gets a new one.
    drop(filesystem);
    world.umount()?;
    command::run("btrfstune", ["-f".as_ref(), "-m".as_ref(), world.device(0).as_os_str()])?;
    world.mount("")?;
    let changed = Filesystem::open(world.path())?.info()?;
    assert_eq!(changed.fsid.to_string(), world.fsid()?);
    assert_ne!(changed.fsid, info.fsid);
    assert_eq!(changed.metadata_uuid, Some(info.fsid));
    Ok(())
}

fn every_checksum_is_told() -> Result<()> {
    for (name, checksum) in [
        ("crc32c", Checksum::Crc32c),
        ("xxhash", Checksum::Xxhash),
        ("sha256", Checksum::Sha256),
        ("blake2", Checksum::Blake2b),
    ] {
        let world = World::new(&[256 * MIB], &["--csum", name])?;
        assert_eq!(Filesystem::open(world.path())?.info()?.checksum, Some(checksum), "{name}");
    }
    Ok(())
}

fn the_label_is_bytes() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    assert_eq!(filesystem.label()?, "");
    // One less than the kernel takes: the witness cuts the last.
    let all: Vec<u8> = (2..=255).collect();
    for label in [&b"home"[..], b"\xff\xfe\x01 \\ \"", "Übung/7".as_bytes(), &all] {
        let witness = ["filesystem".as_ref(), "label".as_ref(), world.path().as_os_str()];
        command::run("btrfs", witness.into_iter().chain([OsStr::from_bytes(label)]))?;
        let mut shown = command::output("btrfs", witness)?.stdout;
        ensure!(shown.pop() == Some(b'\n'), "the witness's line has no end");
        assert_eq!(shown, label);
        assert_eq!(filesystem.label()?, OsString::from(OsStr::from_bytes(label)));
    }
    Ok(())
}

fn sync_commits_and_the_generation_grows() -> Result<()> {
    let world = World::small()?;
    let filesystem = Filesystem::open(world.path())?;
    let on_disk = || -> Result<u64> {
        let shown =
            command::run("btrfs", ["inspect-internal".as_ref(), "dump-super".as_ref(), world.device(0).as_os_str()])?;
        let line = shown.lines().find_map(|line| line.strip_prefix("generation"));
        Ok(line.context("dump-super gives no generation")?.trim().parse()?)
    };
    for round in 0..3 {
        let (before, commits) = (on_disk()?, world.commits()?);
        fs::write(world.join(format!("file-{round}")), "x")?;
        // A transaction runs: its generation is told before it is on disk.
        let running = filesystem.generation()?;
        assert!(running.0 > before, "{running} after {before}");
        filesystem.sync()?;
        assert!(on_disk()? >= running.0);
        assert!(world.commits()? > commits);
    }
    // Nobody else writes, so at last it is at rest.
    let at_rest = || Ok::<_, anyhow::Error>(filesystem.generation()?.0 == on_disk()?);
    ensure!((0..10).any(|_| at_rest().unwrap_or(false)), "{} is not {}", filesystem.generation()?, on_disk()?);
    Ok(())
}

fn descriptors_close_on_exec_and_are_not_left_open() -> Result<()> {
    let world = World::small()?;
    for filesystem in [Filesystem::open(world.path())?, Filesystem::from_fd(File::open(world.path())?)?] {
        let flags = FdFlag::from_bits_retain(fcntl(filesystem.as_fd(), FcntlArg::F_GETFD)?);
        assert!(flags.contains(FdFlag::FD_CLOEXEC));
    }
    // The witness can see one that is left.
    let leak = testbed::left_open(|| {
        std::mem::forget(File::open(world.path())?);
        Ok(())
    })?;
    assert!(leak.values().eq([world.path()]), "{leak:?}");
    let left = testbed::left_open(|| {
        let filesystem = Filesystem::open(world.path())?;
        filesystem.info()?;
        filesystem.label()?;
        filesystem.generation()?;
        filesystem.sync()?;
        filesystem.space()?;
        filesystem.devices()?;
        filesystem.device_usage()?;
        filesystem.device_stats(DevId(1))?;
        filesystem.find_device(world.device(0))?;
        Filesystem::from_fd(&filesystem)?;
        Filesystem::open(ROOT).unwrap_err();
        filesystem.device(DevId(7)).unwrap_err();
        Ok(())
    })?;
    assert!(left.is_empty(), "{left:?}");
    Ok(())
}
