//! Enough is there, in pieces that cannot be joined.

pub(super) mod pool_fragmented;
pub(super) mod private_pools;
pub(super) mod split_segments;
pub(super) mod streams;
