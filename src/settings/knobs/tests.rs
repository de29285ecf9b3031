//! Every knob, as logs and command lines show it.

use super::super::tests::assert_shows;
use super::*;

use SettingKind as K;

/// A line, and what it shows of a kind.
const EXAMPLES: &[(&str, SettingKind, Option<&str>)] = &[
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
    (
        "use_gradient_checkpointing = \"unsloth\"",
        K::Checkpointing,
        Some(""),
    ),
    (
        "--recompute-granularity full",
        K::Checkpointing,
        Some("full"),
    ),
    (
        "--activation_checkpoint.mode=selective",
        K::Checkpointing,
        Some("selective"),
    ),
    (
        "\"activation_checkpoint\": {\"mode\": \"none\"}",
        K::Checkpointing,
        None,
    ),
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
    ("--deepspeed ds_z3.json", K::DeepSpeed, Some("3")),
    ("--deepspeed ds.json", K::DeepSpeed, Some("")),
    (
        "deepspeed: configs/ds_z3_offload_config.json",
        K::Offload,
        Some(""),
    ),
    ("deepspeed: null", K::DeepSpeed, None),
    ("--fsdp \"full_shard auto_wrap\"", K::Fsdp, Some("")),
    (
        "Namespace(batch_size=16, epochs=3)",
        K::BatchSize,
        Some("16"),
    ),
    ("--batch-size 32", K::BatchSize, Some("32")),
    ("per_device_train_batch_size=4,", K::BatchSize, Some("4")),
    ("per_device_eval_batch_size=4,", K::BatchSize, None),
    ("per_device_eval_batch_size=4,", K::EvalBatchSize, Some("4")),
    (
        "[2026-01-02 20:01:00,000] [INFO] [config.py:1001:print]   train_micro_batch_size_per_gpu  16",
        K::BatchSize,
        Some("16"),
    ),
    ("  train_batch_size ............. 512", K::BatchSize, None),
    (
        "  train_batch_size ............. 512",
        K::GlobalBatchSize,
        Some("512"),
    ),
    ("--train_batch_size=1", K::BatchSize, Some("1")),
    (
        "'--micro_train_batch_size', '2', '--bf16'",
        K::BatchSize,
        Some("2"),
    ),
    ("SOLVER.IMS_PER_BATCH 8", K::BatchSize, Some("8")),
    ("task=detect, batch=16, imgsz=640", K::BatchSize, Some("16")),
    ("batch=16", K::BatchSize, None),
    ("batch_size=args.batch_size", K::BatchSize, None),
    ("train.py --max-duration 300", K::BatchTokens, Some("300")),
    ("train_ds.max_duration: 30.0", K::BatchTokens, None),
    (
        "from_pretrained(path, load_in_4bit=True)",
        K::Quantized,
        Some(""),
    ),
    (
        "from_pretrained(\"a/b\", torch_dtype=torch.bfloat16)",
        K::HalfWeights,
        Some("torch.bfloat16"),
    ),
    (
        "model = AutoModel.from_pretrained(path, dtype=torch.float16)",
        K::HalfWeights,
        Some("torch.float16"),
    ),
    ("--torch_dtype bfloat16", K::HalfWeights, Some("bfloat16")),
    // The checkpoint's, whatever it is loaded as; a tensor's; what it computes in.
    ("\"torch_dtype\": \"bfloat16\",", K::HalfWeights, None),
    (
        "x = torch.zeros(8, dtype=torch.bfloat16)",
        K::HalfWeights,
        None,
    ),
    (
        "bnb_4bit_compute_dtype=torch.bfloat16",
        K::HalfWeights,
        None,
    ),
    (
        "python train.py /data --model vit_large -b 256 --amp",
        K::BatchSize,
        Some("256"),
    ),
    ("git checkout -b 256", K::BatchSize, None),
    (
        "from_pretrained(MODEL, device_map=\"auto\")",
        K::DeviceMap,
        Some("auto"),
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
    (
        "\"offload_optimizer\": {\"device\": \"cpu\"}",
        K::Offload,
        Some(""),
    ),
    (
        "\"offload_optimizer\": {\"device\": \"none\"}",
        K::Offload,
        None,
    ),
    ("--tensor-model-parallel-size 1", K::ModelParallel, None),
];

#[test]
fn every_knob_shows_what_it_is_set_to() {
    for (text, kind, value) in EXAMPLES {
        assert_shows(text, *kind, *value);
    }
}

#[test]
fn every_name_takes_its_kind_of_value_and_the_scan_hands_its_line_over() {
    for knob in KNOBS {
        for name in knob.names.split_ascii_whitespace() {
            let (before, value, shown) = match knob.takes {
                Takes::OneOf(words) | Takes::OneOfAsFlag(words) => ("--", words[0], words[0]),
                Takes::Switch => ("", "True", ""),
                Takes::Anything => ("--", "file.json", ""),
                Takes::CountAsFlag | Takes::NumberAsFlag => ("--", "3", "3"),
                Takes::DeviceOfHost => ("", "{\"device\": \"cpu\"}", ""),
                _ => ("", "3", "3"),
            };
            let text = format!("{before}{name}={value}");
            let first = |k: &&Knob| k.names.split_ascii_whitespace().any(|n| n == name);
            // A name in two rows is told by its own examples.
            if KNOBS.iter().filter(first).count() == 1 {
                assert_shows(&text, knob.kind, Some(shown));
            }
        }
    }
}
