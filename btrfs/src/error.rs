//! What goes wrong, in one type that names the call, the object, the rule broken and what to do.

use std::fmt;
use std::io;

use crate::name::NameError;
use crate::refusal::Refusal;

/// An error of this library.
///
/// Its text names the kernel call, the object and the rule that was broken. [`Error::kind`] is for programs to decide
/// by; the errno stays reachable by [`Error::raw_os_error`] and [`source`](std::error::Error::source).
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    call: &'static str,
    object: String,
    advice: Option<String>,
    source: Option<io::Error>,
}

/// What sort of thing went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The path, subvolume or device does not exist.
    NotFound,
    /// Something of that name is there already.
    AlreadyExists,
    /// The caller may not; the text says what it takes.
    PermissionDenied,
    /// The object is not on a btrfs filesystem.
    NotBtrfs,
    /// The object is on a btrfs, but is not a subvolume's root.
    NotSubvolume,
    /// The object is not a directory.
    NotDirectory,
    /// Two objects that have to be on one filesystem are on two.
    DifferentFilesystem,
    /// The name can't be a subvolume's.
    InvalidName(NameError),
    /// An argument breaks a rule that the text states.
    InvalidArgument,
    /// The filesystem or the subvolume is read-only.
    ReadOnly,
    /// There is no space, or a quota is reached.
    NoSpace,
    /// The object is in use: a mount, a swapfile, a running send, a nested subvolume.
    Busy,
    /// The directory or subvolume is not empty.
    NotEmpty,
    /// The subvolume was received; changing it would break later incremental receives.
    Received,
    /// The kernel answered with a positive `enum btrfs_err_code`: it did nothing.
    Refused(Refusal),
    /// An operation that excludes this one is running or paused.
    ExclusiveOperation,
    /// No such operation is running.
    NotInProgress,
    /// This kernel does not have the call or the feature.
    Unsupported,
    /// What was being read changed too often to give one consistent answer.
    Raced,
    /// The deadline passed before the work was done.
    TimedOut,
    /// What the kernel answered can't be right.
    Malformed,
    /// Reduced redundancy, or another risk, that has to be asked for.
    NeedsConsent,
    /// A profile needs more writable devices than the filesystem has.
    TooFewDevices {
        /// How many the profile needs.
        needed: u64,
        /// How many there are.
        writable: u64,
    },
    /// Anything else the operating system said.
    Os,
}

/// A result of this library.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Makes an error of the library's own, without an errno.
    pub(crate) fn new(kind: ErrorKind, call: &'static str, object: impl fmt::Display) -> Self {
        Self { kind, call, object: object.to_string(), advice: None, source: None }
    }

    /// Makes an error of what the operating system said; the kind follows from the errno.
    pub(crate) fn os(call: &'static str, object: impl fmt::Display, source: impl Into<io::Error>) -> Self {
        let source = source.into();
        let kind = source.raw_os_error().map_or(ErrorKind::Os, kind_of);
        Self { source: Some(source), ..Self::new(kind, call, object) }
    }

    /// States another kind than the errno alone tells.
    #[must_use]
    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.kind = kind;
        self
    }

    /// Says which rule was broken and what to do.
    #[must_use]
    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Says what came of it besides.
    #[must_use]
    pub(crate) fn and(mut self, more: impl fmt::Display) -> Self {
        let reason = match (self.advice.take(), &self.source) {
            (Some(advice), _) => advice,
            (None, Some(source)) => source.to_string(),
            (None, None) => self.kind.to_string(),
        };
        self.advise(format!("{reason}; {more}"))
    }

    /// Says which of several it was about.
    #[must_use]
    pub(crate) fn of(mut self, which: impl fmt::Display) -> Self {
        self.object = format!("{which}: {}", self.object);
        self
    }

    /// What sort of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The kernel call, such as `BTRFS_IOC_SNAP_CREATE_V2`, or this library's function where it refused first.
    #[must_use]
    pub fn call(&self) -> &'static str {
        self.call
    }

    /// The path, subvolume or device it was about.
    #[must_use]
    pub fn object(&self) -> &str {
        &self.object
    }

    /// The errno, where the kernel gave one.
    #[must_use]
    pub fn raw_os_error(&self) -> Option<i32> {
        self.source.as_ref().and_then(io::Error::raw_os_error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}: ", self.call, self.object)?;
        match (&self.advice, &self.source) {
            (Some(advice), _) => f.write_str(advice),
            (None, Some(source)) => fmt::Display::fmt(source, f),
            (None, None) => fmt::Display::fmt(&self.kind, f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        // Without advice the text holds what the source says: a chain that repeats it is no help.
        match &self.advice {
            Some(_) => self.source.as_ref().map(|source| -> &(dyn std::error::Error + 'static) { source }),
            None => None,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "not found",
            Self::AlreadyExists => "it exists already",
            Self::PermissionDenied => "permission denied",
            Self::NotBtrfs => "not on a btrfs filesystem",
            Self::NotSubvolume => "not the root of a subvolume",
            Self::NotDirectory => "not a directory",
            Self::DifferentFilesystem => "not on the same filesystem",
            Self::InvalidName(error) => return fmt::Display::fmt(error, f),
            Self::InvalidArgument => "invalid argument",
            Self::ReadOnly => "read-only",
            Self::NoSpace => "no space left",
            Self::Busy => "in use",
            Self::NotEmpty => "not empty",
            Self::Received => "a received subvolume, which must stay as it is",
            Self::Refused(refusal) => return fmt::Display::fmt(refusal, f),
            Self::ExclusiveOperation => "another exclusive operation is running or paused",
            Self::NotInProgress => "no such operation is in progress",
            Self::Unsupported => "this kernel does not have it",
            Self::Raced => "it kept changing while it was read",
            Self::TimedOut => "the deadline passed first",
            Self::Malformed => "the kernel's answer does not make sense",
            Self::NeedsConsent => "refused unless it is asked for",
            Self::TooFewDevices { needed, writable } => {
                return write!(f, "needs {needed} writable devices, and there are {writable}");
            }
            Self::Os => "failed",
        })
    }
}

fn kind_of(errno: i32) -> ErrorKind {
    match errno {
        libc::ENOENT | libc::ENODEV | libc::ENXIO => ErrorKind::NotFound,
        libc::EEXIST => ErrorKind::AlreadyExists,
        libc::EPERM | libc::EACCES => ErrorKind::PermissionDenied,
        libc::ENOTTY => ErrorKind::NotBtrfs,
        libc::ENOTDIR => ErrorKind::NotDirectory,
        libc::EXDEV => ErrorKind::DifferentFilesystem,
        libc::EROFS => ErrorKind::ReadOnly,
        libc::ENOSPC | libc::EDQUOT => ErrorKind::NoSpace,
        libc::EBUSY | libc::ETXTBSY => ErrorKind::Busy,
        libc::ENOTEMPTY => ErrorKind::NotEmpty,
        libc::EINPROGRESS => ErrorKind::ExclusiveOperation,
        libc::ENOTCONN => ErrorKind::NotInProgress,
        libc::EOPNOTSUPP | libc::ENOSYS => ErrorKind::Unsupported,
        libc::EINVAL | libc::ENAMETOOLONG => ErrorKind::InvalidArgument,
        libc::ETIMEDOUT => ErrorKind::TimedOut,
        _ => ErrorKind::Os,
    }
}
