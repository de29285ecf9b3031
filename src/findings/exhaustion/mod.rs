//! The work needs more than the device has.

pub(super) mod activations;
pub(super) mod all_against_all;
pub(super) mod attention_scores;
pub(super) mod beside_the_share;
pub(super) mod compute_buffer;
pub(super) mod duplicate_weights;
pub(super) mod earlier_models;
pub(super) mod graph_kept_in_eval;
pub(super) mod kv_cache;
pub(super) mod large_request;
pub(super) mod library_starved;
pub(super) mod logits;
pub(super) mod longest_context;
pub(super) mod more_than_the_device;
pub(super) mod optimizer_states;
pub(super) mod optimizer_temporaries;
pub(super) mod pool_exhausted;
pub(super) mod saving;
pub(super) mod trial_run;
pub(super) mod weights;
