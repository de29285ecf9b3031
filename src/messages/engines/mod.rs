//! What inference engines print: their own accounts of a share of the GPU, and refusals.

pub(super) mod cache_required;
pub(super) mod ctranslate2;
pub(super) mod directml;
pub(super) mod exllama_split;
pub(super) mod lmdeploy_memory;
pub(super) mod mistralrs_mapping;
pub(super) mod mlc_memory;
pub(super) mod onnxruntime_arena;
pub(super) mod onnxruntime_cuda;
pub(super) mod openvino_gpu;
pub(super) mod openvino_resources;
pub(super) mod sglang_loading;
pub(super) mod sglang_memory;
pub(super) mod sglang_pool;
pub(super) mod tensorrt;
pub(super) mod tensorrt_llm;
pub(super) mod tensorrt_llm_executor;
pub(super) mod tgi_memory;
pub(super) mod triton_server;
pub(super) mod vllm_cache;
pub(super) mod vllm_context;
pub(super) mod vllm_loading;
pub(super) mod vllm_profile;
pub(super) mod vllm_startup;
pub(super) mod vllm_summary;
pub(super) mod vllm_warmup;
