//! Lines by which a program says what it does next: the nearest above a failure tells it from others that look the same.

/// What a line begins with that says what follows.
const BEGINS: [&str; 18] = [
    "running",
    "benchmarking",
    "benchmark",
    "measuring",
    "profiling",
    "testing",
    "loading",
    "building",
    "compiling",
    "capturing",
    "exporting",
    "starting",
    "executing",
    "evaluating",
    "training",
    "processing",
    "tuning",
    "warming",
];
/// What a line names before a colon that says what follows.
const KEYS: [&str; 12] = [
    "stage",
    "phase",
    "task",
    "model",
    "case",
    "config",
    "benchmark",
    "experiment",
    "workload",
    "section",
    "target",
    "step",
];
/// A longer line is no heading.
const LONGEST: usize = 200;

/// The words of a heading that are the same in the next run; `None` where the line is none.
pub(super) fn heading(text: &str) -> Option<String> {
    let words = title(text)?.split_whitespace().filter(|word| lasts(word));
    let words = words.collect::<Vec<_>>().join(" ");
    (!words.is_empty()).then_some(words)
}

/// True for a heading.
pub(super) fn is_heading(text: &str) -> bool {
    title(text).is_some_and(|title| title.split_whitespace().any(lasts))
}

/// What a line says of what follows, with numbers and all.
fn title(text: &str) -> Option<&str> {
    let text = text.trim_start();
    // What the forms begin with: all lines around a failure are asked.
    let first = text.bytes().next()?.to_ascii_lowercase();
    if !b"=-*_~#:+$[bcelmprstw".contains(&first) {
        return None;
    }
    if first.is_ascii_lowercase() && first_word(text).is_none() {
        return None;
    }
    let text = text.trim_end();
    if text.len() > LONGEST {
        return None;
    }
    let title = framed(text)
        .or_else(|| opened(text))
        .or_else(|| built(text))
        .or_else(|| said(text))?;
    // Bars and rates differ from moment to moment.
    let moves = text.contains(['%', '|']) || text.contains("it/s");
    (!moves).then_some(title)
}

/// `=== resnet50 ===`, `--- resnet50 ---`.
fn framed(text: &str) -> Option<&str> {
    let sign = text.chars().next().filter(|c| "=-*_~#".contains(*c))?;
    if !text.get(1..)?.starts_with(sign) {
        return None;
    }
    let inner = text.trim_start_matches(sign);
    let title = inner.trim_end_matches(sign);
    let (before, after) = (text.len() - inner.len(), inner.len() - title.len());
    (before >= 2 && after >= 2).then_some(title)
}

/// What shells, runners and Markdown open a part with.
fn opened(text: &str) -> Option<&str> {
    const OPENS: [&str; 8] = [
        "##[group]",
        "::group::",
        "### ",
        "## ",
        "# ",
        "+ ",
        "++ ",
        "$ ",
    ];
    if !text.starts_with(['#', ':', '+', '$']) {
        return None;
    }
    OPENS.iter().find_map(|open| text.strip_prefix(open))
}

/// `[2/9] resnet50`: a step of a build, without its number.
fn built(text: &str) -> Option<&str> {
    let (count, title) = text.strip_prefix('[')?.split_once("] ")?;
    let (done, all) = count.split_once('/')?;
    let number = |text: &str| text.trim().parse::<u32>().is_ok();
    (number(done) && number(all)).then_some(title)
}

/// `Running resnet50 ...`, `model: resnet50`.
fn said(text: &str) -> Option<&str> {
    let (first, rest) = first_word(text)?;
    let is = |word: &&str| first.eq_ignore_ascii_case(word);
    let key = KEYS.iter().any(&is) && text.contains(": ");
    if !key && !BEGINS.iter().any(is) {
        return None;
    }
    let rest = rest.get(1..)?;
    // What follows must say what: a number alone does not.
    let words = rest.chars().any(char::is_alphabetic);
    words.then_some(text)
}

/// The first word, where it may be one of those that tell, and what follows.
fn first_word(text: &str) -> Option<(&str, &str)> {
    // The longest of the words is "benchmarking".
    let near = text.bytes().take(13);
    let end = near.into_iter().position(|b| matches!(b, b' ' | b':'))?;
    let parts = text.split_at_checked(end)?;
    may_tell(parts.0).then_some(parts)
}

/// For each letter the lengths of the words that begin with it, a bit each: most words are told by these.
static LENGTHS: [u32; 26] = {
    let mut lengths = [0; 26];
    let mut of = 0;
    while of < BEGINS.len() + KEYS.len() {
        #[expect(
            clippy::indexing_slicing,
            reason = "checked by the compiler, which runs it"
        )]
        {
            let word = if of < BEGINS.len() {
                BEGINS[of]
            } else {
                KEYS[of - BEGINS.len()]
            };
            lengths[(word.as_bytes()[0] - b'a') as usize] |= 1 << word.len();
        }
        of += 1;
    }
    lengths
};

/// False for what is none of the words.
fn may_tell(word: &str) -> bool {
    let first = word.bytes().next().map(|first| first.to_ascii_lowercase());
    let letter = first.and_then(|first| first.checked_sub(b'a'));
    let lengths = letter.and_then(|letter| LENGTHS.get(usize::from(letter)));
    lengths.is_some_and(|lengths| lengths >> word.len() & 1 == 1)
}

/// True for a word that another run would print too: no number, size, time, process id, address or temporary file.
fn lasts(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let has = |test: fn(&char) -> bool| word.chars().any(|c| test(&c));
    let (letters, digits) = (has(|c| c.is_alphabetic()), has(char::is_ascii_digit));
    let value = word.split_once(['=', ':']).map(|(_, value)| value);
    let counted = value.is_some_and(|v| v.bytes().any(|b| b.is_ascii_digit()) && !has_word(v));
    let measured = word.starts_with(|c: char| c.is_ascii_digit())
        && (word.contains(['.', ':', ',']) || word.ends_with("ms") || word.ends_with('s'));
    let hex = word.len() >= 8 && word.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let changes = counted || measured || hex && digits || word.starts_with("0x");
    letters && !changes && !word.contains("tmp/")
}

/// True where letters stand side by side: more than a unit.
fn has_word(text: &str) -> bool {
    let mut letters = 0;
    text.chars().any(|c| {
        letters = if c.is_alphabetic() { letters + 1 } else { 0 };
        letters > 2
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_one_of_those_that_are_asked_for() {
        for word in BEGINS.iter().chain(&KEYS) {
            let line = format!("{word}: the resnet");
            assert_eq!(heading(&line), Some(line), "{word}");
        }
    }

    #[test]
    fn headings_keep_the_words_of_every_run_and_lose_what_changes() {
        for (line, expected) in [
            ("=== resnet50, batch 32 ===", Some("resnet50, batch")),
            ("--------------------", None),
            ("##[group]Run bench", Some("Run bench")),
            ("[12/49] nvcc -c k.cu", Some("nvcc -c k.cu")),
            (
                "Running llama-7b (pid=4411) at 12:03:04",
                Some("Running llama-7b at"),
            ),
            (
                "Loading weights took 3.41 seconds",
                Some("Loading weights took seconds"),
            ),
            ("Loading shards:  33%|### | 1/3", None),
            ("step: 12", None),
            ("stage: export", Some("stage: export")),
            ("model resnet50 is fine", None),
            (
                "+ make bench-bert OUT=/tmp/tmp8a/x",
                Some("make bench-bert"),
            ),
            ("Starting worker 3f2a91bc-77", Some("Starting worker")),
        ] {
            assert_eq!(heading(line).as_deref(), expected, "{line}");
        }
    }
}
