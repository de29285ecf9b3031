//! The words that people type for what has a page: the error's own, a variable's name, a number that a shell printed.

mod others;

pub(super) use others::others;

/// Pages on words that are no cause, no finding and no fix.
pub(super) const PAGES: [(&str, &str); 20] = [
    ("oom", include_str!("words/oom.md")),
    ("vram", include_str!("words/vram.md")),
    ("reserved", include_str!("words/reserved.md")),
    ("context", include_str!("words/context.md")),
    ("record", include_str!("record.md")),
    ("census", include_str!("words/census.md")),
    ("notebook", include_str!("words/notebook.md")),
    ("when", include_str!("words/when.md")),
    ("ranks", include_str!("words/ranks.md")),
    ("serving", include_str!("words/serving.md")),
    ("images", include_str!("words/images.md")),
    ("windows", include_str!("words/windows.md")),
    ("mac", include_str!("words/mac.md")),
    ("mig", include_str!("words/mig.md")),
    ("xid", include_str!("words/xid.md")),
    ("segfault", include_str!("words/segfault.md")),
    ("fit", include_str!("words/fit.md")),
    ("fine-tuning", include_str!("words/fine-tuning.md")),
    ("rlhf", include_str!("words/rlhf.md")),
    ("networks", include_str!("words/networks.md")),
];

/// The page that another word than its id leads to.
pub(super) fn other(word: &str) -> Option<&'static str> {
    let known = others().find(|(other, _)| *other == word);
    known.map(|known| known.1).or_else(|| measure(word))
}

/// The word that was meant, where its parts were run together or pulled apart: `batchsize`, `check-point-ing`.
pub(super) fn run_together(asked: &str, ids: &[&'static str]) -> Option<&'static str> {
    const SHORTEST: usize = 6;
    let joined = |word: &str| word.replace(['-', '.'], "");
    let wanted = joined(asked);
    let others = others().map(|(word, _)| word);
    let mut known = ids.iter().copied().chain(others);
    (wanted.len() >= SHORTEST).then(|| known.find(|word| joined(word) == wanted))?
}

/// What a number with a unit is of: `24gb` is a card or the need of a model, `7b` counts parameters, `4090` and `3060-ti` are cards.
fn measure(word: &str) -> Option<&'static str> {
    let unit = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number = word.strip_suffix(unit)?;
    number
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some(())?;
    match unit.trim_start_matches('-') {
        "gb" | "gib" | "g" | "b" => Some("fit"),
        // GeForce's names: a generation, a class, a zero or five.
        "" | "ti" | "super" | "ti-super" | "laptop"
            if number.len() == 4 && number.ends_with(['0', '5']) =>
        {
            Some("vram")
        }
        _ => None,
    }
}

/// Words that make a phrase of a word and say nothing themselves.
const FILLERS: [&str; 38] = [
    "a", "after", "all", "an", "and", "code", "exit", "by", "do", "does", "error", "for", "free",
    "full", "get", "how", "i", "in", "is", "it", "kill", "many", "much", "my", "not", "of", "on",
    "out", "process", "release", "the", "to", "use", "what", "while", "why", "will", "with",
];

/// The words of a phrase, as ids have them.
pub(super) fn parts(phrase: &str) -> Vec<String> {
    let id = as_id(phrase);
    let parts = id.split('-').filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

/// True for a word that says nothing where it is no part of a known phrase; numbers are such words.
pub(super) fn is_filler(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_digit()) || FILLERS.contains(&word)
}

/// The word as ids are written: "Out of memory" is `out-of-memory`.
pub(super) fn as_id(word: &str) -> String {
    let word = word.trim().to_ascii_lowercase();
    // Paths begin with a slash, flags with dashes.
    let word = word.trim_start_matches(['/', '-']).trim_end_matches("()");
    // What a setting is set to is no part of its name.
    let word = word.split('=').next().unwrap_or_default();
    word.replace([' ', '_', '/'], "-")
}

#[cfg(test)]
mod tests {
    use crate::report::catalogue::{Found, find};

    #[test]
    fn words_that_are_run_together_have_the_page_that_is_meant() {
        for word in [
            "batchsize",
            "shmsize",
            "gradientcheckpointing",
            "flashattention",
        ] {
            assert!(matches!(find(word), Ok(Found::Page(_))), "{word}");
        }
    }
}
