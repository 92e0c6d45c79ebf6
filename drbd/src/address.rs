//! Network paths and their addresses.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

/// A network path between this node and a peer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Path {
    /// This node's end.
    pub local: Address,
    /// The peer's end.
    pub peer: Address,
    /// Whether there is a connection over it. DRBD 9, since September 2023.
    pub established: Option<bool>,
}

/// One end of a path. Displayed as in `drbdsetup`: `ipv4:10.0.0.1:7000`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Address {
    /// IPv4 or IPv6.
    Ip(SocketAddr),
    /// Another family (Super Sockets, SDP, InfiniBand): the `sockaddr` as the kernel keeps it.
    Other(Vec<u8>),
    /// Another family, as drbd-utils word it.
    Word(String),
}

const AF_INET: u16 = 2;
const AF_INET6: u16 = 10;

impl Address {
    /// From a `sockaddr` as the kernel keeps it: family in the machine's byte order, port and address big-endian.
    pub(crate) fn from_sockaddr(bytes: &[u8]) -> Self {
        Self::ip(bytes).map_or_else(|| Self::Other(bytes.to_vec()), Self::Ip)
    }

    fn ip(bytes: &[u8]) -> Option<SocketAddr> {
        let (family, rest) = bytes.split_first_chunk()?;
        let (port, rest) = rest.split_first_chunk()?;
        let port = u16::from_be_bytes(*port);
        match (u16::from_ne_bytes(*family), rest.len()) {
            (AF_INET, 12) => {
                let address: [u8; 4] = *rest.first_chunk()?;
                Some(SocketAddrV4::new(Ipv4Addr::from(address), port).into())
            }
            (AF_INET6, 24) => {
                let (flow, rest) = rest.split_first_chunk()?;
                let (address, rest) = rest.split_first_chunk::<16>()?;
                let scope = rest.first_chunk()?;
                let address = Ipv6Addr::from(*address);
                Some(SocketAddrV6::new(address, port, u32::from_be_bytes(*flow), u32::from_ne_bytes(*scope)).into())
            }
            _ => None,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address @ SocketAddr::V4(_)) => write!(f, "ipv4:{address}"),
            Self::Ip(address @ SocketAddr::V6(_)) => write!(f, "ipv6:{address}"),
            Self::Word(word) => f.write_str(word),
            Self::Other(bytes) => {
                f.write_str("sockaddr:")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_every_family_are_kept() {
        let v4 = [2, 0, 0x1b, 0x58, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(Address::from_sockaddr(&v4).to_string(), "ipv4:10.0.0.1:7000");
        let mut v6 = [0; 28];
        v6[..4].copy_from_slice(&[10, 0, 0x1b, 0x58]);
        v6[23] = 1;
        assert_eq!(Address::from_sockaddr(&v6).to_string(), "ipv6:[::1]:7000");
        assert_eq!(Address::from_sockaddr(&[27, 0, 1]).to_string(), "sockaddr:1b0001");
        assert_eq!(Address::from_sockaddr(&[]).to_string(), "sockaddr:");
    }
}
