//! What `PyTorch` and what stands on it print: its allocators for CUDA and for other devices, and their statistics.

pub(super) mod accelerate_no_batch;
pub(super) mod attention_too_large;
pub(super) mod batch_skipped;
pub(super) mod comfy_host_buffer;
pub(super) mod comfy_loading;
pub(super) mod comfy_vbar;
pub(super) mod cuda;
pub(super) mod cuda_bare;
pub(super) mod gaudi;
pub(super) mod invokeai_memory;
pub(super) mod malloc_async;
pub(super) mod moved_to_host;
pub(super) mod mps;
pub(super) mod npu;
pub(super) mod nvml_assert;
pub(super) mod pytest_summary;
pub(super) mod quantized_spill;
pub(super) mod stats;
pub(super) mod summary;
pub(super) mod thc;
pub(super) mod xpu;
