//! The engine's own budget was too small for weights and cache, though the GPU has more.

use super::shares::{self, Share};
use super::{Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, MessageId, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::RaiseEngineMemoryShare,
    cost: "less is left for CUDA graphs, NCCL and other processes",
    page: include_str!("raise-engine-memory-share.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // A cache that outgrows the device is not helped; blocks of states that the engine counted are.
    if s.finding == FindingId::KvCache && s.incident.format != MessageId::VllmSequences {
        return None;
    }
    if let Some(mib) = s.number(SettingKind::RankBudget) {
        let how = format!(
            "--rank-gpu-memory-mib N  # N: more than the {mib} that the weights take, by a cache\n# one budget for each rank, only while nobody else needs the GPU"
        );
        return (s.program() == Program::Sglang).then(|| Offer::unmeasured(how));
    }
    let name = match s.program() {
        Program::Vllm => "--gpu-memory-utilization",
        Program::Sglang => "--mem-fraction-static",
        Program::MlcLlm => "--overrides \"gpu_memory_utilization=N\"",
        Program::TensorrtLlm => "kv_cache_config: {free_gpu_memory_fraction: N}",
        Program::Lmdeploy => "--cache-max-entry-count N",
        Program::Jax => {
            let how = "XLA_PYTHON_CLIENT_MEM_FRACTION=.95\n# only while nobody else needs the GPU";
            return (!at_its_most(s)).then(|| Offer::unmeasured(how));
        }
        _ => return None,
    };
    let how = match shares::raise(s) {
        Share::Is(to, why) => {
            let to = shares::typed(to);
            let typed = if name.contains('N') {
                name.replace('N', &to)
            } else {
                format!("{name} {to}")
            };
            format!("{typed}\n# {why}; only while nobody else needs the GPU")
        }
        Share::None => return None,
        Share::By(_, why) => format!("{}  # N: {why}", open(name)),
        Share::Open if at_its_most(s) => return None,
        Share::Open => format!(
            "{}  # N: more than now, while nobody else needs the GPU",
            open(name)
        ),
    };
    Some(Offer::unmeasured(how))
}

/// The option with its value left open.
fn open(name: &str) -> String {
    if name.contains('N') {
        name.to_owned()
    } else {
        format!("{name} N")
    }
}

/// True where the log shows a share as large as people give.
fn at_its_most(s: &Situation<'_>) -> bool {
    shares::now(s).is_some_and(|now| {
        now >= if s.program() == Program::Sglang {
            90
        } else {
            95
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;
    use crate::evidence::SettingKind;

    #[test]
    fn a_share_that_is_large_already_is_not_raised() {
        let vllm = |share| {
            let trial = CaseBuilder::new().engine(Program::Vllm);
            trial.set(SettingKind::EngineShare, share).ask(&FIX)
        };
        assert!(vllm("0.5").is_some());
        assert_eq!(vllm("0.95"), None);
    }

    #[test]
    fn sglangs_own_smallest_share_and_room_for_a_cache() {
        let trial = CaseBuilder::new()
            .engine(Program::Sglang)
            .set(SettingKind::EngineShare, "0.70")
            .set(SettingKind::SmallestShare, "0.753");
        assert_eq!(trial.line(&FIX), "--mem-fraction-static 0.80");
        let full = CaseBuilder::new()
            .engine(Program::Sglang)
            .set(SettingKind::SmallestShare, "0.951");
        assert_eq!(full.ask(&FIX), None);
    }
}
