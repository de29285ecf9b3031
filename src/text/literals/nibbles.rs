//! Buckets of windows, as what the halves of their bytes can be.

use std::mem;

use super::plan::{Groups, Seen, Window};

/// Bytes of a window.
pub(super) const WIDTH: usize = 4;
/// How many sets of eight buckets there are: a byte has a bit for each bucket.
pub(super) const SET: usize = 4;
/// How many buckets there are.
const BUCKETS: usize = 8 * SET;

/// How often each window is put anew.
const ROUNDS: usize = 2;
/// How many places of other text count as much as the sample.
const UNSEEN: f32 = 2000.0;

/// For each half of a byte the buckets, a bit for each, in which a byte with that half can stand.
#[derive(Clone, Copy, Default)]
pub(super) struct Halves {
    pub(super) low: [u8; 16],
    pub(super) high: [u8; 16],
}

/// The buckets, for each byte of a window.
#[derive(Default)]
pub(super) struct Nibbles {
    pub(super) places: [[Halves; SET]; WIDTH],
}

/// What the halves of a byte can be, a bit for each.
#[derive(Clone, Copy, Default)]
struct Can {
    low: u16,
    high: u16,
}

/// A bucket, by its bytes.
type Bucket = [Can; WIDTH];

impl Nibbles {
    /// Puts windows into buckets so that little of what stands in a sample seems to be one.
    pub(super) fn of(windows: &[Window], groups: &Groups) -> Self {
        let mut buckets: [Filling; BUCKETS] = Default::default();
        for window in windows {
            put(&mut buckets, *window, groups);
        }
        // The first ones did not know what would come.
        for _ in 0..ROUNDS {
            for window in windows {
                take_out(&mut buckets, *window, groups);
                put(&mut buckets, *window, groups);
            }
        }
        let mut nibbles = Self::default();
        for (bucket, index) in buckets.iter().zip(0..) {
            nibbles.set(&bucket.can, index);
        }
        nibbles
    }

    fn set(&mut self, bucket: &Bucket, index: usize) {
        let bit = 1 << (index % 8);
        for (sets, can) in self.places.iter_mut().zip(bucket) {
            let Some(halves) = sets.get_mut(index / 8) else {
                continue;
            };
            for (table, half) in [(&mut halves.low, can.low), (&mut halves.high, can.high)] {
                for (cell, nibble) in table.iter_mut().zip(0..) {
                    if half >> nibble & 1 != 0 {
                        *cell |= bit;
                    }
                }
            }
        }
    }
}

/// A bucket while windows are put into it.
#[derive(Clone, Default)]
struct Filling {
    windows: Vec<Window>,
    can: Bucket,
    /// The groups of the sample that have what its bytes can be, kept so that one more window costs little.
    seen: Seen,
    /// How many places of the sample seem to be in it.
    cost: f32,
}

/// Puts a window where it lets the least through.
fn put(buckets: &mut [Filling], window: Window, groups: &Groups) {
    // What it lets through beyond the sample is soon known, and it lets no less through of the sample.
    let least = (0..).zip(buckets.iter()).map(|(at, bucket)| {
        let more = widened(bucket.can, window);
        (unseen(&more) - unseen(&bucket.can), at)
    });
    let mut least: Vec<(f32, usize)> = least.collect();
    least.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut best: Option<(f32, usize, Filling)> = None;
    for (least, at) in least {
        if best.as_ref().is_some_and(|(more, ..)| *more <= least) {
            break;
        }
        let Some(bucket) = buckets.get(at) else {
            continue;
        };
        let (mut can, mut seen) = (bucket.can, bucket.seen.clone());
        add((&mut can, &mut seen), window, groups);
        let cost = groups.count(&seen) + unseen(&can);
        let more = cost - bucket.cost;
        if best.as_ref().is_none_or(|(least, ..)| more < *least) {
            let filled = Filling {
                windows: Vec::new(),
                can,
                seen,
                cost,
            };
            best = Some((more, at, filled));
        }
    }
    if let Some((_, at, mut filled)) = best
        && let Some(bucket) = buckets.get_mut(at)
    {
        filled.windows = mem::take(&mut bucket.windows);
        filled.windows.push(window);
        *bucket = filled;
    }
}

/// Takes a window out of its bucket.
fn take_out(buckets: &mut [Filling], window: Window, groups: &Groups) {
    let Some(bucket) = buckets.iter_mut().find(|b| b.windows.contains(&window)) else {
        return;
    };
    bucket.windows.retain(|known| *known != window);
    (bucket.can, bucket.seen) = Default::default();
    for window in &bucket.windows {
        add((&mut bucket.can, &mut bucket.seen), *window, groups);
    }
    bucket.cost = groups.count(&bucket.seen) + unseen(&bucket.can);
}

/// What the halves of a byte of a window are: those of both cases of a letter, which fold to the same byte, or any.
fn halves(byte: Option<u8>) -> Can {
    byte.map_or(
        Can {
            low: u16::MAX,
            high: u16::MAX,
        },
        |byte| {
            let both = [byte, byte & !0x20];
            let bits = |half: fn(u8) -> u8| both.iter().fold(0, |bits, b| bits | 1 << half(*b));
            Can {
                low: bits(|byte| byte & 15),
                high: bits(|byte| byte >> 4),
            }
        },
    )
}

/// A bucket with one more window.
fn widened(mut bucket: Bucket, window: Window) -> Bucket {
    for (can, byte) in bucket.iter_mut().zip(window.bytes()) {
        let new = halves(byte);
        can.low |= new.low;
        can.high |= new.high;
    }
    bucket
}

/// Adds a window to a bucket and to the groups that it sees.
fn add((bucket, seen): (&mut Bucket, &mut Seen), window: Window, groups: &Groups) {
    for ((can, byte), place) in bucket.iter_mut().zip(window.bytes()).zip(0..) {
        let halves = halves(byte);
        for (known, halves, upper) in [
            (&mut can.low, halves.low, false),
            (&mut can.high, halves.high, true),
        ] {
            let mut new = halves & !*known;
            *known |= halves;
            while new != 0 {
                groups.let_in(seen, place, upper, new.trailing_zeros() as usize);
                new &= new - 1;
            }
        }
    }
}

/// A little for each place that a bucket lets through beyond the sample.
fn unseen(bucket: &Bucket) -> f32 {
    let share = |can: &Can| {
        let bytes = can.low.count_ones() * can.high.count_ones();
        u16::try_from(bytes).map_or(1.0, |bytes| f32::from(bytes) / 96.0)
    };
    UNSEEN * bucket.iter().map(share).product::<f32>()
}
