//! Every captured size keeps memory of its own.

use super::{Fix, Offer, Situation};
use crate::bytes::Bytes;
use crate::evidence::{FixId, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::FewerGraphSizes,
    cost: "sizes without a graph run slower",
    page: include_str!("fewer-graph-sizes.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let gain = s.balance.private_pools.map(|p| Bytes::between(0, p.high()));
    let how = match s.program() {
        Program::Vllm => "--max-num-seqs 64  # fewer sizes; --enforce-eager: no graphs at all",
        Program::Sglang => "--cuda-graph-max-bs 16  # or --disable-cuda-graph",
        Program::TensorrtLlm => "cuda_graph_config: {max_batch_size: 16}",
        _ if !s.torch() => return None,
        _ if s.incident.traceback.mentions("cudagraph_trees") => {
            "torch.compile(model, mode=\"default\")  # \"reduce-overhead\" captures one graph a shape\n# or pad inputs to a few sizes"
        }
        _ => "for size in (1, 8, 64): capture(size)  # pad inputs to the next size",
    };
    Some(Offer::winning(how, gain, s))
}
