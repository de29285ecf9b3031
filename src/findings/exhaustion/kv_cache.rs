//! The cache of keys and values outgrows the device.

use crate::evidence::{FindingId, Flag, MessageId, SettingKind};
use crate::findings::measures::{budgets, buffers, by_stack};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::KvCache,
    cause: Cause::Exhaustion,
    page: include_str!("kv-cache.md"),
    fixes: fixes![
        lower_engine_memory_share,
        shorter_generation,
        lower_batch_size,
        static_kv_cache,
        smaller_context,
        quantize_kv_cache,
        fewer_parallel_requests,
        raise_engine_memory_share,
        fewer_gpu_layers,
        quantize_weights,
        offload,
        bigger_gpu,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_stack::verdict(case, FindingId::KvCache)
        .or_else(|| buffers::short_of(case, Flag::ForCache))
        .or_else(|| buffers::component(case, Flag::ForCache))
        .or_else(|| budgets::cache_wanted(case))
        .or_else(|| pool(case))
        .or_else(|| states(case))
}

/// `SGLang` takes its cache in advance, and counts tokens in it.
fn pool(case: &Case<'_>) -> Option<Verdict> {
    if case.incident.format != MessageId::SglangPool {
        return None;
    }
    if let Some(verdict) = rows(case) {
        return Some(verdict);
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

/// `SGLang` has a row for each request beside its cache (`mem_cache/common.py`, `alloc_req_slots`).
fn rows(case: &Case<'_>) -> Option<Verdict> {
    let settings = &case.incident.settings;
    let number = |kind| settings.get(kind)?.value.parse::<u64>().ok();
    let (asked, fits) = (
        number(SettingKind::Sequences)?,
        number(SettingKind::SequencesThatFit)?,
    );
    let why = if asked > fits {
        "its table is full, whatever the cache has left"
    } else {
        "so that another table ran out, such as a hybrid model's states"
    };
    let because = format!(
        "{asked} more requests were to run at once, and SGLang's table of requests had room for {fits}: {why}. The driver refused \
         nothing."
    );
    Some(Verdict::settled_by(
        Confidence::Likely,
        because,
        "\"max_running_requests=\" in the lines of its start: how many rows does the table have?",
    ))
}

/// A hybrid model keeps states for each request at once in blocks of the cache, and vLLM compares both before it captures graphs.
fn states(case: &Case<'_>) -> Option<Verdict> {
    let settings = &case.incident.settings;
    let fits = &settings.get(SettingKind::SequencesThatFit)?.value;
    let asked = &settings.get(SettingKind::Sequences)?.value;
    let because = format!(
        "{asked} requests may run at once, each needs a block of states in the cache, and the cache has {fits}. The engine counted \
         this before it captured graphs; the driver refused nothing."
    );
    (case.incident.format == MessageId::VllmSequences)
        .then(|| Verdict::new(Confidence::Proven, because))
}
