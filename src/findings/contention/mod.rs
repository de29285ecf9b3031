//! Somebody else holds the memory.

pub(super) mod freed_meanwhile;
pub(super) mod no_room_for_context;
pub(super) mod other_library;
pub(super) mod other_process;
pub(super) mod preallocating_framework;
pub(super) mod ranks_on_one_gpu;
pub(super) mod stale_process;
pub(super) mod taken_while_asleep;
