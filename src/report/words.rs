//! The words that people type for what has a page: the error's own, a variable's name, a number that a shell printed.

use crate::evidence::{FindingId, FixId};
use crate::findings::Cause;

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
    ("fragmented", Cause::Fragmentation.name()),
    ("pytorch-cuda-alloc-conf", FixId::ExpandableSegments.name()),
    ("pytorch-alloc-conf", FixId::ExpandableSegments.name()),
    ("cublas", FindingId::LibraryStarved.name()),
    (
        "cublas-status-alloc-failed",
        FindingId::LibraryStarved.name(),
    ),
    (
        "cublas-status-not-initialized",
        FindingId::LibraryStarved.name(),
    ),
    ("cudnn", FindingId::LibraryStarved.name()),
    ("cusolver", FindingId::LibraryStarved.name()),
    ("cufft", FindingId::LibraryStarved.name()),
    ("memory-leak", Cause::Leak.name()),
    ("growth", Cause::Leak.name()),
    ("zombie", FindingId::StaleProcess.name()),
    ("other-processes", FindingId::OtherProcess.name()),
    ("batch-size", FixId::LowerBatchSize.name()),
    ("batch", FixId::LowerBatchSize.name()),
    ("checkpointing", FixId::GradientCheckpointing.name()),
    ("amp", FixId::MixedPrecision.name()),
    ("fp16", FixId::MixedPrecision.name()),
    ("bf16", FixId::MixedPrecision.name()),
    ("flash-attention", FixId::SdpaAttention.name()),
    ("attention", FindingId::AttentionScores.name()),
    ("no-grad", FixId::InferenceMode.name()),
    ("adam", FindingId::OptimizerStates.name()),
    ("optimizer", FindingId::OptimizerStates.name()),
    ("quantization", FixId::QuantizeWeights.name()),
    ("fsdp", FixId::ShardAcrossGpus.name()),
    ("zero", FixId::ShardAcrossGpus.name()),
    ("cuda-graphs", FindingId::PrivatePools.name()),
    ("gpu-memory-utilization", FindingId::EngineBudget.name()),
    ("mem-fraction-static", FindingId::EngineBudget.name()),
    (
        "set-per-process-memory-fraction",
        FindingId::MemoryFraction.name(),
    ),
    ("dev-shm", FindingId::Shm.name()),
    ("137", FindingId::OomKiller.name()),
    ("killed", FindingId::OomKiller.name()),
];

/// The word as ids are written: "Out of memory" is `out-of-memory`.
pub(super) fn as_id(word: &str) -> String {
    let word = word.trim().to_ascii_lowercase();
    word.trim_start_matches('/').replace([' ', '_', '/'], "-")
}
