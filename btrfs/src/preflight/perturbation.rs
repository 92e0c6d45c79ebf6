//! What is not known of a run: where the kernel puts an extent, when it commits. Each combination is a run of its own.

/// What one simulated run assumes of that which the state does not decide. The default is what is likeliest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Perturbation {
    /// Which block group an extent is put into where several have room.
    pub placement: Placement,
    /// Whether extents are put together by their size, where the kernel does that.
    pub size_classes: bool,
    /// Whether the room of a removed chunk can be had at once, and not only after the next commit.
    pub freed_at_once: bool,
    /// Whether of devices that are equal the last one comes first.
    pub last_device_first: bool,
    /// How many times the usual metadata it takes to relocate a block group.
    pub metadata: u8,
    /// What is assumed of data where it was not read in which extents it lies.
    pub unread: Unread,
}

/// Where an extent is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Placement {
    /// Into the first block group with room, by address.
    FirstFit,
    /// Into the last one.
    LastFit,
    /// Into any, as this seed decides.
    Scattered(u64),
}

/// How data lies that was not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Unread {
    /// In small extents at the beginning of its block group, whose free bytes lie together.
    Compact,
    /// In extents of the greatest size, between free ranges of which none takes any.
    Scattered,
}

impl Perturbation {
    /// What is likeliest.
    pub const NOMINAL: Self = Self {
        placement: Placement::FirstFit,
        size_classes: true,
        freed_at_once: false,
        last_device_first: false,
        metadata: 1,
        unread: Unread::Compact,
    };

    /// The runs of a [`Preflight`](super::Preflight) unless it is told otherwise, or there are very many block groups; the first one is
    /// [`Perturbation::NOMINAL`].
    #[must_use]
    pub fn standard() -> Vec<Self> {
        const NOMINAL: Perturbation = Perturbation::NOMINAL;
        use Placement::{LastFit, Scattered};
        let mut runs = vec![
            NOMINAL,
            Self { freed_at_once: true, ..NOMINAL },
            Self { size_classes: false, ..NOMINAL },
            Self { placement: LastFit, ..NOMINAL },
            Self { metadata: 6, ..NOMINAL },
            Self { unread: Unread::Scattered, ..NOMINAL },
            Self {
                placement: LastFit,
                size_classes: false,
                last_device_first: true,
                unread: Unread::Scattered,
                ..NOMINAL
            },
            Self { placement: Scattered(3), size_classes: false, metadata: 3, ..NOMINAL },
            Self { placement: Scattered(4), metadata: 3, ..NOMINAL },
            Self { placement: Scattered(1), ..NOMINAL },
        ];
        runs.extend((0..8).map(|seed| Self {
            placement: Scattered(10 + seed),
            last_device_first: seed & 1 != 0,
            freed_at_once: seed & 2 != 0,
            size_classes: seed & 4 == 0,
            ..NOMINAL
        }));
        runs
    }

    /// Fewer than [`Perturbation::standard`], which vary more at once: for filesystems of so many block groups that where
    /// one extent goes decides nothing.
    #[must_use]
    pub fn few() -> Vec<Self> {
        const NOMINAL: Perturbation = Perturbation::NOMINAL;
        use Placement::{LastFit, Scattered};
        vec![
            NOMINAL,
            Self { metadata: 6, unread: Unread::Scattered, last_device_first: true, ..NOMINAL },
            Self { placement: LastFit, size_classes: false, freed_at_once: true, ..NOMINAL },
            Self { placement: Scattered(1), last_device_first: true, metadata: 3, ..NOMINAL },
        ]
    }
}

impl Default for Perturbation {
    fn default() -> Self {
        Self::NOMINAL
    }
}
