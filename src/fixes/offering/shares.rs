//! What share of the device an engine can be given: worked out from what the log has, or not named at all.
//!
//! vLLM, `SGLang` and TGI take a share of the whole device for weights, a trial run and the cache. What stands outside `PyTorch`
//! (contexts, NCCL, libraries), the graphs' own pools and what runs beside the cache need the rest. A share below the weights
//! cannot start, and one above what others leave cannot be had.

use crate::bytes::{self, Bytes, GIB, MIB};
use crate::evidence::{Key, MessageId, Phase, Program, SettingKind};
use crate::fixes::Situation;
use crate::fixes::situation::word;

/// What is known of the share that works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::fixes) enum Share {
    /// So many hundredths, with the sum.
    Is(u64, String),
    /// So many hundredths less, or more, than now; what it is now is not known.
    By(u64, String),
    /// Nothing that the log has tells it.
    Open,
    /// None would do.
    None,
}

/// A cache of less than that many hundredths of the device serves nobody.
pub(super) const CACHE: u64 = 2;
/// Libraries and contexts of one process take less.
const FOREIGN: u64 = 4 * GIB;
/// The share that vLLM takes unless told otherwise (vllm/config/cache.py; 0.92 since 0.15).
const VLLM_DEFAULT: u64 = 90;

/// The largest share that leaves room for what failed beside it.
pub(in crate::fixes) fn lower(s: &Situation<'_>) -> Share {
    if s.incident.format == MessageId::VllmStartup {
        return at_start(s);
    }
    let (Some(total), Some(outside), Some(short)) =
        (s.balance.total, s.balance.outside, s.balance.shortfall)
    else {
        return Share::Open;
    };
    let graphs = s.balance.private_pools.unwrap_or(Bytes::ZERO);
    let cut = outside.plus(graphs).plus(short);
    let sum = format!("{cut} of {total} stands outside it or is missing");
    let thousandths = (u128::from(cut.mid()) * 1000).div_ceil(u128::from(total.mid().max(1)));
    let Ok(thousandths) = u64::try_from(thousandths) else {
        return Share::Open;
    };
    let Some(now) = now(s) else {
        return Share::By(thousandths.div_ceil(10), sum);
    };
    let to = (now * 10).saturating_sub(thousandths) / 10;
    let least = needed(s).map(|need| hundredths(need, total) + CACHE);
    if to < 10 || least.is_some_and(|least| to < least) {
        return Share::None;
    }
    Share::Is(to, format!("now {}; {sum}", typed(now)))
}

/// What is free of the whole, less two hundredths: vLLM compares its share with exactly that when it starts.
fn at_start(s: &Situation<'_>) -> Share {
    let (Some(free), Some(total), Some(wanted)) =
        (s.balance.free, s.balance.total, s.balance.tried)
    else {
        return Share::Open;
    };
    let most = (free.low() / (total.high() / 100).max(1)).saturating_sub(2);
    if most < 10 || total.percent(most).surely_over(wanted) {
        return Share::None;
    }
    let why = format!("{free} of {total} is free: weights and cache must fit into that");
    Share::Is(most, why)
}

/// The smallest share, in steps that people use, that leaves room for a cache.
pub(in crate::fixes) fn raise(s: &Situation<'_>) -> Share {
    let most = 95;
    let found = by_message(s)
        .or_else(|| by_free(s))
        .or_else(|| by_limit(s))
        .or_else(|| by_parts(s))
        .or_else(|| by_longest(s));
    let Some((least, why)) = found else {
        return deficit(s);
    };
    let share = now(s);
    let to = least.div_ceil(5) * 5;
    // A step of five may go too far; the least that works is still a share.
    let to = if to > most { least } else { to };
    if to > most || share.is_some_and(|now| to <= now) {
        return Share::None;
    }
    Share::Is(to, why)
}

/// `SGLang` names the smallest share that would do; a cache needs a little more.
fn by_message(s: &Situation<'_>) -> Option<(u64, String)> {
    let setting = s.incident.settings.get(SettingKind::SmallestShare)?;
    let least = fraction(&setting.value)?;
    let why = format!("the message: above {}", setting.value);
    Some((least.div_ceil(10) + CACHE, why))
}

/// `SGLang` keeps so much free as its share leaves of what was free before the weights (`model_runner.py`, `profile_max_num_token`):
/// one less what is free behind them over what was before.
fn by_free(s: &Situation<'_>) -> Option<(u64, String)> {
    let facts = &s.incident.facts;
    if s.program() != Program::Sglang {
        return None;
    }
    let left = s.balance.free?;
    let before = facts
        .get(Key::FreeAtStart)
        .or_else(|| Some(facts.get(Key::Weights)?.plus(left)))?;
    let used = before.minus(left);
    let why = format!("the weights take {used} of the {before} that was free");
    Some((hundredths(used, before) + CACHE, why))
}

/// MLC LLM names its share in bytes, and that is 0.85 of the GPU unless told otherwise (mlc-ai/mlc-llm, cpp/serve/config.h; issue 3024).
fn by_limit(s: &Situation<'_>) -> Option<(u64, String)> {
    const DEFAULT: u64 = 85;
    let limit = s.balance.limit.filter(|_| s.program() == Program::MlcLlm)?;
    let (share, need) = (now(s).unwrap_or(DEFAULT), needed(s)?);
    let least =
        (u128::from(need.mid()) * u128::from(share)).div_ceil(u128::from(limit.mid().max(1)));
    let why = format!(
        "weights and buffers take {need}, and {limit} was {}",
        typed(share)
    );
    Some((u64::try_from(least).ok()? + CACHE, why))
}

/// Weights, trial run and what is not `PyTorch`'s have to fit, and a cache beside them.
fn by_parts(s: &Situation<'_>) -> Option<(u64, String)> {
    let total = s.balance.total?;
    let facts = &s.incident.facts;
    let limit = s.balance.limit.or_else(|| Some(total.percent(now(s)?)));
    let limit = limit.zip(facts.get(Key::Deficit));
    let need = limit
        .map(|(limit, lack)| limit.plus(lack))
        .or_else(|| needed(s).filter(|_| facts.get(Key::ActivationPeak).is_some()))?;
    // vLLM 0.6.4 to 0.9 counts what others hold as its own (vllm-project/vllm, issues 10643 and 17979).
    let foreign = facts
        .get(Key::OtherAllocations)
        .filter(|other| other.low() > FOREIGN);
    let why = match foreign {
        Some(other) => format!(
            "weights, a trial run and {other} of others, which this version counts as its own, take {need} of {total}"
        ),
        None => format!("weights and a trial run take {need} of {total}"),
    };
    Some((hundredths(need, total) + 5, why))
}

/// The cache lacks so much for one request of the longest context.
fn by_longest(s: &Situation<'_>) -> Option<(u64, String)> {
    let (total, tried, free) = (s.balance.total?, s.balance.tried?, s.balance.free?);
    let lack = tried.minus(free);
    let limit = s.balance.limit.or_else(|| Some(total.percent(now(s)?)))?;
    let why = format!("the cache lacks {lack} for one such request");
    Some((hundredths(limit.plus(lack), total) + 1, why))
}

/// How much is missing, where the size of the device is not known.
fn deficit(s: &Situation<'_>) -> Share {
    match s.incident.facts.get(Key::Deficit) {
        Some(lack) => {
            let now = now(s).map_or_else(|| "what it is now".to_owned(), typed);
            Share::By(
                0,
                format!("{now}, and ({lack} + a cache) / the GPU's memory more"),
            )
        }
        None => Share::Open,
    }
}

/// What must fit into the share before any cache.
fn needed(s: &Situation<'_>) -> Option<Bytes> {
    let facts = &s.incident.facts;
    let rest = [Key::ActivationPeak, Key::OtherAllocations];
    let rest = rest.into_iter().filter_map(|key| facts.get(key));
    Some(rest.fold(facts.get(Key::Weights)?, Bytes::plus))
}

/// The share in hundredths: as the log shows it, or worked out, or vLLM's default where what the process holds bears it out.
pub(in crate::fixes) fn now(s: &Situation<'_>) -> Option<u64> {
    let set = s.incident.settings.get(SettingKind::EngineShare);
    if let Some(setting) = set {
        return Some(fraction(&setting.value)? / 10);
    }
    // Of the launcher (text-generation-inference: launcher/src/main.rs).
    if s.program() == Program::Tgi {
        return Some(100);
    }
    let total = s.balance.total?;
    if let Some(limit) = s
        .balance
        .limit
        .filter(|_| s.program() == s.incident.framework)
    {
        return Some(hundredths(limit, total));
    }
    let held = s.incident.facts.get(Key::ProcessInUse)?;
    let full = held.surely_at_least(total.percent(VLLM_DEFAULT));
    (s.program() == Program::Vllm && full).then_some(VLLM_DEFAULT)
}

/// The share that the weights alone take.
pub(in crate::fixes) fn of_the_weights(s: &Situation<'_>) -> Option<u64> {
    Some(hundredths(
        s.incident.facts.get(Key::Weights)?,
        s.balance.total?,
    ))
    .filter(|share| *share < 100)
}

/// A part in hundredths of the whole, rounded up.
pub(super) fn hundredths(part: Bytes, whole: Bytes) -> u64 {
    let share = (u128::from(part.mid()) * 100).div_ceil(u128::from(whole.mid().max(1)));
    u64::try_from(share).unwrap_or(u64::MAX)
}

/// "0.905" in thousandths.
fn fraction(text: &str) -> Option<u64> {
    let (digits, decimals) = bytes::digits(text)?;
    digits
        .checked_mul(1000)?
        .checked_div(10u64.checked_pow(decimals)?)
}

/// A share as it is typed: "0.90".
pub(in crate::fixes) fn typed(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// True where a smaller share does not help, or there is none yet: requests filled the cache; the GPUs were compared before the
/// weights; `TurboMind` and TensorRT-LLM take their share when weights and work space are there; a builder of `TensorRT` has none.
pub(in crate::fixes) fn counted_before(s: &Situation<'_>) -> bool {
    const COUNTED: [MessageId; 3] = [
        MessageId::SglangPool,
        MessageId::VllmSequences,
        MessageId::SglangUnbalanced,
    ];
    let builds = s.program() == Program::TensorrtLlm && s.incident.framework == Program::Tensorrt;
    let last = [Program::Lmdeploy, Program::TensorrtLlm];
    let loads = last.contains(&s.program()) && s.in_phase(&[Phase::Load]);
    COUNTED.contains(&s.incident.format) || builds || loads
}

/// "4G", "2 GiB" and "500MB" in bytes, as people mean them.
pub(in crate::fixes) fn in_bytes(text: &str) -> Option<u64> {
    let at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at_checked(at)?;
    let letter = unit.chars().next()?;
    Some(bytes::parse(number.trim(), &format!("{letter}iB"))?.mid())
}

/// How many GiB to leave free on the desktop of a person: what others hold now, rounded up.
pub(in crate::fixes) fn of_others(s: &Situation<'_>) -> Option<u64> {
    let foreign = s.balance.foreign().filter(|f| f.low() > GIB / 4)?;
    Some(foreign.high().div_ceil(GIB))
}

/// `OLLAMA_GPU_OVERHEAD` takes bytes and nothing else (envconfig/config.go, `Uint64`).
pub(in crate::fixes) fn ollama(s: &Situation<'_>, missing: Option<u64>) -> Option<String> {
    let refused = s.incident.settings.get(SettingKind::RefusedOverhead);
    if let Some(bytes) = refused.and_then(|r| in_bytes(&r.value)) {
        let value = word(&refused?.value);
        return Some(format!(
            "OLLAMA_GPU_OVERHEAD={bytes}  # in bytes; {value} was refused"
        ));
    }
    Some(match missing {
        Some(missing) => format!(
            "OLLAMA_GPU_OVERHEAD={}  # bytes that stay free: more than what was missing",
            (missing + 512).div_ceil(256) * 256 * MIB
        ),
        None => "OLLAMA_GPU_OVERHEAD=N  # N: bytes that stay free, more than what was missing"
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::FindingId;
    use crate::fixes::case_builder::CaseBuilder;

    /// A process on 80 GiB that serves under vLLM: 2 GiB outside `PyTorch`, 0.5 GiB missing.
    fn serving() -> CaseBuilder {
        CaseBuilder::new()
            .frame("/x/site-packages/vllm/v1/worker/gpu_worker.py", 1, "")
            .set(SettingKind::Program, "vllm")
            .finding(FindingId::BesideTheShare)
            .fact(Key::Tried, 10)
            .fact(Key::Total, 800)
            .fact(Key::Free, 5)
            .fact(Key::ProcessInUse, 795)
            .fact(Key::Allocated, 770)
            .fact(Key::ReservedUnallocated, 5)
    }

    #[test]
    fn a_share_goes_down_by_what_stands_outside_it_and_what_is_missing() {
        let trial = serving().set(SettingKind::EngineShare, "0.95");
        // 2 GiB outside and 0.5 missing are 32 thousandths of 80.
        assert!(matches!(trial.with(lower), Share::Is(91, _)));
        // Without a word on it, a process that holds more than nine tenths has the default.
        assert!(matches!(serving().with(lower), Share::Is(86, _)));
    }

    #[test]
    fn no_share_goes_below_the_weights() {
        let trial = serving()
            .set(SettingKind::EngineShare, "0.95")
            .fact(Key::Weights, 725);
        assert_eq!(trial.with(lower), Share::None);
        let trial = serving()
            .set(SettingKind::EngineShare, "0.95")
            .fact(Key::Weights, 700);
        assert!(matches!(trial.with(lower), Share::Is(91, _)));
    }

    #[test]
    fn without_figures_there_is_no_share() {
        assert_eq!(CaseBuilder::new().with(lower), Share::Open);
        assert_eq!(CaseBuilder::new().with(raise), Share::Open);
    }

    #[test]
    fn a_share_goes_up_to_what_weights_and_a_trial_run_take_and_a_cache() {
        let loaded = |share: &str| {
            CaseBuilder::new()
                .engine(Program::Vllm)
                .set(SettingKind::EngineShare, share)
                .fact(Key::Total, 400)
                .fact(Key::Weights, 230)
                .fact(Key::ActivationPeak, 20)
        };
        // 25 of 40 GiB are 0.63; 0.05 for a cache, to the next 0.05.
        assert!(matches!(loaded("0.60").with(raise), Share::Is(70, _)));
        assert_eq!(loaded("0.70").with(raise), Share::None);
    }
}
