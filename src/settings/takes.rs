//! What values a name can take, and when a value says that something is on.

use super::assigned::Spot;
use crate::evidence::AllocatorConfig;

/// What kind of value a name takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Takes {
    /// On, unless the value says no; without a value only as a flag.
    Switch,
    /// Options of the allocator.
    Options,
    /// A whole number.
    Count,
    /// A whole number, where the name is a flag. `DeepSpeed` prints the same name for the batch of all GPUs.
    CountAsFlag,
    /// A number below one.
    Fraction,
    /// Devices by index or id.
    Devices,
    /// One of these words, or a word that begins so.
    OneOf(&'static [&'static str]),
    /// Anything; kept empty, since it is a file or a list.
    Anything,
}

/// The value to keep; `None` where the spot sets nothing.
pub(super) fn taken(spot: &Spot<'_>, takes: Takes) -> Option<String> {
    let lower = || spot.value().map(str::to_ascii_lowercase);
    match takes {
        Takes::Switch => switched_on(spot).then(String::new),
        Takes::Options => {
            let config = AllocatorConfig::parse(spot.value()?).typeable().text();
            (!config.is_empty()).then_some(config)
        }
        Takes::Count => count(spot.value()?),
        Takes::CountAsFlag => spot.is_flag().then(|| count(spot.value()?)).flatten(),
        Takes::Fraction => {
            let value = spot.value()?.split(',').next()?;
            below_one(value).then(|| value.to_owned())
        }
        Takes::Devices => devices(spot.value()?),
        Takes::OneOf(words) => {
            let value = lower()?;
            words.iter().any(|w| value.starts_with(w)).then_some(value)
        }
        Takes::Anything => {
            let file = spot.is_flag() && lower().is_some_and(|v| !v.is_empty() && !is_no(&v));
            file.then(String::new)
        }
    }
}

/// Whether a switch is on.
fn switched_on(spot: &Spot<'_>) -> bool {
    if let Some(value) = spot.value() {
        let value = value.trim_end_matches([',', ']', '.']).to_ascii_lowercase();
        if matches!(value.as_str(), "true" | "1" | "yes" | "on" | "enabled") {
            return true;
        }
        // DeepSpeed's `"bf16": {"enabled": true}` on one line.
        if value.starts_with('{') {
            let rest: String = spot
                .after
                .chars()
                .take(60)
                .filter(|c| !c.is_whitespace())
                .collect();
            return rest
                .to_ascii_lowercase()
                .starts_with("\":{\"enabled\":true");
        }
        return spot.is_flag() && (value.starts_with('-') || value == "\\");
    }
    let follows = spot.after.trim_start_matches(['"', '\'', ',', ']', ')']);
    spot.is_flag() && follows.trim().is_empty()
}

/// Words that turn something off.
fn is_no(value: &str) -> bool {
    matches!(
        value,
        "false" | "0" | "no" | "off" | "none" | "null" | "[]" | "disabled"
    )
}

/// A whole number as written.
fn count(value: &str) -> Option<String> {
    let value = value.trim_end_matches([',', ']', '.']);
    let fits = !value.is_empty() && value.len() <= 6 && value.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| value.to_owned())
}

/// A number from zero to below one.
pub(super) fn below_one(value: &str) -> bool {
    value.parse::<f64>().is_ok_and(|n| (0.0..1.0).contains(&n))
}

/// Indexes or ids, joined by commas; brackets off.
fn devices(value: &str) -> Option<String> {
    let value = value.trim_start_matches('[').trim_end_matches([']', ',']);
    let known = |part: &str| {
        let id = part.starts_with("GPU-") || part.starts_with("MIG-");
        let index = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        index
            || (id
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'/'))
    };
    value.split(',').all(known).then(|| value.to_owned())
}
