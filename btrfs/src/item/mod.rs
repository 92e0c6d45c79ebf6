//! Items of the trees, from their bytes. No I/O here.

pub mod chunk;
pub mod inode_ref;
pub mod root;
pub mod root_ref;

pub use chunk::{Chunk, Stripe};
pub use inode_ref::InodeRef;
pub use root::RootItem;
pub use root_ref::RootRef;
