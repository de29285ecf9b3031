//! Graphs that never run at the same time can use the same memory.

use super::{Fix, Offer, Situation};
use crate::bytes::Bytes;
use crate::evidence::{FixId, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::ShareGraphPool,
    cost: "graphs of one pool must be replayed in the order of their capture",
    page: include_str!("share-graph-pool.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let managed = matches!(
        s.program(),
        Program::Vllm | Program::Sglang | Program::TensorrtLlm
    );
    // torch.compile's own graphs share one pool (torch/_inductor/cudagraph_trees.py).
    let shared = s.incident.traceback.mentions("cudagraph_trees");
    if managed || shared || !s.torch() {
        return None;
    }
    let gain = s.balance.private_pools.map(|p| Bytes::between(0, p.high()));
    Some(Offer::winning(
        format!(
            "with torch.cuda.graph(g, pool=first.pool()):{}",
            s.at_here()
        ),
        gain,
        s,
    ))
}

#[cfg(test)]
mod tests {
    use super::super::Enough;
    use super::super::case_builder::CaseBuilder;
    use super::*;
    use crate::bytes::GIB;
    use crate::evidence::Key;

    #[test]
    fn it_wins_at_most_the_private_pools() {
        let offer = CaseBuilder::in_pieces()
            .fact(Key::PrivatePools, 30)
            .ask(&FIX)
            .unwrap();
        assert_eq!(offer.gain, Some(Bytes::between(0, 3 * GIB)));
        assert_eq!(offer.enough, Enough::No);
    }
}
