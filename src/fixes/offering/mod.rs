//! What the fixes share: what is known of the failure while they offer, values that they work out, and the order of what they
//! offer.

pub(in crate::fixes) mod arrays;
pub(in crate::fixes) mod batches;
pub(in crate::fixes) mod bounds;
pub(in crate::fixes) mod by_line;
mod by_words;
pub(in crate::fixes) mod colocated;
pub(in crate::fixes) mod contexts;
pub(in crate::fixes) mod counted;
pub(in crate::fixes) mod cpp;
pub(in crate::fixes) mod earlier;
pub(in crate::fixes) mod elsewhere;
pub(in crate::fixes) mod gpus;
pub(in crate::fixes) mod keepers;
pub(in crate::fixes) mod known_places;
pub(in crate::fixes) mod libraries;
pub(in crate::fixes) mod named;
pub(in crate::fixes) mod of_buffers;
pub(in crate::fixes) mod older_gpu;
pub(in crate::fixes) mod one_tensor;
pub(in crate::fixes) mod own;
pub(in crate::fixes) mod pairs;
pub(in crate::fixes) mod places;
pub(in crate::fixes) mod programs;
pub(in crate::fixes) mod ranking;
pub(in crate::fixes) mod rivals;
pub(in crate::fixes) mod shares;
pub(in crate::fixes) mod sides;
pub(in crate::fixes) mod situation;
mod spelled;
pub(in crate::fixes) mod told;
pub(in crate::fixes) mod trainers;
mod typed;
pub(in crate::fixes) mod watched;
pub(in crate::fixes) mod weighed;
mod what_goes_through;
