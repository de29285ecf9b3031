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

/// True where the text may hold a command that a CI runner takes anywhere in a line: `##[add-mask]` of GitHub
/// (actions/runner, `ActionCommand.cs`, version 1), `##vso[` of Azure (`Command.cs`), `##teamcity[`.
pub fn commands(text: &str) -> bool {
    let opens =
        |bytes: &[u8]| matches!(bytes, [b'#', b'#', name] if opens_name(Some(char::from(*name))));
    text.as_bytes().windows(3).any(opens)
}

/// What stands behind the number signs of a command.
pub(super) fn opens_name(c: Option<char>) -> bool {
    c.is_some_and(|c| c == '[' || c.is_ascii_alphabetic())
}

/// True where a runner of GitHub takes the line for a command: `::error::` behind nothing but spaces
/// (actions/runner, `ActionCommand.cs`, version 2).
pub fn opens_command(line: &str) -> bool {
    line.trim_start().starts_with("::")
}

/// The text with everything that [`acts`], and the number sign before a command's name, made visible, as `\u{1b}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) && !commands(text) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '#' if before == '#' && opens_name(rest.peek().copied()) => safe.push_str("\\u{23}"),
            '\t' => safe.push(' '),
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            c if acts(c) => {
                let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
            }
            c => safe.push(c),
        }
        before = c;
    }
    Cow::Owned(safe)
}

/// One line of several that a runner may read: [`visible`], and with a backslash before what would open a command.
pub fn line(text: &str) -> String {
    let shown = visible(text);
    if opens_command(&shown) {
        format!("\\{}", shown.trim_start())
    } else {
        shown.into_owned()
    }
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
    fn commands_of_ci_runners_are_shown_and_not_done() {
        assert_eq!(visible("a ##[error]b"), "a #\\u{23}[error]b");
        assert_eq!(
            visible("##vso[task.complete]"),
            "#\\u{23}vso[task.complete]"
        );
        assert_eq!(line("  ::add-mask::a"), "\\::add-mask::a");
        assert_eq!(line("c10::Error"), "c10::Error");
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
            prop_assert!(!commands(&visible(&text)));
            prop_assert!(!opens_command(&line(&text)));
        }
    }
}
