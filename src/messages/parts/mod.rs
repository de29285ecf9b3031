//! What the messages of one family have in common: how the parts are read that several of them hold.

pub(in crate::messages) mod accounting;
pub(in crate::messages) mod builds;
pub(in crate::messages) mod cut_short;
pub(in crate::messages) mod dev_shm;
pub(in crate::messages) mod ggml;
pub(in crate::messages) mod kernel;
pub(in crate::messages) mod listed;
pub(in crate::messages) mod pod_status;
pub(in crate::messages) mod pod_words;
pub(in crate::messages) mod pods;
pub(in crate::messages) mod recorded;
pub(in crate::messages) mod refusals;
pub(in crate::messages) mod told;
pub(in crate::messages) mod units;
pub(in crate::messages) mod wording;
