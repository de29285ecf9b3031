//! The host's memory ran out.

pub(super) mod cgroup;
pub(super) mod cpu_allocator;
pub(super) mod oom_killer;
pub(super) mod pinned;
pub(super) mod shm;
