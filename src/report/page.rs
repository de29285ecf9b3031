//! A page of `explain`, from its Markdown to a terminal.

use owo_colors::Style;

use super::Look;
use super::wrap::{Sheet, Span, plain, styled};

/// Lays a page out. Only what our pages use is known: headings, paragraphs, lists, code.
pub fn page(markdown: &str, look: &Look) -> String {
    let mut sheet = Sheet::new(look);
    let mut block = Block::default();
    let mut fenced = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            block.flush(&mut sheet, look);
            if !fenced {
                sheet.blank();
            }
            fenced = !fenced;
        } else if fenced {
            sheet.fixed(4, &[styled(line, look.styles.command)]);
        } else {
            block.take(line, &mut sheet, look);
        }
    }
    block.flush(&mut sheet, look);
    sheet.finish()
}

/// A paragraph or an item of a list, gathered from its lines.
#[derive(Default)]
struct Block {
    text: String,
    indent: usize,
    hang: usize,
    /// Items stand right below one another.
    close: bool,
    /// Lines of indented code, too.
    code: bool,
}

impl Block {
    fn take(&mut self, line: &str, sheet: &mut Sheet<'_>, look: &Look) {
        let text = line.trim();
        if text.is_empty() {
            self.flush(sheet, look);
            self.close = false;
        } else if let (Some(code), true) = (line.strip_prefix("    "), self.text.is_empty()) {
            if !self.code {
                sheet.blank();
            }
            self.code = true;
            sheet.fixed(4, &[styled(code, look.styles.command)]);
            return;
        } else if let Some(heading) = text.strip_prefix('#') {
            self.flush(sheet, look);
            self.close = false;
            sheet.blank();
            let words = heading.trim_start_matches('#').trim();
            sheet.flow(0, 0, &inline(words, look, look.styles.heading));
        } else if let Some(marker) = marker(text) {
            self.flush(sheet, look);
            self.indent = 2;
            self.hang = 2 + marker;
            text.clone_into(&mut self.text);
        } else {
            if !self.text.is_empty() {
                self.text.push(' ');
            }
            self.text.push_str(text);
        }
        self.code &= text.is_empty();
    }

    fn flush(&mut self, sheet: &mut Sheet<'_>, look: &Look) {
        if self.text.is_empty() {
            return;
        }
        let item = self.hang > 0;
        if !(item && self.close) {
            sheet.blank();
        }
        let text = std::mem::take(&mut self.text);
        sheet.flow(self.indent, self.hang, &inline(&text, look, Style::new()));
        *self = Self {
            close: item,
            ..Self::default()
        };
    }
}

/// The columns of "- " or "1. " at the start of an item.
fn marker(text: &str) -> Option<usize> {
    if text.starts_with("- ") || text.starts_with("* ") {
        return Some(2);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0
        && text
            .get(digits..)
            .is_some_and(|rest| rest.starts_with(". ")))
    .then_some(digits + 2)
}

/// Code in backticks stands out and keeps them: without colour they are what tells it from words.
fn inline(text: &str, look: &Look, style: Style) -> Vec<Span> {
    let mut spans = Vec::new();
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            spans.push(styled(format!("`{part}`"), look.styles.command));
        } else if style == Style::new() {
            spans.push(plain(unmarked(part)));
        } else {
            spans.push(styled(unmarked(part), style));
        }
    }
    spans
}

/// Words without the marks of `**strong**` and `*slanted*` ones; a single star stays one.
fn unmarked(words: &str) -> String {
    let words = words.replace("**", "");
    let parts: Vec<&str> = words.split('*').collect();
    let mut within = parts.iter().skip(1).step_by(2);
    if parts.len().is_multiple_of(2) || within.any(|p| p.is_empty() || p.trim() != *p) {
        return words;
    }
    parts.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
# Idle memory in pieces

The allocator takes **segments** from the driver and cuts
them into blocks.

- `idle` memory stays with the process, and so it goes on for longer than a line has room
- a second item
1. first

```python
x = 1
    y = 2
```
The end.

    free < tried
      <= all

After it.
";

    #[test]
    fn headings_paragraphs_lists_and_code_are_laid_out() {
        let look = Look {
            width: 60,
            ..Look::default()
        };
        insta::assert_snapshot!(page(PAGE, &look), @r"
        Idle memory in pieces

        The allocator takes segments from the driver and cuts them
        into blocks.

          - `idle` memory stays with the process, and so it goes on
            for longer than a line has room
          - a second item
          1. first

            x = 1
                y = 2

        The end.

            free < tried
              <= all

        After it.
        ");
    }

    #[test]
    fn marks_of_emphasis_are_no_text_and_other_stars_are() {
        assert_eq!(unmarked("*free*: what *is* **not**"), "free: what is not");
        for stays in ["2 * 3 * 4", "a*b", "*"] {
            assert_eq!(unmarked(stays), stays);
        }
    }

    #[test]
    fn an_open_fence_or_backtick_loses_no_text() {
        let look = Look::default();
        assert_eq!(page("a `b\n\n```\ncode", &look), "a `b`\n\n    code\n");
    }
}
