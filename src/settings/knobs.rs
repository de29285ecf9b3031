//! The knobs of training programs: what their flags, dictionaries and configuration files call batch, length, precision,
//! checkpointing, offload and the like.

// The names are those of transformers (training_args.py), TRL, PEFT, axolotl, LLaMA-Factory, ms-swift, Unsloth, DeepSpeed
// (runtime/config.py), Megatron-LM (training/arguments.py), NeMo, torchtune, torchtitan, Lightning, fairseq, Ultralytics, the
// OpenMMLab projects, detectron2, kohya's sd-scripts, verl, OpenRLHF, icefall and the example scripts of diffusers.

mod deepspeed;
mod off;
mod table;

use super::assigned::Spot;
use super::shapes;
use super::takes::{Takes, taken};
use crate::evidence::{SettingKind, knob_names};
use table::TABLE;

/// Names of one kind that take the same values.
pub(super) struct Knob {
    /// What they set.
    pub(super) kind: SettingKind,
    /// What values they take.
    pub(super) takes: Takes,
    /// Whole names between spaces, in lower case, with underscores.
    pub(super) names: &'static str,
}

const HALF: &[&str] = &["bf16", "fp16", "bfloat16", "float16", "fp8", "16", "amp_"];
const HALF_OF_TORCH: &[&str] = &["torch.bfloat16", "torch.float16", "torch.half"];

const SMALL_STATES: &[&str] = &[
    "adamw_8bit",
    "adamw8bit",
    "adamw_bnb_8bit",
    "pagedadamw",
    "paged_adamw",
    "paged_lion",
    "lion8bit",
    "lion_8bit",
    "adafactor",
    "bitsandbytes.",
    "galore",
];

/// All of them. A name that stands for something else elsewhere is not here, or needs its own words around it.
const KNOBS: &[Knob] = &[
    Knob {
        kind: SettingKind::BatchSize,
        takes: Takes::Count,
        names: knob_names::BATCH,
    },
    Knob {
        kind: SettingKind::BatchSize,
        takes: Takes::CountAsFlag,
        names: "train_batch_size",
    },
    Knob {
        kind: SettingKind::GlobalBatchSize,
        takes: Takes::Count,
        names: "train_batch_size global_batch_size train_global_batch_size global_train_batch_size total_batch_size \
            ppo_mini_batch_size",
    },
    Knob {
        kind: SettingKind::EvalBatchSize,
        // RecBole counts pairs of users and items: 4096000.
        takes: Takes::Tokens,
        names: knob_names::EVAL_BATCH,
    },
    Knob {
        kind: SettingKind::BatchTokens,
        takes: Takes::Number,
        names: knob_names::BATCH_TOKENS,
    },
    Knob {
        kind: SettingKind::BatchTokens,
        takes: Takes::NumberAsFlag,
        names: "max_tokens max_duration",
    },
    Knob {
        kind: SettingKind::GradientAccumulation,
        takes: Takes::Count,
        names: "gradient_accumulation_steps accumulate_grad_batches accumulation_steps grad_accum_steps grad_accum \
            accum_iter update_freq",
    },
    Knob {
        kind: SettingKind::SequenceLength,
        takes: Takes::Count,
        names: knob_names::LENGTH,
    },
    Knob {
        kind: SettingKind::ImageSize,
        takes: Takes::Sides,
        names: "imgsz image_size img_size resolution train_resolution max_pixels image_max_pixels crop_size",
    },
    Knob {
        kind: SettingKind::Checkpointing,
        takes: Takes::Switch,
        names: "gradient_checkpointing use_gradient_checkpointing enable_gradient_checkpointing activation_checkpointing \
            enable_activation_checkpointing use_activation_checkpointing fsdp_activation_checkpointing \
            checkpoint_activations recompute_activations grad_checkpointing gradient_checkpoint grad_checkpoint with_cp \
            use_checkpoint use_recompute grad_cp grad_ckpt gradient_ckpt",
    },
    Knob {
        kind: SettingKind::Checkpointing,
        takes: Takes::OneOf(&["full", "selective", "uniform", "block"]),
        names: "recompute_granularity recompute_method activations_checkpoint_granularity activations_checkpoint_method",
    },
    Knob {
        kind: SettingKind::MixedPrecision,
        takes: Takes::Switch,
        names: "bf16 enable_amp fp16_run fp16 bfloat16 float16 bfloat16_enabled fp16_enabled amp use_amp use_fp16 full_bf16 memory_efficient_fp16",
    },
    // Lightning's names of what has two bytes as a whole (lightning/fabric/plugins/precision/half.py).
    Knob {
        kind: SettingKind::HalfWeights,
        takes: Takes::OneOf(&["bf16-true", "16-true"]),
        names: "precision",
    },
    Knob {
        kind: SettingKind::MixedPrecision,
        takes: Takes::OneOf(HALF),
        names: "mixed_precision mixed_precision_param precision compute_dtype",
    },
    Knob {
        kind: SettingKind::HalfWeights,
        takes: Takes::OneOfAsFlag(HALF),
        names: "torch_dtype dtype model_dtype",
    },
    // "dtype: bf16" of a trainer's own configuration: a model's has the long form (ai-toolkit, config/examples).
    Knob {
        kind: SettingKind::MixedPrecision,
        takes: Takes::OneOf(&["bf16", "fp16"]),
        names: "dtype train_dtype",
    },
    // `from_pretrained(…, torch_dtype=torch.bfloat16)`. A printed configuration has no module before it, and tells of the
    // checkpoint.
    Knob {
        kind: SettingKind::HalfWeights,
        takes: Takes::OneOf(HALF_OF_TORCH),
        names: "torch_dtype",
    },
    // accelerate/utils/modeling.py, `infer_auto_device_map`.
    Knob {
        kind: SettingKind::DeviceMap,
        takes: Takes::OneOf(&["auto", "balanced", "sequential"]),
        names: "device_map",
    },
    Knob {
        kind: SettingKind::DeepSpeed,
        takes: Takes::Count,
        names: "zero_stage zero_optimization_stage",
    },
    Knob {
        kind: SettingKind::Fsdp,
        takes: Takes::Anything,
        names: "fsdp",
    },
    Knob {
        kind: SettingKind::Fsdp,
        takes: Takes::OneOf(&["full_shard", "hybrid_shard", "shard_grad_op"]),
        names: "fsdp_sharding_strategy sharding_strategy",
    },
    Knob {
        kind: SettingKind::ModelParallel,
        takes: Takes::CountAboveOne,
        names: "tensor_model_parallel_size pipeline_model_parallel_size tensor_parallel_degree pipeline_parallel_degree \
            context_parallel_size tensor_parallel_size tp_size num_shard",
    },
    Knob {
        kind: SettingKind::ModelParallel,
        takes: Takes::Switch,
        names: "use_distributed_optimizer distributed_optimizer",
    },
    Knob {
        kind: SettingKind::Offload,
        takes: Takes::Switch,
        names: "cpu_offload fsdp_offload_params param_offload optimizer_offload adam_offload fsdp_cpu_offload \
            enable_partial_loading enable_cpu_offload optimizer_cpu_offload enable_activation_offloading activation_offloading \
            cpu_offload_checkpointing offload_params low_vram_offload",
    },
    Knob {
        kind: SettingKind::Offload,
        takes: Takes::OneOf(&["cpu", "nvme"]),
        names: "offload_optimizer_device offload_param_device",
    },
    Knob {
        kind: SettingKind::Offload,
        takes: Takes::DeviceOfHost,
        names: "offload_optimizer offload_param",
    },
    Knob {
        kind: SettingKind::Offload,
        takes: Takes::CountAboveOne,
        names: "blocks_to_swap",
    },
    Knob {
        kind: SettingKind::Quantized,
        takes: Takes::Switch,
        names: "load_in_4bit load_in_8bit fp8_base quantize",
    },
    Knob {
        kind: SettingKind::Quantized,
        takes: Takes::OneOf(&[
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
        names: "quantization",
    },
    // Lightning-AI/litgpt (litgpt/finetune/lora.py).
    Knob {
        kind: SettingKind::Quantized,
        takes: Takes::OneOf(&["bnb."]),
        names: "quantize",
    },
    Knob {
        kind: SettingKind::Quantized,
        takes: Takes::OneOf(&["4", "8"]),
        names: "quantization_bit quant_bits",
    },
    Knob {
        kind: SettingKind::Quantized,
        takes: Takes::OneOf(&["float8", "fp8", "int8", "int4", "int2", "nf4", "nfloat"]),
        names: "transformer_dtype base_model_precision",
    },
    Knob {
        kind: SettingKind::SmallOptimizer,
        takes: Takes::OneOf(SMALL_STATES),
        names: "optim optimizer optimizer_type",
    },
    Knob {
        kind: SettingKind::SmallOptimizer,
        takes: Takes::Switch,
        names: "use_8bit_adam use_adafactor",
    },
    Knob {
        kind: SettingKind::FlashAttention,
        takes: Takes::OneOf(&["sdpa", "flash", "fa2", "fa3", "xformers", "auto"]),
        names: "attn_implementation attn_impl flash_attn attention_implementation",
    },
    Knob {
        kind: SettingKind::FlashAttention,
        takes: Takes::Switch,
        names: "use_flash_attn flash_attn flash_attention flashattention use_flash_attention use_flash_attention_2 sdp_attention \
            xformers_attention enable_xformers_memory_efficient_attention xformers sdpa mem_eff_attn use_memory_efficient_attention",
    },
    Knob {
        kind: SettingKind::ChunkedLoss,
        takes: Takes::Switch,
        names: "use_liger_kernel enable_liger_kernel use_liger liger_kernel liger_fused_linear_cross_entropy use_fused_kernels \
            cut_cross_entropy use_liger_loss entropy_from_logits_with_chunking",
    },
    Knob {
        kind: SettingKind::LoaderWorkers,
        takes: Takes::Count,
        names: "num_workers dataloader_num_workers dataloader_workers loader_workers workers_per_gpu \
            num_loader_workers data_loader_workers max_data_loader_n_workers",
    },
    Knob {
        kind: SettingKind::EvalAccumulation,
        takes: Takes::Count,
        names: "eval_accumulation_steps",
    },
    Knob {
        kind: SettingKind::EvalAccumulation,
        takes: Takes::Switch,
        names: "prediction_loss_only",
    },
];

/// Names that mean something only behind these words of the same line.
const NEEDING: &[(&str, &[&str], SettingKind, Takes)] = &[
    // Ultralytics: "engine/trainer: task=detect, …, batch=16, imgsz=640", "yolo train … batch=16".
    (
        "batch",
        // Or a variable of a command that a shell script takes.
        &["imgsz=", "yolo ", ".sh"],
        SettingKind::BatchSize,
        Takes::Count,
    ),
    // The examples of torchvision, timm and PyTorch: "train.py --model resnet50 -b 256".
    (
        "b",
        &[".py ", "main_"],
        SettingKind::BatchSize,
        Takes::Short,
    ),
    // torchtitan: "--activation_checkpoint.mode=full".
    (
        "mode",
        &["activation_checkpoint"],
        SettingKind::Checkpointing,
        Takes::OneOf(&["full", "selective", "memory_budget"]),
    ),
    // detectron2: "SOLVER.AMP.ENABLED True".
    (
        "enabled",
        &["AMP.ENABLED"],
        SettingKind::MixedPrecision,
        Takes::Switch,
    ),
    // A file of settings as TOML: "dtype = 'bfloat16'" (tdrussell/diffusion-pipe, examples).
    (
        "dtype",
        &["dtype = '", "dtype = \""],
        SettingKind::MixedPrecision,
        Takes::OneOf(HALF),
    ),
    // graphdeco-inria/gaussian-splatting: the width of photos, or what they are divided by.
    ("r", &["train.py "], SettingKind::ImageSize, Takes::Short),
    // transformers 5 (modeling_utils.py), and the banner of vLLM.
    (
        "dtype",
        &["from_pretrained(", "max_seq_len="],
        SettingKind::HalfWeights,
        Takes::OneOf(HALF_OF_TORCH),
    ),
    // `"zero_optimization": {"stage": 3, ...}` (deepspeed/runtime/zero/config.py).
    ("stage", &["zero_opt"], SettingKind::DeepSpeed, Takes::Count),
    // NeMo's transducers: seconds of one recording, not of a batch.
    (
        "max_duration",
        &["_ds"],
        SettingKind::SequenceLength,
        Takes::Number,
    ),
];

/// Hands over what a name is set to: the kind and the value.
pub(super) fn read(text: &str, spot: &Spot<'_>, keep: &mut dyn FnMut(SettingKind, &str)) {
    // verl's reference model only compares, and has switches of its own.
    if spot.before.ends_with(".ref.fsdp_config.") {
        return;
    }
    let mut offer = |kind, takes| {
        let value = taken(spot, takes)?;
        (!spot.is_advice()).then(|| keep(kind, &value))
    };
    if same("batch_bins", spot.name) && off::counts_samples(text) {
        return;
    }
    for (name, words, kind, takes) in NEEDING {
        if same(name, spot.name) && words.iter().any(|word| text.contains(word)) {
            offer(*kind, *takes);
        }
    }
    if same("deepspeed", spot.name) {
        deepspeed::read(spot, keep);
        return;
    }
    let Some(rows) = TABLE.rows(spot.name) else {
        if let Some((kind, value)) = shapes::read(text, spot) {
            keep(kind, &value);
        }
        return;
    };
    for knob in &rows.general {
        offer(knob.kind, knob.takes);
    }
    if let Some((kind, on)) = off::read(spot, &rows.training) {
        if !spot.is_advice() {
            keep(kind, &on);
        }
        return;
    }
    // Of two rows with the same name, the first that takes the value counts.
    rows.training
        .iter()
        .find_map(|knob| offer(knob.kind, knob.takes));
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
mod tests;
