//! Engines that take a share of the device and work out what it leaves for their cache, beside the weights and what a trial
//! run took.
//!
//! None of these failures is a refusal by the driver: the engine compares numbers and stops (vLLM's `kv_cache_utils.py`,
//! `SGLang`'s `profile_max_num_token`, MLC LLM's `config.cc`, `LMDeploy`'s `executor/base.py`).

use super::pools;
use crate::bytes::{self, Bytes, GIB};
use crate::evidence::{Accelerator, Flag, Key, Memory, MessageId, Program, SettingKind};
use crate::findings::{Case, Confidence, Verdict};

/// So many hundredths of a device are all that an engine can be given: a context and what no trial run sees need the rest.
const MOST: u64 = 97;
/// The largest share that people give.
const USUAL_MOST: u64 = 95;

/// True where the engine found no room for any cache, and its own figures do not say otherwise.
pub(crate) fn no_cache(case: &Case<'_>) -> bool {
    case.incident.flagged(Flag::NoCache) && !untrue(case)
}

/// True where the figures say that there was room: MLC LLM cuts a large count of tokens to 32 bits, and then says that there
/// is none (mlc-ai/mlc-llm#2791).
pub(crate) fn untrue(case: &Case<'_>) -> bool {
    case.incident.flagged(Flag::NoCache)
        && need(case)
            .zip(case.balance.limit)
            .is_some_and(|(need, limit)| limit.percent(90).surely_over(need))
}

/// What has to fit before any cache: the weights, a trial run, libraries; as far as it was printed.
pub(crate) fn need(case: &Case<'_>) -> Option<Bytes> {
    let part = |key| case.incident.facts.get(key);
    let rest = [Key::ActivationPeak, Key::OtherAllocations];
    let rest = rest.into_iter().filter_map(part);
    Some(rest.fold(part(Key::Weights)?, Bytes::plus))
}

/// "The weights take 5.2 GiB and a trial run 1.42 GiB".
pub(crate) fn parts(case: &Case<'_>) -> Option<String> {
    let weights = case.incident.facts.get(Key::Weights)?;
    let trial = match case.incident.facts.get(Key::ActivationPeak) {
        Some(peak) if case.incident.framework == Program::MlcLlm => {
            format!(" and temporary buffers {peak}")
        }
        Some(peak) => format!(" and a trial run {peak}"),
        None => String::new(),
    };
    let outside = case.incident.facts.get(Key::OtherAllocations);
    let outside = outside.filter(|other| other.low() > 2 * GIB);
    let outside = outside.map_or_else(String::new, |other| {
        format!(", beside {other} that is not PyTorch's: libraries, or another process")
    });
    Some(format!("The weights take {weights}{trial}{outside}"))
}

/// Why no share of this device would leave room for a cache; `None` where one would, or nobody can tell.
pub(crate) fn too_small(case: &Case<'_>) -> Option<Verdict> {
    if let Some(verdict) = no_share_is_left(case) {
        return Some(verdict);
    }
    let (need, parts) = (need(case)?, parts(case)?);
    let full = |whole: Bytes| no_cache(case) && need.surely_over(whole.percent(MOST));
    if let Some(total) = case.balance.total {
        let because =
            format!("{parts} of {total} on the GPU: no share of it leaves room for a cache.");
        return full(total).then(|| Verdict::new(Confidence::Proven, because));
    }
    if let Some(verdict) = too_small_for_mlc(case, need, &parts) {
        return Some(verdict);
    }
    // SGLang prints what is free behind the weights, and nothing of who held the rest before.
    let whole = need.plus(case.balance.free?);
    let because = format!(
        "{parts} of the {whole} that was free before: no share of it leaves room for a cache."
    );
    let settle = "`nvidia-smi` before it starts: is the whole GPU free?";
    full(whole).then(|| Verdict::settled_by(Confidence::Likely, because, settle))
}

/// `SGLang` names the smallest share that would do; what stands outside a share needs some of the GPU, too.
fn no_share_is_left(case: &Case<'_>) -> Option<Verdict> {
    const MOST_OF_SGLANG: f64 = 0.93;
    let least = &case
        .incident
        .settings
        .get(SettingKind::SmallestShare)?
        .value;
    let over = least
        .parse::<f64>()
        .is_ok_and(|least| least > MOST_OF_SGLANG);
    let because = format!(
        "By SGLang's own count its share must be above {least} before any cache, and CUDA graphs, NCCL and the work of a batch need the \
         rest: no share of this GPU serves anybody."
    );
    let settle = "`nvidia-smi` before it starts: is the whole GPU free?";
    over.then(|| Verdict::settled_by(Confidence::Likely, because, settle))
}

/// MLC LLM prints its share in bytes, which is 0.85 of the GPU unless told otherwise (mlc-ai/mlc-llm, cpp/serve/config.h).
fn too_small_for_mlc(case: &Case<'_>, need: Bytes, parts: &str) -> Option<Verdict> {
    const USUAL: u64 = 85;
    let told = case.incident.settings.has(SettingKind::EngineShare);
    let limit = case.balance.limit?;
    let mid = |bytes: Bytes| bytes.mid().saturating_mul(100) / USUAL;
    let whole = Bytes::exact(mid(limit));
    let ours = case.incident.framework == Program::MlcLlm && !told && no_cache(case);
    let because = format!(
        "{parts}. MLC LLM may have {limit}, 0.85 of the GPU unless told otherwise: even all of it, {whole}, leaves no room for a cache."
    );
    let settle = "the GPU's memory, and `gpu_memory_utilization`, if it is set";
    (ours && need.surely_over(whole.percent(MOST)))
        .then(|| Verdict::settled_by(Confidence::Likely, because, settle))
}

/// `OpenVINO` adds up what it has and what is asked for before it asks the driver (`engine::check_allocatable`).
pub(crate) fn counted(case: &Case<'_>) -> Option<Verdict> {
    let (tried, held, most) = (
        case.balance.tried?,
        case.balance.reserved?,
        case.balance.limit?,
    );
    let over = held.plus(tried).surely_over(most) && !tried.surely_over(most);
    let because = format!(
        "{tried} was requested beside {held} in use: OpenVINO takes no more than {most} in all, the memory of the machine."
    );
    let ours = case.incident.framework == Program::Openvino;
    let settle = "the memory of the GPU itself, which can be less than that";
    (ours && over).then(|| Verdict::settled_by(Confidence::Likely, because, settle))
}

/// mistral.rs adds up what weights and a cache take before it loads any.
pub(crate) fn mapped(case: &Case<'_>) -> Option<Verdict> {
    if case.incident.format != MessageId::MistralrsMapping {
        return None;
    }
    let over = case.incident.facts.get(Key::Deficit)?;
    let tokens = asked(case).map_or_else(String::new, |tokens| format!(" of {tokens} tokens"));
    let because = format!(
        "By mistral.rs' own count, the model with a cache for prompts{tokens} is {over} too large for all devices together, the \
         host's memory included. It loaded nothing, and the driver refused nothing."
    );
    let settle = "`nvidia-smi` and `free -h` before it starts: what do others hold?";
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}

/// MAX adds up weights and activations before it loads any, and compares them with what is free on its GPUs.
pub(crate) fn counted_before(case: &Case<'_>) -> Option<Verdict> {
    if case.incident.format != MessageId::MaxMemory {
        return None;
    }
    let facts = &case.incident.facts;
    let weights = facts.get(Key::Weights);
    let work = facts
        .get(Key::ActivationPeak)
        .filter(|work| work.high() > 0);
    let parts = weights
        .zip(work)
        .map_or_else(String::new, |(weights, work)| {
            format!(", {weights} of weights and {work} for the work")
        });
    let because = match (case.balance.tried, case.balance.free) {
        (Some(tried), Some(free)) => format!(
            "MAX counts {tried} for the model{parts}, and {free} was free on its GPUs. It loaded nothing, and the driver refused nothing."
        ),
        _ => format!(
            "By MAX's own count nothing is left for a cache beside the model{parts}. It loaded nothing, and the driver refused nothing."
        ),
    };
    let settle = "`nvidia-smi` before it starts: is the whole GPU free?";
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}

/// An engine on candle compares its cache with what is free before it takes it.
pub(crate) fn cache_wanted(case: &Case<'_>) -> Option<Verdict> {
    let (wants, has) = (case.balance.tried?, case.balance.free?);
    if case.incident.format != MessageId::CacheRequired || !wants.surely_over(has) {
        return None;
    }
    let name = case.incident.framework.title();
    let because = format!(
        "For the cache of its longest context and most requests {name} wants {wants}, and {has} is left for it. The driver refused \
         nothing."
    );
    Some(Verdict::new(Confidence::Proven, because))
}

/// XLA's compiler adds up what a whole program needs before it runs.
pub(crate) fn compiled(case: &Case<'_>) -> Option<Verdict> {
    let facts = &case.incident.facts;
    let needed = facts.get(Key::Projected)?;
    if case.incident.framework != Program::Jax || case.incident.memory != Memory::Device {
        return None;
    }
    let temporaries = facts
        .get(Key::ComputeBuffer)
        .map_or_else(String::new, |temp| {
            format!(", {temp} of it for temporaries")
        });
    let largest = case.incident.settings.get(SettingKind::LargestBuffer);
    let largest = largest.map_or_else(String::new, |largest| {
        format!(" Its largest buffer is {}.", largest.value)
    });
    let counted = format!(
        "XLA counted what the compiled program needs in all: {needed}{temporaries}.{largest}"
    );
    // What its compiler may plan with is a share of the device.
    let planned = facts.get(Key::RecomputedLimit);
    let most = case.balance.total.or(case.balance.limit);
    // What is larger than the device in one piece is told as that.
    if planned.is_some() && pools::too_large(case) {
        return None;
    }
    if let Some(planned) = planned.filter(|planned| needed.surely_over(*planned)) {
        let because = format!(
            "{counted} It may plan with {planned}, and no recomputation brought it below that: {} is too much.",
            needed.minus(planned)
        );
        return Some(Verdict::settled_by(
            Confidence::Likely,
            because,
            "the largest temporaries in XLA's own list of buffers: which line makes them?",
        ));
    }
    match most {
        Some(most) if needed.surely_over(most) => {
            let over = match facts.get(Key::Deficit) {
                Some(over) => format!(": {over} must go"),
                None => String::new(),
            };
            let because = format!("{counted} It may have {most}{over}.");
            Some(Verdict::new(Confidence::Proven, because))
        }
        Some(_) => None,
        None => Some(Verdict::settled_by(
            Confidence::Possible,
            format!("{counted} How much the GPU has, the text does not say."),
            match case.incident.accelerator {
                Accelerator::Tpu => "`tpu-info`: how much memory does a chip have?",
                _ => {
                    "the GPU's memory, and how much of it JAX may take: three quarters, if nothing else is set"
                }
            },
        )),
    }
}

/// A TPU serves one process at a time, so that what is not free on it is the program's own.
pub(crate) fn on_a_tpu(case: &Case<'_>) -> Option<Verdict> {
    let (tried, free) = (case.balance.tried?, case.balance.free?);
    let tpu = case.incident.accelerator == Accelerator::Tpu;
    let because = format!(
        "{tried} was requested and {free} was free. A TPU serves one process at a time: the program's own arrays hold the rest."
    );
    let settle =
        "jax.live_arrays() before the line that fails: which arrays does the program still hold?";
    (tpu && tried.surely_over(free))
        .then(|| Verdict::settled_by(Confidence::Likely, because, settle))
}

/// The engine's share in bytes: printed, or worked out from its fraction.
fn share(case: &Case<'_>) -> Option<Bytes> {
    let fraction = || {
        let setting = case.incident.settings.get(SettingKind::EngineShare)?;
        let (digits, decimals) = bytes::digits(&setting.value)?;
        let hundredths = digits.checked_mul(100)? / 10u64.checked_pow(decimals)?;
        Some(case.balance.total?.percent(hundredths))
    };
    case.balance.limit.or_else(fraction)
}

/// How many tokens one request may have.
pub(crate) fn asked(case: &Case<'_>) -> Option<u64> {
    number(case, SettingKind::SequenceLength)
}

/// How many tokens were to go through at once.
pub(crate) fn at_once(case: &Case<'_>) -> Option<u64> {
    number(case, SettingKind::TokensAtOnce)
}

/// How many tokens the cache holds.
pub(crate) fn fits(case: &Case<'_>) -> Option<u64> {
    number(case, SettingKind::LongestContext)
}

fn number(case: &Case<'_>, kind: SettingKind) -> Option<u64> {
    case.incident.settings.get(kind)?.value.parse().ok()
}

/// What the cache lacks for one request of the longest context.
fn lack(case: &Case<'_>) -> Option<Bytes> {
    let free = case.balance.free?;
    if let Some(tried) = case.balance.tried {
        return Some(tried.minus(free));
    }
    let (asked, fits) = (asked(case)?, fits(case)?);
    let over = asked.saturating_sub(fits);
    let lack = |bytes: u64| bytes.saturating_mul(over).checked_div(fits);
    Some(Bytes::between(lack(free.low())?, lack(free.high())?))
}

/// The larger share that would hold the longest context, where the figures show that one would: what it adds and what lacks.
pub(crate) fn larger_share(case: &Case<'_>) -> Option<(Bytes, Bytes)> {
    let more = case.balance.total?.percent(USUAL_MOST).minus(share(case)?);
    let lack = lack(case)?;
    more.surely_at_least(lack).then_some((more, lack))
}

/// `SGLang` compares what its GPUs have free before it loads, and wants nine tenths of this one on each.
pub(crate) fn unbalanced(case: &Case<'_>) -> Verdict {
    let facts = &case.incident.facts;
    let figures = case.balance.free.zip(facts.get(Key::FreeAtStart));
    let counted = figures.map_or_else(String::new, |(least, here)| {
        format!(" The fullest has {least} free, and this one {here}.")
    });
    let because = format!(
        "Before it loaded any weights, SGLang found less free on one of its GPUs than on the others.{counted} Somebody else holds the \
         rest there, unless the GPUs are of several sizes."
    );
    let settle = "`nvidia-smi` before it starts: who holds the fullest GPU? An engine that ended badly can leave a process behind";
    Verdict::settled_by(Confidence::Likely, because, settle)
}
