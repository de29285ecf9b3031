//! When in a run it fails, by the words of who tells it.

use super::Keep;
use crate::evidence::{A_DEMO, ANSWERING_SCRIPTS, SettingKind as K};

/// What an evaluation is called.
const NAMES: [&str; 9] = [
    "validation",
    "validating",
    "evaluation",
    "evaluating",
    "evaluate",
    "validate",
    "eval",
    "testing phase",
    "test phase",
];

/// What a run is called that learns nothing.
const ANSWERS: [&str; 9] = [
    "inference",
    "inferencing",
    "generation",
    "generate",
    "generating",
    "prediction",
    "predicting",
    "predict",
    "transcribing",
];

/// Words between these and what says when.
const CALLS: [&str; 9] = [
    "the", "i", "m", "am", "call", "calling", "running", "doing", "my",
];

/// "when I call generate", "OOM during inference", "while transcribing": nothing is learned there.
pub(super) fn answers(lower: &str, keep: Keep<'_>) {
    const DURING: [&str; 7] = ["during", "when", "while", "at", "upon", "for", "on"];
    if lower.contains("tried to allocate") {
        return;
    }
    let words: Vec<&str> = lower
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .collect();
    // A service in front of a line is often called "trainer-1".
    let trains = |word: &&str| {
        let learns = ["training", "finetun", "tuning"];
        *word == "train" || learns.iter().any(|w| word.starts_with(w))
    };
    if words.iter().any(trains) {
        return;
    }
    if lower.contains("demo.py") && runs_a_script(lower) {
        keep(K::Evaluates, A_DEMO, ANSWERING);
        return;
    }
    if runs_a_script(lower) || calls(lower) {
        keep(K::Evaluates, "inference", ANSWERING);
        return;
    }
    let told = |at: usize| {
        let before = words.get(..at).unwrap_or_default().iter().rev();
        let when = before.take(5).find(|word| !CALLS.contains(*word));
        when.is_some_and(|word| DURING.contains(word))
    };
    let mut named =
        (0..words.len()).filter(|at| words.get(*at).is_some_and(|w| ANSWERS.contains(w)));
    if named.any(told) {
        keep(K::Evaluates, "inference", ANSWERING);
    }
}

/// A command of Python whose script answers: `python demo/demo.py CONFIG`, `python -m inference --protein_path P`.
fn runs_a_script(lower: &str) -> bool {
    let mut words = lower.split_ascii_whitespace();
    let Some(_) = words.find(|word| word.ends_with("python") || word.ends_with("python3")) else {
        return false;
    };
    let script = words
        .find(|word| !word.starts_with('-'))
        .unwrap_or_default();
    let file = script.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = file.strip_suffix(".py").unwrap_or(file);
    stem.split(['_', '-', '.'])
        .any(|word| ANSWERING_SCRIPTS.contains(&word))
}

/// A line of code that asks a model for its answer, as people paste it: `results = model.predict([image], [prompt])`.
fn calls(lower: &str) -> bool {
    const CALLS: [&str; 4] = ["predict(", "transcribe(", "separate(", "inference("];
    let Some((_, call)) = lower.split_once(" = ") else {
        return false;
    };
    let asked = call.split_once('.').map_or("", |(_, asked)| asked);
    CALLS.iter().any(|name| asked.starts_with(name))
}

/// The value where nothing is learned.
pub(crate) const ANSWERING: &str = "answering";

/// True where "at" stands right before a word, or before "the first" and its like.
fn between_at(words: &[&str], at: usize) -> bool {
    const ARTICLES: [&str; 5] = ["the", "first", "each", "every", "my"];
    let mut before = words.get(..at).unwrap_or_default().iter().rev();
    before.find(|word| !ARTICLES.contains(*word)) == Some(&"at")
}

/// "It runs out of memory during the validation", "OOM when validating", "only after the first evaluation".
pub(super) fn evaluates(lower: &str, keep: Keep<'_>) {
    const DURING: [&str; 11] = [
        "during", "in", "when", "while", "upon", "at", "for", "of", "on", "enters", "starts",
    ];
    const AFTER: [&str; 5] = ["after", "following", "enabling", "enable", "with"];
    // Words that stand between the two.
    const BETWEEN: [&str; 12] = [
        "the",
        "first",
        "each",
        "every",
        "my",
        "start",
        "beginning",
        "of",
        "at",
        "an",
        "one",
        "second",
    ];
    // A message tells nothing of this, and there can be thousands.
    // What a program logs of a step that it tries again is no writer's word.
    if ["tried to allocate", "retry", "skipping"]
        .iter()
        .any(|word| lower.contains(word))
    {
        return;
    }
    let words: Vec<&str> = lower
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .collect();
    let named = |at: usize| {
        let two = || words.get(at..at + 2).map(|two| two.join(" "));
        words.get(at).is_some_and(|word| NAMES.contains(word))
            || two().is_some_and(|two| NAMES.contains(&two.as_str()))
    };
    for at in (0..words.len()).filter(|at| named(*at)) {
        let mut before = words.get(..at).unwrap_or_default().iter().rev();
        let Some(word) = before.find(|word| !BETWEEN.contains(*word)) else {
            continue;
        };
        // "No error in training, but in validation"; "fine during validation".
        let fine = ["fine", "ok", "works", "no"].iter().any(|good| {
            words
                .get(at.saturating_sub(5)..at)
                .is_some_and(|near| near.contains(good))
        });
        let moment = match *word {
            // "It works until the evaluation."
            "until" => "during",
            _ if fine => continue,
            // "It fails at validation", "then at the first evaluation".
            _ if lower.contains(" at ") && between_at(&words, at) => "during",
            word if AFTER.contains(&word) => "after",
            word if DURING.contains(&word) => "during",
            _ => continue,
        };
        keep(K::Evaluates, "evaluation", moment);
        return;
    }
}
