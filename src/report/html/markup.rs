//! Text as HTML: nothing of a log comes out as markup.

use super::super::sanitize::visible;
use super::super::view;

/// The text with all that HTML reads as markup, in elements and in quoted attributes (WHATWG HTML, 13.3 "Escapes").
pub(in crate::report) fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Words of our own with code in backticks. An odd backtick is only a backtick.
pub(in crate::report) fn inline(words: &str) -> String {
    let parts: Vec<&str> = words.split('`').collect();
    let last = parts.len().saturating_sub(1);
    let mut out = String::new();
    for (index, part) in parts.iter().enumerate() {
        match (index % 2 == 1, index < last) {
            (true, true) => {
                out += "<code>";
                out += &text(part);
                out += "</code>";
            }
            (true, false) => {
                out.push('`');
                out += &text(part);
            }
            (false, _) => out += &text(part),
        }
    }
    out
}

/// Lines to type or to read as they are; a remark among them stands back.
pub(in crate::report) fn block(lines: &str) -> String {
    let shown = lines.lines().map(|line| {
        let shown = text(line);
        if view::is_remark(line) {
            format!("<span class=\"aside\">{shown}</span>")
        } else {
            shown
        }
    });
    let shown: Vec<String> = shown.collect();
    format!("<pre><code>{}</code></pre>\n", shown.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markup_is_shown_and_not_read() {
        assert_eq!(
            text("<b>\"a\" & 'b'\u{1b}[0m"),
            "&lt;b&gt;&quot;a&quot; &amp; &#39;b&#39;\\u{1b}[0m"
        );
        assert_eq!(inline("set `a<b` and `c"), "set <code>a&lt;b</code> and `c");
        assert_eq!(
            block("# why\nx < y"),
            "<pre><code><span class=\"aside\"># why</span>\nx &lt; y</code></pre>\n"
        );
    }

    proptest! {
        #[test]
        fn no_text_holds_markup(words in "(?s).{0,60}") {
            prop_assert!(!text(&words).contains(['<', '>', '"', '\'']));
            let tags = inline(&words).replace("<code>", "").replace("</code>", "");
            prop_assert!(!tags.contains(['<', '>', '"', '\'']));
        }
    }
}
