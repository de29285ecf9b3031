//! The engine's own budget was too small for weights and cache, though the GPU has more.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::RaiseEngineMemoryShare,
    cost: "less is left for CUDA graphs, NCCL and other processes",
    page: include_str!("raise-engine-memory-share.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if at_its_most(s) {
        return None;
    }
    let how = match s.program() {
        Program::Vllm => "--gpu-memory-utilization 0.95",
        Program::Sglang => "--mem-fraction-static 0.90",
        Program::TensorrtLlm => "kv_cache_config: {free_gpu_memory_fraction: 0.95}",
        Program::Lmdeploy => "--cache-max-entry-count 0.9",
        Program::MlcLlm => "--overrides \"gpu_memory_utilization=0.95\"",
        Program::Jax => "XLA_PYTHON_CLIENT_MEM_FRACTION=.95",
        _ => return None,
    };
    Some(Offer::unmeasured(format!(
        "{how}\n# only while nobody else needs the GPU"
    )))
}

/// True where the log shows a share as large as the one that would be offered.
fn at_its_most(s: &Situation<'_>) -> bool {
    let share = s.incident.settings.get(SettingKind::EngineShare);
    let most = if s.program() == Program::Sglang {
        0.90
    } else {
        0.95
    };
    share
        .and_then(|share| share.value.parse::<f64>().ok())
        .is_some_and(|share| share >= most)
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    #[test]
    fn a_share_that_is_large_already_is_not_raised() {
        let vllm = |share| {
            let trial = CaseBuilder::new().frame("/x/site-packages/vllm/worker.py", 1, "");
            trial.set(SettingKind::EngineShare, share).ask(&FIX)
        };
        assert!(vllm("0.5").is_some());
        assert_eq!(vllm("0.95"), None);
    }
}
