//! CUDA graphs or memory pools keep free memory to themselves.

use crate::evidence::FindingId;
use crate::findings::measures::idle;
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::PrivatePools,
    cause: Cause::Fragmentation,
    page: include_str!("private-pools.md"),
    fixes: fixes![
        share_graph_pool,
        fewer_graph_sizes,
        no_graphs,
        lower_batch_size,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    // An engine's graphs are captured beside its share, and what fails there or behind it is answered by that share.
    if case.incident.program().takes_a_share() {
        return None;
    }
    idle::idle_reaches(case)?;
    let balance = case.balance;
    let (private, idle) = (balance.private_pools?, balance.idle?);
    if !private.likely_over(idle) {
        return None;
    }
    let because = format!(
        "{} was requested and {} is free. {private} more is free, but inside private pools (CUDA graphs, MemPool) that nothing else may use.",
        balance.tried?,
        balance.left()?
    );
    // Nothing else may use a private pool, so that the sum is the reason.
    Some(Verdict::new(Confidence::Likely, because))
}
