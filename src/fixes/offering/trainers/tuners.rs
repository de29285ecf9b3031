//! Scripts and libraries that tune language models, and what is made of them, by their own arguments.

use super::{NONE, Switches};

pub(super) static ALL: &[Switches] = &[
    // haotian-liu/LLaVA (llava/train/train.py, scripts/): the Trainer's arguments, and its own.
    Switches {
        name: "llava",
        length: Some("--model_max_length N  # half of what it is"),
        weights: Some("--lora_enable True --bits 4"),
        offload: Some("--deepspeed ./scripts/zero3_offload.json"),
        shard: Some("--deepspeed ./scripts/zero3.json"),
        optimizer: Some("--optim adamw_bnb_8bit"),
        checkpointing: Some("--gradient_checkpointing True"),
        precision: Some("--bf16 True"),
        ..NONE
    },
    // Lightning-AI/litgpt (litgpt/args.py, litgpt/finetune/lora.py): a micro batch of 4 unless told in most of its commands.
    Switches {
        name: "litgpt",
        batch: Some(
            "--train.micro_batch_size {}\n# older: micro_batch_size, at the top of the script",
        ),
        eval_batch: Some("--train.micro_batch_size {}"),
        checkpointing: Some(""),
        precision: Some("--precision bf16-true"),
        length: Some("--train.max_seq_length N  # half of what it is"),
        weights: Some("--quantize bnb.nf4  # with --precision bf16-true, on one GPU"),
        optimizer: Some(""),
        attention: Some(""),
        shard: Some("--devices N  # FSDP over so many GPUs"),
        ..NONE
    },
    // deepspeedai/DeepSpeedExamples (applications/DeepSpeed-Chat/training/step3_rlhf_finetuning/main.py).
    Switches {
        name: "deepspeed-chat",
        batch: Some("--per_device_training_batch_size {}"),
        eval_batch: Some("--per_device_generation_batch_size {}"),
        checkpointing: Some("--actor_gradient_checkpointing --critic_gradient_checkpointing"),
        precision: Some(""),
        length: Some("--max_answer_seq_len N  # half of it; and --max_prompt_seq_len"),
        offload: Some("--offload  # states wait in host memory; and --offload_reference_model"),
        optimizer: Some(""),
        attention: Some(""),
        shard: Some("--actor_zero_stage 3 --critic_zero_stage 3"),
        ..NONE
    },
    // hao-ai-lab/FastVideo (fastvideo/fastvideo_args.py; the flags without a version are those of its first script, fastvideo/train.py).
    Switches {
        name: "fastvideo",
        batch: Some("--train_batch_size {}"),
        checkpointing: Some(
            "--gradient_checkpointing\n# newer: --enable_gradient_checkpointing_type full",
        ),
        precision: Some(""),
        image: Some("--num_latent_t N  # fewer than now; and --num_height, --num_width"),
        weights: Some("--master_weight_type bf16  # fp32 unless told"),
        offload: Some("--use_cpu_offload  # newer: --dit_cpu_offload True"),
        optimizer: Some(""),
        attention: Some(""),
        shard: Some("--sp_size N  # a video is split over so many GPUs"),
        ..NONE
    },
    // NVIDIA-NeMo/RL (examples/configs/sft.yaml, grpo_math_1B.yaml).
    Switches {
        name: "nemo-rl",
        batch: Some("policy.train_micro_batch_size={}"),
        eval_batch: Some("policy.logprob_batch_size={}"),
        checkpointing: Some(
            "policy.dtensor_cfg.activation_checkpointing=true\n# with Megatron policy.megatron_cfg.activation_checkpointing=true",
        ),
        precision: Some(""),
        length: Some("policy.max_total_sequence_length=N  # half of what it is"),
        offload: Some(
            "policy.dtensor_cfg.cpu_offload=true\n# with Megatron policy.megatron_cfg.optimizer.optimizer_cpu_offload=true",
        ),
        optimizer: Some(""),
        attention: Some(""),
        shard: Some(
            "policy.dtensor_cfg.tensor_parallel_size=2\n# with Megatron policy.megatron_cfg.tensor_model_parallel_size=2",
        ),
        ..NONE
    },
];
