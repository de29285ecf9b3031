//! One request exceeds the device or the limit.

pub(super) mod attention_larger_than_device;
pub(super) mod buffer_larger_than_device;
pub(super) mod larger_than_device;
pub(super) mod pairwise;
pub(super) mod shape_bug;
pub(super) mod whole_dataset;
