//! The buckets as tables for instructions that look many bytes up at once.

use super::buckets::{self, WIDTH};
use super::plan::{Groups, View, Window};

/// Buckets of a byte of a table.
const SET: usize = 8;
/// How many sets of eight buckets there are.
pub(super) const SETS: usize = buckets::BUCKETS / SET;
/// How many sets of sixteen there are.
pub(super) const PAIRS: usize = SETS / 2;

/// For each half of a byte the buckets, a bit for each, in which a byte with that half can stand.
#[derive(Clone, Copy, Default)]
pub(super) struct Halves {
    pub(super) low: [u8; 16],
    pub(super) high: [u8; 16],
}

/// The same for the lower five bits of a byte.
pub(super) type Words = [u16; 32];

/// The buckets, for each byte of a window, as processors of two kinds look them up.
pub(super) struct Tables {
    /// What they are made for; those for another view let more through.
    pub(super) view: View,
    pub(super) halves: [[Halves; SETS]; WIDTH],
    pub(super) words: [[Words; PAIRS]; WIDTH],
}

impl Tables {
    /// Puts windows into buckets so that little of what stands in a sample seems to be one.
    pub(super) fn of(windows: &[Window], groups: &Groups) -> Self {
        let mut tables = Self {
            view: groups.view,
            halves: Default::default(),
            words: Default::default(),
        };
        for (window, bucket) in windows.iter().zip(buckets::assign(windows, groups)) {
            tables.set(*window, bucket);
        }
        tables
    }

    fn set(&mut self, window: Window, bucket: usize) {
        let bit = 1 << (bucket % SET);
        for (sets, byte) in self.halves.iter_mut().zip(window.bytes()) {
            let Some(halves) = sets.get_mut(bucket / SET) else {
                continue;
            };
            for (half, cell) in (0..).zip(&mut halves.low) {
                *cell |= if fits(byte, |byte| byte & 15 == half) {
                    bit
                } else {
                    0
                };
            }
            for (half, cell) in (0..).zip(&mut halves.high) {
                *cell |= if fits(byte, |byte| byte >> 4 == half) {
                    bit
                } else {
                    0
                };
            }
        }
        for (sets, codes) in self
            .words
            .iter_mut()
            .zip(View::Fives.codes(window).into_iter().step_by(2))
        {
            let Some(words) = sets.get_mut(bucket / (2 * SET)) else {
                continue;
            };
            for (code, cell) in (0..).zip(words) {
                *cell |= u16::from(codes >> code & 1 != 0) << (bucket % (2 * SET));
            }
        }
    }
}

/// True where this holds for one of the cases of a letter, which fold to the same byte; any byte will do where there is none.
fn fits(byte: Option<u8>, holds: impl Fn(u8) -> bool) -> bool {
    byte.is_none_or(|byte| holds(byte) || holds(byte & !0x20))
}
