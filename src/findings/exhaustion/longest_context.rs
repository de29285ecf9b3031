//! One request of the longest context that the engine allows needs more cache than it has.

use crate::evidence::{FindingId, Flag};
use crate::findings::measures::budgets;
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::LongestContext,
    cause: Cause::Exhaustion,
    page: include_str!("longest-context.md"),
    fixes: fixes![
        smaller_context,
        quantize_kv_cache,
        raise_engine_memory_share,
        lower_batch_size,
        quantize_weights,
        shard_across_gpus,
        bigger_gpu,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    if !case.incident.flagged(Flag::LongestContext) {
        return None;
    }
    let holds = budgets::fits(case).map_or("fewer".to_owned(), |fits| fits.to_string());
    let tokens = budgets::asked(case)
        .map(|asked| format!("One request may have {asked} tokens, and the cache holds {holds}."));
    let sizes = case.balance.tried.zip(case.balance.free);
    let sizes = sizes.map(|(tried, free)| {
        format!("One such request needs {tried} of cache, and {free} is left for it.")
    });
    let said: Vec<String> = tokens.into_iter().chain(sizes).collect();
    if said.is_empty() {
        return None;
    }
    let because = format!(
        "{} The engine counted this before it started; the driver refused nothing.",
        said.join(" ")
    );
    let confidence = if budgets::larger_share(case).is_some() {
        Confidence::Possible
    } else {
        Confidence::Likely
    };
    let settle = "the engine's lines above it: how much of the GPU is its share, and what do the weights take?";
    Some(Verdict::settled_by(confidence, because, settle))
}
