//! Engines that take a share of the device and work out what it leaves for their cache, beside the weights and what a trial
//! run took.
//!
//! None of these failures is a refusal by the driver: the engine compares numbers and stops (vLLM's `kv_cache_utils.py`,
//! `SGLang`'s `profile_max_num_token`, MLC LLM's `config.cc`, `LMDeploy`'s `executor/base.py`).

use super::{Case, Confidence, Verdict, sums};
use crate::bytes::{self, Bytes};
use crate::evidence::{Framework, Key, SettingKind};

/// So many hundredths of a device are all that an engine can be given: a context and what no trial run sees need the rest.
const MOST: u64 = 97;
/// The largest share that people give.
const USUAL_MOST: u64 = 95;

/// True where the engine found no room for any cache, and its own figures do not say otherwise.
pub(super) fn no_cache(case: &Case<'_>) -> bool {
    case.incident.marked("no-cache") && !untrue(case)
}

/// True where the figures say that there was room: MLC LLM cuts a large count of tokens to 32 bits, and then says that there
/// is none (mlc-ai/mlc-llm#2791).
pub(super) fn untrue(case: &Case<'_>) -> bool {
    case.incident.marked("no-cache")
        && need(case)
            .zip(case.balance.limit)
            .is_some_and(|(need, limit)| limit.percent(90).surely_over(need))
}

/// What has to fit before any cache: the weights, a trial run, libraries; as far as it was printed.
pub(super) fn need(case: &Case<'_>) -> Option<Bytes> {
    let part = |key| case.incident.facts.get(key);
    let rest = [Key::ActivationPeak, Key::OtherAllocations];
    let rest = rest.into_iter().filter_map(part);
    Some(rest.fold(part(Key::Weights)?, Bytes::plus))
}

/// "The weights take 5.2 GiB and a trial run 1.42 GiB".
pub(super) fn parts(case: &Case<'_>) -> Option<String> {
    let weights = case.incident.facts.get(Key::Weights)?;
    let trial = match case.incident.facts.get(Key::ActivationPeak) {
        Some(peak) if case.incident.framework == Framework::MlcLlm => {
            format!(" and temporary buffers {peak}")
        }
        Some(peak) => format!(" and a trial run {peak}"),
        None => String::new(),
    };
    Some(format!("The weights take {weights}{trial}"))
}

/// The device as the engine found it.
fn whole(case: &Case<'_>) -> Option<Bytes> {
    let left = || Some(need(case)?.plus(case.balance.free?));
    case.balance.total.or_else(left)
}

/// Why no share of this device would leave room for a cache; `None` where one would, or nobody can tell.
pub(super) fn too_small(case: &Case<'_>) -> Option<Verdict> {
    let (need, whole) = (need(case)?, whole(case)?);
    if !no_cache(case) || !need.surely_over(whole.percent(MOST)) {
        return None;
    }
    let because = format!(
        "{} of {whole} on the device: no share of it leaves room for a cache.",
        parts(case)?
    );
    Some(sums::verdict(Confidence::Proven, because))
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

/// How many tokens one request may have, and how many the cache holds.
pub(super) fn tokens(case: &Case<'_>) -> Option<(u64, u64)> {
    let number = |kind| case.incident.settings.get(kind)?.value.parse().ok();
    Some((
        number(SettingKind::SequenceLength)?,
        number(SettingKind::LongestContext)?,
    ))
}

/// What the cache lacks for one request of the longest context.
fn lack(case: &Case<'_>) -> Option<Bytes> {
    let free = case.balance.free?;
    if let Some(tried) = case.balance.tried {
        return Some(tried.minus(free));
    }
    let (asked, fits) = tokens(case)?;
    let over = asked.saturating_sub(fits);
    let lack = |bytes: u64| bytes.saturating_mul(over).checked_div(fits);
    Some(Bytes::between(lack(free.low())?, lack(free.high())?))
}

/// The larger share that would hold the longest context, where the figures show that one would: what it adds and what lacks.
pub(super) fn larger_share(case: &Case<'_>) -> Option<(Bytes, Bytes)> {
    let more = case.balance.total?.percent(USUAL_MOST).minus(share(case)?);
    let lack = lack(case)?;
    more.surely_at_least(lack).then_some((more, lack))
}
