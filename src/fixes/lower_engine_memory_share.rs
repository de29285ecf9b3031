//! The engine takes a share of the whole GPU; what stands outside it, graphs and others included, needs the rest.

use super::{Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, Flag, Key, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::LowerEngineMemoryShare,
    cost: "less for its own pool or KV cache: less at once",
    page: include_str!("lower-engine-memory-share.md"),
    offer,
};

/// Engines that fill their share with a cache.
const SHARES: [Program; 5] = [
    Program::Vllm,
    Program::Sglang,
    Program::TensorrtLlm,
    Program::Tgi,
    Program::Lmdeploy,
];

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // A pool that others keep from growing is not helped by a smaller one.
    if s.finding == FindingId::OtherProcess && s.incident.framework.pooled() {
        return None;
    }
    // Arrays that do not fit need more of the device and not less; what a framework takes in advance does not.
    if s.finding == FindingId::PoolExhausted && !s.incident.flagged(Flag::Share) {
        return None;
    }
    let work = [FindingId::KvCache, FindingId::MoreThanTheDevice].contains(&s.finding);
    // What an engine computes runs outside its share; other programs' settings are for other programs.
    if work && !SHARES.contains(&s.program()) {
        return None;
    }
    // An arena takes what is asked for; a limit below that only refuses earlier.
    let arena = s.finding == FindingId::EngineRefused && s.program() == Program::Onnxruntime;
    if arena || s.finding == FindingId::LibraryStarved && s.program() != Program::Tensorflow {
        return None;
    }
    // These say what stays free, not what is taken.
    match s.program() {
        Program::LlamaCpp => {
            let how = "--fit on --fit-target 2048  # MiB that stay free on each GPU";
            return Some(Offer::unmeasured(how));
        }
        Program::Ollama => {
            let how = "OLLAMA_GPU_OVERHEAD=2147483648  # bytes that stay free on each GPU";
            return Some(Offer::unmeasured(how));
        }
        Program::Comfyui => {
            let how = "--reserve-vram 2  # GB for the desktop and other programs";
            return Some(Offer::unmeasured(how));
        }
        _ => {}
    }
    let how = match s.program() {
        Program::Vllm => format!("--gpu-memory-utilization {}", share(s)),
        Program::Sglang => "--mem-fraction-static 0.75".to_owned(),
        Program::TensorrtLlm => "kv_cache_config: {free_gpu_memory_fraction: 0.7}".to_owned(),
        Program::Tgi => "--cuda-memory-fraction 0.8".to_owned(),
        Program::Lmdeploy => "--cache-max-entry-count 0.5".to_owned(),
        Program::Jax => "XLA_PYTHON_CLIENT_MEM_FRACTION=.60".to_owned(),
        Program::Tensorflow => "tf.config.experimental.set_memory_growth(gpu, True)".to_owned(),
        Program::Paddle if s.incident.flagged(Flag::Share) => {
            "FLAGS_fraction_of_gpu_memory_to_use=0.5".to_owned()
        }
        Program::Onnxruntime => {
            "{\"gpu_mem_limit\": N, \"arena_extend_strategy\": \"kSameAsRequested\"}".to_owned()
        }
        _ => return None,
    };
    if matches!(s.program(), Program::Tensorflow | Program::Paddle) {
        return Some(Offer::unmeasured(how));
    }
    Some(Offer::unmeasured(format!(
        "{how}\n# lower than it is now; step by step until it starts and stays up"
    )))
}

/// For vLLM at its start: what is free of the whole, less two hundredths. It compares its share with exactly that.
fn share(s: &Situation<'_>) -> String {
    let at_start = s.incident.facts.get(Key::Allocated).is_none();
    let free = s.balance.free.zip(s.balance.total).filter(|_| at_start);
    let hundredths =
        free.and_then(|(free, total)| (free.low() / (total.high() / 100).max(1)).checked_sub(2));
    match hundredths {
        Some(n @ 10..90) => format!("0.{n}"),
        _ => "0.80".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    #[test]
    fn vllms_share_at_its_start_is_what_is_free() {
        let trial = CaseBuilder::new()
            .frame("/x/site-packages/vllm/v1/worker/gpu_worker.py", 1, "")
            .fact(Key::Free, 500)
            .fact(Key::Total, 800);
        assert_eq!(trial.line(&FIX), "--gpu-memory-utilization 0.60");
        assert_eq!(
            trial.fact(Key::Allocated, 100).line(&FIX),
            "--gpu-memory-utilization 0.80"
        );
    }

    #[test]
    fn a_program_without_a_share_has_none_to_lower() {
        assert_eq!(CaseBuilder::new().ask(&FIX), None);
    }
}
