//! How values look when serialised, where the derived way would lose or refuse something.

use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::flags::{MetaDataFlags, PeerDeviceFlags, UuidFlags};
use crate::netlink::numbers as nest;
use crate::value::{Attribute, Generation, Name};

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Generation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

macro_rules! as_number {
    ($($name:ident)+) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.bits().serialize(serializer)
            }
        }
    )+};
}

as_number!(MetaDataFlags PeerDeviceFlags UuidFlags);

/// A path need not be UTF-8.
pub(crate) fn path<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    path.as_ref().map(|path| Name::new(path.as_os_str().as_bytes())).serialize(serializer)
}

/// In seconds.
pub(crate) fn seconds<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(|time| time.as_secs_f64()).serialize(serializer)
}

/// Configuration by the kernel's name for the nest and the option's number in it: `"disk_conf.8": "00200000"`.
pub(crate) fn options<S: Serializer>(options: &[Attribute], serializer: S) -> Result<S::Ok, S::Error> {
    let nest = |option: &Attribute| match option.nest {
        Some(nest::DISK_CONF) => "disk_conf".to_owned(),
        Some(nest::RES_OPTS) => "res_opts".to_owned(),
        Some(nest::NET_CONF) => "net_conf".to_owned(),
        Some(nest::DEVICE_CONF) => "device_conf".to_owned(),
        Some(nest::PEER_DEVICE_CONF) => "peer_device_conf".to_owned(),
        other => other.unwrap_or_default().to_string(),
    };
    let entry = |option| (format!("{}.{}", nest(option), option.number), Hex(&option.value));
    serializer.collect_map(options.iter().map(entry))
}

pub(crate) fn hex<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    Hex(bytes).serialize(serializer)
}

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Hex<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
