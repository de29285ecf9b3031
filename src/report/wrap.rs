//! Lines that fit: styled text, broken between words, measured in columns of the terminal.

use owo_colors::Style;
use unicode_width::UnicodeWidthChar;

use super::Look;
use super::sanitize::{opens_command, visible};

/// Text of one meaning. Whatever it was made from, it is safe to print.
#[derive(Clone, Debug)]
pub(super) struct Span {
    text: String,
    style: Style,
}

/// Columns that a text takes, character by character as terminals count: most draw no joined signs.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// A span in a style.
pub(super) fn styled(text: impl AsRef<str>, style: Style) -> Span {
    // Line breaks are spaces to words that flow; everything else that acts is shown.
    let spaced = text.as_ref().replace(['\n', '\r', '\t'], " ");
    Span {
        text: visible(&spaced).into_owned(),
        style,
    }
}

/// A span in no style.
pub(super) fn plain(text: impl AsRef<str>) -> Span {
    styled(text, Style::new())
}

/// What must stay together on a line: pieces without a space between them.
#[derive(Clone, Debug, Default)]
struct Word {
    pieces: Vec<(String, Style)>,
    width: usize,
}

impl Word {
    fn push(&mut self, text: &str, style: Style) {
        self.width += columns(text);
        match self.pieces.last_mut() {
            Some((last, same)) if *same == style => last.push_str(text),
            _ => self.pieces.push((text.to_owned(), style)),
        }
    }

    /// Keeps what would open a command of a CI runner at the start of a line from doing so.
    fn guard(&mut self, next: &str) {
        let blank = self.pieces.iter().all(|(text, _)| text.trim().is_empty());
        if blank && opens_command(next) {
            self.push("\\", Style::new());
        }
    }

    /// "61.5" before "GiB,": a number is not torn from its unit.
    fn is_number(&self) -> bool {
        let first = self
            .pieces
            .first()
            .map(|(text, _)| text.trim_start_matches('('));
        first.is_some_and(|t| t.starts_with(|c: char| c.is_ascii_digit()))
    }

    fn is_unit(&self) -> bool {
        const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
        self.pieces
            .first()
            .is_some_and(|(text, _)| UNITS.iter().any(|unit| text.starts_with(unit)))
    }
}

/// Output under construction; no line of it is wider than the look allows.
pub(super) struct Sheet<'a> {
    look: &'a Look,
    text: String,
    /// True once some of it was taken.
    begun: bool,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(look: &'a Look) -> Self {
        Self {
            look,
            text: String::new(),
            begun: false,
        }
    }

    /// One that goes on behind what stands already.
    pub(super) fn continued(look: &'a Look) -> Self {
        Self {
            begun: true,
            ..Self::new(look)
        }
    }

    /// How many lines are written since it was last taken.
    pub(super) fn lines(&self) -> usize {
        self.text.matches('\n').count()
    }

    /// Adds what was written on another sheet of the same look.
    pub(super) fn paste(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// What is written since it was last taken.
    pub(super) fn take(&mut self) -> String {
        self.begun |= !self.text.is_empty();
        std::mem::take(&mut self.text)
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    /// An empty line, except at the very start.
    pub(super) fn blank(&mut self) {
        if self.begun || !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    /// Words, broken where the line ends. The first line begins behind `indent` columns, the others behind `hang`.
    pub(super) fn flow(&mut self, indent: usize, hang: usize, spans: &[Span]) {
        let mut line = Word::default();
        let mut room = self.look.width.saturating_sub(indent).max(1);
        let mut margin = indent;
        let later = self.look.width.saturating_sub(hang).max(1);
        for word in words(spans) {
            if line.width > 0 && line.width + 1 + word.width > room {
                self.line(margin, &std::mem::take(&mut line));
                (room, margin) = (later, hang);
            }
            let mut parts = fit(word, room, later);
            let last = parts.pop().unwrap_or_default();
            for part in parts {
                self.line(margin, &part);
                (room, margin) = (later, hang);
            }
            join(&mut line, last);
        }
        if line.width > 0 {
            self.line(margin, &line);
        }
    }

    /// One line with its spaces kept; cut into several where it is too wide.
    pub(super) fn fixed(&mut self, indent: usize, spans: &[Span]) {
        let mut line = Word::default();
        for span in spans {
            line.guard(&span.text);
            line.push(&span.text, span.style);
        }
        let room = self.look.width.saturating_sub(indent).max(1);
        for part in fit(line, room, room) {
            self.line(indent, &part);
        }
    }

    /// Words at the left and a place at the right end of the first line; on a line of its own where it does not fit.
    pub(super) fn ends(&mut self, left: &[Span], right: &str, style: Style) {
        let right = shorten(&visible(right), self.look.width - 2, self.look.unicode);
        let used: usize = left.iter().map(|span| columns(&span.text)).sum();
        let gap = self.look.width.saturating_sub(used + columns(&right));
        if gap < 2 {
            self.flow(0, 2, left);
            self.fixed(2, &[styled(right, style)]);
            return;
        }
        let mut spans = left.to_vec();
        spans.push(plain(" ".repeat(gap)));
        spans.push(styled(right, style));
        self.fixed(0, &spans);
    }

    fn line(&mut self, margin: usize, line: &Word) {
        self.text.push_str(&" ".repeat(margin));
        for (text, style) in &line.pieces {
            self.text.push_str(&style.style(text).to_string());
        }
        self.text.push('\n');
    }
}

/// Splits at spaces; a number keeps its unit.
fn words(spans: &[Span]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut open = false;
    for span in spans {
        for (index, text) in span.text.split(' ').enumerate() {
            open &= index == 0;
            if text.is_empty() {
                continue;
            }
            if !open {
                words.push(Word::default());
                open = true;
            }
            if let Some(word) = words.last_mut() {
                word.guard(text);
                word.push(text, span.style);
            }
        }
    }
    let mut bound: Vec<Word> = Vec::with_capacity(words.len());
    for word in words {
        match bound.last_mut() {
            Some(last) if last.is_number() && word.is_unit() => join(last, word),
            _ => bound.push(word),
        }
    }
    bound
}

/// Appends a word behind a space.
fn join(line: &mut Word, word: Word) {
    for (index, (text, style)) in word.pieces.into_iter().enumerate() {
        if index == 0 && line.width > 0 {
            let same = line.pieces.last().is_some_and(|(_, last)| *last == style);
            line.push(" ", if same { style } else { Style::new() });
        }
        line.push(&text, style);
    }
}

/// The word itself, or its parts where it is wider than a line: the first has this room, the others that.
fn fit(word: Word, mut room: usize, later: usize) -> Vec<Word> {
    if word.width <= room {
        return vec![word];
    }
    let mut parts = vec![Word::default()];
    for (text, style) in &word.pieces {
        for c in text.chars() {
            let width = c.width().unwrap_or(0);
            let full = parts
                .last()
                .is_some_and(|p| p.width > 0 && p.width + width > room);
            if full {
                parts.push(Word::default());
                room = later;
            }
            let cut = parts.len() > 1;
            if let Some(part) = parts.last_mut() {
                if cut && part.width == 0 && c.is_whitespace() {
                    continue;
                }
                if cut && part.width == 0 && c == ':' {
                    // A runner must not take what is cut here for its command.
                    part.push("\\", Style::new());
                }
                part.push(c.encode_utf8(&mut [0; 4]), *style);
            }
        }
    }
    parts
}

/// The beginning of a text, with a sign for what is left out behind it.
pub(super) fn cut(text: &str, room: usize, unicode: bool) -> String {
    if columns(text) <= room {
        return text.to_owned();
    }
    let sign = if unicode { "…" } else { "..." };
    let mut used = columns(sign);
    let kept = text.chars().take_while(|c| {
        used += c.width().unwrap_or(0);
        used <= room
    });
    kept.chain(sign.chars()).collect()
}

/// The end of a path or place, with a sign for what is left out before it.
pub(super) fn shorten(text: &str, room: usize, unicode: bool) -> String {
    if columns(text) <= room {
        return text.to_owned();
    }
    let sign = if unicode { "…" } else { "..." };
    let mut kept = Vec::new();
    let mut used = columns(sign);
    for c in text.chars().rev() {
        used += c.width().unwrap_or(0);
        if used > room {
            break;
        }
        kept.push(c);
    }
    sign.chars().chain(kept.into_iter().rev()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn flow(width: usize, text: &str) -> String {
        let look = Look {
            width,
            ..Look::default()
        };
        let mut sheet = Sheet::new(&look);
        sheet.flow(2, 4, &[plain(text)]);
        sheet.finish()
    }

    #[test]
    fn words_wrap_and_the_later_lines_hang() {
        assert_eq!(
            flow(14, "one two three four five"),
            "  one two\n    three four\n    five\n"
        );
    }

    #[test]
    fn a_number_is_not_torn_from_its_unit() {
        assert_eq!(
            flow(16, "it lacks 33.6 GiB."),
            "  it lacks\n    33.6 GiB.\n"
        );
    }

    #[test]
    fn a_word_in_two_styles_is_one_word() {
        let look = Look::default();
        let mut sheet = Sheet::new(&look);
        sheet.flow(
            0,
            0,
            &[
                plain("see `"),
                styled("x", Style::new().bold()),
                plain("`, then"),
            ],
        );
        assert_eq!(sheet.finish(), "see `\u{1b}[1mx\u{1b}[0m`, then\n");
    }

    #[test]
    fn a_long_place_keeps_its_end() {
        assert_eq!(
            shorten("/very/long/train.log:412", 14, true),
            "…train.log:412"
        );
        assert_eq!(shorten("train.log:412", 14, true), "train.log:412");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_width(text in "(?s).{0,200}", width in 8usize..100) {
            let look = Look { width, ..Look::default() };
            let mut sheet = Sheet::new(&look);
            sheet.flow(2, 4, &[plain(&text), plain(&text)]);
            sheet.fixed(4, &[plain(&text)]);
            sheet.ends(&[plain(&text)], &text, Style::new());
            for line in sheet.finish().lines() {
                prop_assert!(columns(line) <= width, "{line:?}");
            }
        }

        #[test]
        fn no_word_is_lost(words in prop::collection::vec("[a-z]{1,6}", 0..40)) {
            let text = words.join(" ");
            let flowed = flow(20, &text);
            let read: Vec<&str> = flowed.split_whitespace().collect();
            prop_assert_eq!(read, words);
        }
    }
}
