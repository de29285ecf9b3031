//! Idle memory belongs to other streams or lies between live tensors in grown segments.

use crate::bytes::human;
use crate::evidence::FindingId;
use crate::findings::measures::{idle, record};
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Streams,
    cause: Cause::Fragmentation,
    page: include_str!("streams.md"),
    fixes: fixes![
        empty_cache_between_phases,
        lower_batch_size,
        drop_references,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let (confidence, measured) = idle::idle_reaches(case)?;
    let balance = case.balance;
    if let Some(other) = record::of_other_streams(case) {
        let because = format!(
            "{} was requested and {} is free. {} more is free in the cache, but it belongs to other streams, whose memory \
             this stream may not use.",
            balance.tried?,
            balance.left()?,
            human(other)
        );
        return Some(Verdict::new(confidence, because));
    }
    if balance
        .private_pools
        .zip(balance.idle)
        .is_some_and(|(p, i)| p.likely_over(i))
        || !case.incident.settings.expandable()
    {
        return None;
    }
    let because = format!(
        "{} was requested, {} is free and {} lies idle, although expandable segments are on: what is left idle then belongs to other streams, or to pages that live tensors share.",
        balance.tried?,
        balance.left()?,
        balance.idle?
    );
    let settle = "torch.cuda.memory._dump_snapshot('oom.pickle') in the except block shows the idle blocks by stream";
    Some(Verdict::settled_by(confidence, because, settle).measured(measured))
}
