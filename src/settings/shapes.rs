//! Knobs that nobody has listed, by the words in their names: `--batch-gpu`, `train_num_rays_per_batch`, `--num_points`, `gt_size`.
//!
//! Only flags, what argparse prints, and lines that begin with the name are read so: elsewhere the same words count or measure.

use std::sync::LazyLock;

use hashbrown::HashSet;

use super::assigned::Spot;
use super::takes::taken;
use crate::evidence::SettingKind as K;
use table::{ASIDE, EVALUATES, SHAPES, SHORT};

mod literals;
mod table;

pub(super) use literals::SIGNATURES;

/// The words and the names of which each shape asks for one.
static KNOWN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| asked().collect());

fn asked() -> impl Iterator<Item = &'static str> {
    let lists = SHAPES.iter().flat_map(|shape| [shape.of, shape.alone]);
    lists.flatten().copied()
}

/// For each letter that one of them begins with, a bit for each length that such a one has.
static LENGTHS: LazyLock<[u64; 26]> = LazyLock::new(|| {
    let mut lengths = [0; 26];
    for word in asked() {
        if let Some(lengths) = letter(word.as_bytes()).and_then(|at| lengths.get_mut(at)) {
            *lengths |= 1 << (word.len() & 63);
        }
    }
    lengths
});

/// Which letter of the alphabet a word begins with.
fn letter(word: &[u8]) -> Option<usize> {
    let first = word.first()?.to_ascii_lowercase();
    let letter = first.is_ascii_lowercase();
    letter.then(|| usize::from(first - b'a'))
}

/// False for a name that is none of [`KNOWN`], and of which no word is: told by first letters and lengths alone, as nearly every
/// word of a line is such a one.
fn can(name: &str) -> bool {
    let lengths = &*LENGTHS;
    let known = |word: &[u8], length: usize| {
        let lengths = letter(word).and_then(|at| lengths.get(at));
        lengths.is_some_and(|lengths| lengths >> (length & 63) & 1 != 0)
    };
    let bytes = name.as_bytes();
    let (mut from, mut small, mut length) = (0, false, bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        let sign = matches!(byte, b'_' | b'-');
        let large = byte.is_ascii_uppercase() && small;
        if sign || large {
            if bytes
                .get(from..at)
                .is_some_and(|word| known(word, word.len()))
            {
                return true;
            }
            from = at + usize::from(sign);
            length += usize::from(large);
        }
        small = byte.is_ascii_lowercase() || byte.is_ascii_digit();
    }
    let last = bytes.get(from..).unwrap_or_default();
    known(last, last.len()) || known(bytes, length)
}

/// What an unlisted name sets, and to what.
pub(super) fn read(text: &str, spot: &Spot<'_>) -> Option<(K, String)> {
    const LONGEST: usize = 40;
    // Few words of a line are of such a name, and the rest takes longer.
    if spot.name.len() > LONGEST || spot.name.len() < 2 || !can(spot.name) {
        return None;
    }
    let name = words(spot.name);
    let known = &*KNOWN;
    if !known.contains(name.as_str()) && !name.split('_').any(|word| known.contains(word)) {
        return None;
    }
    let flag = spot.is_flag();
    let short = SHORT.contains(&name.as_str()) || name == "batch" && text.contains("Namespace(");
    let given = is_argument(spot) || is_exported(spot);
    if !(flag || heads_its_line(spot) || is_dump(text) || short && given) {
        return None;
    }
    let has = |list: &[&str]| name.split('_').any(|word| list.contains(&word));
    let evaluates = has(&EVALUATES);
    if has(&ASIDE) {
        return None;
    }
    let shape = SHAPES.iter().find(|shape| {
        // `bs=4` among a program's arguments, or as a line of its settings, is nothing else.
        let dumped = short && !flag;
        let alone = (flag || dumped) && shape.alone.contains(&name.as_str());
        let fits = has(shape.of) && has(shape.with) && !has(shape.without);
        alone
            || fits && !(evaluates && shape.kind != K::EvalBatchSize && shape.kind != K::ChunkSize)
    })?;
    let value = taken(spot, shape.takes)?;
    let numbers = value.split(|c: char| !c.is_ascii_digit());
    let mut numbers = numbers.filter_map(|number| number.parse::<u64>().ok());
    // To know advice takes longest.
    let sets = numbers.all(|number| number >= shape.least) && !spot.is_advice();
    sets.then_some((shape.kind, value))
}

/// True for a line on which a program prints all of its settings: `Namespace(lr=1, …)`, `{'lr': 1, …}`, `args: lr = 1, …`.
fn is_dump(text: &str) -> bool {
    const HEADS: [&str; 6] = ["args", "config", "hparams", "opt", "options", "settings"];
    let line = text.trim_start();
    let pairs = [": ", "=", " = "].iter().any(|sign| line.contains(sign)) && line.contains(", ");
    let head = line.split([':', '=', '(', ' ']).next().unwrap_or("");
    let named = head.len() < line.len() && HEADS.iter().any(|h| head.eq_ignore_ascii_case(h));
    text.contains("Namespace(")
        || pairs && (line.starts_with("{'") || line.starts_with("{\"") || named)
}

/// True where it is an argument of a call that sets it by its name: `ImageDataLoaders.from_folder(path, bs=64)`.
fn is_argument(spot: &Spot<'_>) -> bool {
    let opened = spot.before.ends_with(['(', ',']) || spot.before.ends_with(", ");
    let called = spot
        .before
        .split_once('(')
        .is_some_and(|(call, _)| call.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_'));
    let number = spot.after.strip_prefix('=').map(str::trim_start);
    opened && called && number.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// True for a variable that a shell sets for the command behind it: `CUDA_VISIBLE_DEVICES=0 BS=10 bash run.sh`.
fn is_exported(spot: &Spot<'_>) -> bool {
    const COMMANDS: [&str; 8] = [
        "python",
        "bash",
        "sh",
        "torchrun",
        "accelerate",
        "deepspeed",
        "srun",
        "./",
    ];
    let set = |word: &str| {
        let named = word.split_once('=').filter(|(name, _)| !name.is_empty());
        named.is_some_and(|(name, _)| {
            name.bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        })
    };
    let before = spot.before.trim_start_matches(['$', '#', ' ', '+']);
    let alone = spot.before.is_empty() || spot.before.ends_with(' ');
    let all_set = before
        .split_whitespace()
        .all(|word| set(word) || word == "export" || word == "env");
    let command = spot.after.strip_prefix('=').and_then(|rest| {
        let mut words = rest.split_whitespace().skip(1);
        words.find(|word| !set(word))
    });
    let runs = command.is_some_and(|word| COMMANDS.iter().any(|known| word.starts_with(known)));
    alone && all_set && spot.name.bytes().all(|b| !b.is_ascii_lowercase()) && runs
}

/// True where the line begins with the name: `batch_size_per_gpu: 4`, `"batch_gpu": 8`.
fn heads_its_line(spot: &Spot<'_>) -> bool {
    let before = spot
        .before
        .trim_matches([' ', '\t', '"', '\'', '-', '|', '>']);
    let before = before.rsplit_once('.').map_or(before, |(_, rest)| rest);
    before.is_empty()
        && spot
            .after
            .trim_start_matches(['"', '\'', ' '])
            .starts_with([':', '='])
}

/// The words of a name in small letters, between underscores: `batchSize` is two.
fn words(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut small = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && small {
            out.push('_');
        }
        small = c.is_ascii_lowercase() || c.is_ascii_digit();
        out.push(if c == '-' {
            '_'
        } else {
            c.to_ascii_lowercase()
        });
    }
    out
}

#[cfg(test)]
mod tests;
