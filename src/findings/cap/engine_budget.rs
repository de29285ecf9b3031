//! The engine's share of the device leaves no room for its cache.

use crate::evidence::{FindingId, Flag, Key};
use crate::findings::measures::budgets;
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::EngineBudget,
    cause: Cause::Cap,
    page: include_str!("engine-budget.md"),
    fixes: fixes![
        raise_engine_memory_share,
        smaller_context,
        lower_batch_size,
        quantize_kv_cache,
        quantize_weights,
        shard_across_gpus,
        offload,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    if case.incident.flagged(Flag::LongestContext) {
        return longest(case);
    }
    if !budgets::no_cache(case) || budgets::too_small(case).is_some() {
        return None;
    }
    let name = case.incident.framework.title();
    let (need, limit) = (budgets::need(case), case.balance.limit);
    if let (Some(need), Some(limit), Some(parts)) = (need, limit, budgets::parts(case)) {
        let rest = case
            .balance
            .total
            .map_or_else(String::new, |total| format!(", while the GPU has {total}"));
        let sure = case.balance.total.is_some() && need.surely_over(limit);
        let because =
            format!("{parts}; {name}'s share is {limit}{rest}. The driver refused nothing.");
        let confidence = if sure {
            Confidence::Proven
        } else {
            Confidence::Likely
        };
        return Some(Verdict::settled_unless_proven(confidence, because, SETTLE));
    }
    let lack = case
        .incident
        .facts
        .get(Key::Deficit)
        .map_or_else(String::new, |lack| {
            format!("It is short of {lack} before any cache. ")
        });
    let behind = case.balance.free.map_or_else(String::new, |free| {
        format!(", and {free} of the GPU is free behind them")
    });
    let known = budgets::parts(case).map_or_else(String::new, |parts| format!("{parts}{behind}. "));
    let because = format!(
        "{known}{lack}By its own count, {name}'s share of the GPU leaves no room for a cache beside weights and a trial run. The \
         driver refused nothing."
    );
    Some(Verdict::settled_by(Confidence::Likely, because, SETTLE))
}

const SETTLE: &str = "the engine's lines above it on weights and memory, and `nvidia-smi`: how large is the GPU, and who else is on it?";

/// Some cache is there, and a share that people do give would make it large enough.
fn longest(case: &Case<'_>) -> Option<Verdict> {
    let (more, lack) = budgets::larger_share(case)?;
    let because = format!(
        "The cache lacks {lack} for one request of the longest context, and a share of 95 % would add {more} to it."
    );
    let settle = "`nvidia-smi`: does anything else need the rest of the GPU?";
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}
