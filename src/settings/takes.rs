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
    /// A whole number behind a flag of one letter.
    Short,
    /// A whole number of tokens: a context can be a million long.
    Tokens,
    /// A whole number, where the name is a flag. `DeepSpeed` prints the same name for the batch of all GPUs.
    CountAsFlag,
    /// A whole number above one.
    CountAboveOne,
    /// The sides of a picture or a volume: `1024`, `1024,1024`, `1280 1280`, `(480, 320)`, `[512, 768]`, `640x480`.
    Sides,
    /// A number, with or without a fraction.
    Number,
    /// A number, where the name is a flag. Engines' clients print the same name for the length of an answer.
    NumberAsFlag,
    /// A number below one.
    Fraction,
    /// Devices by index or id.
    Devices,
    /// One of these words, or a word that begins so.
    OneOf(&'static [&'static str]),
    /// One of these words, where the name is a flag: a model's own configuration holds the name too.
    OneOfAsFlag(&'static [&'static str]),
    /// `DeepSpeed`'s `{"device": "cpu"}`, or a switch.
    DeviceOfHost,
    /// Any value; that it is there tells enough.
    Given,
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
        Takes::Short => {
            let flag = spot.before.ends_with(" -") || spot.before.ends_with(" --");
            let after = spot.after.strip_prefix([' ', '=']).filter(|_| flag)?;
            count(after.split_whitespace().next()?)
        }
        Takes::Tokens => digits(spot.value()?, 9),
        Takes::CountAsFlag => spot.is_flag().then(|| count(spot.value()?)).flatten(),
        Takes::CountAboveOne => count(spot.value()?).filter(|n| !matches!(n.as_str(), "0" | "1")),
        Takes::Sides => sides(spot),
        Takes::Number => number(spot.value()?),
        Takes::NumberAsFlag => {
            // fairseq's configuration by Hydra (fairseq/dataclass/configs.py, `DatasetConfig`).
            let set = spot.is_flag() || spot.before.ends_with("dataset.");
            set.then(|| number(spot.value()?)).flatten()
        }
        Takes::OneOfAsFlag(words) => spot.is_flag().then(|| taken(spot, Takes::OneOf(words)))?,
        Takes::DeviceOfHost => host_device(spot).then(String::new),
        Takes::Given => spot.value().map(|_| String::new()),
        Takes::Fraction => {
            let value = spot.value()?.split(',').next()?;
            below_one(value).then(|| value.to_owned())
        }
        Takes::Devices => devices(spot.value()?),
        Takes::OneOf(words) => {
            let value = lower()?;
            let value = value.trim_end_matches([',', ']', '.']).to_owned();
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
        if matches!(
            value.as_str(),
            "true" | "1" | "yes" | "on" | "enabled" | "auto" | "unsloth" | "offload"
        ) {
            return true;
        }
        // OpenMMLab's old `fp16 = dict(loss_scale=512.)` (mmcv/runner/hooks/optimizer.py).
        if value.starts_with("dict(") && !spot.is_flag() {
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

/// `{"device": "cpu"}` on one line, or a switch that is on.
fn host_device(spot: &Spot<'_>) -> bool {
    let value = spot.value().unwrap_or("");
    if !value.starts_with('{') {
        return switched_on(spot);
    }
    let rest: String = spot
        .after
        .chars()
        .take(60)
        .filter(|c| !c.is_whitespace())
        .collect();
    let rest = rest.to_ascii_lowercase().replace(['"', '\''], "");
    let rest = rest.trim_start_matches([':', '=']);
    ["{device:cpu", "{device:nvme"]
        .iter()
        .any(|on| rest.starts_with(on))
}

/// Words that turn something off.
pub(super) fn is_no(value: &str) -> bool {
    matches!(
        value,
        "false" | "0" | "no" | "off" | "none" | "null" | "[]" | "disabled"
    )
}

/// A whole number as written.
fn count(value: &str) -> Option<String> {
    digits(value, 6)
}

/// At most so many digits.
fn digits(value: &str, most: usize) -> Option<String> {
    let value = value.trim_end_matches([',', ']', '.', ')']);
    let fits =
        !value.is_empty() && value.len() <= most && value.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| value.to_owned())
}

/// Up to three whole numbers with the signs between them as written.
fn sides(spot: &Spot<'_>) -> Option<String> {
    const MOST: usize = 32;
    let rest = spot.set_to()?.trim_start_matches(['"', '\'', '\\']);
    let between = |c: char| c.is_ascii_digit() || ", x".contains(c);
    let (open, close) = match rest.chars().next()? {
        '(' => ("(", ")"),
        '[' => ("[", "]"),
        _ => ("", ""),
    };
    let inside = rest.strip_prefix(open)?;
    let end = inside.find(|c| !between(c)).unwrap_or(inside.len());
    // In a list of settings the next one begins behind a comma: "imgsz=640, save=True".
    let list = inside.get(..end)?;
    let first = if close.is_empty() {
        list.split(", ").next()?
    } else {
        list
    };
    let numbers = first.trim_end_matches([' ', ',', 'x']);
    let behind = inside.get(numbers.len()..)?;
    // What ends in a letter, a fraction or another sign is no size: "1e4", "0.5", "512_caption".
    let whole = match close {
        "" => !behind.starts_with(|c: char| c.is_alphanumeric() || "._%/".contains(c)),
        close => behind.starts_with(close),
    };
    let parts = numbers
        .split([',', ' ', 'x'])
        .filter(|part| !part.is_empty());
    let fits = parts.clone().all(|part| part.len() <= 8) && (1..=3).contains(&parts.count());
    (whole && fits && numbers.len() <= MOST).then(|| format!("{open}{numbers}{close}"))
}

/// A number as written, with or without a fraction.
fn number(value: &str) -> Option<String> {
    let value = value.trim_end_matches([',', ']']).trim_end_matches('.');
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
    let fits = value.len() <= 9 && digits(whole) && digits(fraction);
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
