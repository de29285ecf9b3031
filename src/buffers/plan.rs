//! What llama.cpp plans before it takes anything: how much it will need, how much is free, how much must go.
//!
//! Texts are those of `llama_params_fit_impl` (src/llama.cpp, December 2025), later `common_params_fit_impl` (common/fit.cpp):
//! whole MiB, cut down. Where it could fit the model by itself it says so, and the plan is done.

use std::sync::OnceLock;

use regex::Regex;

use super::Buffer;
use crate::bytes::{self, Bytes, MIB};
use crate::evidence::{Flag, Incident, Key};
use crate::text::Line;

/// Literals, one of which stands in every line of a plan.
pub(crate) const SIGNATURES: [&str; 5] = [
    "MiB of device memory vs. ",
    "need to reduce device memory by",
    " MiB less in total",
    "successfully fit params to free",
    "kv_cache: size = ",
];

/// A form of a line: its literal, its pattern, and the keys of the pattern's numbers in order.
type Shape = (&'static str, &'static str, &'static [Key]);

const SHAPES: [Shape; 6] = [
    (
        "MiB of device memory vs. ",
        r"projected to use (\d+) MiB of device memory vs\. (?:a total of )?(\d+) MiB",
        &[Key::Projected, Key::FreeAtStart],
    ),
    (
        "need to reduce device memory by",
        r"need to reduce device memory by (\d+) MiB",
        &[Key::Deficit],
    ),
    (
        " MiB less in total",
        r"need to use (\d+) MiB less in total",
        &[Key::Deficit],
    ),
    (
        "successfully fit params to free",
        r"successfully fit params to free (?:device )?memory()",
        &[Key::Deficit],
    ),
    // "total = free + (self = model + context + compute) + unaccounted", for the settings that are planned with.
    (
        "memory_breakdown_print: |   - ",
        r"\|   - [A-Za-z][A-Za-z0-9_]* \(.*\) +\| +\d+ = \d+ \+ \( *\d+ = +\d+ \+ +(\d+) \+",
        &[Key::ProjectedCache],
    ),
    // src/llama-kv-cache.cpp: all layers, wherever they are.
    (
        "kv_cache: size = ",
        r"llama_kv_cache: size = +(\d+\.\d\d) MiB \( *\d+ cells",
        &[Key::ProjectedCache],
    ),
];

/// Literals of lines that tell of all devices together.
const SUMS: [&str; 2] = [" MiB less in total", "kv_cache: size = "];

/// Their patterns, each compiled where a line first holds its literal.
static PATTERNS: [OnceLock<Option<Regex>>; SHAPES.len()] =
    [const { OnceLock::new() }; SHAPES.len()];

/// What a line tells of a plan.
pub(super) fn read(line: &Line) -> Vec<Buffer> {
    let text = line.text.as_str();
    let shapes = SHAPES.iter().zip(PATTERNS.iter());
    let Some(((literal, pattern, keys), compiled)) = shapes
        .into_iter()
        .find(|((literal, ..), _)| text.contains(literal))
    else {
        return Vec::new();
    };
    let pattern = compiled.get_or_init(|| Regex::new(pattern).ok());
    let Some(found) = pattern.as_ref().and_then(|pattern| pattern.captures(text)) else {
        return Vec::new();
    };
    let of_all_that_is_there = text.contains("vs. a total of");
    let numbers = (1..).zip(*keys).filter_map(|(group, key)| {
        let number = found.get(group)?.as_str();
        let bytes = match number {
            "" => Bytes::ZERO,
            number => match bytes::digits(number)? {
                (whole, 0) => Bytes::floored(whole, MIB)?,
                (digits, decimals) => Bytes::rounded(digits, decimals, MIB)?,
            },
        };
        Some(Buffer {
            key: match key {
                Key::FreeAtStart if of_all_that_is_there => Key::Total,
                key => *key,
            },
            device: None,
            bytes,
            text: format!("{number} MiB"),
            line: line.number,
            of_all: SUMS.contains(literal),
            planned: false,
        })
    });
    numbers.collect()
}

/// Adds to a failure what the program had planned, if that did not fit. Returns the line of sums over several devices, the
/// numbers of which are no single device's.
pub(super) fn tell(buffers: &[&Buffer], incident: &mut Incident) -> Option<u64> {
    let last = |key: Key| buffers.iter().rev().find(|word| word.key == key);
    let (deficit, projected) = (last(Key::Deficit)?, last(Key::Projected)?);
    // A later plan, or this one in the end, needed no change.
    if projected.line > deficit.line || deficit.bytes == Bytes::ZERO {
        return None;
    }
    incident.facts.insert(Key::Deficit, deficit.fact());
    if deficit.of_all {
        incident.flags.insert(Flag::SeveralDevices);
        return Some(projected.line);
    }
    incident.facts.insert(Key::Projected, projected.fact());
    // A table behind the plan is that of other settings which were tried; the cache itself is not.
    let mut caches = buffers
        .iter()
        .rev()
        .filter(|b| b.key == Key::ProjectedCache);
    if let Some(cache) = caches.find(|b| b.of_all || b.line <= projected.line) {
        incident.facts.insert(Key::ProjectedCache, cache.fact());
    }
    None
}
