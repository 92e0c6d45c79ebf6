//! Filters as the kernel has them.

use std::ops::Range;

use btrfs_sys as sys;

use super::filter::Filters;
use crate::id::{DevId, Logical, Physical};
use crate::ioctl::balance_words;
use crate::profile::Profiles;

/// The flags that this module knows the filters of.
const KNOWN: u64 = sys::BTRFS_BALANCE_ARGS_MASK | sys::BTRFS_BALANCE_ARGS_CONVERT | sys::BTRFS_BALANCE_ARGS_SOFT;

impl Filters {
    pub(super) fn to_raw(&self) -> sys::btrfs_balance_args {
        let given = [
            (self.profiles.is_some(), sys::BTRFS_BALANCE_ARGS_PROFILES),
            // Always the range, never the single number: the kernel misreads the single limit, see Filters::limit.
            (self.usage.is_some(), sys::BTRFS_BALANCE_ARGS_USAGE_RANGE),
            (self.devid.is_some(), sys::BTRFS_BALANCE_ARGS_DEVID),
            (self.drange.is_some(), sys::BTRFS_BALANCE_ARGS_DRANGE),
            (self.vrange.is_some(), sys::BTRFS_BALANCE_ARGS_VRANGE),
            (self.limit.is_some(), sys::BTRFS_BALANCE_ARGS_LIMIT_RANGE),
            (self.stripes.is_some(), sys::BTRFS_BALANCE_ARGS_STRIPES_RANGE),
            (self.convert.is_some(), sys::BTRFS_BALANCE_ARGS_CONVERT),
            (self.soft, sys::BTRFS_BALANCE_ARGS_SOFT),
        ];
        let usage = self.usage.clone().unwrap_or_default();
        let limit = self.limit.clone().unwrap_or(0..=0);
        let stripes = self.stripes.clone().unwrap_or(0..=0);
        let drange = self.drange.clone().unwrap_or(Physical(0)..Physical(0));
        let vrange = self.vrange.clone().unwrap_or(Logical(0)..Logical(0));
        sys::btrfs_balance_args {
            flags: given.into_iter().filter(|(given, _)| *given).fold(self.unknown, |flags, (_, flag)| flags | flag),
            profiles: self.profiles.map_or(0, |profiles| profiles.bits()),
            __bindgen_anon_1: sys::btrfs_balance_args__bindgen_ty_1 {
                __bindgen_anon_1: sys::btrfs_balance_args__bindgen_ty_1__bindgen_ty_1 {
                    usage_min: usage.start.into(),
                    usage_max: usage.end.into(),
                },
            },
            devid: self.devid.map_or(0, |device| device.0),
            pstart: drange.start.0,
            pend: drange.end.0,
            vstart: vrange.start.0,
            vend: vrange.end.0,
            target: self.convert.map_or(0, |target| target.bits()),
            __bindgen_anon_2: sys::btrfs_balance_args__bindgen_ty_2 {
                __bindgen_anon_1: sys::btrfs_balance_args__bindgen_ty_2__bindgen_ty_1 {
                    limit_min: *limit.start(),
                    limit_max: *limit.end(),
                },
            },
            stripes_min: *stripes.start(),
            stripes_max: *stripes.end(),
            ..Default::default()
        }
    }

    pub(super) fn from_raw(raw: &sys::btrfs_balance_args) -> Self {
        let flags = raw.flags;
        let given = |flag| flags & flag != 0;
        let (usage, limit) = balance_words(raw);
        // The range comes first: btrfs-progs sets both flags for one.
        let usage = if given(sys::BTRFS_BALANCE_ARGS_USAGE_RANGE) {
            Some(halves(usage))
        } else {
            given(sys::BTRFS_BALANCE_ARGS_USAGE).then(|| (0, saturating(usage)))
        };
        let limit = if given(sys::BTRFS_BALANCE_ARGS_LIMIT_RANGE) {
            Some(halves(limit))
        } else {
            given(sys::BTRFS_BALANCE_ARGS_LIMIT).then(|| (0, saturating(limit)))
        };
        // To the kernel all that is more than 100 per cent is 100.
        let percent = |number: u32| u8::try_from(number.min(100)).unwrap_or(100);
        Self {
            profiles: given(sys::BTRFS_BALANCE_ARGS_PROFILES).then(|| Profiles::from_bits_retain(raw.profiles)),
            usage: usage.map(|(min, max)| Range { start: percent(min), end: percent(max) }),
            devid: given(sys::BTRFS_BALANCE_ARGS_DEVID).then_some(DevId(raw.devid)),
            drange: given(sys::BTRFS_BALANCE_ARGS_DRANGE).then_some(Physical(raw.pstart)..Physical(raw.pend)),
            vrange: given(sys::BTRFS_BALANCE_ARGS_VRANGE).then_some(Logical(raw.vstart)..Logical(raw.vend)),
            limit: limit.map(|(min, max)| min..=max),
            stripes: given(sys::BTRFS_BALANCE_ARGS_STRIPES_RANGE).then_some(raw.stripes_min..=raw.stripes_max),
            convert: given(sys::BTRFS_BALANCE_ARGS_CONVERT).then(|| Profiles::from_bits_retain(raw.target)),
            soft: given(sys::BTRFS_BALANCE_ARGS_SOFT),
            unknown: flags & !KNOWN,
        }
    }
}

/// The two numbers that a union holds where it is no single one.
fn halves(word: u64) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = word.to_ne_bytes();
    (u32::from_ne_bytes([a, b, c, d]), u32::from_ne_bytes([e, f, g, h]))
}

fn saturating(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::balance::BalanceRequest;

    #[test]
    fn a_request_comes_back_from_the_kernel_s_form() {
        for text in
            ["", "usage=10..50,limit=3..5", "convert=raid1c3,soft,profiles=raid1|single", "vrange=5..,stripes=2..4"]
        {
            let filters: Filters = text.parse().unwrap();
            assert_eq!(Filters::from_raw(&filters.to_raw()), filters, "{text}");
            let request = BalanceRequest::new().metadata(filters).force();
            let raw = request.to_raw();
            assert_eq!(raw.flags, sys::BTRFS_BALANCE_METADATA | sys::BTRFS_BALANCE_SYSTEM | sys::BTRFS_BALANCE_FORCE);
            assert_eq!(BalanceRequest::from_raw(&raw), request, "{text}");
        }
    }

    #[test]
    fn the_single_numbers_that_btrfs_progs_sends_are_ranges_from_zero() {
        let raw = sys::btrfs_balance_args {
            flags: sys::BTRFS_BALANCE_ARGS_USAGE | sys::BTRFS_BALANCE_ARGS_LIMIT | 1 << 40,
            __bindgen_anon_1: sys::btrfs_balance_args__bindgen_ty_1 { usage: 90 },
            __bindgen_anon_2: sys::btrfs_balance_args__bindgen_ty_2 { limit: 7 },
            ..Default::default()
        };
        let filters = Filters::from_raw(&raw);
        assert_eq!(filters.to_string(), "usage=90,limit=7,flags=0x10000000000");
        assert_eq!(filters.to_raw().flags & 1 << 40, 1 << 40, "unknown flags are kept");
    }
}
