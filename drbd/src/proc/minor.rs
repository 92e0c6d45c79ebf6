//! A minor's lines in `/proc/drbd`.

use super::line::number;
use super::syncing::Syncing;
use crate::state::{ConnectionState, DiskState, Protocol, Raw, ReplicationState, Role, WriteOrdering};
use crate::suspension::ResyncSuspended;
use crate::value::Bytes;

/// What `/proc/drbd` says of one minor.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Minor {
    /// Number of the block device.
    pub minor: u32,
    /// It has neither disk nor network (`cs:Unconfigured`); nothing else is told then.
    pub unconfigured: bool,
    /// State of the connection: `cs:`.
    pub connection: ConnectionState,
    /// What happens between the copies: `cs:` too.
    pub replication: ReplicationState,
    /// This node's role: `ro:` before the slash (8.0 and 8.2: `st:`).
    pub role: Role,
    /// The peer's role: after the slash.
    pub peer_role: Role,
    /// This node's copy: `ds:` before the slash.
    pub disk: DiskState,
    /// The peer's copy: after the slash.
    pub peer_disk: DiskState,
    /// When a write counts as done; `None` without network.
    pub protocol: Option<Protocol>,
    /// The letters behind the protocol.
    pub flags: Option<Flags>,
    /// `ns`: sent to the peer. 32 bits of sectors: wraps at 2 TiB, as the next three.
    pub sent: Option<Bytes>,
    /// `nr`: received from the peer.
    pub received: Option<Bytes>,
    /// `dw`: written to the backing device.
    pub written: Option<Bytes>,
    /// `dr`: read from the backing device.
    pub read: Option<Bytes>,
    /// `al`: updates of the activity log.
    pub al_writes: Option<u64>,
    /// `bm`: updates of the bitmap.
    pub bm_writes: Option<u64>,
    /// `lo`: requests to the backing device not finished yet.
    pub lower_pending: Option<u32>,
    /// `pe`: requests the peer hasn't answered.
    pub pending: Option<u32>,
    /// `ua`: requests of the peer that aren't answered yet.
    pub unacked: Option<u32>,
    /// `ap`: requests from above not finished yet.
    pub upper_pending: Option<u32>,
    /// `ep`: epochs, the groups of writes between two barriers. Since 8.2.
    pub epochs: Option<u32>,
    /// `wo`: how write order is kept. Since 8.2.7.
    pub write_ordering: Option<WriteOrdering>,
    /// `oos`: what the two copies are known to differ in. Since 8.2.7.
    pub out_of_sync: Option<Bytes>,
    /// The running resync or verify.
    pub sync: Option<Syncing>,
    /// Caches, with the module's parameter `proc_details`: lines as they are.
    pub details: Vec<String>,
    /// Words and lines without a meaning here.
    pub unknown: Vec<String>,
}

/// The letters behind the protocol, such as `r-----`. Older versions have fewer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Flags {
    /// The letters.
    pub letters: String,
    /// `s` first: I/O is suspended, for whatever reason.
    pub suspended: bool,
    /// `a`, `p`, `u`: resync waits for another one, for the peer, for the user.
    pub resync_suspended: ResyncSuspended,
    /// Fifth letter: what is congested; `d` the backing device, `n` the network, `b` both, `a` a wait for the activity
    /// log.
    pub congestion: Option<char>,
    /// `s` last: the activity log isn't being updated. `None` before 8.3.8, which don't tell.
    pub al_suspended: Option<bool>,
}

impl Minor {
    /// The minor a line starts to tell of: ` 0: cs:…`.
    pub(super) fn starts(line: &str) -> Option<u32> {
        let (minor, rest) = line.trim_start().split_once(':')?;
        rest.trim_start().starts_with("cs:").then(|| minor.parse().ok())?
    }

    /// ` 0: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----`
    pub(super) fn parse(minor: u32, line: &str) -> Result<Self, String> {
        let mut parsed = Self::unconfigured(minor);
        parsed.unconfigured = false;
        let (_, words) = line.split_once(':').unwrap_or_default();
        for word in words.split_whitespace() {
            match word.split_once(':') {
                Some(("cs", "Unconfigured")) => parsed.unconfigured = true,
                Some(("cs", state)) => (parsed.connection, parsed.replication) = super::connection(state),
                Some(("ro" | "st", roles)) => {
                    let (own, peer) = pair(roles)?;
                    (parsed.role, parsed.peer_role) = (Role::from_word(own), Role::from_word(peer));
                }
                Some(("ds", disks)) => {
                    let (own, peer) = pair(disks)?;
                    (parsed.disk, parsed.peer_disk) = (DiskState::from_word(own), DiskState::from_word(peer));
                }
                None if word.len() == 1 => parsed.protocol = Some(Protocol::from_word(word)),
                None if parsed.flags.is_none() && word.starts_with(['r', 's']) => {
                    parsed.flags = Some(Flags::parse(word));
                }
                _ => parsed.unknown.push(word.to_owned()),
            }
        }
        Ok(parsed)
    }

    /// A line that belongs to the minor above it.
    pub(super) fn add(&mut self, line: &str) -> Result<(), String> {
        let text = line.trim();
        let sync = || self.sync.clone().unwrap_or_default();
        if text.starts_with('[') {
            self.sync = Some(sync().bar(text)?);
        } else if text.starts_with("finish:") {
            self.sync = Some(sync().finish(text)?);
        } else if text.contains("% sector pos: ") {
            self.sync = Some(sync().position(text)?);
        } else if ["resync:", "act_log:", "blocked on activity log:"].iter().any(|start| text.starts_with(start)) {
            self.details.push(text.to_owned());
        } else if text.starts_with("ns:") {
            text.split_whitespace().try_for_each(|word| self.counter(word))?;
        } else if !text.is_empty() {
            self.unknown.push(text.to_owned());
        }
        Ok(())
    }

    fn counter(&mut self, word: &str) -> Result<(), String> {
        let Some((key, value)) = word.split_once(':') else {
            self.unknown.push(word.to_owned());
            return Ok(());
        };
        match key {
            "ns" => self.sent = Some(kib(value)?),
            "nr" => self.received = Some(kib(value)?),
            "dw" => self.written = Some(kib(value)?),
            "dr" => self.read = Some(kib(value)?),
            "al" => self.al_writes = Some(number(value)?),
            "bm" => self.bm_writes = Some(number(value)?),
            "lo" => self.lower_pending = Some(number(value)?),
            "pe" => self.pending = Some(number(value)?),
            "ua" => self.unacked = Some(number(value)?),
            "ap" => self.upper_pending = Some(number(value)?),
            "ep" => self.epochs = Some(number(value)?),
            "wo" => self.write_ordering = Some(write_ordering(value)),
            "oos" => self.out_of_sync = Some(kib(value)?),
            _ => self.unknown.push(word.to_owned()),
        }
        Ok(())
    }

    /// A minor without disk and network: what `cs:Unconfigured` stands for.
    fn unconfigured(minor: u32) -> Self {
        Self {
            minor,
            unconfigured: true,
            connection: ConnectionState::StandAlone,
            replication: ReplicationState::Off,
            role: Role::Secondary,
            peer_role: Role::Unknown,
            disk: DiskState::Diskless,
            peer_disk: DiskState::DUnknown,
            protocol: None,
            flags: None,
            sent: None,
            received: None,
            written: None,
            read: None,
            al_writes: None,
            bm_writes: None,
            lower_pending: None,
            pending: None,
            unacked: None,
            upper_pending: None,
            epochs: None,
            write_ordering: None,
            out_of_sync: None,
            sync: None,
            details: Vec::new(),
            unknown: Vec::new(),
        }
    }
}

impl Flags {
    fn parse(letters: &str) -> Self {
        let letter = |index: usize| letters.chars().nth(index);
        Self {
            letters: letters.to_owned(),
            suspended: letter(0) == Some('s'),
            resync_suspended: ResyncSuspended {
                dependency: letter(1) == Some('a'),
                peer: letter(2) == Some('p'),
                user: letter(3) == Some('u'),
                max_parallel: false,
            },
            congestion: letter(4).filter(|letter| *letter != '-'),
            al_suspended: letter(5).map(|letter| letter == 's'),
        }
    }
}

fn pair(words: &str) -> Result<(&str, &str), String> {
    words.split_once('/').ok_or_else(|| format!("\"{words}\" is not two words with a slash between"))
}

fn kib(word: &str) -> Result<Bytes, String> {
    Bytes::from_kib(number(word)?).ok_or_else(|| format!("{word} KiB are above 2^64 bytes"))
}

fn write_ordering(letter: &str) -> WriteOrdering {
    match letter {
        "n" => WriteOrdering::None,
        "d" => WriteOrdering::Drain,
        "f" => WriteOrdering::Flush,
        "b" => WriteOrdering::Barrier,
        other => WriteOrdering::Other(Raw::Word(other.to_owned())),
    }
}
