//! DRBD state.
