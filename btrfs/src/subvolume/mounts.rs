//! Which subvolumes are mounted, as far as this process can see. The kernel does not refuse to delete those.

use std::os::fd::{AsFd, AsRawFd};
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::id::SubvolumeId;

const MOUNTINFO: &str = "/proc/thread-self/mountinfo";

/// The mount through which a file was opened.
pub(in crate::subvolume) fn mount_of(fd: impl AsFd) -> Result<u64> {
    let path = format!("/proc/thread-self/fdinfo/{}", fd.as_fd().as_raw_fd());
    let id = read(&path)?.lines().find_map(|line| line.strip_prefix("mnt_id:")?.trim().parse().ok());
    id.ok_or_else(|| Error::new(ErrorKind::Malformed, "read", path).advise("it has no line `mnt_id`"))
}

/// Refuses a subvolume that is mounted, itself or a directory in it. `fd` is any file on the filesystem.
pub(in crate::subvolume) fn require_unmounted(call: &'static str, fd: impl AsFd, id: SubvolumeId) -> Result<()> {
    let Some(place) = place(&read(MOUNTINFO)?, mount_of(fd)?, id) else { return Ok(()) };
    Err(Error::new(ErrorKind::Busy, call, format!("subvolume {id}"))
        .advise(format!("it is mounted on {place}: unmount it first")))
}

fn read(path: &str) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|error| Error::os("read", Path::new(path).display(), error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Where a subvolume is mounted, of the filesystem that this mount is of. proc_pid_mountinfo(5); all mounts of one
/// filesystem have the same device number in it.
fn place(mountinfo: &str, mount: u64, id: SubvolumeId) -> Option<String> {
    let field = |line: &str, index: usize| line.split(' ').nth(index).map(str::to_owned);
    let ours = mountinfo.lines().find(|line| field(line, 0) == Some(mount.to_string()))?;
    let device = field(ours, 2);
    let wanted = format!("subvolid={id}");
    let of_subvolume = |line: &&str| {
        let options = line.rsplit(' ').next().unwrap_or_default();
        field(line, 2) == device && options.split(',').any(|option| option == wanted)
    };
    field(mountinfo.lines().find(of_subvolume)?, 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTINFO: &str = "\
21 1 0:19 / /proc rw - proc proc rw
65 63 0:40 / /srv rw,relatime shared:7 - btrfs /dev/loop0 rw,space_cache=v2,subvolid=5,subvol=/
66 63 0:40 /a /mnt/with\\040space rw,relatime - btrfs /dev/loop0 rw,space_cache=v2,subvolid=256,subvol=/a
67 63 0:41 /b /other rw,relatime - btrfs /dev/loop1 rw,space_cache=v2,subvolid=257,subvol=/b
68 63 0:40 /c//deleted /gone rw,relatime - btrfs /dev/loop0 rw,space_cache=v2,subvolid=258
";

    #[test]
    fn mounts_of_this_filesystem_count_and_no_others() {
        let place = |id| place(super::tests::MOUNTINFO, 65, SubvolumeId(id));
        assert_eq!(place(5).as_deref(), Some("/srv"));
        assert_eq!(place(256).as_deref(), Some("/mnt/with\\040space"));
        assert_eq!(place(257), None);
        assert_eq!(place(258).as_deref(), Some("/gone"));
        assert_eq!(place(25), None);
    }

    #[test]
    fn the_mount_of_an_open_file_is_known() {
        let file = std::fs::File::open("/proc/self/mountinfo").expect("readable");
        let mount = mount_of(&file).expect("a mount");
        let line = read("/proc/self/mountinfo").expect("readable");
        assert!(line.lines().any(|line| line.starts_with(&format!("{mount} ")) && line.contains(" /proc ")));
    }
}
