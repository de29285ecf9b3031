//! The segments as a picture needs them.

use crate::evidence::HeldSegment;
use crate::snapshot::State;
use crate::sorting;

/// So many segments are kept, the largest.
const SEGMENTS: usize = 48;
/// So many pieces of a segment are kept.
const PIECES: usize = 500;

/// The largest segments, largest first; of equals the one of the lower address.
pub(super) fn segments(state: &State) -> Vec<HeldSegment> {
    let mut all: Vec<_> = state.segments().collect();
    sorting::by_key(&mut all, |(address, held, _)| {
        (std::cmp::Reverse(held.size), *address)
    });
    let kept = all.into_iter().take(SEGMENTS);
    let segment = kept.map(|(address, held, blocks)| {
        let mut used: Vec<(u64, u64)> = Vec::new();
        for (at, live) in blocks {
            let start = at.saturating_sub(address);
            let full = used.len() >= PIECES;
            match used.last_mut() {
                Some((from, size)) if from.saturating_add(*size) >= start => {
                    *size = size.saturating_add(live.size);
                }
                _ if full => {}
                _ => used.push((start, live.size)),
            }
        }
        HeldSegment {
            size: held.size,
            stream: held.stream,
            small: !held.large,
            private: held.pool != (0, 0),
            used,
        }
    });
    segment.collect()
}
