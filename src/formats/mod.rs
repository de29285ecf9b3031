//! Messages that say that memory ran out: one file a message of one framework.
//!
//! A format is data: literals that announce it in raw bytes, a pattern that begins it, patterns for its numbers, and
//! examples that are its tests. Patterns run on [`Squeezed`] text, which holds no white space, so
//! they are written without any, in the message's own letter case, which is ignored. To add one: write its file, add its two lines below.

mod accelerate_no_batch;
mod amrex_abort;
mod bfc_allocator;
mod bfc_summary;
mod blender_cycles;
mod caffe_check;
mod calls;
mod cntk_failure;
mod comfy_host_buffer;
mod compiler_killed;
mod consequences;
mod cpu_allocator;
mod ctranslate2;
mod cuda_call;
mod cuda_error;
mod cuda_jl;
mod cuda_library;
mod cudarc_driver;
mod cupy_pool;
mod darknet_check;
mod dask_nanny;
mod dataloader_killed;
mod directml;
mod elastic_sigkill;
#[cfg(test)]
mod examples;
mod ggml_buffer;
mod ggml_cuda_error;
mod ggml_words;
mod hami_quota;
mod host_refused;
mod kept;
mod killed_line;
mod kokkos_space;
mod kubernetes_oom;
mod lightgbm_cuda;
mod linux_oom_killer;
mod listed;
mod lmdeploy_memory;
pub mod marks;
mod matcher;
mod matlab_device;
mod metal_insufficient;
mod mindspore_device;
mod mindspore_pool;
mod mlc_memory;
mod mxnet_storage;
mod nccl_oom;
mod noise_quoted_code;
mod noise_recovered;
mod noise_searched_text;
mod noise_shared_memory;
mod numpy_memory_error;
mod nvidia_smi_processes;
mod nvmap_memory;
mod ollama_layout;
mod ollama_mlx_room;
mod ollama_runner;
mod ollama_system_memory;
mod oneflow_cuda;
mod onnxruntime_arena;
mod onnxruntime_cuda;
mod opencl_allocation;
mod openmm_array;
mod openvino_gpu;
mod paddle_external;
mod paddle_gpu;
mod paddle_share;
mod patterns;
mod pinned;
mod pytorch_cuda;
mod pytorch_cuda_bare;
mod pytorch_gaudi;
mod pytorch_malloc_async;
mod pytorch_mps;
mod pytorch_npu;
mod pytorch_nvml_assert;
mod pytorch_stats;
mod pytorch_summary;
mod pytorch_thc;
mod pytorch_xpu;
mod ray_node_oom;
mod rmm_pool;
mod sd_params_buffer;
mod sglang_loading;
mod sglang_memory;
mod slurm_oom;
mod standing;
mod subprocess_sigkill;
mod tensorflow_context;
mod tensorflow_exhausted;
mod tensorflow_handle;
mod tensorflow_malloc_async;
mod tensorflow_unallocated;
mod tensorrt;
mod tensorrt_llm;
mod tgi_memory;
mod theano_device;
mod tinygrad_alloc;
mod torch_shared_memory;
mod vllm_cache;
mod vllm_context;
mod vllm_loading;
mod vllm_profile;
mod vllm_startup;
mod vllm_warmup;
mod vulkan_memory;
mod windows_commit;
mod wording;
mod xgboost_device;
mod xla_base_limit;
mod xla_exhausted;

pub use consequences::{CONSEQUENCES, only_follows};
pub(crate) use listed::tell_self_apart;
pub use matcher::{Matcher, Sighting};
pub use patterns::Compiled;
pub(crate) use patterns::cached;

use crate::evidence::{FactSource, Framework, Incident, Key, Memory};
use crate::text::{Line, Squeezed};
use patterns::{capture, folded_finder, holds, number, start, tail};

/// All formats, in the order in which they may claim the same text.
pub static ALL: &[&Format] = &[
    &oneflow_cuda::FORMAT,
    &pytorch_cuda::FORMAT,
    &pytorch_xpu::FORMAT,
    &pytorch_mps::FORMAT,
    &pytorch_npu::FORMAT,
    &pytorch_malloc_async::FORMAT,
    &pytorch_nvml_assert::FORMAT,
    &pytorch_thc::FORMAT,
    &pytorch_cuda_bare::FORMAT,
    &pytorch_gaudi::FORMAT,
    &cupy_pool::FORMAT,
    &paddle_gpu::FORMAT,
    &paddle_share::FORMAT,
    &paddle_external::FORMAT,
    &rmm_pool::FORMAT,
    &cuda_jl::FORMAT,
    &xgboost_device::FORMAT,
    &xla_exhausted::FORMAT,
    &bfc_allocator::FORMAT,
    &tensorflow_exhausted::FORMAT,
    &tensorflow_unallocated::FORMAT,
    &tensorflow_context::FORMAT,
    &onnxruntime_arena::FORMAT,
    &onnxruntime_cuda::FORMAT,
    &tensorrt::FORMAT,
    &tensorrt_llm::FORMAT,
    &ctranslate2::FORMAT,
    &vllm_cache::FORMAT,
    &vllm_context::FORMAT,
    &vllm_startup::FORMAT,
    &tensorflow_malloc_async::FORMAT,
    &tensorflow_handle::FORMAT,
    &caffe_check::FORMAT,
    &mxnet_storage::FORMAT,
    &darknet_check::FORMAT,
    &cntk_failure::FORMAT,
    &lightgbm_cuda::FORMAT,
    &mindspore_pool::FORMAT,
    &mindspore_device::FORMAT,
    &tinygrad_alloc::FORMAT,
    &cudarc_driver::FORMAT,
    &amrex_abort::FORMAT,
    &openmm_array::FORMAT,
    &kokkos_space::FORMAT,
    &matlab_device::FORMAT,
    &ollama_runner::FORMAT,
    &ollama_layout::FORMAT,
    &ollama_mlx_room::FORMAT,
    &ollama_system_memory::FORMAT,
    &sd_params_buffer::FORMAT,
    &metal_insufficient::FORMAT,
    &ggml_buffer::FORMAT,
    &ggml_cuda_error::FORMAT,
    &cuda_call::FORMAT,
    &vulkan_memory::FORMAT,
    &opencl_allocation::FORMAT,
    &blender_cycles::FORMAT,
    &nvmap_memory::FORMAT,
    &accelerate_no_batch::FORMAT,
    &comfy_host_buffer::FORMAT,
    &theano_device::FORMAT,
    &vllm_warmup::FORMAT,
    &sglang_memory::FORMAT,
    &tgi_memory::FORMAT,
    &lmdeploy_memory::FORMAT,
    &mlc_memory::FORMAT,
    &openvino_gpu::FORMAT,
    &directml::FORMAT,
    &cuda_library::FORMAT,
    &nccl_oom::FORMAT,
    &cuda_error::FORMAT,
    &cpu_allocator::FORMAT,
    &dataloader_killed::FORMAT,
    &torch_shared_memory::FORMAT,
    &linux_oom_killer::FORMAT,
    &slurm_oom::FORMAT,
    &kubernetes_oom::FORMAT,
    &elastic_sigkill::FORMAT,
    &subprocess_sigkill::FORMAT,
    &numpy_memory_error::FORMAT,
    &ray_node_oom::FORMAT,
    &windows_commit::FORMAT,
    &host_refused::FORMAT,
    &dask_nanny::FORMAT,
    &compiler_killed::FORMAT,
    &killed_line::FORMAT,
    &pytorch_summary::FORMAT,
    &pytorch_stats::FORMAT,
    &bfc_summary::FORMAT,
    &xla_base_limit::FORMAT,
    &vllm_profile::FORMAT,
    &vllm_loading::FORMAT,
    &sglang_loading::FORMAT,
    &nvidia_smi_processes::FORMAT,
    &hami_quota::FORMAT,
    &noise_recovered::FORMAT,
    &noise_shared_memory::FORMAT,
    &noise_quoted_code::FORMAT,
    &noise_searched_text::FORMAT,
];

/// What a format is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It reports a failure.
    Failure,
    /// It adds figures to a failure near it, and is one by itself only where its own figures say so.
    Evidence,
    /// It looks like a failure and is none: it claims its text so that nothing else does.
    Noise,
}

/// One message of one framework.
pub struct Format {
    /// Its name: ⟨program⟩-⟨what it prints⟩, equal to its file's name with hyphens.
    pub id: &'static str,
    /// The upstream file that prints it, and since when.
    pub printed_by: &'static str,
    /// What it is good for.
    pub role: Role,
    /// Which memory it speaks of.
    pub memory: Memory,
    /// Who prints it.
    pub framework: Framework,
    /// Literals of the message, in its own spelling. Any one of them in raw bytes makes the reader look closer, so name
    /// several that no single hard wrap can break together.
    pub signatures: &'static [&'static str],
    /// What begins it, as a pattern on squeezed text.
    pub head: &'static str,
    /// Where words alone do not make it a message: whether the head stands where one stands.
    pub accepts: Option<fn(&Hit<'_>) -> bool>,
    /// How many bytes of squeezed text the whole message can take.
    pub reach: usize,
    /// Which print its numbers are of.
    pub source: FactSource,
    /// Its numbers.
    pub fields: &'static [Field],
    /// What the table cannot say: devices, processes, [`marks`], versions, or that it was the host's memory after all.
    pub more: Option<fn(&Hit<'_>, &mut Incident)>,
    /// Texts and what is read from them: tests, documentation and fuzzing seeds in one.
    pub examples: &'static [Example],
    /// Patterns compiled at first use.
    pub compiled: Compiled,
}

/// One number of a message.
pub struct Field {
    /// Which number.
    pub key: Key,
    /// Its place. `{size}` stands for a rounded size with its unit, `{floored}` for one that was cut down to whole units,
    /// `{bytes}` for a plain integer of bytes.
    pub pattern: &'static str,
}

/// A text that a format reads, and what it reads there.
pub struct Example {
    /// The text.
    pub text: &'static str,
    /// The facts, as printed.
    pub reads: &'static [(Key, &'static str)],
}

/// The text of one sighting: from its head to the next one.
pub struct Hit<'a> {
    /// Squeezed text from the head on.
    pub text: &'a str,
    /// The same in lower case.
    folded: &'a str,
    /// Squeezed text before the head, at most 2000 bytes of it.
    pub before: &'a str,
    /// The whole line that holds the head, white space and all: tables need their columns.
    pub row: &'a str,
    /// The raw line number, from 1, of a byte of `text`.
    pub line: &'a dyn Fn(usize) -> u64,
    /// How many bytes of `text` the head takes.
    head: usize,
    /// Where `text` begins in the squeezed copy.
    at: usize,
    squeezed: &'a Squeezed,
    lines: &'a [Line],
}

impl Hit<'_> {
    /// The first capture of a pattern on the squeezed text, without regard to case.
    pub fn capture(&self, pattern: &'static str) -> Option<String> {
        capture(pattern, self.text)
    }

    /// The same as a number: the index of a device, a rank.
    fn number(&self, pattern: &'static str) -> Option<u32> {
        number(pattern, self.text)
    }

    /// True where the squeezed text holds the literal, without regard to case.
    pub fn says(&self, literal: &'static str) -> bool {
        folded_finder(literal)
            .find(self.folded.as_bytes())
            .is_some()
    }

    /// The squeezed text of the head's own line, before it.
    fn line_before(&self) -> &str {
        let start = self.squeezed.line_span(self.at).start;
        self.squeezed.text.get(start..self.at).unwrap_or("")
    }

    /// The squeezed text behind the head, to the end of the line in which the head ends.
    fn line_after(&self) -> &str {
        let from = self.at + self.head;
        let end = self.squeezed.line_span(from.saturating_sub(1)).end;
        self.squeezed.text.get(from..end).unwrap_or("")
    }

    /// The raw line number, from 1, of the byte that stands so far before the head.
    fn line_back(&self, back: usize) -> u64 {
        let index = self.squeezed.line_at(self.at.saturating_sub(back));
        self.lines.get(index).map_or(0, |line| line.number)
    }

    /// True where the byte that stands so far before the head begins a line.
    fn begins_line(&self, back: usize) -> bool {
        self.at
            .checked_sub(back)
            .is_some_and(|at| self.squeezed.line_span(at).start == at)
    }
}
