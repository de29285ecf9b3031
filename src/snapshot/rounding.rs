//! How PyTorch's allocator rounds (`c10/cuda/CUDACachingAllocator.cpp`: `round_size`, `get_allocation_size`, `get_pool`,
//! `should_split`).

use crate::bytes::MIB;

/// Blocks are multiples of this (`kMinBlockSize`).
const BLOCK: u64 = 512;
/// Requests up to this come from the pool of small ones (`kSmallSize`).
const SMALL: u64 = MIB;
/// A segment of small requests (`kSmallBuffer`).
pub(super) const SMALL_SEGMENT: u64 = 2 * MIB;
/// A segment for requests below `MIN_LARGE` (`kLargeBuffer`).
const LARGE_SEGMENT: u64 = 20 * MIB;
/// Requests from here on get a segment of their own size (`kMinLargeAlloc`).
const MIN_LARGE: u64 = 10 * MIB;
/// Such segments are multiples of this (`kRoundLarge`).
const ROUND: u64 = 2 * MIB;

/// The block that a request takes.
pub(super) fn block(request: u64) -> u64 {
    up(request.max(1), BLOCK)
}

/// True where a request is served from the pool of large ones.
pub(super) fn is_large(request: u64) -> bool {
    block(request) > SMALL
}

/// The segment that the driver is asked for where no block serves a request: what the message calls "tried to allocate".
pub(super) fn segment(request: u64) -> u64 {
    match block(request) {
        ..=SMALL => SMALL_SEGMENT,
        size if size < MIN_LARGE => LARGE_SEGMENT,
        size => up(size, ROUND),
    }
}

fn up(size: u64, unit: u64) -> u64 {
    size.div_ceil(unit).saturating_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_round_as_the_allocator_rounds() {
        for (request, in_block, in_segment, large) in [
            (0, 512, 2 * MIB, false),
            (513, 1024, 2 * MIB, false),
            (MIB, MIB, 2 * MIB, false),
            (MIB + 1, MIB + 512, 20 * MIB, true),
            (10 * MIB, 10 * MIB, 10 * MIB, true),
            (22_516_482_048, 22_516_482_048, 22_517_121_024, true),
            (36_026_371_584, 36_026_371_584, 36_026_974_208, true),
        ] {
            assert_eq!(
                (block(request), segment(request), is_large(request)),
                (in_block, in_segment, large),
                "{request}"
            );
        }
    }
}
