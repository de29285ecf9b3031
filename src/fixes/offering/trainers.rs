//! What the programs that run a training loop call the switches of each fix: one row a program.

// The names are read in each program's own arguments: axolotl (utils/schemas), LLaMA-Factory (hparams), ms-swift
// (llm/argument), Unsloth, verl (trainer/config), OpenRLHF (cli), kohya's sd-scripts (library/train_util.py), diffusers
// (examples), NeMo (examples' conf), Megatron-LM (training/arguments.py), torchtune (recipes/configs), torchtitan
// (config/job_config.py), fairseq (dataclass/configs.py), icefall, Ultralytics (cfg/default.yaml), OpenMMLab (configs),
// detectron2 (config/defaults.py), nnU-Net (experiment_planning), Accelerate (commands/launch.py).

mod answering;
mod drawing;
mod media;
mod scripts;
mod tuners;

/// One program's switches. `None` where it has no word of its own and the general advice holds; an empty text where the
/// program has no such switch and its users do not change its code.
pub(in crate::fixes) struct Switches {
    /// As the log's settings name the program.
    pub(in crate::fixes) name: &'static str,
    /// The samples of one step on one GPU, `{}` in the number's place.
    pub(in crate::fixes) batch: Option<&'static str>,
    /// The samples of one step of evaluation.
    pub(in crate::fixes) eval_batch: Option<&'static str>,
    /// Activation checkpointing.
    pub(in crate::fixes) checkpointing: Option<&'static str>,
    /// Mixed precision.
    pub(in crate::fixes) precision: Option<&'static str>,
    /// The longest sequence.
    pub(in crate::fixes) length: Option<&'static str>,
    /// The size of images or patches.
    pub(in crate::fixes) image: Option<&'static str>,
    /// Weights of 8 or 4 bits.
    pub(in crate::fixes) weights: Option<&'static str>,
    /// Offload to host memory.
    pub(in crate::fixes) offload: Option<&'static str>,
    /// An optimizer with small states.
    pub(in crate::fixes) optimizer: Option<&'static str>,
    /// Weights and states split over GPUs.
    pub(in crate::fixes) shard: Option<&'static str>,
    /// Attention without the N x N matrix.
    pub(in crate::fixes) attention: Option<&'static str>,
    /// The loss in pieces.
    pub(in crate::fixes) loss: Option<&'static str>,
}

/// General advice for all of it.
const NONE: Switches = Switches {
    name: "",
    batch: None,
    eval_batch: None,
    checkpointing: None,
    precision: None,
    length: None,
    image: None,
    weights: None,
    offload: None,
    optimizer: None,
    shard: None,
    attention: None,
    loss: None,
};

static ALL: &[Switches] = &[
    Switches {
        name: "axolotl",
        batch: Some("micro_batch_size: {}"),
        eval_batch: Some("eval_batch_size: {}"),
        checkpointing: Some("gradient_checkpointing: true"),
        // `bf16: auto` unless it is told otherwise (utils/schemas/config.py).
        precision: Some(""),
        length: Some("sequence_len: N  # half of what it is"),
        weights: Some("load_in_4bit: true  # with adapter: qlora"),
        offload: Some("deepspeed: deepspeed_configs/zero3_bf16_cpuoffload_all.json"),
        optimizer: Some("optimizer: adamw_bnb_8bit"),
        shard: Some("deepspeed: deepspeed_configs/zero3_bf16.json"),
        // utils/schemas/config.py.
        attention: Some("flash_attention: true  # newer: attn_implementation: flash_attention_2"),
        loss: Some(
            "plugins: [axolotl.integrations.liger.LigerPlugin]\nliger_fused_linear_cross_entropy: true",
        ),
        ..NONE
    },
    Switches {
        name: "llama-factory",
        batch: Some("per_device_train_batch_size: {}"),
        eval_batch: Some("per_device_eval_batch_size: {}"),
        // On unless `disable_gradient_checkpointing` is (hparams/model_args.py).
        checkpointing: Some(""),
        precision: Some("bf16: true"),
        length: Some("cutoff_len: N  # half of what it is"),
        image: Some("image_max_pixels: N  # half of what it is"),
        // hparams/model_args.py.
        weights: Some("quantization_bit: 4  # with finetuning_type: lora"),
        offload: Some("deepspeed: examples/deepspeed/ds_z3_offload_config.json"),
        optimizer: Some("optim: adamw_8bit  # or quantization_bit: 4 with LoRA"),
        shard: Some("deepspeed: examples/deepspeed/ds_z3_config.json"),
        attention: Some("flash_attn: fa2  # or sdpa"),
        loss: Some("enable_liger_kernel: true"),
    },
    Switches {
        name: "ms-swift",
        batch: Some("--per_device_train_batch_size {}"),
        eval_batch: Some("--per_device_eval_batch_size {}"),
        // On by default (arguments/base_args and Command-line-parameters.md); that of an image tower follows it.
        checkpointing: Some(""),
        // That of the checkpoint, which has two bytes mostly.
        precision: Some(""),
        length: Some("--max_length N  # half of what it is"),
        image: Some("MAX_PIXELS=N  # in the environment; half of what it is"),
        // Command-line-parameters.md.
        weights: Some("--quant_method bnb --quant_bits 4  # with --train_type lora"),
        offload: Some("--deepspeed zero3_offload"),
        optimizer: Some("--optim adamw_8bit"),
        shard: Some("--deepspeed zero3"),
        attention: Some("--attn_impl flash_attn  # or sdpa"),
        loss: Some("--use_liger_kernel true"),
    },
    // huggingface/autotrain-advanced (trainers/*/params.py); one parameter file for all of it.
    Switches {
        name: "autotrain",
        batch: Some("batch_size: {}"),
        precision: Some("mixed_precision: bf16"),
        length: Some("block_size: N  # half of what it is; and model_max_length"),
        optimizer: Some("optimizer: adamw_bnb_8bit"),
        checkpointing: Some(""),
        offload: Some(""),
        shard: Some(""),
        ..NONE
    },
    Switches {
        name: "unsloth",
        // The default of `get_peft_model`.
        checkpointing: Some(""),
        length: Some("max_seq_length=N  # half of what it is"),
        optimizer: Some("optim=\"adamw_8bit\"  # in the trainer's arguments"),
        shard: Some(""),
        offload: Some(""),
        attention: Some(""),
        batch: Some("per_device_train_batch_size={}"),
        eval_batch: Some("per_device_eval_batch_size={}"),
        // It takes bf16, or fp16 where the GPU has none, unless it is told (unsloth/models/rl.py, `RL_REPLACEMENTS`).
        precision: Some(""),
        // unslothai/unsloth, since the release of November 2024.
        loss: Some(
            "pip install -U unsloth unsloth_zoo\n# since 2024.11 it computes the loss without the table of logits",
        ),
        ..NONE
    },
    Switches {
        name: "verl",
        batch: Some("actor_rollout_ref.actor.ppo_micro_batch_size_per_gpu={}"),
        // Where it only asks for the probabilities of what was generated.
        eval_batch: Some("actor_rollout_ref.rollout.log_prob_micro_batch_size_per_gpu={}"),
        checkpointing: Some("actor_rollout_ref.model.enable_gradient_checkpointing=True"),
        length: Some(
            "data.max_response_length=N  # half of what it is\n# and data.max_prompt_length",
        ),
        offload: Some(
            "actor_rollout_ref.actor.fsdp_config.optimizer_offload=True\n# then actor_rollout_ref.actor.fsdp_config.param_offload=True",
        ),
        shard: Some(
            "trainer.n_gpus_per_node=N  # more GPUs: FSDP shards over all of them\n# the engine's part of each: actor_rollout_ref.rollout.tensor_model_parallel_size=2",
        ),
        optimizer: Some(""),
        loss: Some(
            "actor_rollout_ref.model.use_fused_kernels=True\n# and actor_rollout_ref.actor.entropy_from_logits_with_chunking=True",
        ),
        precision: Some(""),
        ..NONE
    },
    Switches {
        name: "openrlhf",
        batch: Some("--micro_train_batch_size {}"),
        eval_batch: Some("--micro_rollout_batch_size {}"),
        checkpointing: Some("--gradient_checkpointing"),
        precision: Some("--bf16"),
        length: Some(
            "--generate_max_len N  # half of what it is\n# and --prompt_max_len, --max_len",
        ),
        offload: Some("--adam_offload"),
        optimizer: Some(""),
        shard: Some("--zero_stage 3"),
        attention: Some("--flash_attn"),
        loss: Some("--use_liger_kernel"),
        ..NONE
    },
    // NVIDIA/NeMo (examples/asr/conf, collections/asr/modules/conformer_encoder.py).
    Switches {
        name: "nemo-speech",
        batch: Some("model.train_ds.batch_size={}"),
        eval_batch: Some("model.validation_ds.batch_size={}"),
        checkpointing: Some(""),
        precision: Some("trainer.precision=bf16"),
        length: Some("model.train_ds.max_duration=N  # seconds"),
        loss: Some(
            "model.joint.fuse_loss_wer=true model.joint.fused_batch_size=4\n# transducers: the joint network in parts of the batch",
        ),
        attention: Some("model.encoder.use_pytorch_sdpa=true  # of a Conformer, since NeMo 2.0"),
        offload: Some(""),
        shard: Some(""),
        ..NONE
    },
    // NVIDIA/NeMo (examples/nlp/language_modeling/conf).
    Switches {
        name: "nemo",
        batch: Some("model.micro_batch_size={}"),
        checkpointing: Some("model.activations_checkpoint_granularity=selective"),
        precision: Some("trainer.precision=bf16"),
        length: Some("model.encoder_seq_length=N  # half of what it is"),
        shard: Some("model.tensor_model_parallel_size=2"),
        attention: Some("model.use_flash_attention=true"),
        ..NONE
    },
    Switches {
        name: "megatron",
        batch: Some("--micro-batch-size {}"),
        checkpointing: Some(
            "--recompute-granularity full --recompute-method uniform\n# --recompute-num-layers 1; cheaper: --recompute-activations",
        ),
        precision: Some("--bf16"),
        length: Some("--seq-length N  # half of what it is; or --context-parallel-size 2"),
        offload: Some("--optimizer-cpu-offload"),
        optimizer: Some("--use-precision-aware-optimizer"),
        shard: Some("--use-distributed-optimizer --tensor-model-parallel-size 2"),
        attention: Some("--use-flash-attn"),
        loss: Some("--cross-entropy-loss-fusion"),
        ..NONE
    },
    Switches {
        name: "torchtune",
        batch: Some("batch_size={}"),
        checkpointing: Some("enable_activation_checkpointing=True"),
        precision: Some("dtype=bf16"),
        length: Some("tokenizer.max_seq_len=N  # half of the longest"),
        weights: Some(
            "model._component_=torchtune.models.llama3_1.qlora_llama3_1_8b\n# the builder of your model with qlora_ before its name, in a LoRA recipe",
        ),
        offload: Some("enable_activation_offloading=True  # distributed: fsdp_cpu_offload=True"),
        optimizer: Some(
            "optimizer._component_=bitsandbytes.optim.PagedAdamW8bit\n# or optimizer_in_bwd=True",
        ),
        shard: Some("tune run --nproc_per_node 2 full_finetune_distributed ..."),
        attention: Some(""),
        loss: Some("loss._component_=torchtune.modules.loss.LinearCrossEntropyLoss"),
        ..NONE
    },
    Switches {
        name: "torchtitan",
        batch: Some("--training.local_batch_size {}"),
        checkpointing: Some("--activation_checkpoint.mode full"),
        // bfloat16 unless it is told otherwise (config/job_config.py).
        precision: Some(""),
        length: Some("--training.seq_len N  # half of what it is"),
        offload: Some("--training.enable_cpu_offload"),
        optimizer: Some(""),
        shard: Some("--parallelism.tensor_parallel_degree 2"),
        attention: Some(""),
        ..NONE
    },
    Switches {
        name: "fairseq",
        batch: Some("--batch-size {}  # or half of --max-tokens; then --update-freq 2"),
        checkpointing: Some("--checkpoint-activations"),
        precision: Some("--fp16  # or --memory-efficient-fp16"),
        length: Some("--max-source-positions N  # language models: --tokens-per-sample N"),
        offload: Some("--ddp-backend fully_sharded --cpu-offload"),
        optimizer: Some("--optimizer adafactor"),
        shard: Some("--ddp-backend fully_sharded"),
        ..NONE
    },
    // fairseq/dataclass/configs.py, fairseq/tasks/audio_pretraining.py.
    Switches {
        name: "fairseq-hydra",
        batch: Some("dataset.batch_size={}  # optimization.update_freq=[2] makes up for it"),
        checkpointing: Some("model.checkpoint_activations=true"),
        precision: Some("common.fp16=true  # or common.memory_efficient_fp16=true"),
        length: Some(
            "task.max_sample_size=N  # of one recording\n# texts: task.tokens_per_sample=N",
        ),
        offload: Some(
            "distributed_training.ddp_backend=fully_sharded\n# and distributed_training.cpu_offload=true",
        ),
        shard: Some("distributed_training.ddp_backend=fully_sharded"),
        ..NONE
    },
    Switches {
        name: "accelerate",
        precision: Some("accelerate launch --mixed_precision bf16 ..."),
        checkpointing: Some(
            "model.gradient_checkpointing_enable()  # before accelerator.prepare(model)",
        ),
        shard: Some("accelerate launch --use_fsdp --fsdp_sharding_strategy FULL_SHARD ..."),
        ..NONE
    },
];

/// The switches of a program.
pub(in crate::fixes) fn of(name: &str) -> Option<&'static Switches> {
    ALL.iter()
        .chain(media::ALL)
        .chain(drawing::ALL)
        .chain(scripts::ALL)
        .chain(tuners::ALL)
        .chain(answering::ALL)
        .find(|switches| switches.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_of_each_switch_fits_and_a_batch_has_its_number() {
        for row in ALL
            .iter()
            .chain(media::ALL)
            .chain(drawing::ALL)
            .chain(scripts::ALL)
            .chain(tuners::ALL)
            .chain(answering::ALL)
        {
            let all = [
                row.batch,
                row.eval_batch,
                row.checkpointing,
                row.precision,
                row.length,
                row.image,
                row.offload,
                row.optimizer,
                row.shard,
                row.attention,
                row.loss,
            ];
            for text in all.into_iter().flatten() {
                let first = text.lines().next().unwrap_or("");
                assert!(first.len() <= 74, "{}: {first}", row.name);
            }
            let batches = [row.batch, row.eval_batch].into_iter().flatten();
            for batch in batches.filter(|batch| !batch.is_empty()) {
                assert!(batch.contains("{}"), "{}", row.name);
            }
        }
    }
}
