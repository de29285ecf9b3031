//! Programs that train models which draw pictures and videos.

use super::{NONE, Switches};

pub(super) static ALL: &[Switches] = &[
    Switches {
        name: "kohya",
        batch: Some("--train_batch_size {}"),
        checkpointing: Some("--gradient_checkpointing"),
        precision: Some("--mixed_precision bf16"),
        image: Some("--resolution N,N  # smaller than now"),
        // Only its scripts for transformers swap blocks: see `of_kohya` in offload.rs.
        weights: Some("--fp8_base  # weights of one byte, in the scripts for LoRA"),
        offload: Some("--blocks_to_swap 18  # more, until it fits\n--cache_text_encoder_outputs"),
        optimizer: Some("--optimizer_type AdamW8bit  # or Adafactor"),
        attention: Some("--sdpa  # or --xformers"),
        shard: Some(""),
        ..NONE
    },
    // kohya-ss/musubi-tuner (docs/dataset_config.md, docs/hunyuan_video.md).
    Switches {
        name: "musubi",
        batch: Some("batch_size = {}  # in the dataset's TOML"),
        checkpointing: Some("--gradient_checkpointing"),
        precision: Some("--mixed_precision bf16"),
        image: Some(
            "resolution = [N, N]  # in the dataset's TOML; smaller than now\n# and fewer target_frames",
        ),
        // docs/wan.md, docs/hunyuan_video.md.
        weights: Some(
            "--fp8_base --fp8_scaled  # weights of one byte; HunyuanVideo: --fp8_base alone",
        ),
        offload: Some(
            "--blocks_to_swap 20  # more, until it fits\n# and --gradient_checkpointing_cpu_offload",
        ),
        optimizer: Some("--optimizer_type adamw8bit"),
        attention: Some("--sdpa  # or --xformers"),
        shard: Some(""),
        ..NONE
    },
    // tdrussell/diffusion-pipe (examples/main_example.toml, examples/dataset.toml).
    Switches {
        name: "diffusion-pipe",
        batch: Some("micro_batch_size_per_gpu = {}"),
        eval_batch: Some("eval_micro_batch_size_per_gpu = {}"),
        checkpointing: Some("activation_checkpointing = true"),
        precision: Some("dtype = 'bfloat16'  # under [model]"),
        image: Some(
            "resolutions = [N]  # in the dataset's TOML; smaller than now\n# and fewer frame_buckets",
        ),
        weights: Some("transformer_dtype = 'float8'  # under [model]"),
        offload: Some(
            "blocks_to_swap = 20  # more, until it fits\n# with LoRA and pipeline_stages = 1",
        ),
        optimizer: Some("type = 'AdamW8bitKahan'  # under [optimizer]"),
        shard: Some("pipeline_stages = 2  # over two GPUs"),
        attention: Some(""),
        ..NONE
    },
    // ostris/ai-toolkit (config/examples/train_lora_flux_24gb.yaml).
    Switches {
        name: "ai-toolkit",
        batch: Some("batch_size: {}  # under train"),
        checkpointing: Some("gradient_checkpointing: true  # under train"),
        precision: Some("dtype: bf16  # under train"),
        image: Some("resolution: [512]  # under datasets; all that stand there are trained"),
        weights: Some("quantize: true  # under model"),
        offload: Some("low_vram: true  # under model"),
        optimizer: Some("optimizer: \"adamw8bit\"  # under train"),
        attention: Some(""),
        shard: Some(""),
        ..NONE
    },
    // bghira/SimpleTuner (OPTIONS.md).
    Switches {
        name: "simpletuner",
        batch: Some("--train_batch_size={}"),
        checkpointing: Some("--gradient_checkpointing=true"),
        precision: Some("--mixed_precision=bf16"),
        image: Some(
            "--resolution=N  # smaller than now\n# and in the file of --data_backend_config",
        ),
        weights: Some("--base_model_precision=int8-quanto"),
        offload: Some("--offload_during_startup=true  # while images are cached"),
        optimizer: Some("--optimizer=ao-adamw8bit"),
        attention: Some(""),
        shard: Some(""),
        ..NONE
    },
    // Nerogar/OneTrainer (modules/ui/TrainingTab.py, modules/util/enum).
    Switches {
        name: "onetrainer",
        batch: Some("Batch Size: {}  # in the training tab"),
        checkpointing: Some("Gradient checkpointing: CPU_OFFLOADED  # in the training tab"),
        precision: Some("Train Data Type: BFLOAT_16  # in the training tab"),
        image: Some("Resolution: N  # in the training tab, smaller than now"),
        offload: Some("Layer Offload Fraction: 0.5  # with checkpointing CPU_OFFLOADED"),
        optimizer: Some("Optimizer: ADAMW_8BIT  # in the training tab"),
        attention: Some(""),
        shard: Some(""),
        ..NONE
    },
    Switches {
        name: "diffusers",
        batch: Some("--train_batch_size={}"),
        checkpointing: Some("--gradient_checkpointing"),
        precision: Some("--mixed_precision=bf16"),
        image: Some("--resolution=N  # smaller than now, a multiple of 8"),
        optimizer: Some("--use_8bit_adam"),
        attention: Some("--enable_xformers_memory_efficient_attention"),
        offload: Some(""),
        shard: Some(""),
        ..NONE
    },
];
