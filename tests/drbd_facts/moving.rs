//! Captured states in which something moved between the sources.

/// States in which counters moved while the sources were read, and why.
pub(crate) const MOVING: &[(&str, &str)] = &[
    ("8.4/07-sync", "a resync runs"),
    ("8.4/13-verify", "a verify reads"),
    ("8.4/32-two-volumes-sync-dependency", "a resync runs"),
    ("8.4/34-ahead-behind", "the Primary writes, and Ahead ends in a resync"),
    ("8.4/41-sync-proc-details-2", "a resync runs"),
    ("8.4/twovm-01-primary-syncsource/alpha", "a resync runs"),
    ("8.4/twovm-01-secondary-synctarget/bravo", "a resync runs"),
    ("8.4/twovm-02-secondary-uptodate/bravo", "the Primary writes"),
    ("9/03-sync/a", "a resync runs"),
    ("9/03-sync/b", "a resync runs"),
    ("9/03-sync/c", "a resync runs"),
    ("9/04-paused-sync-user/a", "a resync to another peer runs"),
    ("9/04-paused-sync-user/b", "a resync of another volume runs"),
    ("9/04-paused-sync-user/c", "a resync runs"),
    ("9/07-verify/a", "a verify reads"),
    ("9/07-verify/b", "a verify reads"),
    ("9/09-b-network-lost/c", "the Primary writes"),
    ("9/25-resync-after-dependency/a", "a resync runs"),
    ("9/25-resync-after-dependency/b", "a resync runs"),
];

/// States that went on to another one between netlink and events2: object, fact, from, to.
pub(crate) const WENT_ON: &[(&str, &str, &str, &str, &str)] = &[
    ("8.4/34-ahead-behind", "device d/0", "disk", "Outdated", "Inconsistent"),
    ("8.4/34-ahead-behind", "peer-device c:0/0", "peer-disk", "Consistent", "Inconsistent"),
    ("8.4/34-ahead-behind", "peer-device c:0/0", "replication", "Ahead", "SyncSource"),
    ("8.4/34-ahead-behind", "peer-device d:0/0", "replication", "Behind", "SyncTarget"),
    ("8.4/34-ahead-behind", "peer-device c:0/1", "resync-suspended", "no", "dependency"),
    ("8.4/34-ahead-behind", "peer-device d:0/1", "resync-suspended", "no", "peer"),
];
