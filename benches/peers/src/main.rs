//! The same work done by this library, its peers and bare ioctls, side by side.

fn main() {}
