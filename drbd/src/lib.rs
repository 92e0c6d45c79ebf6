//! DRBD's state, read straight from the kernel: no drbd-utils, no privileges.
//!
//! Is my data safe?
//!
//! ```no_run
//! let status = drbd::Status::read()?;
//! let verdict = drbd::health::assess_all(&status);
//! println!("{}", verdict.severity); // CRITICAL
//! for finding in &verdict.findings {
//!     println!("{finding}"); // home to bravo: StandAlone: won't connect by itself (disconnected, refused or split brain)
//! }
//! # Ok::<(), drbd::Error>(())
//! ```
//!
//! [`Status`] is the state of every resource, device, connection and peer device, as one typed model whether it comes
//! from DRBD 8.4's netlink dialect, from DRBD 9's, or from `/proc/drbd`:
//!
//! ```no_run
//! # let status = drbd::Status::read()?;
//! for resource in &status.resources {
//!     for device in &resource.devices {
//!         println!("/dev/drbd{} is {} and {}", device.minor, resource.role, device.disk);
//!         for (connection, peer) in resource.peers_of(device) {
//!             println!("  {} {} {}", connection.state, peer.replication, peer.disk);
//!         }
//!     }
//! }
//! # Ok::<(), drbd::Error>(())
//! ```
//!
//! Parsers take bytes and do no I/O: [`netlink::Decoder`], [`proc::parse`], [`events2::status`], `json::status` (feature
//! `json`); [`Status::from_recorded`] tells by itself which of them a file is for. [`Recording`] makes such a file, for a
//! report of a bug. A captured `/proc/drbd` gives the same model:
//!
//! ```
//! # use drbd::state::{DiskState, Role};
//! let text = b"version: 8.4.11 (api:1/proto:86-101)
//! srcversion: F73C670A7EC572DB9CF3E5B
//!  0: cs:SyncTarget ro:Secondary/Primary ds:Inconsistent/UpToDate C r-----
//!     ns:0 nr:32768 dw:32768 dr:0 al:8 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:98264
//! \t[====>...............] sync'ed: 28.2% (98264/131032)K
//! \tfinish: 0:00:11 speed: 8,192 (8,192) want: 8,192 K/sec
//! ";
//! let status = drbd::proc::parse(text)?.status().expect("8.4 lists its minors");
//! let (resource, device) = status.device(0).expect("minor 0 is there");
//! assert_eq!((&resource.role, &device.disk), (&Role::Secondary, &DiskState::Inconsistent));
//! let finding = &drbd::health::assess(resource).findings[0];
//! assert_eq!(finding.to_string(), "/dev/drbd0 to peer: SyncTarget, 25.00 % done, 0:00:11 left");
//! # Ok::<(), drbd::Error>(())
//! ```
//!
//! Beyond the state: [`Monitor`] follows every change and [waits](Monitor::wait_until) for what is to come, [`Pace`] knows how
//! fast a resync is and whether it stands still, [`Resource::promotion`] who may be Primary, and [`generations`] who has the
//! good data when two nodes don't talk any more.
//!
//! What a newer kernel says and this library doesn't know is kept and shown: states as `Other`, attributes and messages
//! in the fields called `unknown`, bits in flags that keep them.
//!
//! With the feature `serde` everything can be serialised: states as the words of `drbdsetup`, amounts in
//! bytes, generations in hexadecimal digits.

#![forbid(unsafe_code)]

mod address;
mod error;
mod flags;
pub mod generations;
pub mod health;
pub mod monitor;
pub mod netlink;
mod pace;
pub mod proc;
mod progress;
mod promotion;
mod recording;
mod resource;
#[cfg(feature = "serde")]
mod serialize;
pub mod state;
mod status;
mod suspension;
mod text;
mod value;

pub use address::{Address, Path};
pub use error::Error;
pub use flags::{MetaDataFlags, PeerDeviceFlags, UuidFlags};
pub use monitor::Monitor;
pub use pace::Pace;
pub use progress::{Progress, Resync, Speed, Verify};
pub use promotion::Promotion;
pub use recording::Recording;
pub use resource::{Connection, Device, PeerDevice, Resource};
pub use status::{Source, Status, UnknownMessage};
pub use suspension::{ResyncSuspended, Suspended};
pub use text::events2;
#[cfg(feature = "json")]
pub use text::json;
pub use value::{Attribute, Bytes, Generation, Name};
