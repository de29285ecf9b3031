//! How long a context the log tells, and how long one fits.

use crate::evidence::{Flag, Key, SettingKind};
use crate::fixes::Situation;

/// A context whose cache leaves the room that is missing, by the sizes that llama.cpp printed; else half of what it is, where
/// that is less than what people mostly ask for.
pub(in crate::fixes) fn that_fits(s: &Situation<'_>) -> Option<u64> {
    let now = context(s)?;
    let facts = &s.incident.facts;
    let cache = if s.incident.flagged(Flag::ForCache) {
        facts.get(Key::Tried)
    } else {
        facts
            .get(Key::KvCache)
            .or_else(|| facts.get(Key::ProjectedCache))
    };
    let planned = facts.get(Key::Deficit).is_some();
    let left = || {
        let cache = cache?.mid();
        let rest = cache.checked_sub(s.missing()?.high())?;
        // Something else may have moved, or the work space is still to come: a plan has room for that.
        let moved = if planned { 0 } else { rest.div_ceil(100) * 3 };
        let rest = rest.checked_sub(moved.max(s.work_to_come()))?;
        let tokens = u128::from(now) * u128::from(rest) / u128::from(cache.max(1));
        // Contexts are padded to 256 tokens.
        let tokens = u64::try_from(tokens).ok()? / 256 * 256;
        (tokens >= 1024).then_some(tokens)
    };
    left().or_else(|| (now <= 8192 && !planned).then_some(now / 2))
}

/// The context as the log shows it, else as it was typed.
pub(in crate::fixes) fn context(s: &Situation<'_>) -> Option<u64> {
    let all = s
        .slots()
        .map(|(requests, each)| requests.saturating_mul(each));
    all.or_else(|| s.number(SettingKind::ContextSize))
        .or_else(|| s.typed_number(&["-c", "--ctx-size"]))
}

/// The longest context that the cache would hold, by the engine's own count.
pub(in crate::fixes) fn longest(s: &Situation<'_>) -> Option<u64> {
    s.number(SettingKind::LongestContext).filter(|n| *n > 0)
}
