//! What a log can show to be set, one line a thing that changes advice.

/// Declares the kinds, each with its spelling in every output; their order is that of the report.
macro_rules! kinds {
    ($($(#[$doc:meta])+ $variant:ident => $text:literal,)*) => {
        /// Something that the log shows about how the program runs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum SettingKind {
            $($(#[$doc])+ $variant,)*
        }

        impl SettingKind {
            /// Every kind, in the order of the report.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The kind in every output.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

kinds! {
    /// `PYTORCH_CUDA_ALLOC_CONF` and its other names, with the value.
    AllocatorConfig => "allocator-config",
    /// `PyTorch` warned that it ignores `expandable_segments` on this platform.
    ExpandableUnsupported => "expandable-unsupported",
    /// The version of `PyTorch`, printed or told by the wording of a message ("2.3").
    TorchVersion => "torch",
    /// The oldest version that prints the message as it stands.
    TorchAtLeast => "torch-at-least",
    /// The newest version that prints the message as it stands.
    TorchAtMost => "torch-at-most",
    /// Activation (gradient) checkpointing is on.
    Checkpointing => "checkpointing",
    /// Activation checkpointing is off, by a switch that the log shows: its name, to be turned on.
    CheckpointingOff => "checkpointing-off",
    /// Two-byte numbers are off, by a switch that the log shows: its name, to be turned on.
    PrecisionOff => "precision-off",
    /// Offload to host memory is off, likewise.
    OffloadOff => "offload-off",
    /// Weights of 8 or 4 bits are off, likewise.
    QuantizedOff => "quantized-off",
    /// Attention without the N x N matrix is off, likewise.
    AttentionOff => "attention-off",
    /// Autocast, bf16 or fp16 is on.
    MixedPrecision => "mixed-precision",
    /// `no_grad` or `inference_mode` is on.
    NoGrad => "no-grad",
    /// A warning that a tensor with its graph was turned into a number: losses are kept with their graphs.
    GraphKept => "graph-kept",
    /// `set_per_process_memory_fraction` or its key, with the fraction.
    MemoryFraction => "memory-fraction",
    /// `DeepSpeed`, with its ZeRO stage where printed.
    DeepSpeed => "deepspeed",
    /// Fully sharded data parallel.
    Fsdp => "fsdp",
    /// Weights or optimizer states split in another way: tensor or pipeline parallel, Megatron's distributed optimizer.
    ModelParallel => "model-parallel",
    /// Weights, states or activations wait in host memory.
    Offload => "offload",
    /// Hugging Face Trainer or Accelerate.
    HuggingFace => "hugging-face",
    /// Lightning.
    Lightning => "lightning",
    /// The program that runs the training loop, by its name ("axolotl").
    Trainer => "trainer",
    /// The samples of one step on one GPU, as printed.
    BatchSize => "batch-size",
    /// The samples of one step on all GPUs together.
    GlobalBatchSize => "global-batch-size",
    /// The samples of one step of evaluation.
    EvalBatchSize => "eval-batch-size",
    /// The size of a batch in tokens or seconds, where it is counted so.
    BatchTokens => "batch-tokens",
    /// How many batches one step of the optimizer takes.
    GradientAccumulation => "gradient-accumulation",
    /// The longest sequence, as printed.
    SequenceLength => "sequence-length",
    /// The size of the images, or of the patches that are cut from volumes.
    ImageSize => "image-size",
    /// How much else one sample holds, as printed: points, frames.
    SampleSize => "sample-size",
    /// How much goes through at once where the program cuts its work into pieces.
    ChunkSize => "chunk-size",
    /// A decoder of images that works in tiles.
    Tiled => "tiled",
    /// How many processes load data for each rank.
    LoaderWorkers => "loader-workers",
    /// The shape and the numbers of an array that host memory had no room for.
    HostArray => "host-array",
    /// How much of the time a control group waited for memory, and what it was allowed to: "51.07% > 50.00%".
    HostPressure => "host-pressure",
    /// After how many batches evaluation moves its results to the host.
    EvalAccumulation => "eval-accumulation",
    /// The loss is computed without the whole table of logits.
    ChunkedLoss => "chunked-loss",
    /// The job starts several processes of its own, by what does it ("pytest-xdist").
    Siblings => "siblings",
    /// What serves starts workers of its own, by its name: gunicorn, uvicorn.
    ServerWorkers => "server-workers",
    /// Native Windows.
    Windows => "windows",
    /// The Windows subsystem for Linux.
    Wsl => "wsl",
    /// A container.
    Container => "container",
    /// An embedded board or another device whose memory is the host's.
    UnifiedMemory => "unified-memory",
    /// The cudaMallocAsync backend.
    MallocAsync => "malloc-async",
    /// A GPU older than NVIDIA's Ampere, which has no bf16, by its name.
    BeforeAmpere => "before-ampere",
    /// AMD's ROCm build.
    Rocm => "rocm",
    /// `CUDA_VISIBLE_DEVICES`, with its value.
    VisibleDevices => "visible-devices",
    /// Accelerate spreads the weights over GPUs and host memory.
    DeviceMap => "device-map",
    /// Weights of two bytes a number: loaded as bf16 or fp16.
    HalfWeights => "half-weights",
    /// Weights quantized to 8 or 4 bits.
    Quantized => "quantized",
    /// An optimizer with small states (8-bit, paged, Adafactor, Lion).
    SmallOptimizer => "small-optimizer",
    /// SDPA or flash attention.
    FlashAttention => "attention",
    /// An engine's share of the device, with the fraction.
    EngineShare => "engine-share",
    /// The longest context that an engine's cache would hold, in tokens, by its own message.
    LongestContext => "longest-context",
    /// The longest side of a picture for which attention would have room, by the program's own message.
    LargestSide => "largest-side",
    /// The context that a model was loaded for, in tokens, as llama.cpp prints it.
    ContextSize => "context-size",
    /// How many layers are on GPUs, and of how many ("65/65"), likewise.
    GpuLayers => "gpu-layers",
    /// How many bytes a layer takes with its share of the cache, as the program plans them.
    LayerBytes => "layer-bytes",
    /// llama.cpp is called from Python.
    LlamaInPython => "llama-in-python",
    /// The program around `PyTorch` that people see, by its name: `ComfyUI` and its like, the options of which count.
    Program => "program",
    /// How many requests an engine takes at once at the most, as printed.
    Sequences => "sequences",
    /// How many tokens go through an engine at once at the most, as printed.
    TokensAtOnce => "tokens-at-once",
    /// How many tokens go through llama.cpp's graph at once (`n_ubatch`).
    MicroBatch => "micro-batch",
    /// How many requests llama.cpp and its kin keep a cache for.
    Parallel => "parallel",
    /// The cache of keys and values is kept in 8 or 4 bits.
    QuantizedCache => "quantized-cache",
    /// The largest batch that `SGLang` captures a graph for.
    GraphBatch => "graph-batch",
    /// A trial run encodes images or other media.
    Media => "media",
    /// An engine runs without CUDA graphs.
    Eager => "eager",
    /// The smallest share of the device that leaves room for a cache, by the engine's own message.
    SmallestShare => "smallest-share",
    /// How many requests at once a cache of states holds, by the engine's own message.
    SequencesThatFit => "sequences-that-fit",
    /// How much a rank uses before any cache, in MiB, by the engine's own message.
    RankBudget => "rank-budget",
    /// What Forge may use for weights and leaves to compute with, in MiB: "7163/1024".
    WeightsSlider => "weights-slider",
    /// A model of pictures that is loaded, with the bytes of its weights by its name and type.
    DrawnModel => "drawn-model",
    /// The node of an interface to image models that failed, by the name of its class.
    Node => "node",
    /// What a program loads beside its model: adapters, a draft model, a projector.
    Beside => "beside",
    /// The size of a cache that would fit, in bytes, by the engine's own line.
    CacheThatFits => "cache-that-fits",
    /// What Ollama was told to leave free, in a form that it refused.
    RefusedOverhead => "refused-overhead",
    /// How many weights the model has, by a print or by its name ("7B").
    Parameters => "parameters",
    /// How many of them are trained, as printed.
    Trainable => "trainable",
    /// All weights are trained, by a setting, a script or the writer's words.
    WholeModel => "whole-model",
    /// Adapters are trained or spoken of: `LoRA` and its kin.
    Adapters => "adapters",
    /// A smaller batch was tried and did not help, by the writer's words.
    BatchTried => "batch-tried",
    /// How many GPUs the job or the machine has.
    Gpus => "gpus",
    /// How many nodes, points or the like a sample has, by the writer's words.
    Rows => "rows",
    /// A run goes on from a checkpoint: by a setting, or ("told") it fails only then, by the writer's words.
    Resumes => "resumes",
    /// A sample has more tokens than the model takes: how many it takes, by the tokenizer's warning.
    LongSample => "long-sample",
    /// Memory grows from step to step, or it fails only after many, by the writer's words.
    GrowthTold => "growth-told",
    /// A program in C++ calls `PyTorch`'s libraries.
    LibTorch => "libtorch",
    /// A program in R calls `PyTorch`'s libraries (mlverse/torch).
    InR => "in-r",
    /// A test in C++ fails: nobody types Python there.
    TestInCpp => "test-in-cpp",
    /// `nvidia-smi` lists no process, by the writer's words.
    NoProcessListed => "no-process-listed",
    /// A restart of the kernel helps, by the writer's words: what fails is what earlier runs left.
    RestartHelps => "restart-helps",
    /// The shape of the tensor that TensorFlow found no room for.
    RefusedShape => "refused-shape",
    /// How many MiB TensorFlow takes of the GPU that it opened, by its own line.
    TensorflowTakes => "tensorflow-takes",
    /// The test passes if it runs by itself, by the writer's words: what fails is what other tests left.
    PassesAlone => "passes-alone",
    /// Checkpointing failed, since the first layer's inputs need no gradients, as where only adapters are trained.
    FrozenInputs => "frozen-inputs",
    /// One process copies the model to all GPUs for each batch: no launcher started one process a GPU.
    DataParallel => "data-parallel",
    /// What the program itself says to do, in its words.
    Advice => "advice",
    /// The largest buffer of a compiled program: its size, shape, operation and line of source.
    LargestBuffer => "largest-buffer",
    /// What runs the engine for its user and takes its switches in another form, by its name: Xinference.
    ServedBy => "served-by",
    /// How many layers' experts wait in host memory, as printed.
    ExpertsOnCpu => "experts-on-cpu",
    /// It fails in an evaluation ("during") or behind one ("after"), by the writer's words.
    Evaluates => "evaluates",
    /// A training draws samples from what it has learned: the line that says that it begins.
    DrawsSamples => "draws-samples",
    /// The function that a library ran again in host memory, since its inputs had no room on the GPU.
    MovedToHost => "moved-to-host",
}
