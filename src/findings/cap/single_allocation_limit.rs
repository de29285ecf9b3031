//! One request is larger than the driver allows a single one to be.

use crate::bytes::{Bytes, GIB};
use crate::evidence::{FindingId, Flag, MessageId};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::SingleAllocationLimit,
    cause: Cause::Cap,
    page: include_str!("single-allocation-limit.md"),
    fixes: fixes![
        smaller_prompt_batch,
        sdpa_attention,
        chunk_the_operation,
        lower_batch_size,
        smaller_inputs,
        smaller_context,
        fewer_gpu_layers,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let incident = case.incident;
    if incident.flagged(Flag::ExpandableReserve) {
        let because = "PyTorch says it itself: the request exceeds the address space that one expandable segment reserves, and \
                       one allocation cannot span two. Raise or unset expandable_segments_reserve.";
        return Some(Verdict::new(Confidence::Proven, because.to_owned()));
    }
    if incident.flagged(Flag::SingleAllocationLimit) {
        let limits = case.balance.tried.zip(case.balance.limit);
        let sure = limits.is_some_and(|(tried, limit)| tried.surely_over(limit));
        let because = limits.map_or_else(|| refused(case), |(tried, limit)| format!(
            "{tried} was requested in one piece, and the driver gives no more than {limit} at once, however much is free."
        ));
        let confidence = if sure {
            Confidence::Proven
        } else {
            Confidence::Likely
        };
        return Some(Verdict::settled_unless_proven(
            confidence,
            because,
            "the driver's own limit: `vulkaninfo`, maxMemoryAllocationSize and maxBufferSize",
        ));
    }
    let (tried, total) = (case.balance.tried?, case.balance.total?);
    let limit = Bytes::exact(4 * GIB);
    let almost_empty = case
        .balance
        .live
        .is_some_and(|live| live.plus(tried).high() < total.percent(80).low());
    if incident.format != MessageId::PytorchXpu || tried.high() < limit.low() || !almost_empty {
        return None;
    }
    // Level Zero refuses more than 4 GiB at once unless relaxed limits are on (intel/compute-runtime, UR_L0_ENABLE_RELAXED_ALLOCATION_LIMITS).
    let because = format!(
        "{tried} was requested at once, with little else on a GPU of {total}: Intel's driver refuses single allocations above 4 GiB."
    );
    let settle = "run again with UR_L0_ENABLE_RELAXED_ALLOCATION_LIMITS=1";
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}

fn refused(case: &Case<'_>) -> String {
    let tried = case.balance.tried;
    let size = tried.map_or_else(String::new, |tried| format!(" of {tried}"));
    format!("The driver refuses a single allocation{size}, however much is free.")
}
