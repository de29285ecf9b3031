//! The allocator's own test: which of the free memory could have served a request, and which could not.

use std::collections::BTreeSet;

use super::rounding;
use super::state::{Held, Live, State};
use crate::bytes::sum;

/// What a refused request asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// As the program asked, rounded to blocks.
    pub size: u64,
    /// Its stream.
    pub stream: i64,
    /// Its pool, where the version says.
    pub pool: Option<(i64, i64)>,
    /// What the driver had free.
    pub device_free: u64,
    /// The stack that asked.
    pub stack: u32,
    /// When, in microseconds of Unix time.
    pub time: u64,
}

impl Request {
    /// What the driver was asked for.
    pub(crate) fn segment(&self) -> u64 {
        rounding::segment(self.size)
    }
}

/// Free bytes by what keeps them from serving a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Free {
    /// In the pool and stream that the request may use.
    pub own: u64,
    /// The largest piece of it.
    pub largest: u64,
    /// In how many pieces it is.
    pub gaps: u64,
    /// In the same kind of pool, of other streams.
    pub other_streams: u64,
    /// In pools that are private to CUDA graphs or a `MemPool`.
    pub private: u64,
    /// In how many of those.
    pub private_count: u64,
    /// In the pool of small requests, where the request is large, or the other way round.
    pub other_size: u64,
    /// True where the request is large.
    pub large: bool,
    /// Given back by the program, while another stream may still use it.
    pub pending: u64,
    /// In segments that are wholly free: the allocator gives those back before it gives up.
    pub whole: u64,
}

impl Free {
    /// Looks at all free memory with a request in mind; without one, for a large one on the default stream.
    pub(crate) fn of(state: &State, request: Option<&Request>) -> Self {
        let stream = request.map_or(0, |request| request.stream);
        let pool = request.and_then(|request| request.pool).unwrap_or((0, 0));
        let large = request.is_none_or(|request| rounding::is_large(request.size));
        let mut free = Self {
            large,
            ..Self::default()
        };
        let mut private = BTreeSet::new();
        for (address, held, blocks) in state.segments() {
            let (gaps, pending, empty) = gaps(address, held, blocks);
            free.pending = free.pending.saturating_add(pending);
            let sum = sum(gaps.iter().copied());
            if empty {
                free.whole = free.whole.saturating_add(sum);
            }
            let counted = if held.pool != pool {
                if sum > 0 {
                    private.insert(held.pool);
                }
                &mut free.private
            } else if held.large != large {
                &mut free.other_size
            } else if held.stream != stream {
                &mut free.other_streams
            } else {
                let most = gaps.iter().max().copied();
                free.largest = free.largest.max(most.unwrap_or(0));
                let count = u64::try_from(gaps.len()).unwrap_or(u64::MAX);
                free.gaps = free.gaps.saturating_add(count);
                &mut free.own
            };
            *counted = counted.saturating_add(sum);
        }
        free.private_count = u64::try_from(private.len()).unwrap_or(u64::MAX);
        free
    }
}

/// The free pieces of a segment, the bytes that wait for another stream, and whether nothing in it is in use.
fn gaps<'a>(
    address: u64,
    held: &Held,
    blocks: impl Iterator<Item = (u64, &'a Live)>,
) -> (Vec<u64>, u64, bool) {
    let end = address.saturating_add(held.size);
    let (mut next, mut found, mut pending, mut empty) = (address, Vec::new(), 0u64, true);
    for (at, live) in blocks {
        empty = false;
        if at > next {
            found.push(at - next);
        }
        next = at.saturating_add(live.size).max(next);
        if live.pending {
            pending = pending.saturating_add(live.size);
        }
    }
    if end > next {
        found.push(end - next);
    }
    (found, pending, empty)
}
