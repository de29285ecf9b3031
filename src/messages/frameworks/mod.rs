//! What other frameworks and programs on GPUs print.

pub(super) mod amrex_abort;
pub(super) mod blender_cycles;
pub(super) mod caffe_check;
pub(super) mod cntk_failure;
pub(super) mod cuda_jl;
pub(super) mod cudarc_driver;
pub(super) mod cupy_pool;
pub(super) mod darknet_check;
pub(super) mod faiss_resources;
pub(super) mod kokkos_space;
pub(super) mod lightgbm_cuda;
pub(super) mod matlab_device;
pub(super) mod mindspore_device;
pub(super) mod mindspore_pool;
pub(super) mod mxnet_storage;
pub(super) mod oneflow_cuda;
pub(super) mod openmm_array;
pub(super) mod paddle_external;
pub(super) mod paddle_gpu;
pub(super) mod paddle_share;
pub(super) mod rmm_pool;
pub(super) mod theano_device;
pub(super) mod tinygrad_alloc;
pub(super) mod xgboost_device;
