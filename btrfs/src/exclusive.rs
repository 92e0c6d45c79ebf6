//! The operation that excludes others: of balance, device add, remove and replace, resize and swap activation, a
//! filesystem does one at a time.

use std::fmt;
use std::fs;

use crate::error::{Error, Result};
use crate::filesystem::Filesystem;

/// What `/sys/fs/btrfs/<fsid>/exclusive_operation` says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ExclusiveOperation {
    /// Nothing that excludes others.
    None,
    /// A balance is running.
    Balance,
    /// A balance is paused. It keeps others out until it is resumed or cancelled, but for a device being added: who
    /// waits for [`ExclusiveOperation::None`] waits for ever. Since Linux 5.17; older kernels say `balance`.
    BalancePaused,
    /// A device is being added.
    DeviceAdd,
    /// A device is being removed.
    DeviceRemove,
    /// A device is being replaced.
    DeviceReplace,
    /// A device is being resized.
    Resize,
    /// A swapfile is being activated.
    SwapActivate,
    /// One of a newer kernel, in its words.
    Unknown(String),
}

impl ExclusiveOperation {
    fn parse(text: &str) -> Self {
        match text.trim_end() {
            "none" => Self::None,
            "balance" => Self::Balance,
            "balance paused" => Self::BalancePaused,
            "device add" => Self::DeviceAdd,
            "device remove" => Self::DeviceRemove,
            "device replace" => Self::DeviceReplace,
            "resize" => Self::Resize,
            "swap activate" => Self::SwapActivate,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

impl fmt::Display for ExclusiveOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Balance => "balance",
            Self::BalancePaused => "balance paused",
            Self::DeviceAdd => "device add",
            Self::DeviceRemove => "device remove",
            Self::DeviceReplace => "device replace",
            Self::Resize => "resize",
            Self::SwapActivate => "swap activate",
            Self::Unknown(other) => other,
        })
    }
}

impl Filesystem {
    /// Which exclusive operation is going on. `/sys/fs/btrfs/<fsid>/exclusive_operation`, which `btrfs --enqueue` waits
    /// on. Needs no capability. Since Linux 5.10.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) on older kernels.
    pub fn exclusive_operation(&self) -> Result<ExclusiveOperation> {
        let path = self.sysfs().join("exclusive_operation");
        let text = fs::read_to_string(&path).map_err(|error| Error::os("read", path.display(), error))?;
        Ok(ExclusiveOperation::parse(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_s_words_come_back_as_they_were() {
        // The strings of btrfs_exclusive_operation_show in fs/btrfs/sysfs.c, Linux 6.18; the last is made up.
        for word in [
            "none",
            "balance",
            "balance paused",
            "device add",
            "device remove",
            "device replace",
            "resize",
            "swap activate",
            "device polish",
        ] {
            let operation = ExclusiveOperation::parse(&format!("{word}\n"));
            assert_eq!(operation.to_string(), word);
            assert_eq!(matches!(operation, ExclusiveOperation::Unknown(_)), word == "device polish", "{word}");
        }
    }
}
