//! A limit below the device stopped it.

pub(super) mod container_quota;
pub(super) mod encoder_sessions;
pub(super) mod engine_budget;
pub(super) mod framework_pool_limit;
pub(super) mod guardrail;
pub(super) mod host_paging;
pub(super) mod memory_fraction;
pub(super) mod pool_limit;
pub(super) mod single_allocation_limit;
