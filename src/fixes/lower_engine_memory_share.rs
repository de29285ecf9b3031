//! The engine takes a share of the whole GPU; what stands outside it, graphs and others included, needs the rest.

use super::offering::colocated;
use super::shares::{self, Share};
use super::{Fix, Offer, Situation};
use crate::bytes::MIB;
use crate::evidence::{FindingId, FixId, Flag, Phase, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::LowerEngineMemoryShare,
    cost: "less for its own pool or KV cache: less at once",
    page: include_str!("lower-engine-memory-share.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.program() == Program::Jax && s.has(SettingKind::TensorflowTakes) {
        let how = "tf.config.set_visible_devices([], \"GPU\")  # right behind import tensorflow: it only reads data here";
        return (s.finding == FindingId::OtherLibrary)
            .then(|| Offer::unmeasured(how).titled("Keep TensorFlow off the GPU"));
    }
    // A pool that others keep from growing is not helped by a smaller one.
    if s.finding == FindingId::OtherProcess && s.incident.framework.pooled() {
        return None;
    }
    // Arrays that do not fit need more of the device and not less; what a framework takes in advance does not.
    if s.finding == FindingId::PoolExhausted && !s.incident.flagged(Flag::Share) {
        return None;
    }
    if s.colocated() || s.wakes_beside_a_trainer() {
        return colocated::beside_training(s);
    }
    let program = s.program();
    let work = [
        FindingId::KvCache,
        FindingId::MoreThanTheDevice,
        FindingId::BesideTheShare,
        FindingId::Activations,
        FindingId::Logits,
    ];
    // What an engine computes runs outside its share; other programs' settings are for other programs.
    if (s.blind() || work.contains(&s.finding)) && !program.takes_a_share() {
        return None;
    }
    // Weights that do not fit are not helped by leaving more free, unless that was asked for and refused.
    let weights = s.finding == FindingId::Weights && !s.has(SettingKind::RefusedOverhead);
    // The share is applied behind the trial run.
    if weights || s.in_phase(&[Phase::TrialRun]) {
        return None;
    }
    if shares::counted_before(s) {
        return None;
    }
    // An arena takes what is asked for; a limit below that only refuses earlier.
    let arena =
        s.finding == FindingId::EngineRefused && s.incident.framework == Program::Onnxruntime;
    if arena || s.finding == FindingId::LibraryStarved && program != Program::Tensorflow {
        return None;
    }
    left_free(s)
        .or_else(|| of_the_device(s))
        .or_else(|| fixed(s))
}

/// Options that say what stays free, not what is taken.
fn left_free(s: &Situation<'_>) -> Option<Offer> {
    let missing = || Some(s.missing()?.high().div_ceil(MIB));
    let how = match s.program() {
        Program::LlamaCpp => s.fitted_by_llama()?,
        Program::Ollama => shares::ollama(s, missing())?,
        Program::Comfyui => match shares::of_others(s) {
            Some(gib) => format!("--reserve-vram {gib}  # GB for what other programs hold"),
            None => "--reserve-vram N  # N: GB that the desktop and other programs need".to_owned(),
        },
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}

/// Shares of the whole device.
fn of_the_device(s: &Situation<'_>) -> Option<Offer> {
    let name = match s.program() {
        Program::Vllm => "--gpu-memory-utilization",
        Program::Sglang => "--mem-fraction-static",
        Program::Tgi => "--cuda-memory-fraction",
        _ => return None,
    };
    let how = match shares::lower(s) {
        Share::Is(to, why) => format!("{name} {}\n# {why}", shares::typed(to)),
        Share::By(by, why) => format!("{name} N  # N: {} less than now: {why}", shares::typed(by)),
        Share::Open => match shares::of_the_weights(s) {
            Some(weights) => format!(
                "{name} N  # N: less than now, and more than {}, which the weights take",
                shares::typed(weights)
            ),
            None => format!("{name} N  # N: less than now; the weights must still fit into it"),
        },
        Share::None => return None,
    };
    Some(Offer::unmeasured(how))
}

/// Shares of what is free behind the weights, and switches.
fn fixed(s: &Situation<'_>) -> Option<Offer> {
    let how = match s.program() {
        Program::TensorrtLlm => {
            "kv_cache_config: {free_gpu_memory_fraction: N}  # N: less than now, 0.9 by default\n# or max_tokens in place of it, to say how much the cache holds"
        }
        // Its engine in Python counts states and a trial run before the cache takes its share.
        Program::Lmdeploy
            if s.incident.flagged(Flag::ForCache) || s.incident.flagged(Flag::ForWork) =>
        {
            return None;
        }
        Program::Lmdeploy => {
            let now = s.incident.settings.get(SettingKind::EngineShare);
            let now = now.map_or("now, 0.8 by default", |share| share.value.as_str());
            let how = format!("--cache-max-entry-count N  # N: less than {now}");
            return Some(Offer::unmeasured(how));
        }
        Program::Jax => "XLA_PYTHON_CLIENT_MEM_FRACTION=N  # N: less than now, .75 by default",
        Program::Tensorflow => "tf.config.experimental.set_memory_growth(gpu, True)",
        Program::Paddle if s.incident.flagged(Flag::Share) => {
            "FLAGS_fraction_of_gpu_memory_to_use=0.5"
        }
        Program::TritonServer if s.incident.framework == Program::Onnxruntime => {
            "parameters { key: \"gpu_mem_limit\" value: { string_value: \"N\" } }  # in config.pbtxt; N: bytes"
        }
        Program::Onnxruntime => {
            "{\"gpu_mem_limit\": N, \"arena_extend_strategy\": \"kSameAsRequested\"}"
        }
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;
    use crate::evidence::{Key, MessageId};

    #[test]
    fn vllms_share_at_its_start_is_what_is_free() {
        let at_start = |free| {
            let mut trial = CaseBuilder::new()
                .engine(Program::Vllm)
                .finding(FindingId::OtherProcess)
                .fact(Key::Tried, 720)
                .fact(Key::Free, free)
                .fact(Key::Total, 800);
            trial.incident.format = MessageId::VllmStartup;
            trial
        };
        assert_eq!(at_start(500).line(&FIX), "--gpu-memory-utilization 0.60");
        assert_eq!(at_start(7).ask(&FIX), None);
    }

    #[test]
    fn a_trial_run_is_not_helped_by_a_smaller_share() {
        let trial = CaseBuilder::new().engine(Program::Vllm);
        assert!(trial.ask(&FIX).is_some());
        let trial = CaseBuilder::new()
            .engine(Program::Vllm)
            .phase(Phase::TrialRun);
        assert_eq!(trial.ask(&FIX), None);
    }

    #[test]
    fn what_ollama_refused_is_said_in_bytes() {
        let trial = CaseBuilder::new()
            .engine(Program::Ollama)
            .finding(FindingId::BufferRefused)
            .set(SettingKind::RefusedOverhead, "4G");
        assert_eq!(
            trial.line(&FIX),
            "OLLAMA_GPU_OVERHEAD=4294967296  # in bytes; 4G was refused"
        );
    }

    #[test]
    fn a_program_without_a_share_has_none_to_lower() {
        assert_eq!(CaseBuilder::new().ask(&FIX), None);
    }
}
