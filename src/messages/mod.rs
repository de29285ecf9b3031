//! Messages that say that memory ran out: one file a message, in one folder a family of programs.
//!
//! A message is data: literals that announce it in raw bytes, a pattern that begins it, patterns for its numbers, and
//! examples that are its tests. Patterns run on squeezed text ([`crate::text::Squeezed`]), which holds no white space, so
//! they are written without any, in the message's own letter case, which is ignored. To add one: write its file, add its
//! line in the folder's `mod.rs` and in [`ALL`]. Its id is the file's name with hyphens, or the folder's and the file's.

mod cache;
mod consequences;
mod context;
mod cuda;
mod engines;
#[cfg(test)]
mod examples;
mod frameworks;
mod host;
mod llama_cpp;
mod matcher;
mod message;
mod nearby;
mod noise;
mod own;
mod parts;
mod patterns;
mod pinned;
mod pytorch;
mod sizes;
mod standing;
mod tensorflow_xla;
mod tree;

pub(crate) use consequences::{CONSEQUENCES, only_follows, some_follow};
pub(crate) use context::Match;
pub(crate) use matcher::{Matcher, Recognized};
pub use message::{Example, Field, Message, Role};
pub(crate) use nearby::{cached, is_in};
pub(crate) use own::pattern as own_pattern;
pub(crate) use own::{Own, Owns};
pub(crate) use parts::listed::tell_self_apart;

use nearby::{capture, number};
use patterns::{holds, start, tail};

macro_rules! all {
    ($(&$message:path,)*) => {
        /// All messages, in the order in which they may claim the same text.
        pub(crate) static ALL: &[&Message] = &[$(&$message),*];

        /// The same as a run needs them: without the examples, so that they are no part of the command.
        pub(crate) static READ: &[&Message] = &[$(&$message.without_examples()),*];
    };
}

all![
    &frameworks::oneflow_cuda::MESSAGE,
    &pytorch::cuda::MESSAGE,
    &pytorch::xpu::MESSAGE,
    &pytorch::mps::MESSAGE,
    &pytorch::npu::MESSAGE,
    &pytorch::malloc_async::MESSAGE,
    &pytorch::nvml_assert::MESSAGE,
    &pytorch::thc::MESSAGE,
    &pytorch::cuda_bare::MESSAGE,
    &pytorch::batch_skipped::MESSAGE,
    &pytorch::moved_to_host::MESSAGE,
    &pytorch::pytest_summary::MESSAGE,
    &pytorch::gaudi::MESSAGE,
    &frameworks::cupy_pool::MESSAGE,
    &frameworks::paddle_gpu::MESSAGE,
    &frameworks::paddle_share::MESSAGE,
    &frameworks::paddle_external::MESSAGE,
    &frameworks::rmm_pool::MESSAGE,
    &frameworks::cuda_jl::MESSAGE,
    &frameworks::xgboost_device::MESSAGE,
    &frameworks::catboost_pool::MESSAGE,
    &frameworks::relion_allocator::MESSAGE,
    &frameworks::kaldi_region::MESSAGE,
    &frameworks::wgpu_buffer::MESSAGE,
    &engines::mistralrs_mapping::MESSAGE,
    &engines::cache_required::MESSAGE,
    &tensorflow_xla::xla_exhausted::MESSAGE,
    &tensorflow_xla::xla_program::MESSAGE,
    &tensorflow_xla::xla_rematerialization::MESSAGE,
    &tensorflow_xla::xla_hbm::MESSAGE,
    &tensorflow_xla::bfc_allocator::MESSAGE,
    &tensorflow_xla::tensorflow_exhausted::MESSAGE,
    &tensorflow_xla::tensorflow_unallocated::MESSAGE,
    &tensorflow_xla::tensorflow_context::MESSAGE,
    &engines::onnxruntime_arena::MESSAGE,
    &engines::onnxruntime_cuda::MESSAGE,
    &engines::tensorrt::MESSAGE,
    &engines::tensorrt_builder::MESSAGE,
    &engines::tensorrt_llm::MESSAGE,
    &engines::tensorrt_llm_executor::MESSAGE,
    &engines::ctranslate2::MESSAGE,
    &engines::vllm_cache::MESSAGE,
    &engines::vllm_context::MESSAGE,
    &engines::vllm_startup::MESSAGE,
    &engines::vllm_profiling::MESSAGE,
    &engines::max_memory::MESSAGE,
    &tensorflow_xla::tensorflow_malloc_async::MESSAGE,
    &tensorflow_xla::tensorflow_handle::MESSAGE,
    &tensorflow_xla::tensorflow_launch::MESSAGE,
    &frameworks::caffe_check::MESSAGE,
    &frameworks::mxnet_storage::MESSAGE,
    &frameworks::darknet_check::MESSAGE,
    &frameworks::cntk_failure::MESSAGE,
    &frameworks::lightgbm_cuda::MESSAGE,
    &frameworks::mindspore_pool::MESSAGE,
    &frameworks::mindspore_device::MESSAGE,
    &frameworks::tinygrad_alloc::MESSAGE,
    &frameworks::cudarc_driver::MESSAGE,
    &frameworks::amrex_abort::MESSAGE,
    &frameworks::openmm_array::MESSAGE,
    &frameworks::faiss_resources::MESSAGE,
    &frameworks::kokkos_space::MESSAGE,
    &frameworks::matlab_device::MESSAGE,
    &llama_cpp::ollama_runner::MESSAGE,
    &llama_cpp::ollama_layout::MESSAGE,
    &llama_cpp::ollama_mlx_room::MESSAGE,
    &llama_cpp::ollama_system_memory::MESSAGE,
    &llama_cpp::sd_params_buffer::MESSAGE,
    &llama_cpp::metal_insufficient::MESSAGE,
    &llama_cpp::metal_buffer_limit::MESSAGE,
    &llama_cpp::ggml_buffer::MESSAGE,
    &llama_cpp::ggml_cuda_error::MESSAGE,
    &cuda::call::MESSAGE,
    &cuda::vulkan_memory::MESSAGE,
    &cuda::opencl_allocation::MESSAGE,
    &frameworks::blender_cycles::MESSAGE,
    &cuda::nvmap_memory::MESSAGE,
    &pytorch::accelerate_no_batch::MESSAGE,
    &pytorch::comfy_host_buffer::MESSAGE,
    &pytorch::attention_too_large::MESSAGE,
    &pytorch::comfy_vbar::MESSAGE,
    &pytorch::quantized_spill::MESSAGE,
    &frameworks::theano_device::MESSAGE,
    &engines::vllm_warmup::MESSAGE,
    &engines::vllm_sequences::MESSAGE,
    &engines::sglang_unbalanced::MESSAGE,
    &engines::tvm_memory::MESSAGE,
    &pytorch::invokeai_memory::MESSAGE,
    &pytorch::comfy_loading::MESSAGE,
    &engines::sglang_memory::MESSAGE,
    &engines::sglang_pool::MESSAGE,
    &engines::sglang_host_cache::MESSAGE,
    &engines::tgi_memory::MESSAGE,
    &engines::lmdeploy_memory::MESSAGE,
    &engines::mlc_memory::MESSAGE,
    &engines::openvino_gpu::MESSAGE,
    &engines::openvino_resources::MESSAGE,
    &engines::directml::MESSAGE,
    &engines::exllama_split::MESSAGE,
    &engines::triton_server::MESSAGE,
    &cuda::d3d12_memory::MESSAGE,
    &llama_cpp::lm_studio_estimate::MESSAGE,
    &llama_cpp::node_context::MESSAGE,
    &cuda::library::MESSAGE,
    &cuda::nccl_oom::MESSAGE,
    &cuda::error::MESSAGE,
    &cuda::nvenc_session::MESSAGE,
    &cuda::macro_line::MESSAGE,
    &host::cpu_allocator::MESSAGE,
    &host::dataloader_killed::MESSAGE,
    &host::torch_shared_memory::MESSAGE,
    &host::linux_oom_killer::MESSAGE,
    &host::slurm_oom::MESSAGE,
    &host::kubernetes_oom::MESSAGE,
    &host::exit_137::MESSAGE,
    &host::ci_exit_137::MESSAGE,
    &host::marked_exit_137::MESSAGE,
    &host::service_oom::MESSAGE,
    &host::batch_limit::MESSAGE,
    &host::grid_engine_limit::MESSAGE,
    &host::cloud_oom::MESSAGE,
    &host::workflow_oom::MESSAGE,
    &host::heroku_quota::MESSAGE,
    &host::nomad_oom::MESSAGE,
    &host::go_exit_error::MESSAGE,
    &host::cloud_run_oom::MESSAGE,
    &host::worker_sigkill::MESSAGE,
    &host::render_oom::MESSAGE,
    &host::build_killed::MESSAGE,
    &host::compiler_memory::MESSAGE,
    &host::managed_sigkill::MESSAGE,
    &host::gunicorn_sigkill::MESSAGE,
    &host::airflow_oom::MESSAGE,
    &host::runner_lost::MESSAGE,
    &host::jetsam::MESSAGE,
    &host::launcher_sigkill::MESSAGE,
    &host::elastic_sigkill::MESSAGE,
    &host::subprocess_sigkill::MESSAGE,
    &host::numpy_memory_error::MESSAGE,
    &host::ray_node_oom::MESSAGE,
    &host::ray_object_store::MESSAGE,
    &host::ray_actor_died::MESSAGE,
    &host::windows_commit::MESSAGE,
    &host::python_memory_error::MESSAGE,
    &cuda::device_refused::MESSAGE,
    &cuda::device_exhausted::MESSAGE,
    &cuda::device_lacking::MESSAGE,
    &cuda::device_scarce::MESSAGE,
    &cuda::device_short::MESSAGE,
    &cuda::device_status::MESSAGE,
    &cuda::device_said::MESSAGE,
    &host::host_refused::MESSAGE,
    &host::condor_held::MESSAGE,
    &host::quoted_exit_137::MESSAGE,
    &host::flux_oom::MESSAGE,
    &host::runtime_refused::MESSAGE,
    &host::tool_refused::MESSAGE,
    &host::host_said::MESSAGE,
    &host::dask_nanny::MESSAGE,
    &host::compiler_killed::MESSAGE,
    &host::killed_line::MESSAGE,
    &pytorch::summary::MESSAGE,
    &pytorch::stats::MESSAGE,
    &tensorflow_xla::bfc_summary::MESSAGE,
    &tensorflow_xla::tensorflow_device::MESSAGE,
    &tensorflow_xla::xla_base_limit::MESSAGE,
    &tensorflow_xla::xla_buffers::MESSAGE,
    &engines::vllm_profile::MESSAGE,
    &engines::vllm_loading::MESSAGE,
    &engines::vllm_summary::MESSAGE,
    &engines::sglang_loading::MESSAGE,
    &cuda::nvidia_smi_processes::MESSAGE,
    &cuda::nvidia_smi_gpus::MESSAGE,
    &cuda::hami_quota::MESSAGE,
    &noise::recovered::MESSAGE,
    &noise::shared_memory::MESSAGE,
    &noise::quoted_code::MESSAGE,
    &noise::searched_text::MESSAGE,
];
