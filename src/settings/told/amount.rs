//! How much goes through: GPUs, lengths, nodes; and whether a run goes on from a checkpoint.

use super::Keep;
use super::work::is_said;
use crate::evidence::{A_PROMPT, SettingKind as K};

/// How many GPUs there are, by a launcher's flag or in words.
pub(super) fn gpus(lower: &str, keep: Keep<'_>) {
    const NAMES: [&str; 10] = [
        "--num_processes",
        "--num-processes",
        "nproc_per_node",
        "nproc-per-node",
        "num_gpus",
        "num-gpus",
        "gpus_per_node",
        "n_gpus_per_node",
        "data parallel gpus",
        "num gpus",
    ];
    for name in NAMES {
        let Some((_, rest)) = lower.split_once(name) else {
            continue;
        };
        let rest = rest.trim_start_matches([' ', '=', ':', '"', '\'', ',']);
        if let Some(count) = small(rest) {
            keep(K::Gpus, name, &count.to_string());
            return;
        }
    }
    let mut at = 0;
    while let Some((count, end, rest)) = next_count(lower, at) {
        at = end;
        if count.is_some() && counts_gpus(rest) {
            if let Some(count) = count.and_then(small) {
                keep(K::Gpus, "GPUs", &count.to_string());
            }
            return;
        }
    }
}

/// The next number of a line, where it ends, and what follows; `None` for one that is a part of a word or too long.
fn next_count(lower: &str, from: usize) -> Option<(Option<&str>, usize, &str)> {
    let tail = lower.get(from..)?;
    let start = from + tail.find(|c: char| c.is_ascii_digit())?;
    let digits = lower.get(start..)?;
    let end = start + digits.bytes().take_while(u8::is_ascii_digit).count();
    let before = lower.get(..start).unwrap_or_default();
    let part = before.ends_with(|c: char| c.is_ascii_alphanumeric() || "./-_".contains(c));
    let count = lower
        .get(start..end)
        .filter(|count| !part && count.len() < 3);
    Some((count, end, lower.get(end..)?))
}

/// "*a100", " x v100", "卡", " gpus".
fn counts_gpus(rest: &str) -> bool {
    const CARDS: [&str; 14] = [
        "a100", "v100", "h100", "h200", "a800", "h800", "h20", "a40", "a6000", "l40", "rtx",
        "3090", "4090", "t4",
    ];
    let rest = rest.trim_start();
    let times = rest.trim_start_matches(['*', 'x', '\u{d7}']).trim_start();
    let card = |word: &str| CARDS.iter().any(|card| word.starts_with(card));
    let multiplied = times.len() < rest.len() && times.split(' ').take(2).any(card);
    let words = ["gpus", "卡", "张卡", "块卡", "nvidia gpus"];
    multiplied || words.iter().any(|word| rest.starts_with(word))
}

/// A number of GPUs in one machine or job.
fn small(text: &str) -> Option<u32> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.get(..end)?
        .parse()
        .ok()
        .filter(|count| (1..=1024).contains(count))
}

/// "8k context length", "a context length of 18000", "max seq length of 2048".
pub(super) fn length(lower: &str, keep: Keep<'_>) {
    const NAMES: [&str; 7] = [
        "context length",
        "sequence length",
        "seq length",
        "max length",
        "context window",
        "context size",
        "seq len",
    ];
    for name in NAMES {
        let Some((before, after)) = lower.split_once(name) else {
            continue;
        };
        // Programs print the length of each step so.
        if name == "seq len" && !is_said(lower) {
            continue;
        }
        let after = after.trim_start_matches([' ', '=', ':', '`']);
        let after = ["of ", "is ", "to "]
            .iter()
            .find_map(|word| after.strip_prefix(word))
            .unwrap_or(after);
        let behind = tokens(after.split([' ', ',', ')', '`']).next().unwrap_or_default());
        let ahead = || tokens(before.trim_end().rsplit(' ').next().unwrap_or_default());
        if let Some(count) = behind.or_else(ahead) {
            keep(K::SequenceLength, name, &count.to_string());
            return;
        }
    }
    if let Some(count) = of_long_ones(lower) {
        keep(K::SequenceLength, "long sequences", &count.to_string());
        return;
    }
    if let Some(count) = of_a_prompt(lower) {
        keep(K::SequenceLength, A_PROMPT, &count.to_string());
        return;
    }
    if let Some(seconds) = recording(lower) {
        keep(K::SequenceLength, "recording", &seconds.to_string());
        return;
    }
    if let Some((before, _)) = lower.split_once("k context")
        && let Some(thousands) = before
            .rsplit(' ')
            .next()
            .and_then(|word| word.parse::<u64>().ok())
        && (1..=2048).contains(&thousands)
    {
        keep(
            K::SequenceLength,
            "context",
            &(thousands * 1024).to_string(),
        );
    }
}

/// "with long sequences (> 8k)".
fn of_long_ones(lower: &str) -> Option<u64> {
    let names = ["long sequence", "large sequence", "longer sequence"];
    names.iter().find_map(|name| {
        let (_, after) = lower.split_once(name)?;
        let after = after.trim_start_matches(['s', ' ', '(', '>', '~', ':']);
        let after = after.strip_prefix("of ").unwrap_or(after);
        let after = after.strip_prefix("length ").unwrap_or(after);
        let count = tokens(after.split([' ', ',', ')', '`']).next().unwrap_or_default());
        count.filter(|_| is_said(lower))
    })
}

/// "2048", "18,000", "8k".
fn tokens(word: &str) -> Option<u64> {
    let word = word.trim_end_matches(['.', ';']);
    let count = match word.strip_suffix('k') {
        Some(thousands) => thousands.parse::<u64>().ok()?.checked_mul(1024)?,
        None => word.replace(',', "").parse().ok()?,
    };
    (64..=4_000_000).contains(&count).then_some(count)
}

/// "my data has 10242 nodes".
pub(super) fn rows(lower: &str, keep: Keep<'_>) {
    const NAMES: [&str; 3] = [" nodes", " points", " atoms"];
    for name in NAMES {
        let Some((before, _)) = lower.split_once(name) else {
            continue;
        };
        let count = before
            .rsplit(' ')
            .next()
            .unwrap_or_default()
            .replace(',', "");
        if count.len() <= 7 && count.parse::<u64>().is_ok_and(|count| count >= 1000) {
            keep(K::Rows, name.trim_start(), &count);
            return;
        }
    }
}

/// "it works again after I restart the kernel".
pub(super) fn restarts(lower: &str, keep: Keep<'_>) {
    const HELPS: [&str; 7] = [
        "help",
        "fix",
        "solve",
        "works",
        "second",
        "again",
        "every time",
    ];
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let what = has(&["kernel", "runtime"]) && lower.contains("restart");
    let vain = has(&[
        "not help",
        "n't help",
        "not fix",
        "n't fix",
        "n't solve",
        "even after",
        "no effect",
    ]);
    if what && has(&HELPS) && !vain {
        keep(K::RestartHelps, "restart", "told");
    }
}

/// "a 6k token prompt", "an input of 12000 tokens".
fn of_a_prompt(lower: &str) -> Option<u64> {
    const OF: [&str; 4] = ["prompt", "context", "input", "document"];
    let (before, after) = lower.split_once("token")?;
    let near = |text: &str| OF.iter().any(|word| text.contains(word));
    let behind: String = after.chars().take(24).collect();
    let count = before
        .trim_end_matches([' ', '-'])
        .rsplit([' ', '('])
        .next()?;
    let ahead = before.get(..before.len() - count.len()).unwrap_or(before);
    let last = ahead.trim_end().rsplit(' ').take(3).any(near);
    (near(&behind) || last)
        .then(|| tokens(count.trim_end_matches([' ', '-'])))?
        .filter(|_| is_said(lower))
}

/// "The test passes when I run it alone", "each of them works individually".
pub(super) fn passes_alone(lower: &str, keep: Keep<'_>) {
    const ALONE: [&str; 3] = ["alone", "in isolation", "individually"];
    const WELL: [&str; 6] = ["pass", "work", "fine", "succeed", "no error", "runs"];
    let words = || lower.split(|c: char| !c.is_ascii_alphabetic());
    let one = words().any(|word| word.starts_with("test") || word == "alone");
    let has = |list: &[&str]| list.iter().any(|word| lower.contains(word));
    let vain = ["fail", "even ", "n't ", " not "];
    if one && has(&ALONE) && has(&WELL) && !has(&vain) {
        keep(K::PassesAlone, "alone", "told");
    }
}

/// "a 60secs file", "10-second video", "20 s audio": how long a recording is, in seconds.
fn recording(lower: &str) -> Option<u64> {
    const OF: [&str; 6] = ["file", "audio", "clip", "recording", "video", "wav"];
    const UNITS: [(&str, u64); 7] = [
        ("seconds", 1),
        ("second", 1),
        ("secs", 1),
        ("sec", 1),
        ("minutes", 60),
        ("minute", 60),
        ("mins", 60),
    ];
    let (at, unit, each) = UNITS
        .iter()
        .find_map(|(unit, each)| Some((lower.find(unit)?, unit, each)))?;
    let before = lower.get(..at)?.trim_end_matches([' ', '-']);
    let start = before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let count: u64 = before.get(start..)?.parse().ok()?;
    let behind = lower.get(at + unit.len()..)?.trim_start_matches([' ', '-']);
    let of = OF.iter().any(|word| behind.starts_with(word));
    (of && (1..=100_000).contains(&count)).then_some(count.saturating_mul(*each))
}

/// What a writer tells of the size of pictures: "any image larger than about 600x600 px", "my photos are 4000 * 3000", "the resolution is
/// around 2k", and that they are enlarged.
pub(super) fn pictures(lower: &str, keep: Keep<'_>) {
    const ENLARGES: [&str; 5] = [
        "super-resolution",
        "super resolution",
        "upscal",
        "rescale a picture",
        "enlarge",
    ];
    const OF: [&str; 4] = ["image", "picture", "photo", "resolution"];
    if lower.contains("tried to allocate") {
        return;
    }
    if ENLARGES.iter().any(|word| lower.contains(word)) {
        keep(K::ImageSize, TOLD_PICTURES, "whole");
    }
    let of = OF.iter().any(|word| lower.contains(word));
    let large = lower.split_once("resolution").is_some_and(|(_, rest)| {
        ["2k", "4k", "8k"].iter().any(|k| {
            rest.split(|c: char| !c.is_alphanumeric())
                .any(|word| word == *k)
        })
    });
    if of && large {
        keep(K::ImageSize, TOLD_PICTURES, "whole");
    }
    let told = ["out of memory", " any image"]
        .iter()
        .any(|word| lower.contains(word));
    let told = told || is_said(lower);
    if let Some(size) = sides(lower).filter(|_| of && told) {
        keep(K::ImageSize, TOLD_PICTURES, &size);
    }
}

/// The name of a size of pictures that a writer tells.
const TOLD_PICTURES: &str = "told size";

/// "600x600", "1120 * 1450".
fn sides(lower: &str) -> Option<String> {
    for (at, sign) in lower.match_indices(['x', '*', '\u{d7}']) {
        let before = lower.get(..at)?.trim_end();
        let after = lower.get(at + sign.len()..)?.trim_start();
        let start = before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (left, end) = (
            before.get(start..)?,
            after.find(|c: char| !c.is_ascii_digit()),
        );
        let right = after.get(..end.unwrap_or(after.len()))?;
        let side = |text: &str| {
            text.parse::<u32>()
                .is_ok_and(|n| (128..=20_000).contains(&n))
        };
        if side(left) && side(right) {
            return Some(format!("{left}x{right}"));
        }
    }
    None
}

/// Shapes with a side of one, which broadcasts: "alpha is [13264x1x3]", "torch.Size([13264, 1])".
pub(super) fn shapes(lower: &str, keep: Keep<'_>) {
    // Keras (src/utils/traceback_utils.py) lists what a layer was called with, a batch along the first side.
    let listed = lower.trim_start().strip_prefix('•').map(str::trim_start);
    if listed.is_some_and(|arg| arg.starts_with("inputs=torch.tensor(shape=torch.size([1,")) {
        keep(K::BatchSize, "shape", "1");
    }
    let mut sides: Vec<u64> = Vec::new();
    for part in lower.split('[').skip(1) {
        let Some((inner, _)) = part.split_once(']') else {
            continue;
        };
        let shape: Option<Vec<u64>> = inner
            .split(['x', ','])
            .map(|n| n.trim().parse().ok())
            .collect();
        let shape = shape.filter(|shape| (2..=6).contains(&shape.len()) && shape.contains(&1));
        sides.extend(shape.into_iter().flatten().max());
    }
    let most = sides
        .into_iter()
        .max()
        .filter(|most| (1000..10_000_000).contains(most));
    if let Some(most) = most {
        keep(K::Rows, "shape", &most.to_string());
    }
}

/// "when resuming training", "unable to resume"; `--resume path`, `init_from=resume`.
pub(super) fn resumes(lower: &str, keep: Keep<'_>) {
    let Some(at) = lower.find("resum") else {
        return;
    };
    let words = ["training", "checkpoint", "from"];
    let after = lower.get(at..).unwrap_or_default();
    let fails = [
        "unable",
        "out of memory",
        "oom",
        "fail",
        "error",
        "cannot",
        "can't",
        "runs out",
    ];
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&fails) && words.iter().any(|word| after.contains(word)) {
        keep(K::Resumes, "resume", "told");
    } else if lower.contains("init_from=resume") {
        keep(K::Resumes, "init_from", "resume");
    }
}
