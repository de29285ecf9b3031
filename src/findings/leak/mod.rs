//! Live memory grows with time and should not.

pub(super) mod cycles;
pub(super) mod exception_frames;
pub(super) mod hooks;
pub(super) mod kept_graph;
pub(super) mod kept_objects;
pub(super) mod kept_outputs;
pub(super) mod unknown_growth;
