//! How PyTorch's allocator rounds (`c10/cuda/CUDACachingAllocator.cpp`: `round_size`, `get_allocation_size`, `get_pool`,
//! `should_split`).

use super::Settings;

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

/// Into how many parts each power of two is divided, if at all (`roundup_power2_divisions`): from 1 MiB on, one number for each.
pub(super) type Divisions = [u64; 16];

/// The block that a request takes under the program's settings (`roundup_power2_next_division`).
pub(super) fn block_with(request: u64, settings: Option<&Settings>) -> u64 {
    let power = request.max(1).ilog2();
    let interval = usize::try_from(power.saturating_sub(MIB.ilog2())).unwrap_or(0);
    let divisions = settings.map_or([0; 16], |settings| settings.divisions);
    let last = divisions.last().copied().unwrap_or(0);
    let divisions = divisions.get(interval).copied().unwrap_or(last);
    if divisions <= 1 || request <= BLOCK.saturating_mul(divisions) {
        return block(request);
    }
    let part = (1 << power) >> divisions.ilog2();
    if part == 0 {
        block(request)
    } else {
        up(request, part)
    }
}

/// True where a block of the large pool that is so much larger than what was asked for stays whole.
pub(super) fn stays_whole(size: u64, rest: u64, settings: Option<&Settings>) -> bool {
    let most = settings.and_then(|settings| settings.max_split_size);
    let limit = if most.is_some_and(|most| size >= most) {
        LARGE_SEGMENT
    } else {
        SMALL
    };
    rest <= limit
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
    fn powers_of_two_are_divided_where_the_settings_say_so() {
        let mut settings = Settings {
            divisions: [4; 16],
            ..Settings::default()
        };
        for (request, expected) in [
            (37 * MIB + 123, 40 * MIB),
            (40 * MIB, 40 * MIB),
            (32 * MIB, 32 * MIB),
            (5000, 5120),
            (300, 512),
        ] {
            assert_eq!(block_with(request, Some(&settings)), expected, "{request}");
        }
        assert_eq!(block_with(37 * MIB + 123, None), 37 * MIB + 512);
        settings.divisions = [0; 16];
        assert_eq!(block_with(37 * MIB + 123, Some(&settings)), 37 * MIB + 512);
    }

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
