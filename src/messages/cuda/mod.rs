//! What CUDA, its libraries and other drivers say, whoever prints it: bare statuses, NCCL, Vulkan, `OpenCL`, `nvidia-smi`.

pub(super) mod call;
pub(super) mod d3d12_memory;
pub(super) mod device_exhausted;
pub(super) mod device_lacking;
pub(super) mod device_refused;
pub(super) mod device_said;
pub(super) mod device_scarce;
pub(super) mod device_short;
pub(super) mod device_status;
pub(super) mod error;
pub(super) mod hami_quota;
pub(super) mod library;
pub(super) mod macro_line;
pub(super) mod nccl_oom;
pub(super) mod nvenc_session;
pub(super) mod nvidia_smi_gpus;
pub(super) mod nvidia_smi_processes;
pub(super) mod nvmap_memory;
pub(super) mod opencl_allocation;
pub(super) mod vulkan_memory;
