//! What `ggml` and the programs on it print: llama.cpp, Ollama, whisper.cpp and stable-diffusion.cpp.

pub(super) mod ggml_buffer;
pub(super) mod ggml_cuda_error;
pub(super) mod lm_studio_estimate;
pub(super) mod metal_buffer_limit;
pub(super) mod metal_insufficient;
pub(super) mod node_context;
pub(super) mod ollama_layout;
pub(super) mod ollama_mlx_room;
pub(super) mod ollama_runner;
pub(super) mod ollama_system_memory;
pub(super) mod sd_params_buffer;
