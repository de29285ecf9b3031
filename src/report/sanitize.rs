//! Text from a log made safe to print. A log is written by others: raw, its escapes could move the cursor, retitle the
//! window or hide words, on a terminal or in a CI runner. Every writer goes through here.

use std::borrow::Cow;
use std::fmt::Write;

/// True for characters that act on a terminal, or change the order in which others are read.
///
/// The C0 and C1 controls with DEL; the line separators; the bidirectional controls (Unicode, UAX #9, 2.1 to 2.7, the
/// "Trojan Source" characters); and the tags, which are invisible.
pub fn acts(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The text with everything that [`acts`] made visible, as `\u{1b}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\t' => safe.push(' '),
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            c if acts(c) => {
                let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
            }
            c => safe.push(c),
        }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_are_shown_and_not_done() {
        assert_eq!(visible("a\x1b]0;title\x07b"), "a\\u{1b}]0;title\\u{7}b");
        assert_eq!(
            visible("\u{9b}31m \u{202e}gnp.exe"),
            "\\u{9b}31m \\u{202e}gnp.exe"
        );
    }

    #[test]
    fn plain_text_of_any_language_stays_as_it_is() {
        let text = "/home/jürgen/训练.py – ok";
        assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
    }

    proptest! {
        #[test]
        fn nothing_that_acts_comes_out(text in "(?s).*") {
            prop_assert!(!visible(&text).contains(acts));
        }
    }
}
