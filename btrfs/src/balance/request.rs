//! What a balance is asked to do.

use std::fmt;

use btrfs_sys as sys;

use super::filter::Filters;
use crate::error::{Error, ErrorKind, Result};

/// What a balance shall do with the block groups of each type. A type that is not named is left alone.
///
/// Written as the arguments of `btrfs balance start`: `-dusage=50 -mconvert=raid1,soft`.
///
/// ```no_run
/// use btrfs::balance::{Balance, BalanceRequest, Filters};
///
/// let filesystem = btrfs::Filesystem::open("/srv")?;
/// let request = BalanceRequest::new().data(Filters::new().usage(0..50).limit(0..=2));
/// let outcome = Balance::start(&filesystem, &request)?.join()?;
/// println!("{outcome}");
/// # Ok::<(), btrfs::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct BalanceRequest {
    /// What to do with file contents; `-d`.
    pub data: Option<Filters>,
    /// What to do with all trees but the chunk tree; `-m`.
    pub metadata: Option<Filters>,
    /// What to do with the chunk tree; `-s`. Without it, what is asked for the metadata is done to it too.
    pub system: Option<Filters>,
    /// Consent to reduced redundancy and to filters for [`system`](Self::system); `-f`.
    pub force: bool,
}

impl BalanceRequest {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything, without filters: rewrites the whole filesystem, which can take days. `btrfs balance start
    /// --full-balance`.
    #[must_use]
    pub fn everything() -> Self {
        Self::new().data(Filters::new()).metadata(Filters::new())
    }

    /// Balances file contents; `-d`.
    #[must_use]
    pub fn data(mut self, filters: Filters) -> Self {
        self.data = Some(filters);
        self
    }

    /// Balances metadata, and the chunk tree with the same filters unless [`BalanceRequest::system`] gives it others;
    /// `-m`.
    #[must_use]
    pub fn metadata(mut self, filters: Filters) -> Self {
        self.metadata = Some(filters);
        self
    }

    /// Balances the chunk tree with filters of its own; `-s`. Needs [`BalanceRequest::force`].
    #[must_use]
    pub fn system(mut self, filters: Filters) -> Self {
        self.system = Some(filters);
        self
    }

    /// Consents to a conversion that reduces redundancy, and to filters for the chunk tree; `-f`.
    #[must_use]
    pub fn force(mut self) -> Self {
        self.force = true;
        self
    }

    /// The filters that hold for the chunk tree.
    pub(crate) fn effective_system(&self) -> Option<&Filters> {
        self.system.as_ref().or(self.metadata.as_ref())
    }

    /// Whether the request makes sense, as far as that can be told without the filesystem.
    pub(super) fn check(&self, object: impl fmt::Display) -> Result<()> {
        let error = |kind, advice: &str| Err(Error::new(kind, CALL, &object).advise(advice));
        let all = [&self.data, &self.metadata, &self.system];
        if all.iter().all(|filters| filters.is_none()) {
            return error(
                ErrorKind::NeedsConsent,
                "nothing is selected, and that would rewrite everything: name data, metadata or system, or ask for \
                 BalanceRequest::everything",
            );
        }
        if self.system.is_some() && !self.force {
            return error(
                ErrorKind::NeedsConsent,
                "filters for system chunks have to be forced: leave them away, and what is asked for metadata is done \
                 to system chunks too",
            );
        }
        for filters in all.into_iter().flatten() {
            if let Err(broken) = filters.check() {
                return error(ErrorKind::InvalidArgument, &broken.to_string());
            }
        }
        Ok(())
    }

    pub(super) fn to_raw(&self) -> sys::btrfs_ioctl_balance_args {
        let system = self.effective_system();
        let flag = |filters: Option<&Filters>, flag| if filters.is_some() { flag } else { 0 };
        let args = |filters: Option<&Filters>| filters.map(Filters::to_raw).unwrap_or_default();
        sys::btrfs_ioctl_balance_args {
            flags: flag(self.data.as_ref(), sys::BTRFS_BALANCE_DATA)
                | flag(self.metadata.as_ref(), sys::BTRFS_BALANCE_METADATA)
                | flag(system, sys::BTRFS_BALANCE_SYSTEM)
                | if self.force { sys::BTRFS_BALANCE_FORCE } else { 0 },
            data: args(self.data.as_ref()),
            meta: args(self.metadata.as_ref()),
            sys: args(system),
            ..Default::default()
        }
    }

    pub(super) fn from_raw(raw: &sys::btrfs_ioctl_balance_args) -> Self {
        let part = |flag, args| (raw.flags & flag != 0).then(|| Filters::from_raw(args));
        let metadata = part(sys::BTRFS_BALANCE_METADATA, &raw.meta);
        Self {
            data: part(sys::BTRFS_BALANCE_DATA, &raw.data),
            system: part(sys::BTRFS_BALANCE_SYSTEM, &raw.sys).filter(|system| metadata.as_ref() != Some(system)),
            metadata,
            force: raw.flags & sys::BTRFS_BALANCE_FORCE != 0,
        }
    }
}

/// The call that a request is for.
pub(super) const CALL: &str = "BTRFS_IOC_BALANCE_V2";

/// As the arguments of `btrfs balance start`.
impl fmt::Display for BalanceRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |letter, filters: &Option<Filters>| filters.as_ref().map(|filters| format!("-{letter}{filters}"));
        let words = [
            part('d', &self.data),
            part('m', &self.metadata),
            part('s', &self.system),
            self.force.then(|| "-f".to_owned()),
        ];
        f.write_str(&words.into_iter().flatten().collect::<Vec<_>>().join(" "))
    }
}
