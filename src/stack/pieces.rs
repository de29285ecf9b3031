//! Lines as a stack reader wants them: quotes and boxes off, one-line tracebacks in JSON apart, HTML undone.

use std::borrow::Cow;
use std::cell::RefCell;

use super::frame;
use crate::text::{ByShape, Line};

thread_local! {
    /// Which lines a stack may be read from, by their shape: all lines around a failure are asked.
    static TELLS: RefCell<ByShape<bool>> = RefCell::default();
}

/// One line of a stack. Several can come from one line of the log.
#[derive(Clone, Debug)]
pub(super) struct Piece<'a> {
    /// The index of its line.
    pub(super) index: usize,
    /// The number of its line in the raw log.
    pub(super) number: u64,
    /// Its text with its indentation.
    pub(super) text: Cow<'a, str>,
    /// True where it stood between the sides of a box, as Rich draws one.
    pub(super) boxed: bool,
    /// False where it neither begins nor chains a stack, and is no line of a frame.
    pub(super) tells: bool,
}

impl Piece<'_> {
    /// How far its text is indented.
    pub(super) fn indent(&self) -> usize {
        self.text.len() - self.text.trim_start().len()
    }
}

/// The pieces of all lines.
pub(super) fn of(lines: &[Line]) -> Vec<Piece<'_>> {
    TELLS.with_borrow_mut(|known| {
        let mut pieces = Vec::with_capacity(lines.len());
        for (index, line) in lines.iter().enumerate() {
            if known.of(line, may_tell) {
                push((index, line), &mut pieces);
            } else {
                pieces.push(Piece {
                    index,
                    number: line.number,
                    text: Cow::Borrowed(&line.text),
                    boxed: false,
                    tells: false,
                });
            }
        }
        pieces
    })
}

/// False for a line that is one piece as it stands, and no line of a frame.
fn may_tell(text: &str) -> bool {
    let (inner, boxed) = unboxed(text);
    boxed || inner.len() != text.len() || !is_straight(text) || frame::can_tell(text)
}

/// Appends the pieces of a line.
fn push<'a>((index, line): (usize, &'a Line), pieces: &mut Vec<Piece<'a>>) {
    let (text, boxed) = unboxed(&line.text);
    let piece = |text: Cow<'a, str>| Piece {
        index,
        number: line.number,
        tells: boxed || frame::can_tell(&text),
        text,
        boxed,
    };
    if is_straight(text) {
        pieces.push(piece(Cow::Borrowed(text)));
    } else if is_escaped(text) {
        let apart = text.replace("\\\\n", "\\n");
        let apart = in_list(&apart);
        let parts = apart.split("\\n");
        pieces.extend(parts.map(|part| piece(Cow::Owned(plain(part)))));
    } else if text.contains("&quot;") || text.contains(['“', '”', '\\']) {
        pieces.push(piece(Cow::Owned(plain(text))));
    } else {
        pieces.push(piece(Cow::Borrowed(text)));
    }
}

/// True where nothing can be spelled in another way: no escape, and no curly quotation mark (0xE2 begins both).
fn is_straight(text: &str) -> bool {
    memchr::memchr3(b'\\', b'&', 0xE2, text.as_bytes()).is_none()
}

/// True for a whole traceback on one line, with its line breaks spelled out.
fn is_escaped(text: &str) -> bool {
    text.contains("\\n")
        && (text.contains("(most recent call last)")
            || text.contains("\\n  File ")
            || text.contains("\\n    ")
            || text.contains("\\n----> "))
}

/// A stack as a list of strings, as notebooks keep it: a string ends a line, and colours are spelled out.
fn in_list(text: &str) -> Cow<'_, str> {
    const BETWEEN: [&str; 2] = ["\", \"", "\",\""];
    let listed = BETWEEN.iter().any(|between| text.contains(between));
    if !listed && !text.trim_start().starts_with('"') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for (number, part) in text.split("\\u001b[").enumerate() {
        let behind = part.split_once('m').filter(|_| number > 0);
        plain.push_str(behind.map_or(part, |(_, rest)| rest));
    }
    let [wide, close] = BETWEEN;
    let apart = plain.replace(wide, "\\n").replace(close, "\\n");
    let apart = apart.trim_start();
    Cow::Owned(apart.strip_prefix('"').unwrap_or(apart).to_owned())
}

/// The text with escaped and curly quotation marks made straight, and HTML undone.
fn plain(text: &str) -> String {
    text.replace("\\\\\"", "\"")
        .replace("\\\"", "\"")
        .replace(['“', '”'], "\"")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
}

/// Takes a Markdown quote and the sides of a box off.
fn unboxed(text: &str) -> (&str, bool) {
    const SIDES: [char; 3] = ['│', '┃', '║'];
    let mut text = text;
    while let Some(inner) = text.strip_prefix("> ") {
        text = inner;
    }
    match text.trim_start().strip_prefix(SIDES) {
        Some(inner) => (inner.trim_end().trim_end_matches(SIDES), true),
        None => (text, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(raw: &str) -> Vec<String> {
        of(&crate::text::clean(raw.as_bytes(), 1))
            .into_iter()
            .map(|p| p.text.into_owned())
            .collect()
    }

    #[test]
    fn no_digit_decides_what_a_line_may_tell() {
        crate::text::shapes::no_digit_decides(may_tell);
    }

    #[test]
    fn a_traceback_in_json_comes_apart() {
        assert_eq!(
            texts(r#"{"msg": "Traceback (most recent call last):\n  File \"a.py\", line 1"}"#),
            [
                "{\"msg\": \"Traceback (most recent call last):",
                "  File \"a.py\", line 1\"}"
            ]
        );
    }

    #[test]
    fn a_break_in_a_string_of_the_source_does_not() {
        assert_eq!(texts(r#"    print("a\nb")"#), [r#"    print("a\nb")"#]);
    }

    #[test]
    fn quotes_and_boxes_come_off_and_indentation_stays() {
        assert_eq!(texts("> > │   289 │   x = 1   │"), ["   289 │   x = 1   "]);
        assert_eq!(texts(">   File &quot;a&quot;"), ["  File \"a\""]);
    }
}
