//! Every captured size keeps memory of its own.

use super::{Fix, Offer, Situation};
use crate::bytes::Bytes;
use crate::evidence::{FindingId, FixId, Phase, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::FewerGraphSizes,
    cost: "sizes without a graph run slower",
    page: include_str!("fewer-graph-sizes.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let gain = s.balance.private_pools.map(|p| Bytes::between(0, p.high()));
    let how = match s.program() {
        Program::Vllm => return sizes(s, "--max-num-seqs", SettingKind::Sequences),
        Program::Sglang => return sizes(s, "--cuda-graph-max-bs", SettingKind::GraphBatch),
        Program::TensorrtLlm if s.blind() && !s.in_phase(&[Phase::GraphCapture]) => return None,
        Program::TensorrtLlm => "cuda_graph_config: {max_batch_size: N}  # N: less than now",
        _ if !s.torch() || s.blind() => return None,
        _ if s.incident.traceback.mentions("cudagraph_trees") => {
            "torch.compile(model, mode=\"default\")  # \"reduce-overhead\" captures one graph a shape\n# or pad inputs to a few sizes"
        }
        _ => "for size in (1, 8, 64): capture(size)  # pad inputs to the next size",
    };
    Some(Offer::winning(how, gain, s))
}

/// Engines capture a graph for each size of a batch up to the largest.
fn sizes(s: &Situation<'_>, name: &str, kind: SettingKind) -> Option<Offer> {
    // The same number of requests is offered by lower-batch-size where it is known.
    let offered = s.finding == FindingId::BesideTheShare && s.has(SettingKind::Sequences);
    if s.has(SettingKind::Eager) || offered || !s.in_phase(&[Phase::GraphCapture]) {
        return None;
    }
    let how = match s.number(kind) {
        Some(now) if now > 1 => format!("{name} {}  # half of {now}: fewer sizes", now / 2),
        _ => format!("{name} N  # N: half of what it is now: fewer sizes"),
    };
    Some(
        Offer::unmeasured(how).costing("fewer requests at once, or larger batches without a graph"),
    )
}
