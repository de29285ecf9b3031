//! The cache of keys and values outgrows the device.

use crate::evidence::{FindingId, Flag, MessageId};
use crate::findings::measures::{budgets, buffers, by_stack};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};
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
        .or_else(|| budgets::cache_wanted(case))
        .or_else(|| pool(case))
}

/// `SGLang` takes its cache in advance, and counts tokens in it.
fn pool(case: &Case<'_>) -> Option<Verdict> {
    if case.incident.format != MessageId::SglangPool {
        return None;
    }
    let (asked, fits) = (budgets::at_once(case), budgets::fits(case));
    let counted = match (asked, fits) {
        (Some(asked), Some(fits)) if asked > fits => {
            format!(
                " {asked} tokens more were needed, and {fits} were free in it or could be given up."
            )
        }
        (Some(asked), Some(fits)) => format!(
            " {asked} tokens more were needed, and {fits} were free in it, though not in whole pages."
        ),
        _ => String::new(),
    };
    let because = format!(
        "SGLang takes memory for its cache in advance, and requests filled it.{counted} The driver refused nothing."
    );
    let settle = "the lines \"token usage\" above it: does it rise to 1.00 with the requests, or with none running?";
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}
