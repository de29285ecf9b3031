//! The evidence does not settle it.

pub(super) mod address_space;
pub(super) mod buffer_refused;
pub(super) mod contradictory_figures;
pub(super) mod engine_refused;
pub(super) mod free_but_refused;
pub(super) mod no_batch_fits;
pub(super) mod no_figures;
pub(super) mod unexplained;
pub(super) mod unmoved_reading;
