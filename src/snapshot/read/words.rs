//! The words of a snapshot that mean something. They are the first texts of its [`Names`], so that a key is a number.

use super::super::events::Action;
use super::super::memory::State;
use super::super::names::Names;

/// In the order of the numbers below.
const WORDS: [&str; 48] = [
    "action",
    "addr",
    "size",
    "stream",
    "time_us",
    "frames",
    "device_free",
    "pool_id",
    "name",
    "filename",
    "line",
    "blocks",
    "total_size",
    "device",
    "address",
    "segment_type",
    "segment_pool_id",
    "is_expandable",
    "state",
    "requested_size",
    "history",
    "real_size",
    "segments",
    "device_traces",
    "allocator_settings",
    "external_annotations",
    "PYTORCH_CUDA_ALLOC_CONF",
    "max_split_size",
    "garbage_collection_threshold",
    "expandable_segments",
    "stage",
    "small",
    "active_allocated",
    "active_pending_free",
    "active_awaiting_free",
    "inactive",
    "alloc",
    "free_requested",
    "free_completed",
    "segment_alloc",
    "segment_free",
    "segment_map",
    "segment_unmap",
    "snapshot",
    "oom",
    "host_segments",
    "roundup_power2_divisions",
    "1",
];

pub(super) const ACTION: u32 = 0;
pub(super) const ADDR: u32 = 1;
pub(super) const SIZE: u32 = 2;
pub(super) const STREAM: u32 = 3;
pub(super) const TIME: u32 = 4;
pub(super) const FRAMES: u32 = 5;
pub(super) const DEVICE_FREE: u32 = 6;
pub(super) const POOL_ID: u32 = 7;
pub(super) const NAME: u32 = 8;
pub(super) const FILENAME: u32 = 9;
pub(super) const LINE: u32 = 10;
pub(super) const BLOCKS: u32 = 11;
pub(super) const TOTAL_SIZE: u32 = 12;
pub(super) const DEVICE: u32 = 13;
pub(super) const ADDRESS: u32 = 14;
pub(super) const SEGMENT_TYPE: u32 = 15;
pub(super) const SEGMENT_POOL_ID: u32 = 16;
pub(super) const IS_EXPANDABLE: u32 = 17;
pub(super) const STATE: u32 = 18;
pub(super) const REQUESTED_SIZE: u32 = 19;
pub(super) const HISTORY: u32 = 20;
pub(super) const REAL_SIZE: u32 = 21;
pub(super) const SEGMENTS: u32 = 22;
pub(super) const DEVICE_TRACES: u32 = 23;
pub(super) const CONF: u32 = 26;
pub(super) const MAX_SPLIT_SIZE: u32 = 27;
pub(super) const GC_THRESHOLD: u32 = 28;
pub(super) const EXPANDABLE_SEGMENTS: u32 = 29;
const SMALL: u32 = 31;
const FIRST_STATE: u32 = 32;
const FIRST_ACTION: u32 = 36;
pub(super) const HOST_SEGMENTS: u32 = 45;
pub(super) const DIVISIONS: u32 = 46;
/// The first key of the divisions: they are named by the MiB from which on they are meant.
pub(super) const FIRST_DIVISION: u32 = 47;

/// Texts that begin with all the words.
pub(super) fn names() -> Names {
    let mut names = Names::default();
    for word in WORDS {
        names.intern(word);
    }
    names
}

/// True for the name of the pool of small requests.
pub(super) fn is_small(text: u32) -> bool {
    text == SMALL
}

/// What a block's state is called. The docstring of `memory_snapshot` says "awaiting" where the code writes "pending".
pub(super) fn state(text: u32) -> Option<State> {
    Some(match text.checked_sub(FIRST_STATE)? {
        0 => State::Active,
        1 | 2 => State::Pending,
        3 => State::Inactive,
        _ => return None,
    })
}

/// What an event's action is called. Later versions may add some.
pub(super) fn action(text: u32) -> Action {
    match text.checked_sub(FIRST_ACTION) {
        Some(0) => Action::Alloc,
        Some(1) => Action::FreeRequested,
        Some(2) => Action::FreeCompleted,
        Some(3) => Action::SegmentAlloc,
        Some(4) => Action::SegmentFree,
        Some(5) => Action::SegmentMap,
        Some(6) => Action::SegmentUnmap,
        Some(7) => Action::Snapshot,
        Some(8) => Action::Oom,
        _ => Action::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_the_number_that_it_is_looked_for_by() {
        let mut names = names();
        for (word, number) in [
            ("action", ACTION),
            ("history", HISTORY),
            ("host_segments", HOST_SEGMENTS),
            ("roundup_power2_divisions", DIVISIONS),
            ("1", FIRST_DIVISION),
        ] {
            assert_eq!(names.intern(word), Some(number), "{word}");
        }
        let mut of = |word: &str| names.intern(word).unwrap_or_default();
        assert_eq!(state(of("inactive")), Some(State::Inactive));
        assert_eq!(state(of("active_awaiting_free")), Some(State::Pending));
        assert_eq!(state(of("alloc")), None);
        assert_eq!(action(of("oom")), Action::Oom);
        assert_eq!(action(of("alloc")), Action::Alloc);
        assert_eq!(action(of("annotate")), Action::Other);
        assert!(is_small(of("small")));
    }
}
