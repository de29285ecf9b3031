//! Graphs keep memory of their own, outside the share that an engine takes.

use super::{Fix, Offer, Situation};
use crate::bytes::Bytes;
use crate::evidence::{FixId, KnownWork, Phase, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::NoGraphs,
    cost: "decoding is slower",
    page: include_str!("no-graphs.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let sampler = ["_dummy_sampler_run", "_dummy_pooler_run"]
        .iter()
        .any(|name| {
            s.incident
                .traceback
                .frames
                .iter()
                .any(|f| f.function == *name)
        });
    if s.has(SettingKind::Eager) || sampler || !s.in_phase(&[Phase::GraphCapture]) {
        return None;
    }
    let gain = s.balance.private_pools.map(|p| Bytes::between(0, p.high()));
    let how = match s.program() {
        Program::Vllm => "--enforce-eager",
        Program::Sglang => "--disable-cuda-graph",
        Program::TensorrtLlm => "cuda_graph_config: null",
        Program::Tgi => "--cuda-graphs 0",
        Program::Lmdeploy => "--eager-mode",
        _ if s.incident.traceback.known_work() == Some(KnownWork::CapturesLayers) => {
            "--cuda-graph-impl none  # Megatron-LM; older: leave out --enable-cuda-graph, --external-cuda-graph\n# of some layers only: a narrower --cuda-graph-scope"
        }
        _ => return None,
    };
    Some(Offer::winning(how, gain, s))
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    #[test]
    fn each_engine_has_its_own_option_and_one_that_is_on_is_not_offered() {
        for (program, how) in [
            (Program::Vllm, "--enforce-eager"),
            (Program::Sglang, "--disable-cuda-graph"),
        ] {
            let trial = || {
                CaseBuilder::new()
                    .engine(program)
                    .phase(Phase::GraphCapture)
            };
            assert_eq!(trial().line(&FIX), how);
            let on = trial().set(SettingKind::Eager, "");
            assert_eq!(on.ask(&FIX), None);
        }
        assert_eq!(CaseBuilder::new().ask(&FIX), None);
    }
}
