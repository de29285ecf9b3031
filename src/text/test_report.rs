//! `JUnit`'s reports in XML: a test's name, its failure and its output get a line each, as a log has them (llg.cubic.org, "`JUnit` XML
//! reporting file format"; pytest writes whole reports on one line, `src/_pytest/junitxml.py`).

use super::Line;
use super::shapes::Shape;

/// What begins a line of its own.
const TAGS: [&str; 7] = [
    "<testcase ",
    "</testcase>",
    "<failure",
    "</failure>",
    "<error ",
    "</error>",
    "<system-",
];

/// Tags behind which the text of a failure or of a test begins.
const OPEN: [&str; 3] = ["<failure", "<error ", "<system-"];

/// Gives each part of such a report a line, with the number and the writer of the whole.
pub(super) fn lay_out(lines: &mut Vec<Line>) {
    if !lines.iter().any(|line| holds_tag(&line.text)) {
        return;
    }
    let mut out = Vec::with_capacity(lines.len());
    for line in lines.drain(..) {
        match parts(&line.text) {
            Some(texts) => out.extend(texts.into_iter().map(|text| Line {
                text,
                lane: line.lane.clone(),
                shape: Shape::default(),
                ..line
            })),
            None => out.push(line),
        }
    }
    *lines = out;
}

/// True where a tag of a test stands in the text. All lines are asked.
fn holds_tag(text: &str) -> bool {
    let mut opened = memchr::memchr_iter(b'<', text.as_bytes());
    opened.any(|at| {
        let tag = text.get(at..).unwrap_or_default();
        TAGS.iter().any(|begins| tag.starts_with(begins))
    })
}

/// The lines that a line of such a report holds; `None` for any other line, and for one that holds no more than one.
fn parts(text: &str) -> Option<Vec<String>> {
    if !holds_tag(text) {
        return None;
    }
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let next = TAGS
            .iter()
            .filter_map(|tag| at_behind_first(rest, tag))
            .min();
        let (piece, behind) = rest.split_at_checked(next.unwrap_or(rest.len()))?;
        let (tag, body) = opened(piece);
        // A message of several lines stays one attribute.
        let tag = decoded(tag).replace('\n', " ");
        let body = decoded(body);
        let parts = std::iter::once(tag.as_str()).chain(body.lines());
        let parts = parts.map(|part| part.trim_end_matches('\r'));
        lines.extend(
            parts
                .filter(|part| !part.trim().is_empty())
                .map(str::to_owned),
        );
        rest = behind;
    }
    (lines.len() != 1 || lines.first().is_some_and(|line| line != text)).then_some(lines)
}

/// Where the tag stands, other than at the very start.
fn at_behind_first(text: &str, tag: &str) -> Option<usize> {
    text.match_indices(tag).map(|(at, _)| at).find(|at| *at > 0)
}

/// The tag, and the text that it opens.
fn opened(piece: &str) -> (&str, &str) {
    if !OPEN.iter().any(|tag| piece.starts_with(tag)) {
        return (piece, "");
    }
    // A quote within a value is written as an entity.
    let end = piece.find("\">").map(|at| at + 2);
    let end = end.or_else(|| piece.find('>').map(|at| at + 1));
    let (tag, body) = piece.split_at(end.unwrap_or(piece.len()));
    (tag, body.trim_start_matches("<![CDATA["))
}

/// Entities, but for those that would make new ones or new tags.
fn decoded(text: &str) -> String {
    const ENTITIES: [(&str, &str); 9] = [
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#10;", "\n"),
        ("&#xA;", "\n"),
        ("&#x0A;", "\n"),
        ("&#13;", ""),
    ];
    if !text.contains('&') {
        return text.to_owned();
    }
    let decode = |text: String, (entity, sign): &(&str, &str)| text.replace(entity, sign);
    ENTITIES.iter().fold(text.to_owned(), decode)
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn a_report_on_one_line_is_read_as_the_lines_of_a_log() {
        let report = "<testsuite name=\"pytest\"><testcase classname=\"tests.test_a\" name=\"test_x\" time=\"0.0\"><failure message=\"E: a &quot;b&quot;&#10;c\">def test_x():</failure></testcase>";
        assert_eq!(
            parts(report).unwrap(),
            [
                "<testsuite name=\"pytest\">",
                "<testcase classname=\"tests.test_a\" name=\"test_x\" time=\"0.0\">",
                "<failure message=\"E: a \"b\" c\">",
                "def test_x():",
                "</failure>",
                "</testcase>",
            ]
        );
    }

    #[test]
    fn what_was_read_and_other_texts_stay_as_they_are() {
        for text in [
            "a <b> c",
            "<testcase name=\"a\">",
            "lib/ops.py:7: OutOfMemoryError",
            "<p>x</p>",
        ] {
            assert_eq!(parts(text), None, "{text}");
        }
    }
}
