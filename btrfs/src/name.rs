//! Names of subvolumes: bytes, with the kernel's rules checked before it is asked.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use thiserror::Error;

use crate::error::{Error, ErrorKind, Result};

/// The longest name in bytes, whatever room the kernel's structures have.
pub const NAME_MAX: usize = 255;

/// Which rule a name breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum NameError {
    /// It is empty. The kernel itself would say EACCES.
    #[error("a name can't be empty")]
    Empty,
    /// It is longer than [`NAME_MAX`].
    #[error("a name has at most 255 bytes, this one {0}")]
    TooLong(usize),
    /// It holds a slash, so it is a path.
    #[error("a name holds no `/`: pass the directory and the name apart")]
    Slash,
    /// It holds a zero byte.
    #[error("a name holds no zero byte")]
    Nul,
    /// It is `.` or `..`.
    #[error("`.` and `..` are directories already")]
    Dots,
}

/// Checks that a name can be a subvolume's.
///
/// # Errors
///
/// The first rule that it breaks.
pub fn check(name: &OsStr) -> std::result::Result<&[u8], NameError> {
    let bytes = name.as_bytes();
    match bytes {
        [] => Err(NameError::Empty),
        b"." | b".." => Err(NameError::Dots),
        _ if bytes.len() > NAME_MAX => Err(NameError::TooLong(bytes.len())),
        _ if bytes.contains(&b'/') => Err(NameError::Slash),
        _ if bytes.contains(&0) => Err(NameError::Nul),
        _ => Ok(bytes),
    }
}

/// [`check`], as an error that names the call.
pub(crate) fn checked<'a>(call: &'static str, name: &'a OsStr) -> Result<&'a [u8]> {
    check(name).map_err(|broken| {
        Error::new(ErrorKind::InvalidName(broken), call, format_args!("the name {name:?}")).advise(broken.to_string())
    })
}

/// Splits the path of a subvolume to be into its directory and its name, which may still break the rules.
pub(crate) fn split(path: &Path) -> (&Path, &OsStr) {
    let bytes = path.as_os_str().as_bytes();
    let end = bytes.iter().rposition(|&byte| byte != b'/').map_or(0, |last| last + 1);
    // Not Path::file_name, which takes `a/.` for `a`.
    let (parent, name) = match bytes[..end].iter().rposition(|&byte| byte == b'/') {
        Some(slash) => (&bytes[..=slash], &bytes[slash + 1..end]),
        None => (b".".as_slice(), &bytes[..end]),
    };
    (Path::new(OsStr::from_bytes(parent)), OsStr::from_bytes(name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_is_a_directory_and_a_name() {
        for (path, parent, name) in [
            ("/srv/home", "/srv/", "home"),
            ("/srv/home//", "/srv/", "home"),
            ("home", ".", "home"),
            ("/home", "/", "home"),
            ("a/.", "a/", "."),
            ("a/..", "a/", ".."),
            ("/", ".", ""),
            ("", ".", ""),
        ] {
            assert_eq!(split(Path::new(path)), (Path::new(parent), OsStr::new(name)), "{path}");
        }
    }

    proptest! {
        #[test]
        fn what_is_joined_is_split_again(parent: Vec<u8>, name in proptest::collection::vec(1u8.., 1..256)) {
            let name = OsStr::from_bytes(&name);
            prop_assume!(check(name).is_ok());
            let directory = [parent.as_slice(), b"/"].concat();
            let directory = Path::new(OsStr::from_bytes(&directory));
            let path = directory.join(name);
            prop_assert_eq!(split(&path), (directory, name));
        }
    }

    #[test]
    fn each_rule_is_named() {
        let long = "x".repeat(256);
        for (name, rule) in [
            ("", NameError::Empty),
            (".", NameError::Dots),
            ("..", NameError::Dots),
            ("a/b", NameError::Slash),
            ("a\0b", NameError::Nul),
            (long.as_str(), NameError::TooLong(256)),
        ] {
            assert_eq!(check(OsStr::new(name)), Err(rule));
        }
    }

    #[test]
    fn names_are_bytes() {
        let bytes: Vec<u8> = (1..=255).filter(|&byte| byte != b'/').collect();
        assert_eq!(check(OsStr::from_bytes(&bytes)), Ok(bytes.as_slice()));
        assert!(check(OsStr::new("...")).is_ok());
    }
}
