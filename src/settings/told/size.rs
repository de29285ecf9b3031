//! How many weights a model has and how many are trained, by a print or by the model's name.

use super::Keep;
use crate::evidence::SettingKind as K;

/// What trainers print of the weights that are trained.
pub(super) fn trainable(lower: &str, keep: Keep<'_>) {
    // huggingface/peft (print_trainable_parameters): "trainable params: 5,898,240 || all params: 10,676,119,075".
    if let Some((_, rest)) = lower.split_once("trainable params: ") {
        if let Some(count) = counted(rest) {
            keep(K::Trainable, "trainable params", &count.to_string());
        }
        if let Some(count) = rest
            .split_once("all params: ")
            .and_then(|(_, all)| counted(all))
        {
            keep(K::Parameters, "all params", &count.to_string());
        }
    }
    // transformers (trainer.py): "Number of trainable parameters = 41,943,040"; Unsloth: "Trainable parameters = 41,943,040 of 8,030,261,248".
    if let Some((_, rest)) = lower.split_once("trainable parameters = ") {
        if let Some(count) = counted(rest) {
            keep(K::Trainable, "trainable parameters", &count.to_string());
        }
        if let Some(count) = rest.split_once(" of ").and_then(|(_, all)| counted(all)) {
            keep(K::Parameters, "trainable parameters", &count.to_string());
        }
    }
    // Megatron-LM (training/training.py): " > number of parameters on (tensor, pipeline) model parallel rank (0, 0): 6738415616".
    if let Some((_, rest)) =
        lower.split_once("number of parameters on (tensor, pipeline) model parallel rank (")
        && let Some(count) = rest.split_once("): ").and_then(|(_, all)| counted(all))
    {
        keep(K::Parameters, "number of parameters", &count.to_string());
    }
    // Lightning's summary: "28.2 M    Trainable params".
    for (words, kind) in [
        ("trainable params", K::Trainable),
        ("total params", K::Parameters),
    ] {
        let Some((before, _)) = lower.split_once(words) else {
            continue;
        };
        let mut parts = before.split_whitespace();
        let (number, unit) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        let exact = matches!(unit, "k" | "m" | "b") && parts.next().is_none();
        if let Some(count) = scaled(number, unit).filter(|_| exact) {
            keep(kind, words, &count.to_string());
        }
    }
}

/// A whole number with commas.
fn counted(text: &str) -> Option<u64> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != ',')
        .unwrap_or(text.len());
    text.get(..end)?
        .replace(',', "")
        .parse()
        .ok()
        .filter(|count| *count > 0)
}

/// 28.2 and "m".
fn scaled(number: &str, unit: &str) -> Option<u64> {
    let thousandths = match unit {
        "k" => 1,
        "m" => 1_000,
        "b" | "billion" => 1_000_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits =
        |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let fraction: u64 = format!("{fraction:0<3}").parse().ok()?;
    let whole: u64 = whole.parse().ok()?;
    Some((whole * 1000 + fraction) * thousandths).filter(|count| *count > 0)
}

/// The size in a model's name: "llama-7b", "Qwen2.5-1.5B", "T5-11B", "15 billion parameter".
pub(super) fn named_size(lower: &str, keep: Keep<'_>) {
    let mut sizes = memchr::memchr_iter(b'b', lower.as_bytes());
    let named = sizes.find_map(|at| sized(lower, at));
    if let Some((name, count)) = named.or_else(|| known(lower)) {
        keep(K::Parameters, name, &count.to_string());
    }
}

/// Models whose names have no number of weights, with that number, as their cards tell it: the longer names first.
const KNOWN: [(&str, u64); 14] = [
    ("gpt2-medium", 355_000_000),
    ("gpt2-large", 774_000_000),
    ("gpt2-xl", 1_560_000_000),
    ("xlm-roberta-large", 560_000_000),
    ("roberta-large", 355_000_000),
    ("bert-large", 336_000_000),
    ("bart-large", 406_000_000),
    ("flan-t5-large", 783_000_000),
    ("flan-t5-xxl", 11_300_000_000),
    ("flan-t5-xl", 2_850_000_000),
    ("t5-large", 738_000_000),
    ("whisper-medium", 769_000_000),
    ("whisper-large", 1_550_000_000),
    ("deberta-v3-large", 435_000_000),
];

/// The same by the whole name.
fn known(lower: &str) -> Option<(&'static str, u64)> {
    let word = |c: char| c.is_ascii_alphanumeric();
    KNOWN.into_iter().find(|(name, _)| {
        lower
            .split_once(name)
            .is_some_and(|(before, after)| !before.ends_with(word) && !after.starts_with(word))
    })
}

/// The number before the letter at this place, if it counts weights: "7b", "7b-chat", "1.5 billion"; not "4bit", "5gb".
fn sized(lower: &str, at: usize) -> Option<(&str, u64)> {
    let after = lower.get(at..)?;
    let spelled = after.starts_with("billion");
    let letter = after.get(1..)?;
    let ends = !letter.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !(ends || spelled) || after.starts_with("b tokens") {
        return None;
    }
    let before = lower.get(..at)?;
    let before = if spelled { before.trim_end() } else { before };
    let number = before;
    let start = number
        .rfind(|c: char| !(c.is_ascii_digit() || c == '.'))
        .map_or(0, |place| {
            place
                + number
                    .get(place..)
                    .and_then(|t| t.chars().next())
                    .map_or(1, char::len_utf8)
        });
    let digits = number.get(start..)?;
    // "8x7b" and "a3b" are a part of a mixture of experts.
    let apart = !number
        .get(..start)?
        .ends_with(|c: char| c.is_ascii_alphanumeric());
    let count = scaled(digits, "b")
        .filter(|count| apart && (100_000_000..1_000_000_000_000).contains(count))?;
    let word = lower.get(start..at + if spelled { 7 } else { 1 })?;
    Some((word, count))
}
