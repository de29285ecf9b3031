//! The cache of keys and values outgrows the device.

use crate::evidence::{FindingId, Flag};
use crate::findings::measures::buffers;
use crate::findings::measures::by_stack;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{
    bigger_gpu, fewer_gpu_layers, fewer_parallel_requests, lower_batch_size,
    lower_engine_memory_share, offload, quantize_kv_cache, quantize_weights, shorter_generation,
    smaller_context, static_kv_cache,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::KvCache,
    cause: Cause::Exhaustion,
    page: include_str!("kv-cache.md"),
    fixes: &[
        &lower_engine_memory_share::FIX,
        &shorter_generation::FIX,
        &lower_batch_size::FIX,
        &static_kv_cache::FIX,
        &smaller_context::FIX,
        &quantize_kv_cache::FIX,
        &fewer_parallel_requests::FIX,
        &fewer_gpu_layers::FIX,
        &quantize_weights::FIX,
        &offload::FIX,
        &bigger_gpu::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_stack::verdict(case, FindingId::KvCache)
        .or_else(|| buffers::short_of(case, Flag::ForCache))
        .or_else(|| buffers::component(case, Flag::ForCache))
}
