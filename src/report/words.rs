//! The words that people type for what has a page: the error's own, a variable's name, a number that a shell printed.

/// Pages on words that are no cause, no finding and no fix.
pub(super) const PAGES: [(&str, &str); 5] = [
    ("oom", include_str!("words/oom.md")),
    ("vram", include_str!("words/vram.md")),
    ("reserved", include_str!("words/reserved.md")),
    ("context", include_str!("words/context.md")),
    ("record", include_str!("record.md")),
];

/// Other words for a page, each with the id of that page.
pub(super) const OTHERS: [(&str, &str); 52] = [
    ("out-of-memory", "oom"),
    ("cuda-oom", "oom"),
    ("cuda-out-of-memory", "oom"),
    ("outofmemoryerror", "oom"),
    ("torch.outofmemoryerror", "oom"),
    ("resource-exhausted", "oom"),
    ("cudaerrormemoryallocation", "oom"),
    ("gpu-memory", "vram"),
    ("memory", "vram"),
    ("nvidia-smi", "vram"),
    ("cache", "reserved"),
    ("allocator", "reserved"),
    ("allocated", "reserved"),
    ("empty-cache", "reserved"),
    ("cuda-context", "context"),
    ("snapshot", "record"),
    ("memory-snapshot", "record"),
    ("profile", "record"),
    ("fragmented", "fragmentation"),
    ("pytorch-cuda-alloc-conf", "expandable-segments"),
    ("pytorch-alloc-conf", "expandable-segments"),
    ("cublas", "library-starved"),
    ("cublas-status-alloc-failed", "library-starved"),
    ("cublas-status-not-initialized", "library-starved"),
    ("cudnn", "library-starved"),
    ("cusolver", "library-starved"),
    ("cufft", "library-starved"),
    ("memory-leak", "leak"),
    ("growth", "leak"),
    ("zombie", "stale-process"),
    ("other-processes", "other-process"),
    ("batch-size", "lower-batch-size"),
    ("batch", "lower-batch-size"),
    ("checkpointing", "gradient-checkpointing"),
    ("amp", "mixed-precision"),
    ("fp16", "mixed-precision"),
    ("bf16", "mixed-precision"),
    ("flash-attention", "sdpa-attention"),
    ("attention", "attention-scores"),
    ("no-grad", "inference-mode"),
    ("adam", "optimizer-states"),
    ("optimizer", "optimizer-states"),
    ("quantization", "quantize-weights"),
    ("fsdp", "shard-across-gpus"),
    ("zero", "shard-across-gpus"),
    ("cuda-graphs", "private-pools"),
    ("gpu-memory-utilization", "engine-budget"),
    ("mem-fraction-static", "engine-budget"),
    ("set-per-process-memory-fraction", "memory-fraction"),
    ("dev-shm", "shm"),
    ("137", "oom-killer"),
    ("killed", "oom-killer"),
];

/// The word as ids are written: "Out of memory" is `out-of-memory`.
pub(super) fn as_id(word: &str) -> String {
    let word = word.trim().to_ascii_lowercase();
    word.trim_start_matches('/').replace([' ', '_', '/'], "-")
}
