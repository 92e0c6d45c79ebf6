//! Those whose work is measured.

pub(crate) mod bare;
pub(crate) mod libbtrfsutil;
pub(crate) mod progs;
pub(crate) mod python;
