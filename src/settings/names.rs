//! Names that take a value and are no training program's own: variables of the environment, options of the allocator, shares
//! of the device.

use super::knobs::Knob;
use super::takes::Takes;
use crate::evidence::SettingKind;

/// All names. One that may stand for something else on another program's line is not here.
pub(super) const NAMES: &[Knob] = &[
    Knob {
        kind: SettingKind::AllocatorConfig,
        takes: Takes::Options,
        names: "pytorch_cuda_alloc_conf pytorch_hip_alloc_conf pytorch_alloc_conf _set_allocator_settings",
    },
    Knob {
        kind: SettingKind::EngineShare,
        takes: Takes::Fraction,
        names: "gpu_memory_utilization vllm_gpu_memory_utilization mem_fraction_static cache_max_entry_count free_gpu_memory_fraction \
            kv_cache_free_gpu_mem_fraction cuda_memory_fraction",
    },
    Knob {
        kind: SettingKind::MemoryFraction,
        takes: Takes::Fraction,
        names: "set_per_process_memory_fraction",
    },
    Knob {
        kind: SettingKind::VisibleDevices,
        takes: Takes::Devices,
        names: "cuda_visible_devices hip_visible_devices rocr_visible_devices",
    },
    Knob {
        kind: SettingKind::Rocm,
        takes: Takes::Given,
        names: "hip_visible_devices",
    },
    Knob {
        kind: SettingKind::ContextSize,
        takes: Takes::Tokens,
        names: "n_ctx contextsize num_ctx ollama_context_length",
    },
    Knob {
        kind: SettingKind::SequenceLength,
        takes: Takes::Count,
        names: "context_length max_total_tokens session_len",
    },
    Knob {
        kind: SettingKind::Sequences,
        takes: Takes::Count,
        names: "max_num_seqs max_running_requests max_num_requests maxbatchsize",
    },
    Knob {
        kind: SettingKind::TokensAtOnce,
        takes: Takes::Count,
        names: "max_num_batched_tokens chunked_prefill_size max_batch_prefill_tokens max_prefill_tokens max_num_tokens \
            max_prefill_token_num prefill_chunk_size max_batch_tokens",
    },
    Knob {
        kind: SettingKind::Parallel,
        takes: Takes::Count,
        names: "n_seq_max ollama_num_parallel n_parallel",
    },
    Knob {
        kind: SettingKind::MicroBatch,
        takes: Takes::Count,
        names: "n_ubatch blasbatchsize",
    },
    // vLLM, SGLang, TGI; llama.cpp (common/arg.cpp); Ollama; TabbyAPI; text-generation-webui.
    Knob {
        kind: SettingKind::QuantizedCache,
        takes: Takes::OneOf(&["fp8", "fp4", "nvfp4", "int8", "q8", "q6", "q5", "q4", "iq4"]),
        names: "kv_cache_dtype cache_type_k cache_type ollama_kv_cache_type cache_mode ctk",
    },
    // TabbyAPI (config_sample.yml), llama.cpp (common/arg.cpp).
    Knob {
        kind: SettingKind::ExpertsOnCpu,
        takes: Takes::Count,
        names: "cpu_moe_offload_layers n_cpu_moe",
    },
    // vLLM, SGLang, LMDeploy: how many GPUs hold a part of the weights each.
    Knob {
        kind: SettingKind::ModelParallel,
        takes: Takes::CountAsFlag,
        names: "tp",
    },
    Knob {
        kind: SettingKind::GraphBatch,
        takes: Takes::Count,
        names: "cuda_graph_max_bs",
    },
    Knob {
        kind: SettingKind::Eager,
        takes: Takes::Switch,
        names: "enforce_eager disable_cuda_graph",
    },
];

#[cfg(test)]
mod tests {
    use super::super::tests::assert_shows;
    use super::*;
    use SettingKind as K;

    /// A line, and what it shows of a kind.
    const EXAMPLES: &[(&str, SettingKind, Option<&str>)] = &[
        (
            "export PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True",
            K::AllocatorConfig,
            Some("expandable_segments:True"),
        ),
        (
            "os.environ['PYTORCH_ALLOC_CONF'] = 'max_split_size_mb:128'",
            K::AllocatorConfig,
            Some("max_split_size_mb:128"),
        ),
        (
            "ENV PYTORCH_HIP_ALLOC_CONF garbage_collection_threshold:0.8,max_split_size_mb:128",
            K::AllocatorConfig,
            Some("garbage_collection_threshold:0.8,max_split_size_mb:128"),
        ),
        (
            "torch.cuda.memory._set_allocator_settings(\"expandable_segments:True\")",
            K::AllocatorConfig,
            Some("expandable_segments:True"),
        ),
        ("PYTORCH_CUDA_ALLOC_CONF: None", K::AllocatorConfig, None),
        (
            "torch.cuda.set_per_process_memory_fraction(0.5, 0)",
            K::MemoryFraction,
            Some("0.5"),
        ),
        (
            "torch.cuda.set_per_process_memory_fraction(1.0)",
            K::MemoryFraction,
            None,
        ),
        (
            "CUDA_VISIBLE_DEVICES=0,1 python a.py",
            K::VisibleDevices,
            Some("0,1"),
        ),
        (
            "LOCAL_RANK: 0 - CUDA_VISIBLE_DEVICES: [0,1]",
            K::VisibleDevices,
            Some("0,1"),
        ),
        ("CUDA_VISIBLE_DEVICES=$i python", K::VisibleDevices, None),
        ("HIP_VISIBLE_DEVICES=1", K::Rocm, Some("")),
        (
            "--gpu-memory-utilization 0.85",
            K::EngineShare,
            Some("0.85"),
        ),
    ];

    #[test]
    fn every_name_shows_what_it_is_set_to() {
        for (text, kind, value) in EXAMPLES {
            assert_shows(text, *kind, *value);
        }
    }

    #[test]
    fn advice_and_comments_are_no_evidence() {
        for text in [
            "If reserved but unallocated memory is large try setting PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True to avoid fragmentation.",
            "PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True to avoid fragmentation.  See documentation for Memory",
            "you can set PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True",
            "# export PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True",
            "reduce it via PYTORCH_CUDA_ALLOC_CONF expandable_segments_reserve / expandable_segments_reserve_by_class.",
        ] {
            assert_shows(text, SettingKind::AllocatorConfig, None);
        }
    }
}
