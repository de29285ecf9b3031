//! Words that people type and that are no id, each with the page that is meant.

use crate::evidence::{FindingId, FixId, MessageId};
use crate::findings::Cause;

/// Pages, each with the other words for it between spaces.
const OTHERS: &[(&str, &str)] = &[
    (FixId::MixedPrecision.name(), "autocast half-precision"),
    (FindingId::OptimizerStates.name(), "adamw"),
    (
        FixId::RaiseMemoryCap.name(),
        "watermark pytorch-mps-high-watermark-ratio",
    ),
    (
        FixId::GradientCheckpointing.name(),
        "activation-checkpointing recompute gradient-checkpoint",
    ),
    (FindingId::Pinned.name(), "pinned-memory"),
    (FindingId::Shm.name(), "shm-size"),
    (FixId::TileTheImage.name(), "tiling"),
    (FindingId::KvCache.name(), "kvcache"),
    (Cause::Fragmentation.name(), "fragment"),
    (
        "oom",
        "out-of-memory cuda-oom cuda-out-of-memory outofmemoryerror torch.outofmemoryerror resource-exhausted \
        cudaerrormemoryallocation cuda",
    ),
    ("oom", MessageId::CudaError.name()),
    ("oom", "outofmemory cudamalloc hipmalloc"),
    (
        "vram",
        "gpu-memory memory nvidia-smi gpu gradients t4 v100 a100 h100 h200 rtx gtx geforce nvidia amd radeon",
    ),
    (
        "reserved",
        "cache allocator allocated empty-cache memory-summary memory-reserved clear",
    ),
    ("context", "cuda-context"),
    ("record", "snapshot memory-snapshot profile profiler"),
    (Cause::Fragmentation.name(), "fragmented"),
    (
        FixId::ExpandableSegments.name(),
        "pytorch-cuda-alloc-conf pytorch-alloc-conf",
    ),
    (
        FindingId::LibraryStarved.name(),
        "cublas cublas-status-alloc-failed cublas-status-not-initialized cudnn cusolver cufft nccl",
    ),
    (Cause::Leak.name(), "memory-leak growth"),
    (
        FindingId::StaleProcess.name(),
        "zombie reset fuser no-process not-freed not-released",
    ),
    (FindingId::OtherProcess.name(), "other-processes"),
    (
        FixId::LowerBatchSize.name(),
        "batch-size batch gradient-accumulation accumulation",
    ),
    (FixId::GradientCheckpointing.name(), "checkpointing"),
    (FixId::MixedPrecision.name(), "amp fp16 bf16"),
    (
        FixId::SdpaAttention.name(),
        "flash-attention flash xformers sdpa",
    ),
    (FindingId::AttentionScores.name(), "attention"),
    (
        FixId::InferenceMode.name(),
        "no-grad eval inference validation evaluate",
    ),
    (FindingId::OptimizerStates.name(), "adam optimizer"),
    (
        FixId::QuantizeWeights.name(),
        "quantization 8bit 4bit gguf int8 int4 nf4 fp8 awq gptq 8-bit 4-bit bitsandbytes",
    ),
    (
        FixId::ShardAcrossGpus.name(),
        "fsdp zero deepspeed multi-gpu tensor-parallel",
    ),
    (
        FindingId::PrivatePools.name(),
        "cuda-graphs cuda-graph cudagraph",
    ),
    (
        FindingId::EngineBudget.name(),
        "gpu-memory-utilization mem-fraction-static",
    ),
    (
        FindingId::MemoryFraction.name(),
        "set-per-process-memory-fraction",
    ),
    (
        FindingId::Shm.name(),
        "dev-shm bus-error sigbus shared-memory",
    ),
    (
        FindingId::OomKiller.name(),
        "137 killed exit-code-137 sigkill earlyoom signal-9",
    ),
    ("census", "who install"),
    ("notebook", "jupyter colab kaggle ipython kernel free-tier"),
    (FixId::ItemOrDetach.name(), "item detach"),
    (FixId::GcCollect.name(), "gc garbage-collection"),
    (FixId::DropReferences.name(), "del optuna"),
    (FixId::TrainAdapters.name(), "lora qlora peft adapter"),
    (
        FixId::SmallerContext.name(),
        "context-length max-model-len num-ctx",
    ),
    (FixId::FewerGpuLayers.name(), "n-gpu-layers gpu-layers ngl"),
    (FixId::TileTheImage.name(), "vae"),
    (
        FindingId::Cgroup.name(),
        "docker kubernetes oomkilled slurm",
    ),
    (FindingId::CpuAllocator.name(), "ram swap cpu-memory"),
    ("windows", "wsl wsl2 wddm shared-gpu-memory sysmem-fallback"),
    (
        "ranks",
        "ddp distributed torchrun rank dataparallel distributeddataparallel mpirun",
    ),
    (
        "images",
        "stable-diffusion sdxl flux comfyui automatic1111 a1111 diffusers lowvram medvram controlnet dreambooth \
        diffusion forge invokeai hunyuan wan",
    ),
    (
        "serving",
        "vllm sglang ollama llama.cpp lm-studio llm engine",
    ),
    ("mig", "mps-server time-slicing vgpu slice"),
    (
        "mac",
        "apple apple-silicon macbook macos metal mps mlx m1 m2 m3 m4 unified-ram",
    ),
    ("xid", "nvrm ecc fallen-off-the-bus"),
    (
        "segfault",
        "sigsegv segmentation-fault core-dumped 139 illegal-memory-access device-side-assert \
        unspecified-launch-failure crash",
    ),
    (
        "when",
        "second-epoch epoch after-some-steps random suddenly sometimes first-step",
    ),
    (FindingId::KeptGraph.name(), "retain-graph"),
    (FixId::PinLessMemory.name(), "pin-memory"),
    (FixId::FewerWorkers.name(), "num-workers dataloader"),
    (
        FixId::ShorterSequence.name(),
        "sequence-length max-length seq-len max-seq-len max-seq-length padding",
    ),
    (FixId::Offload.name(), "cpu-offload accelerate device-map"),
    (FindingId::KvCache.name(), "kv"),
    (FixId::MemoryEfficientOptimizer.name(), "adafactor sgd lion"),
    (FixId::JaxNoPreallocate.name(), "jax xla"),
    (
        FindingId::PreallocatingFramework.name(),
        "tensorflow keras allow-growth set-memory-growth tf-force-gpu-allow-growth",
    ),
    (FixId::SmallerInputs.name(), "resolution"),
    (FindingId::Logits.name(), "vocab vocabulary cross-entropy"),
    (FixId::StopOtherProcess.name(), "pid kill-process"),
    (
        FixId::ChooseAnotherGpu.name(),
        "cuda-visible-devices hip-visible-devices",
    ),
    (
        "fit",
        "llama mistral mixtral qwen gemma phi deepseek parameter need",
    ),
    (
        "fine-tuning",
        "finetuning finetune fine-tune training trainer sft huggingface hugging-face transformers unsloth axolotl \
        llama-factory whisper",
    ),
    (
        "rlhf",
        "ppo grpo dpo rl trl verl reward reward-model rollout reinforcement-learning replay-buffer",
    ),
    (
        "networks",
        "network neural-network graph-neural-network gan u-net unet nnunet cnn conv2d conv3d convolution resnet vgg \
        efficientnet yolo detr mask-rcnn detection object-detection segmentation 3d mri vit transformer bert gpt rnn \
        lstm gru speech gnn embedding recommender nerf gaussian-splatting",
    ),
    (
        FindingId::MoreThanTheDevice.name(),
        "tpu openmm gromacs lammps",
    ),
];

/// Other words for a page, each with the id of that page.
pub(in crate::report) fn others() -> impl Iterator<Item = (&'static str, &'static str)> {
    let of = |&(page, words): &(&'static str, &'static str)| {
        words.split_ascii_whitespace().map(move |word| (word, page))
    };
    OTHERS.iter().flat_map(of)
}
