//! A page of `explain` as HTML. Only what our pages use is known: headings, paragraphs, lists, code.

use std::fmt::Write as _;

use super::markup::text;

/// The page; `target` tells where a word in backticks leads, if anywhere.
pub(super) fn prose(markdown: &str, target: &dyn Fn(&str) -> Option<String>) -> String {
    let mut writer = Writer {
        out: String::new(),
        block: String::new(),
        kind: Kind::Paragraph,
        list: None,
        target,
    };
    let mut fenced = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            writer.close();
            fenced = !fenced;
            writer.out += if fenced {
                "<pre><code>"
            } else {
                "</code></pre>\n"
            };
        } else if fenced {
            writer.out += &text(line);
            writer.out.push('\n');
        } else {
            writer.line(line);
        }
    }
    writer.close();
    if fenced {
        writer.out += "</code></pre>\n";
    }
    writer.out
}

/// What is being gathered from lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Paragraph,
    Item,
    Code,
}

struct Writer<'a> {
    out: String,
    block: String,
    kind: Kind,
    /// The list that is open: "ul" or "ol".
    list: Option<&'static str>,
    target: &'a dyn Fn(&str) -> Option<String>,
}

impl Writer<'_> {
    fn line(&mut self, line: &str) {
        let words = line.trim();
        if let Some(code) = line.strip_prefix("    ").filter(|_| self.takes_code()) {
            self.kind = Kind::Code;
            self.block += code;
            self.block.push('\n');
        } else if words.is_empty() {
            // Within code an empty line is one more line of it.
            if self.kind == Kind::Code {
                self.block.push('\n');
            } else {
                self.flush();
            }
        } else if words.starts_with('#') {
            self.close();
            let level = words.bytes().take_while(|b| *b == b'#').count().min(3);
            let words = self.inline(words.trim_start_matches('#').trim());
            let _ = writeln!(self.out, "<h{level}>{words}</h{level}>");
        } else if let Some((list, item)) = item(words) {
            self.flush();
            self.open(list);
            self.kind = Kind::Item;
            item.clone_into(&mut self.block);
        } else {
            if self.kind == Kind::Code {
                self.flush();
            }
            if !self.block.is_empty() {
                self.block.push(' ');
            }
            self.block += words;
        }
    }

    /// Lines that are set in are code, unless they go on with what stands before them.
    fn takes_code(&self) -> bool {
        self.kind == Kind::Code || self.block.is_empty()
    }

    fn open(&mut self, list: &'static str) {
        if self.list != Some(list) {
            self.end_list();
            let _ = writeln!(self.out, "<{list}>");
            self.list = Some(list);
        }
    }

    fn end_list(&mut self) {
        if let Some(list) = self.list.take() {
            let _ = writeln!(self.out, "</{list}>");
        }
    }

    /// Writes what was gathered.
    fn flush(&mut self) {
        let block = std::mem::take(&mut self.block);
        let kind = std::mem::replace(&mut self.kind, Kind::Paragraph);
        if block.trim().is_empty() {
            return;
        }
        match kind {
            Kind::Item => {
                let words = self.inline(&block);
                let _ = writeln!(self.out, "<li>{words}</li>");
            }
            Kind::Paragraph => {
                self.end_list();
                let words = self.inline(&block);
                let _ = writeln!(self.out, "<p>{words}</p>");
            }
            Kind::Code => {
                self.end_list();
                let _ = writeln!(
                    self.out,
                    "<pre><code>{}</code></pre>",
                    lines(block.trim_end())
                );
            }
        }
    }

    fn close(&mut self) {
        self.flush();
        self.end_list();
    }

    /// Code in backticks, links to pages, strong and slanted words.
    fn inline(&self, words: &str) -> String {
        let mut out = String::new();
        for (index, part) in words.split('`').enumerate() {
            if index % 2 == 0 {
                out += &emphasis(part);
                continue;
            }
            let code = format!("<code>{}</code>", text(part));
            let shown = match (self.target)(part) {
                Some(target) => format!("<a href=\"{}\">{code}</a>", text(&target)),
                None => code,
            };
            out += &shown;
        }
        out
    }
}

fn lines(block: &str) -> String {
    let lines: Vec<String> = block.lines().map(text).collect();
    lines.join("\n")
}

/// The list that an item belongs to, and its words.
fn item(words: &str) -> Option<(&'static str, &str)> {
    if let Some(item) = words
        .strip_prefix("- ")
        .or_else(|| words.strip_prefix("* "))
    {
        return Some(("ul", item));
    }
    let (number, item) = words.split_once(". ")?;
    let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    digits.then_some(("ol", item))
}

/// `**strong**` and `*slanted*` words; a single star stays one.
fn emphasis(words: &str) -> String {
    let mut out = pairs(&text(words), "**", "strong");
    out = pairs(&out, "*", "em");
    out
}

fn pairs(words: &str, mark: &str, tag: &str) -> String {
    let parts: Vec<&str> = words.split(mark).collect();
    // An odd mark, or one around nothing, is text.
    if parts.len().is_multiple_of(2)
        || parts
            .iter()
            .skip(1)
            .step_by(2)
            .any(|p| p.trim() != *p || p.is_empty())
    {
        return words.to_owned();
    }
    let mut out = String::new();
    for (index, part) in parts.iter().enumerate() {
        if index % 2 == 1 {
            let _ = write!(out, "<{tag}>{part}</{tag}>");
        } else {
            out += part;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_paragraphs_lists_code_and_links_are_written() {
        let page = "# A < B\n\nSee `there` and\n`x<y`, **now** or *soon*.\n\n- one `a`\n  goes on\n- two\n1. first\n\n    \
                    code &\n      more\n\nEnd.\n```\n```\n";
        let target = |word: &str| (word == "there").then(|| "there.html".to_owned());
        insta::assert_snapshot!(prose(page, &target), @r#"
        <h1>A &lt; B</h1>
        <p>See <a href="there.html"><code>there</code></a> and <code>x&lt;y</code>, <strong>now</strong> or <em>soon</em>.</p>
        <ul>
        <li>one <code>a</code> goes on</li>
        <li>two</li>
        </ul>
        <ol>
        <li>first</li>
        </ol>
        <pre><code>code &amp;
          more</code></pre>
        <p>End.</p>
        <pre><code></code></pre>
        "#);
    }
}
