//! What TensorFlow and XLA print, with JAX, which runs on it: the best-fit allocator, and calls of the driver.

pub(super) mod bfc_allocator;
pub(super) mod bfc_summary;
pub(super) mod tensorflow_context;
pub(super) mod tensorflow_device;
pub(super) mod tensorflow_exhausted;
pub(super) mod tensorflow_handle;
pub(super) mod tensorflow_launch;
pub(super) mod tensorflow_malloc_async;
pub(super) mod tensorflow_unallocated;
pub(super) mod xla_base_limit;
pub(super) mod xla_buffers;
pub(super) mod xla_exhausted;
pub(super) mod xla_hbm;
pub(super) mod xla_program;
pub(super) mod xla_rematerialization;
