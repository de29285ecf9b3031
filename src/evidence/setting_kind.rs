//! What a log can show to be set, one variant a thing that changes advice.

/// Something that the log shows about how the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SettingKind {
    /// `PYTORCH_CUDA_ALLOC_CONF` and its other names, with the value.
    AllocatorConfig,
    /// `PyTorch` warned that it ignores `expandable_segments` on this platform.
    ExpandableUnsupported,
    /// The version of `PyTorch`, printed or told by the wording of a message ("2.3").
    TorchVersion,
    /// The oldest version that prints the message as it stands.
    TorchAtLeast,
    /// The newest version that prints the message as it stands.
    TorchAtMost,
    /// Activation (gradient) checkpointing is on.
    Checkpointing,
    /// Activation checkpointing is off, by a switch that the log shows: its name, to be turned on.
    CheckpointingOff,
    /// Two-byte numbers are off, by a switch that the log shows: its name, to be turned on.
    PrecisionOff,
    /// Offload to host memory is off, likewise.
    OffloadOff,
    /// Weights of 8 or 4 bits are off, likewise.
    QuantizedOff,
    /// Attention without the N x N matrix is off, likewise.
    AttentionOff,
    /// Autocast, bf16 or fp16 is on.
    MixedPrecision,
    /// `no_grad` or `inference_mode` is on.
    NoGrad,
    /// A warning that a tensor with its graph was turned into a number: losses are kept with their graphs.
    GraphKept,
    /// `set_per_process_memory_fraction` or its key, with the fraction.
    MemoryFraction,
    /// `DeepSpeed`, with its ZeRO stage where printed.
    DeepSpeed,
    /// Fully sharded data parallel.
    Fsdp,
    /// Weights or optimizer states split in another way: tensor or pipeline parallel, Megatron's distributed optimizer.
    ModelParallel,
    /// Weights, states or activations wait in host memory.
    Offload,
    /// Hugging Face Trainer or Accelerate.
    HuggingFace,
    /// Lightning.
    Lightning,
    /// The program that runs the training loop, by its name ("axolotl").
    Trainer,
    /// The samples of one step on one GPU, as printed.
    BatchSize,
    /// The samples of one step on all GPUs together.
    GlobalBatchSize,
    /// The samples of one step of evaluation.
    EvalBatchSize,
    /// The size of a batch in tokens or seconds, where it is counted so.
    BatchTokens,
    /// How many batches one step of the optimizer takes.
    GradientAccumulation,
    /// The longest sequence, as printed.
    SequenceLength,
    /// The size of the images, or of the patches that are cut from volumes.
    ImageSize,
    /// How much else one sample holds, as printed: points, frames.
    SampleSize,
    /// How much goes through at once where the program cuts its work into pieces.
    ChunkSize,
    /// A decoder of images that works in tiles.
    Tiled,
    /// How many processes load data for each rank.
    LoaderWorkers,
    /// The shape and the numbers of an array that host memory had no room for.
    HostArray,
    /// How much of the time a control group waited for memory, and what it was allowed to: "51.07% > 50.00%".
    HostPressure,
    /// After how many batches evaluation moves its results to the host.
    EvalAccumulation,
    /// The loss is computed without the whole table of logits.
    ChunkedLoss,
    /// The job starts several processes of its own, by what does it ("pytest-xdist").
    Siblings,
    /// What serves starts workers of its own, by its name: gunicorn, uvicorn.
    ServerWorkers,
    /// Native Windows.
    Windows,
    /// The Windows subsystem for Linux.
    Wsl,
    /// A container.
    Container,
    /// An embedded board or another device whose memory is the host's.
    UnifiedMemory,
    /// The cudaMallocAsync backend.
    MallocAsync,
    /// A GPU older than NVIDIA's Ampere, which has no bf16, by its name.
    BeforeAmpere,
    /// AMD's ROCm build.
    Rocm,
    /// `CUDA_VISIBLE_DEVICES`, with its value.
    VisibleDevices,
    /// Accelerate spreads the weights over GPUs and host memory.
    DeviceMap,
    /// Weights of two bytes a number: loaded as bf16 or fp16.
    HalfWeights,
    /// Weights quantized to 8 or 4 bits.
    Quantized,
    /// An optimizer with small states (8-bit, paged, Adafactor, Lion).
    SmallOptimizer,
    /// SDPA or flash attention.
    FlashAttention,
    /// An engine's share of the device, with the fraction.
    EngineShare,
    /// The longest context that an engine's cache would hold, in tokens, by its own message.
    LongestContext,
    /// The context that a model was loaded for, in tokens, as llama.cpp prints it.
    ContextSize,
    /// How many layers are on GPUs, and of how many ("65/65"), likewise.
    GpuLayers,
    /// How many bytes a layer takes with its share of the cache, as the program plans them.
    LayerBytes,
    /// llama.cpp is called from Python.
    LlamaInPython,
    /// The program around `PyTorch` that people see, by its name: `ComfyUI` and its like, the options of which count.
    Program,
    /// How many requests an engine takes at once at the most, as printed.
    Sequences,
    /// How many tokens go through an engine at once at the most, as printed.
    TokensAtOnce,
    /// How many tokens go through llama.cpp's graph at once (`n_ubatch`).
    MicroBatch,
    /// How many requests llama.cpp and its kin keep a cache for.
    Parallel,
    /// The cache of keys and values is kept in 8 or 4 bits.
    QuantizedCache,
    /// The largest batch that `SGLang` captures a graph for.
    GraphBatch,
    /// A trial run encodes images or other media.
    Media,
    /// An engine runs without CUDA graphs.
    Eager,
    /// The smallest share of the device that leaves room for a cache, by the engine's own message.
    SmallestShare,
    /// How many requests at once a cache of states holds, by the engine's own message.
    SequencesThatFit,
    /// How much a rank uses before any cache, in MiB, by the engine's own message.
    RankBudget,
    /// A model of pictures that is loaded, with the bytes of its weights by its name and type.
    DrawnModel,
    /// What a program loads beside its model: adapters, a draft model, a projector.
    Beside,
    /// The size of a cache that would fit, in bytes, by the engine's own line.
    CacheThatFits,
    /// What Ollama was told to leave free, in a form that it refused.
    RefusedOverhead,
    /// How many weights the model has, by a print or by its name ("7B").
    Parameters,
    /// How many of them are trained, as printed.
    Trainable,
    /// All weights are trained, by a setting, a script or the writer's words.
    WholeModel,
    /// Adapters are trained or spoken of: `LoRA` and its kin.
    Adapters,
    /// A smaller batch was tried and did not help, by the writer's words.
    BatchTried,
    /// How many GPUs the job or the machine has.
    Gpus,
    /// How many nodes, points or the like a sample has, by the writer's words.
    Rows,
    /// A run goes on from a checkpoint: by a setting, or ("told") it fails only then, by the writer's words.
    Resumes,
    /// A sample has more tokens than the model takes: how many it takes, by the tokenizer's warning.
    LongSample,
    /// Memory grows from step to step, or it fails only after many, by the writer's words.
    GrowthTold,
    /// A program in C++ calls `PyTorch`'s libraries.
    LibTorch,
    /// A test in C++ fails: nobody types Python there.
    TestInCpp,
    /// `nvidia-smi` lists no process, by the writer's words.
    NoProcessListed,
    /// A restart of the kernel helps, by the writer's words: what fails is what earlier runs left.
    RestartHelps,
    /// One process copies the model to all GPUs for each batch: no launcher started one process a GPU.
    DataParallel,
    /// What the program itself says to do, in its words.
    Advice,
    /// The largest buffer of a compiled program: its size, shape, operation and line of source.
    LargestBuffer,
    /// What runs the engine for its user and takes its switches in another form, by its name: Xinference.
    ServedBy,
    /// How many layers' experts wait in host memory, as printed.
    ExpertsOnCpu,
    /// Checkpointing failed, since the first layer's inputs need no gradients, as where only adapters are trained.
    FrozenInputs,
    /// It fails in an evaluation ("during") or behind one ("after"), by the writer's words.
    Evaluates,
    /// A training draws samples from what it has learned: the line that says that it begins.
    DrawsSamples,
}

impl SettingKind {
    /// Every kind, in the order of the report.
    pub const ALL: [Self; 96] = [
        Self::AllocatorConfig,
        Self::ExpandableUnsupported,
        Self::TorchVersion,
        Self::TorchAtLeast,
        Self::TorchAtMost,
        Self::Checkpointing,
        Self::CheckpointingOff,
        Self::PrecisionOff,
        Self::OffloadOff,
        Self::QuantizedOff,
        Self::AttentionOff,
        Self::MixedPrecision,
        Self::NoGrad,
        Self::GraphKept,
        Self::MemoryFraction,
        Self::DeepSpeed,
        Self::Fsdp,
        Self::ModelParallel,
        Self::Offload,
        Self::HuggingFace,
        Self::Lightning,
        Self::Trainer,
        Self::BatchSize,
        Self::GlobalBatchSize,
        Self::EvalBatchSize,
        Self::BatchTokens,
        Self::GradientAccumulation,
        Self::SequenceLength,
        Self::ImageSize,
        Self::SampleSize,
        Self::ChunkSize,
        Self::Tiled,
        Self::LoaderWorkers,
        Self::HostArray,
        Self::HostPressure,
        Self::EvalAccumulation,
        Self::ChunkedLoss,
        Self::Siblings,
        Self::ServerWorkers,
        Self::Windows,
        Self::Wsl,
        Self::Container,
        Self::UnifiedMemory,
        Self::MallocAsync,
        Self::BeforeAmpere,
        Self::Rocm,
        Self::VisibleDevices,
        Self::DeviceMap,
        Self::HalfWeights,
        Self::Quantized,
        Self::SmallOptimizer,
        Self::FlashAttention,
        Self::EngineShare,
        Self::LongestContext,
        Self::ContextSize,
        Self::GpuLayers,
        Self::LayerBytes,
        Self::LlamaInPython,
        Self::Program,
        Self::Sequences,
        Self::TokensAtOnce,
        Self::MicroBatch,
        Self::Parallel,
        Self::QuantizedCache,
        Self::GraphBatch,
        Self::Media,
        Self::Eager,
        Self::SmallestShare,
        Self::SequencesThatFit,
        Self::RankBudget,
        Self::DrawnModel,
        Self::Beside,
        Self::CacheThatFits,
        Self::RefusedOverhead,
        Self::Parameters,
        Self::Trainable,
        Self::WholeModel,
        Self::Adapters,
        Self::BatchTried,
        Self::Gpus,
        Self::Rows,
        Self::Resumes,
        Self::LongSample,
        Self::GrowthTold,
        Self::LibTorch,
        Self::TestInCpp,
        Self::NoProcessListed,
        Self::RestartHelps,
        Self::FrozenInputs,
        Self::DataParallel,
        Self::Advice,
        Self::LargestBuffer,
        Self::ServedBy,
        Self::ExpertsOnCpu,
        Self::Evaluates,
        Self::DrawsSamples,
    ];

    /// The kind in every output.
    #[expect(clippy::too_many_lines, reason = "a table")]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AllocatorConfig => "allocator-config",
            Self::ExpandableUnsupported => "expandable-unsupported",
            Self::TorchVersion => "torch",
            Self::TorchAtLeast => "torch-at-least",
            Self::TorchAtMost => "torch-at-most",
            Self::Checkpointing => "checkpointing",
            Self::CheckpointingOff => "checkpointing-off",
            Self::PrecisionOff => "precision-off",
            Self::OffloadOff => "offload-off",
            Self::QuantizedOff => "quantized-off",
            Self::AttentionOff => "attention-off",
            Self::MixedPrecision => "mixed-precision",
            Self::NoGrad => "no-grad",
            Self::GraphKept => "graph-kept",
            Self::MemoryFraction => "memory-fraction",
            Self::DeepSpeed => "deepspeed",
            Self::Fsdp => "fsdp",
            Self::ModelParallel => "model-parallel",
            Self::Offload => "offload",
            Self::HuggingFace => "hugging-face",
            Self::Lightning => "lightning",
            Self::Trainer => "trainer",
            Self::BatchSize => "batch-size",
            Self::GlobalBatchSize => "global-batch-size",
            Self::EvalBatchSize => "eval-batch-size",
            Self::BatchTokens => "batch-tokens",
            Self::GradientAccumulation => "gradient-accumulation",
            Self::SequenceLength => "sequence-length",
            Self::ImageSize => "image-size",
            Self::SampleSize => "sample-size",
            Self::ChunkSize => "chunk-size",
            Self::Tiled => "tiled",
            Self::LoaderWorkers => "loader-workers",
            Self::HostArray => "host-array",
            Self::HostPressure => "host-pressure",
            Self::EvalAccumulation => "eval-accumulation",
            Self::ChunkedLoss => "chunked-loss",
            Self::ServerWorkers => "server-workers",
            Self::Siblings => "siblings",
            Self::Windows => "windows",
            Self::Wsl => "wsl",
            Self::Container => "container",
            Self::UnifiedMemory => "unified-memory",
            Self::MallocAsync => "malloc-async",
            Self::BeforeAmpere => "before-ampere",
            Self::Rocm => "rocm",
            Self::VisibleDevices => "visible-devices",
            Self::DeviceMap => "device-map",
            Self::HalfWeights => "half-weights",
            Self::Quantized => "quantized",
            Self::SmallOptimizer => "small-optimizer",
            Self::FlashAttention => "attention",
            Self::EngineShare => "engine-share",
            Self::LongestContext => "longest-context",
            Self::ContextSize => "context-size",
            Self::GpuLayers => "gpu-layers",
            Self::LayerBytes => "layer-bytes",
            Self::LlamaInPython => "llama-in-python",
            Self::Program => "program",
            Self::Sequences => "sequences",
            Self::TokensAtOnce => "tokens-at-once",
            Self::MicroBatch => "micro-batch",
            Self::Parallel => "parallel",
            Self::QuantizedCache => "quantized-cache",
            Self::GraphBatch => "graph-batch",
            Self::Media => "media",
            Self::Eager => "eager",
            Self::SmallestShare => "smallest-share",
            Self::SequencesThatFit => "sequences-that-fit",
            Self::RankBudget => "rank-budget",
            Self::DrawnModel => "drawn-model",
            Self::Beside => "beside",
            Self::CacheThatFits => "cache-that-fits",
            Self::RefusedOverhead => "refused-overhead",
            Self::Parameters => "parameters",
            Self::Trainable => "trainable",
            Self::WholeModel => "whole-model",
            Self::Adapters => "adapters",
            Self::BatchTried => "batch-tried",
            Self::Gpus => "gpus",
            Self::Rows => "rows",
            Self::Resumes => "resumes",
            Self::LongSample => "long-sample",
            Self::GrowthTold => "growth-told",
            Self::LibTorch => "libtorch",
            Self::TestInCpp => "test-in-cpp",
            Self::NoProcessListed => "no-process-listed",
            Self::RestartHelps => "restart-helps",
            Self::FrozenInputs => "frozen-inputs",
            Self::DataParallel => "data-parallel",
            Self::Advice => "advice",
            Self::LargestBuffer => "largest-buffer",
            Self::ServedBy => "served-by",
            Self::ExpertsOnCpu => "experts-on-cpu",
            Self::Evaluates => "evaluates",
            Self::DrawsSamples => "draws-samples",
        }
    }
}
