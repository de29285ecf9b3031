//! Text without its white space, so that a message matches wherever a viewer broke it.
//!
//! Terminals, chat boxes and Rich wrap anywhere, even inside a word or a number ("Memory Mana" / "gement"), and JSON or
//! a Rust panic turns the line breaks into `\n`. Formats therefore match on a copy with all of that taken out, and a map
//! leads back to the lines.

use std::ops::Range;
use std::sync::LazyLock;

use super::Line;

/// The squeezed copy of some lines, with the way back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Squeezed {
    /// The copy: no white space, no box characters, no control characters, escapes of JSON and HTML undone.
    pub text: String,
    /// The same in lower case, as far as ASCII goes: each byte stands where it stands in `text`.
    pub folded: String,
    /// Where each line begins in `text`: (offset, index of the line).
    starts: Vec<(usize, usize)>,
    /// Of long lines where their parts begin: (offset, offset in the line).
    parts: Vec<(usize, usize)>,
}

/// A longer line is not looked at as a whole for each message that stands on it: it can have as many as fit.
const LONG: usize = 16 << 10;
/// So much of it is, on either side.
const NEAR: usize = 8 << 10;
/// A part of a long line has at least so many bytes.
const PART: usize = 1 << 10;

impl Squeezed {
    /// Squeezes lines.
    pub(crate) fn of(lines: &[Line]) -> Self {
        let most = lines.iter().map(|line| line.text.len()).sum();
        let mut squeezed = Self {
            text: String::with_capacity(most),
            ..Self::default()
        };
        for (index, line) in lines.iter().enumerate() {
            squeezed.starts.push((squeezed.text.len(), index));
            let text = line.text.trim_start_matches(['>', ' ', '\t']);
            if line.text.len() > LONG {
                squeezed.push_long(text, line.text.len() - text.len());
            } else {
                push_part(&mut squeezed.text, text);
            }
        }
        squeezed.folded = squeezed.text.to_ascii_lowercase();
        squeezed
    }

    /// Appends a long line from this index on, part by part.
    fn push_long(&mut self, text: &str, from: usize) {
        let mut rest = text;
        while !rest.is_empty() {
            // None of these stands within an escape.
            let near = rest.as_bytes().get(PART..).unwrap_or_default();
            let end = memchr::memchr2(b' ', b',', near).map_or(rest.len(), |at| PART + at);
            let (part, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
            let at = from + text.len() - rest.len();
            self.parts.push((self.text.len(), at));
            push_part(&mut self.text, part);
            rest = behind;
        }
    }

    /// The line that the byte at `offset` of the copy came from; of a long one what stands around that.
    pub(crate) fn near<'a>(&self, offset: usize, lines: &'a [Line]) -> &'a str {
        let line = lines.get(self.line_at(offset));
        let text = line.map_or("", |line| line.text.as_str());
        if text.len() <= LONG {
            return text;
        }
        let after = self.parts.partition_point(|(start, _)| *start <= offset);
        let part = after.checked_sub(1).and_then(|at| self.parts.get(at));
        let at = part.map_or(0, |(_, at)| *at);
        let end = self.parts.get(after).map_or(text.len(), |(_, end)| *end);
        let end = if end < at { text.len() } else { end };
        let start = floor(text, at.saturating_sub(NEAR));
        let end = floor(text, end.min(at + NEAR) + NEAR);
        text.get(start..end).unwrap_or(text)
    }

    /// The index of the line that the byte at `offset` of the copy came from.
    pub(crate) fn line_at(&self, offset: usize) -> usize {
        let after = self.starts.partition_point(|(start, _)| *start <= offset);
        self.starts
            .get(after.saturating_sub(1))
            .map_or(0, |(_, index)| *index)
    }

    /// Where in the copy the line begins and ends that the byte at `offset` came from.
    pub(crate) fn line_span(&self, offset: usize) -> Range<usize> {
        let after = self.starts.partition_point(|(start, _)| *start <= offset);
        let at = |index: usize| self.starts.get(index).map(|(start, _)| *start);
        at(after.saturating_sub(1)).unwrap_or(0)..at(after).unwrap_or(self.text.len())
    }
}

/// The nearest character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    let before = (0..=at.min(text.len())).rev();
    let mut boundaries = before.filter(|at| text.is_char_boundary(*at));
    boundaries.next().unwrap_or(0)
}

/// For each byte whether it is special. A search asks here for one byte after the other.
static SPECIAL: LazyLock<[bool; 256]> =
    LazyLock::new(|| std::array::from_fn(|byte| u8::try_from(byte).is_ok_and(is_special)));

/// Appends a line, or a part of one, without what formats must not see.
fn push_part(out: &mut String, text: &str) {
    let table = &*SPECIAL;
    let special = |byte: u8| table.get(usize::from(byte)).is_some_and(|special| *special);
    let mut rest = text;
    // Most lines are words and the spaces between them. No early exit: this way the compiler checks many bytes at a time.
    let plain = |byte| matches!(byte, b' '..=b'%' | b'\''..=b'[' | b']'..=b'~');
    if rest.bytes().fold(true, |all, byte| all & plain(byte)) {
        return push_words(out, rest.as_bytes());
    }
    while !rest.is_empty() {
        let plain = rest.bytes().position(special).unwrap_or(rest.len());
        let (kept, special) = rest.split_at_checked(plain).unwrap_or((rest, ""));
        out.push_str(kept);
        // Most of what is special is the space between two words.
        rest = match special.strip_prefix(' ') {
            Some(behind) => behind,
            None => push_special(out, special),
        };
    }
}

/// Appends ASCII without its spaces, a part at a time: to look for each space takes longer.
fn push_words(out: &mut String, text: &[u8]) {
    const ROW: usize = 64;
    let mut kept = [0; ROW];
    for part in text.chunks(ROW) {
        let mut length = 0;
        for byte in part {
            // It is never more; this way nobody asks for each byte.
            if let Some(place) = kept.get_mut(length % ROW) {
                *place = *byte;
            }
            length += usize::from(*byte != b' ');
        }
        let words = kept
            .get(..length)
            .and_then(|kept| str::from_utf8(kept).ok());
        out.push_str(words.unwrap_or_default());
    }
}

/// True for bytes that need a closer look: white space, control characters, the starts of escapes, all beyond ASCII.
fn is_special(byte: u8) -> bool {
    !byte.is_ascii_graphic() || byte == b'\\' || byte == b'&'
}

/// Takes one escape or character that needs a closer look off the text; returns the rest.
fn push_special<'a>(out: &mut String, text: &'a str) -> &'a str {
    let mut chars = text.chars();
    let Some(c) = chars.next() else {
        return text;
    };
    if let Some((kept, length)) = escape(text) {
        out.push_str(kept);
        return text.get(length..).unwrap_or("");
    }
    if !dropped(c) {
        out.push(c);
    }
    chars.as_str()
}

/// White space, control characters and the sides of boxes.
fn dropped(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '│' | '┃' | '║' | '\u{fffd}' | '\u{feff}' | '\u{200b}')
}

/// An escape at the start of the text: what it stands for here, and its length.
fn escape(text: &str) -> Option<(&'static str, usize)> {
    const ESCAPES: [(&str, &str); 14] = [
        ("\\\\n", ""),
        ("\\n", ""),
        ("\\r", ""),
        ("\\t", ""),
        ("\\\"", "\""),
        ("\\u003e", ">"),
        ("\\u003c", "<"),
        ("\\u0026", "&"),
        ("&nbsp;", ""),
        ("&gt;", ">"),
        ("&lt;", "<"),
        ("&amp;", "&"),
        ("&quot;", "\""),
        ("&#39;", "'"),
    ];
    if !text.starts_with(['\\', '&']) {
        return None;
    }
    ESCAPES
        .iter()
        .find(|(from, _)| text.starts_with(from))
        .map(|(from, to)| (*to, from.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squeeze(text: &str) -> Squeezed {
        Squeezed::of(&crate::text::clean(text.as_bytes(), 1))
    }

    #[test]
    fn a_break_inside_a_word_leaves_no_trace() {
        assert_eq!(squeeze("Memory Mana\n  gement").text, "MemoryManagement");
    }

    #[test]
    fn escapes_of_json_and_html_are_undone() {
        assert_eq!(
            squeeze(r#"a\nb \u003e\u003e &gt; \"x\""#).text,
            "ab>>>\"x\""
        );
    }

    #[test]
    fn a_long_line_is_squeezed_as_a_short_one_and_looked_at_in_part() {
        let words = "a &gt; b\\n\u{e4}, \"x\" ";
        let line = |text: String| Line {
            text,
            ..Line::default()
        };
        let lines = [
            line("first".to_owned()),
            line(format!(
                "> {}here{}",
                words.repeat(5000),
                words.repeat(5000)
            )),
        ];
        let long = Squeezed::of(&lines);
        let of_words = Squeezed::of(&[line(words.to_owned())]).text;
        let whole = of_words.repeat(5000);
        assert_eq!(long.text, format!("first{whole}here{whole}"));
        let at = long.text.find("here").unwrap();
        let near = long.near(at, &lines);
        assert!(near.contains("here") && near.len() < 4 * NEAR);
        assert_eq!(long.near(1, &lines), "first");
        assert!(long.near(long.text.len() - 1, &lines).ends_with(words));
    }

    #[test]
    fn an_offset_leads_to_the_whole_of_its_line() {
        let squeezed = squeeze("ab\n\ncd\nef");
        assert_eq!(squeezed.line_span(1), 0..2);
        assert_eq!(squeezed.line_span(2), 2..4);
        assert_eq!(squeezed.line_span(9), 4..6);
        assert_eq!(Squeezed::default().line_span(3), 0..0);
    }

    #[test]
    fn an_offset_leads_back_to_its_line() {
        let squeezed = squeeze("ab\n\ncd\nef");
        assert_eq!(squeezed.text, "abcdef");
        assert_eq!(
            (
                squeezed.line_at(0),
                squeezed.line_at(2),
                squeezed.line_at(5),
                squeezed.line_at(99)
            ),
            (0, 2, 3, 3)
        );
    }
}
