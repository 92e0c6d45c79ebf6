//! Which subvolumes are mounted, as far as this process can see. The kernel does not refuse to delete those.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek};
use std::os::fd::{AsFd, AsRawFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::error::{Error, ErrorKind, Result};
use crate::id::SubvolumeId;

const MOUNTINFO: &str = "/proc/thread-self/mountinfo";

/// The mount through which a file was opened.
pub(in crate::subvolume) fn mount_of(fd: impl AsFd) -> Result<u64> {
    let path = format!("/proc/thread-self/fdinfo/{}", fd.as_fd().as_raw_fd());
    let text = std::fs::read_to_string(&path).map_err(|error| Error::os("read", &path, error))?;
    let id = text.lines().find_map(|line| line.strip_prefix("mnt_id:")?.trim().parse().ok());
    id.ok_or_else(|| Error::new(ErrorKind::Malformed, "read", path).advise("it has no line `mnt_id`"))
}

/// Where subvolumes of one filesystem are mounted. It is read again whenever it has changed.
#[derive(Debug)]
pub(in crate::subvolume) struct MountTable {
    file: File,
    /// The mount through which the filesystem was opened.
    mount: u64,
    places: BTreeMap<SubvolumeId, String>,
}

impl MountTable {
    /// `fd` is any file on the filesystem.
    pub(in crate::subvolume) fn open(fd: impl AsFd) -> Result<Self> {
        let mount = mount_of(fd)?;
        let file = File::open(MOUNTINFO).map_err(failed)?;
        let mut table = Self { file, mount, places: BTreeMap::new() };
        table.read()?;
        Ok(table)
    }

    /// Refuses a subvolume that is mounted, itself or a directory in it.
    pub(in crate::subvolume) fn require_unmounted(&mut self, call: &'static str, id: SubvolumeId) -> Result<()> {
        // proc_pid_mounts(5): the file is ready with an error once for each change.
        let mut polled = [PollFd::new(self.file.as_fd(), PollFlags::POLLPRI)];
        if poll(&mut polled, PollTimeout::ZERO).map_err(|errno| Error::os("poll", MOUNTINFO, errno))? > 0 {
            self.read()?;
        }
        let Some(place) = self.places.get(&id) else { return Ok(()) };
        Err(Error::new(ErrorKind::Busy, call, format!("subvolume {id}"))
            .advise(format!("it is mounted on {place}: unmount it first")))
    }

    fn read(&mut self) -> Result<()> {
        let mut bytes = Vec::new();
        self.file.rewind().and_then(|()| self.file.read_to_end(&mut bytes)).map_err(failed)?;
        self.places = places(&String::from_utf8_lossy(&bytes), self.mount);
        Ok(())
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::os("read", MOUNTINFO, error)
}

/// Where which subvolumes of the filesystem are mounted that this mount is of. proc_pid_mountinfo(5); all mounts of one
/// filesystem have the same device number in it.
fn places(mountinfo: &str, mount: u64) -> BTreeMap<SubvolumeId, String> {
    let field = |line: &str, index: usize| line.split(' ').nth(index).map(str::to_owned);
    let Some(ours) = mountinfo.lines().find(|line| field(line, 0) == Some(mount.to_string())) else {
        return BTreeMap::new();
    };
    let device = field(ours, 2);
    let of_subvolume = |line: &str| {
        let options = line.rsplit(' ').next().unwrap_or_default();
        let id = options.split(',').find_map(|option| option.strip_prefix("subvolid=")?.parse().ok())?;
        Some((SubvolumeId(id), field(line, 4)?))
    };
    let lines = mountinfo.lines().filter(|line| field(line, 2) == device);
    // Of several places, the first is named.
    lines.rev().filter_map(of_subvolume).collect()
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
        let places = places(super::tests::MOUNTINFO, 65);
        let place = |id| places.get(&SubvolumeId(id)).cloned();
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
        let lines = std::fs::read_to_string("/proc/self/mountinfo").expect("readable");
        assert!(lines.lines().any(|line| line.starts_with(&format!("{mount} ")) && line.contains(" /proc ")));
    }
}
