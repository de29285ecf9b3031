//! Names that take a value: variables of the environment, flags, arguments of functions.

use super::assigned::spots;
use super::takes::{Takes, taken};
use crate::evidence::SettingKind;

/// One name.
struct Name {
    /// In lower case, with underscores.
    spelled: &'static str,
    kind: SettingKind,
    takes: Takes,
}

const fn name(spelled: &'static str, kind: SettingKind, takes: Takes) -> Name {
    Name {
        spelled,
        kind,
        takes,
    }
}

const HALF: &[&str] = &["bf16", "fp16", "bfloat16", "float16", "fp8", "16"];

const SMALL_STATES: &[&str] = &[
    "adamw_8bit",
    "adamw8bit",
    "adamw_bnb_8bit",
    "paged_adamw",
    "paged_lion",
    "adafactor",
];

/// Names of the longest sequence that a run takes, in training and in serving.
const LENGTHS: &[&str] = &[
    "max_length",
    "max_seq_length",
    "max_seq_len",
    "seq_length",
    "seq_len",
    "sequence_length",
    "cutoff_len",
    "max_model_len",
];

/// Names of the allocator's options.
const OPTIONS: &[&str] = &[
    "pytorch_cuda_alloc_conf",
    "pytorch_hip_alloc_conf",
    "pytorch_alloc_conf",
    "_set_allocator_settings",
];

/// Names of the share of the device that an engine takes.
const SHARES: &[&str] = &["gpu_memory_utilization", "mem_fraction_static"];

/// All names. One that may stand for something else on another program's line is not here.
const NAMES: &[Name] = &[
    name(
        "set_per_process_memory_fraction",
        SettingKind::MemoryFraction,
        Takes::Fraction,
    ),
    name(
        "cuda_visible_devices",
        SettingKind::VisibleDevices,
        Takes::Devices,
    ),
    name(
        "hip_visible_devices",
        SettingKind::VisibleDevices,
        Takes::Devices,
    ),
    name(
        "rocr_visible_devices",
        SettingKind::VisibleDevices,
        Takes::Devices,
    ),
    name(
        "gradient_checkpointing",
        SettingKind::Checkpointing,
        Takes::Switch,
    ),
    name(
        "use_gradient_checkpointing",
        SettingKind::Checkpointing,
        Takes::Switch,
    ),
    name(
        "activation_checkpointing",
        SettingKind::Checkpointing,
        Takes::Switch,
    ),
    name("bf16", SettingKind::MixedPrecision, Takes::Switch),
    name("fp16", SettingKind::MixedPrecision, Takes::Switch),
    name(
        "mixed_precision",
        SettingKind::MixedPrecision,
        Takes::OneOf(HALF),
    ),
    name("zero_stage", SettingKind::DeepSpeed, Takes::Count),
    name(
        "zero_optimization_stage",
        SettingKind::DeepSpeed,
        Takes::Count,
    ),
    name("deepspeed", SettingKind::DeepSpeed, Takes::Anything),
    name("fsdp", SettingKind::Fsdp, Takes::Anything),
    name("batch_size", SettingKind::BatchSize, Takes::Count),
    name("micro_batch_size", SettingKind::BatchSize, Takes::Count),
    name(
        "train_micro_batch_size_per_gpu",
        SettingKind::BatchSize,
        Takes::Count,
    ),
    name(
        "per_device_train_batch_size",
        SettingKind::BatchSize,
        Takes::Count,
    ),
    name(
        "per_gpu_train_batch_size",
        SettingKind::BatchSize,
        Takes::Count,
    ),
    name(
        "train_batch_size",
        SettingKind::BatchSize,
        Takes::CountAsFlag,
    ),
    name("n_ctx", SettingKind::ContextSize, Takes::Count),
    name("load_in_4bit", SettingKind::Quantized, Takes::Switch),
    name("load_in_8bit", SettingKind::Quantized, Takes::Switch),
    name(
        "quantization",
        SettingKind::Quantized,
        Takes::OneOf(&[
            "fp8",
            "awq",
            "gptq",
            "bitsandbytes",
            "int4",
            "int8",
            "w4",
            "w8",
            "mxfp4",
            "gguf",
        ]),
    ),
    name(
        "optim",
        SettingKind::SmallOptimizer,
        Takes::OneOf(SMALL_STATES),
    ),
    name(
        "optimizer",
        SettingKind::SmallOptimizer,
        Takes::OneOf(SMALL_STATES),
    ),
    name(
        "attn_implementation",
        SettingKind::FlashAttention,
        Takes::OneOf(&["sdpa", "flash_attention"]),
    ),
    name("use_flash_attn", SettingKind::FlashAttention, Takes::Switch),
    name("flash_attn", SettingKind::FlashAttention, Takes::Switch),
];

/// Hands over what the names of a line are set to.
pub(super) fn read(text: &str, keep: &mut dyn FnMut(SettingKind, &str, &str)) {
    for spot in spots(text) {
        for (names, kind, takes) in [
            (OPTIONS, SettingKind::AllocatorConfig, Takes::Options),
            (LENGTHS, SettingKind::SequenceLength, Takes::Count),
            (SHARES, SettingKind::EngineShare, Takes::Fraction),
        ] {
            if names.iter().any(|known| same(known, spot.name))
                && !spot.is_advice()
                && let Some(value) = taken(&spot, takes)
            {
                keep(kind, spot.name, &value);
            }
        }
        let Some(known) = NAMES.iter().find(|n| same(n.spelled, spot.name)) else {
            continue;
        };
        if spot.is_advice() {
            continue;
        }
        if let Some(value) = taken(&spot, known.takes) {
            keep(known.kind, spot.name, &value);
            if spot.name.to_ascii_lowercase().starts_with("hip_visible") {
                keep(SettingKind::Rocm, spot.name, "");
            }
        }
    }
}

/// Equal but for letter case, and dashes for underscores.
fn same(known: &str, written: &str) -> bool {
    known.len() == written.len()
        && known
            .bytes()
            .zip(written.bytes())
            .all(|(k, w)| k == w.to_ascii_lowercase() || (k == b'_' && w == b'-'))
}

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
        (
            "python train.py --gradient_checkpointing --bf16",
            K::Checkpointing,
            Some(""),
        ),
        (
            "python train.py --gradient_checkpointing --bf16",
            K::MixedPrecision,
            Some(""),
        ),
        (
            "TrainingArguments(gradient_checkpointing=True,",
            K::Checkpointing,
            Some(""),
        ),
        (
            "TrainingArguments(gradient_checkpointing=False,",
            K::Checkpointing,
            None,
        ),
        ("--gradient-checkpointing False", K::Checkpointing, None),
        ("--no-gradient-checkpointing", K::Checkpointing, None),
        ("usage: train.py [--bf16] [--fp16]", K::MixedPrecision, None),
        ("  --fp16   whether to use 16 bits", K::MixedPrecision, None),
        ("fp16=False, bf16=True,", K::MixedPrecision, Some("")),
        ("\"bf16\": {\"enabled\": true}", K::MixedPrecision, Some("")),
        ("\"fp16\": {\"enabled\": false}", K::MixedPrecision, None),
        ("mixed_precision: 'no'", K::MixedPrecision, None),
        ("mixed_precision: bf16", K::MixedPrecision, Some("bf16")),
        (
            "  zero_optimization_stage ...... 2",
            K::DeepSpeed,
            Some("2"),
        ),
        ("--deepspeed ds_z3.json", K::DeepSpeed, Some("")),
        ("--fsdp \"full_shard auto_wrap\"", K::Fsdp, Some("")),
        (
            "Namespace(batch_size=16, epochs=3)",
            K::BatchSize,
            Some("16"),
        ),
        ("--batch-size 32", K::BatchSize, Some("32")),
        ("per_device_train_batch_size=4,", K::BatchSize, Some("4")),
        ("per_device_eval_batch_size=4,", K::BatchSize, None),
        ("  train_batch_size ............. 512", K::BatchSize, None),
        ("--train_batch_size=1", K::BatchSize, Some("1")),
        ("batch_size=args.batch_size", K::BatchSize, None),
        (
            "from_pretrained(path, load_in_4bit=True)",
            K::Quantized,
            Some(""),
        ),
        ("--quantization awq", K::Quantized, Some("awq")),
        ("quantization=None", K::Quantized, None),
        (
            "--optim paged_adamw_8bit",
            K::SmallOptimizer,
            Some("paged_adamw_8bit"),
        ),
        ("optim=adamw_torch,", K::SmallOptimizer, None),
        (
            "attn_implementation=\"flash_attention_2\"",
            K::FlashAttention,
            Some("flash_attention_2"),
        ),
        ("attn_implementation='eager'", K::FlashAttention, None),
        ("llama_context: flash_attn    = 0", K::FlashAttention, None),
        (
            "llama_context: flash_attn    = 1",
            K::FlashAttention,
            Some(""),
        ),
    ];

    #[test]
    fn every_name_shows_what_it_is_set_to() {
        for (text, kind, value) in EXAMPLES {
            assert_shows(text, *kind, *value);
        }
    }

    #[test]
    fn every_name_takes_its_kind_of_value() {
        for known in NAMES {
            let (before, value) = match known.takes {
                Takes::OneOf(words) => {
                    for word in words {
                        assert_shows(
                            &format!("--{} {word}", known.spelled),
                            known.kind,
                            Some(word),
                        );
                    }
                    continue;
                }
                Takes::Switch => ("", "True"),
                Takes::Options => ("", "expandable_segments:True"),
                Takes::Count | Takes::Devices => ("", "3"),
                Takes::CountAsFlag => ("--", "3"),
                Takes::Fraction => ("", "0.5"),
                Takes::Anything => ("--", "file.json"),
            };
            let shown = if matches!(known.takes, Takes::Switch | Takes::Anything) {
                ""
            } else {
                value
            };
            assert_shows(
                &format!("{before}{}={value}", known.spelled),
                known.kind,
                Some(shown),
            );
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
