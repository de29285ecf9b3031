//! What is handed out, by the file that asked, by the stream and by the pool: each list sums up to all of it.

use std::hash::Hash;

use hashbrown::HashMap;

use super::lines::Lines;
use crate::evidence::{HeldPart, HeldParts, PoolOf};
use crate::snapshot::State;
use crate::sorting;

/// So many of a list are told; what the others hold is one more, without a name.
const PARTS: usize = 100;

/// All three lists, largest first.
pub(super) fn parts(lines: &mut Lines<'_>, state: &State) -> HeldParts {
    let snapshot = lines.snapshot;
    let mut files = Sums::default();
    let mut streams = Sums::default();
    let mut pools = Sums::default();
    for (address, live) in state.live.iter().filter(|(_, live)| !live.pending) {
        let frame = lines.line(live.stack).frame;
        let file = frame.and_then(|frame| snapshot.stacks.get(frame));
        files.add(file.map(|frame| frame.file), live.size);
        // Every block lies in a segment, or it would not have been kept.
        let held = state.held.range(..=*address).next_back();
        streams.add(held.map(|(_, held)| held.stream), live.size);
        let pool = held.map(|(_, held)| match (held.pool, held.large) {
            ((0, 0), true) => PoolOf::Large,
            ((0, 0), false) => PoolOf::Small,
            (pool, _) => PoolOf::Private(pool.0, pool.1),
        });
        pools.add(pool, live.size);
    }
    let name = |file: u32| snapshot.names.get(file).to_owned();
    HeldParts {
        files: files.parts(name),
        streams: streams.parts(|stream| stream),
        pools: pools.parts(|pool| pool),
    }
}

/// Bytes and blocks by something that may not be known.
struct Sums<T>(HashMap<Option<T>, (u64, u64)>);

impl<T> Default for Sums<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Eq + Hash + Ord + Copy> Sums<T> {
    fn add(&mut self, of: Option<T>, size: u64) {
        let (bytes, blocks) = self.0.entry(of).or_default();
        *bytes = bytes.saturating_add(size);
        *blocks += 1;
    }

    fn parts<N>(self, name: impl Fn(T) -> N) -> Vec<HeldPart<N>> {
        let mut sums: Vec<(Option<T>, (u64, u64))> = self.0.into_iter().collect();
        sorting::by_key(&mut sums, |(of, (bytes, _))| {
            (std::cmp::Reverse(*bytes), *of)
        });
        let (mut parts, mut rest) = (Vec::new(), (0u64, 0u64));
        for (of, (bytes, blocks)) in sums {
            match of.filter(|_| parts.len() < PARTS) {
                Some(of) => parts.push(HeldPart {
                    of: Some(name(of)),
                    bytes,
                    blocks,
                }),
                None => rest = (rest.0.saturating_add(bytes), rest.1 + blocks),
            }
        }
        if rest.1 > 0 {
            parts.push(HeldPart {
                of: None,
                bytes: rest.0,
                blocks: rest.1,
            });
        }
        parts
    }
}
