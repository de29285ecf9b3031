//! Text from a log inside Markdown. Where a page is rendered, a log must not add links, pictures, mentions or HTML to it;
//! where it is printed, it must not give commands to a CI runner.
//!
//! What could act goes into code spans and fences: renderers take nothing in them for markup, and GitHub and GitLab look
//! for no mentions and references there.

use super::sanitize::{line, visible};

/// Words of a report as Markdown. Code in backticks stays code; every other word that could act becomes code.
pub(super) fn inline(text: &str) -> String {
    let spaced = text.replace(['\n', '\r', '\t'], " ");
    let text = visible(&spaced);
    let mut out = String::with_capacity(text.len() + 16);
    let parts: Vec<&str> = text.split('`').collect();
    let last = parts.len() - 1;
    // What stands on both sides of a backtick that opens no code is one text.
    let mut plain = String::new();
    for (index, part) in parts.iter().enumerate() {
        if index % 2 == 1 && index < last && !part.trim().is_empty() {
            words(&std::mem::take(&mut plain), &mut out);
            out.push_str(&code(part));
        } else {
            plain.push_str(part);
        }
    }
    words(&plain, &mut out);
    out
}

/// Words without backticks: neighbours that could act share one code span.
fn words(text: &str, out: &mut String) {
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            out.push(' ');
        }
        if !could_act(word) {
            out.push_str(word);
            continue;
        }
        let inner = word.trim_start_matches('(');
        let open = word.len() - inner.len();
        let kept = ended(inner);
        out.push_str(&"(".repeat(open));
        out.push_str(&code(kept));
        out.push_str(inner.get(kept.len()..).unwrap_or_default());
    }
}

/// The word without the stop or the closing bracket of the sentence that it ends.
fn ended(word: &str) -> &str {
    let mut kept = word;
    loop {
        let open = kept.matches('(').count() >= kept.matches(')').count();
        let shorter = match kept.chars().last() {
            Some('.' | ',' | ';') => true,
            Some(':') => !kept.ends_with("::"),
            Some(')') => !open,
            _ => false,
        };
        if !shorter {
            return kept;
        }
        kept = kept.get(..kept.len() - 1).unwrap_or_default();
    }
}

/// True where a renderer could read more than a word: markup, HTML, links, mentions, references to issues.
fn could_act(word: &str) -> bool {
    word.contains([
        '\\', '*', '_', '[', ']', '<', '>', '&', '|', '#', '@', '~', '$', '!', '{', '}', '^', '=',
    ]) || word.contains("::")
        || word.contains("//")
        || word.to_ascii_lowercase().contains("www.")
        || word.starts_with('%')
        || begins_an_item(word)
}

/// True for what may open a list or draw a line across the page; of a number it is the sign (`CommonMark` 5.2).
fn begins_an_item(word: &str) -> bool {
    let rest = word.strip_prefix(['+', '-']);
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// A code span: one backtick more than it holds in a row (`CommonMark` 6.1).
pub(super) fn code(text: &str) -> String {
    let text = visible(text);
    if text.trim().is_empty() {
        return text.into_owned();
    }
    let ticks = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// A fenced block, closed by more backticks than it holds in a row (`CommonMark` 4.5), behind `indent` spaces.
pub(super) fn fence(language: &str, text: &str, indent: usize) -> String {
    let margin = " ".repeat(indent);
    let ticks = "`".repeat(longest_run(text).max(2) + 1);
    let lines = text.lines().map(|text| format!("{margin}{}\n", line(text)));
    let body: String = lines.collect();
    format!("{margin}{ticks}{language}\n{body}{margin}{ticks}\n")
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_that_could_act_become_code_and_others_stay() {
        for (text, expected) in [
            ("33.5 GiB was requested.", "33.5 GiB was requested."),
            (
                "in /work/my_train.py:87 (main)",
                "in `/work/my_train.py:87` (main)",
            ),
            ("ask @ada, see #12.", "ask `@ada`, see `#12`."),
            ("with A_B=c: it passes", "with `A_B=c`: it passes"),
            ("<img src=x>", "`<img` `src=x>`"),
            ("![a](http://b)", "`![a](http://b)`"),
            ("(as my_call() says).", "(as `my_call()` says)."),
            (
                "call `torch.load(f, map_location=\"cpu\")` now",
                "call `torch.load(f, map_location=\"cpu\")` now",
            ),
        ] {
            assert_eq!(inline(text), expected);
        }
    }

    #[test]
    fn an_open_backtick_opens_no_code() {
        assert_eq!(inline("a ` b <b>"), "a  b `<b>`");
        assert_eq!(inline("/`/ x"), "`//` x");
        assert_eq!(inline("a/``/b"), "`a//b`");
    }

    #[test]
    fn backticks_close_neither_span_nor_fence() {
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(fence("sh", "```\nx", 0), "````sh\n```\nx\n````\n");
        assert_eq!(fence("", "::error::x", 2), "  ```\n  \\::error::x\n  ```\n");
    }

    proptest! {
        #[test]
        fn outside_of_code_nothing_could_act(text in "[a`@<#! *\\[\\]()|_:/.\\\\-]{0,40}") {
            let markdown = inline(&text);
            // Spans of `inline` hold no backticks, so that they end at the next one.
            for plain in markdown.split('`').step_by(2) {
                for word in plain.split(' ') {
                    prop_assert!(!could_act(word), "{markdown:?}");
                }
            }
        }
    }
}
