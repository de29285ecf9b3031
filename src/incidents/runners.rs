//! Test runners: which test a failure is of, and what only names a test, expects the failure, or repeats it in a summary.

use crate::evidence::{Incident, Part};
use crate::stack::pytest;
use crate::text::Line;

/// So far above a failure its test may be named.
const ABOVE: usize = 400;
/// So far below.
const BELOW: usize = 60;

/// What stands before a line of pytest's short summary, and what a verbose run ends a line with, where nothing failed.
const WELL: [&str; 5] = ["PASSED", "XFAIL", "XPASS", "SKIPPED", "RERUN"];
const BADLY: [&str; 2] = ["FAILED", "ERROR"];

/// True where a line that holds the words of a failure is none: a test that passed, was skipped, expected or run again, an id
/// that holds the words, or a command that looks for them.
pub(crate) fn is_silent(text: &str) -> bool {
    let text = text.trim();
    let text = unpercented(text);
    let first = text.split([' ', '\t', '[']).next().unwrap_or_default();
    WELL.contains(&first) && text.len() > first.len()
        || ended_well(text)
        || only_in_id(text)
        || searches(text)
        || is_code(text)
}

/// `[ 50%] PASSED tests/a.py::t`: pytest-xdist's verbose lines, without the share.
fn unpercented(text: &str) -> &str {
    let inner = text.strip_prefix('[').and_then(|t| t.split_once("%] "));
    let share = inner.filter(|(share, _)| share.trim().bytes().all(|b| b.is_ascii_digit()));
    share.map_or(text, |(_, rest)| rest)
}

/// `tests/a.py::test_p[...] PASSED [ 50%]`, `test_x (tests.T) ... ok`, `test x ... ok`, `ok 3 - x # SKIP`, `[       OK ] A.b`.
fn ended_well(text: &str) -> bool {
    const GTEST: [&str; 3] = ["[       OK ]", "[  SKIPPED ]", "[  PASSED  ]"];
    let ends = text.rsplit_once("] ").map(|(_, end)| end);
    if ends.is_some_and(|end| WELL.contains(&end)) {
        return true;
    }
    let pytest = text.contains(".py::")
        && WELL.iter().any(|word| {
            text.split_once(&format!(" {word}"))
                .is_some_and(|(_, rest)| rest.is_empty() || rest.starts_with([' ', '\t']))
        });
    let dots = text.rsplit_once(" ... ").is_some_and(|(_, end)| {
        end == "ok"
            || end == "ignored"
            || end.starts_with("skipped")
            || end.starts_with("expected failure")
    });
    let go = ["--- PASS: ", "--- SKIP: "]
        .iter()
        .any(|word| text.starts_with(word));
    let tap = text.starts_with("ok ") && text.contains(" - ");
    pytest || dots || go || tap || GTEST.iter().any(|word| text.starts_with(word))
}

/// True where the words stand within the brackets of a pytest id and not behind it.
fn only_in_id(text: &str) -> bool {
    let Some(at) = text.find(".py::") else {
        return false;
    };
    let before = text.get(..at).unwrap_or_default();
    let before = BADLY
        .iter()
        .find_map(|word| before.strip_prefix(word))
        .unwrap_or(before);
    let rest = text.get(at..).unwrap_or_default();
    let Some((name, behind)) = rest.split_once('[') else {
        return false;
    };
    let (parameters, behind) = behind
        .rsplit_once("] - ")
        .or_else(|| behind.rsplit_once(']'))
        .unwrap_or((behind, ""));
    let speaks = |text: &str| text.to_ascii_lowercase().contains("memory") || text.contains("OOM");
    !before.trim().contains(' ') && !name.contains(' ') && speaks(parameters) && !speaks(behind)
}

/// True for a command, traced or typed, that looks for the words in a log.
fn searches(text: &str) -> bool {
    const TOOLS: [&str; 9] = [
        "grep ", "egrep ", "fgrep ", "zgrep ", "rg ", "ag ", "ack ", "awk ", "sed ",
    ];
    let command = text.trim_start_matches(['+', '$', '>', '#', '%', ' ']);
    let command = ["if ", "! ", "sudo ", "while "]
        .iter()
        .fold(command, |c, word| c.strip_prefix(word).unwrap_or(c));
    let quoted = text.contains(['"', '\'']) || text.contains("\\ ");
    let piped = ["| grep ", "| egrep ", "| rg ", "&& grep ", "; grep "]
        .iter()
        .any(|word| text.contains(word));
    quoted && (TOOLS.iter().any(|tool| command.starts_with(tool)) || piped)
}

/// True for source code that holds the words: a literal that is assigned, returned or handed on, and a format string.
fn is_code(text: &str) -> bool {
    const BEGINS: [&str; 17] = [
        "return ",
        "raise ",
        "throw ",
        "yield ",
        "assert ",
        "assert(",
        "case ",
        "if ",
        "elif ",
        "else if ",
        "} else if ",
        "except ",
        "catch ",
        "with pytest.raises",
        "#define ",
        "// ",
        "panic!(",
    ];
    let literal = [
        "(\"", "('", "(f\"", "(f'", " \"", " '", "(r\"", "!(\"", "\"\"\"",
    ]
    .iter()
    .any(|open| text.contains(open));
    let begins = BEGINS.iter().any(|word| text.starts_with(word));
    begins && literal || is_assigned(text) || is_format(text)
}

/// `msg = "…"`, `self.message += f"…"`: a name, a sign of assignment between blanks, and a literal.
fn is_assigned(text: &str) -> bool {
    let name = text.split(' ').next().unwrap_or_default();
    let plain = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_.[]:&*".contains(&b));
    let rest = text.get(name.len()..).unwrap_or_default();
    let value = [" = ", " += ", " := "]
        .iter()
        .find_map(|sign| rest.strip_prefix(sign));
    let value = value.map(|value| value.trim_start_matches(['(', 'f', 'b', 'r', 'u', 'L', '&']));
    plain && value.is_some_and(|value| value.starts_with(['"', '\'']))
}

/// A literal in whose place of figures placeholders stand: `%s`, `%.2f`, `{}`, `{free:.2f}`.
fn is_format(text: &str) -> bool {
    let quoted = text.starts_with(['"', '\''])
        || ["(\"", "('", "f\"", "f'"]
            .iter()
            .any(|open| text.contains(open));
    quoted && (has_percent(text) || has_braces(text))
}

fn has_percent(text: &str) -> bool {
    text.split('%').skip(1).any(|after| {
        let after = after.trim_start_matches(|c: char| c.is_ascii_digit() || "-+.#l".contains(c));
        let directive = after.starts_with(['s', 'd', 'u', 'f', 'v', 'w', 'z', 'x', 'p', 'q']);
        let next = after.chars().nth(1);
        directive && next.is_none_or(|c| !c.is_ascii_alphanumeric() || after.starts_with("zu"))
    })
}

fn has_braces(text: &str) -> bool {
    text.split('{').skip(1).any(|after| {
        let Some((inner, _)) = after.split_once('}') else {
            return false;
        };
        let name = inner.split([':', '!', '=']).next().unwrap_or_default();
        let plain = name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_.()[]".contains(&b));
        inner.len() < 60 && plain && !inner.contains(['"', '\'', ' '])
    })
}

/// The id and the rest of a line of pytest's short summary: `FAILED tests/a.py::test_x - torch.OutOfMemoryError: …`.
fn summary(text: &str) -> Option<&str> {
    let text = unpercented(text.trim());
    let rest = BADLY
        .iter()
        .find_map(|word| text.strip_prefix(word)?.strip_prefix(' '))?;
    let (id, _) = rest.split_once(" - ")?;
    is_id(id).then_some(id)
}

fn is_id(id: &str) -> bool {
    let (file, _) = id.split_once("::").unwrap_or((id, ""));
    [".py", ".pyx", ".txt", ".rst", ".md"]
        .iter()
        .any(|end| file.ends_with(end))
        && !file.contains(' ')
}

/// Names the test of a failure, and says whether its line only repeats it in a summary.
pub(crate) fn name_test(incident: &mut Incident, lines: &[Line], at: usize) {
    let Some(own) = lines.get(at) else { return };
    if let Some(id) = summary(&own.text) {
        incident.who.add(Part::Test, id);
        incident.summary = true;
        return;
    }
    if let Some(id) = started(&own.text) {
        incident.who.add(Part::Test, id);
        return;
    }
    let above = lines.get(at.saturating_sub(ABOVE)..at).unwrap_or_default();
    for (back, line) in above.iter().rev().enumerate() {
        let text = line.text.trim_end();
        if ends_section(text) {
            incident.caught |= expected(text);
            break;
        }
        if let Some(name) = named(text, back) {
            incident.caught |= passes(&name, lines.get(at..).unwrap_or_default());
            let whole = whole_id(&name, lines, incident);
            incident.who.add(Part::Test, whole);
            return;
        }
    }
    let below = lines.get(at + 1..).unwrap_or_default().iter().take(BELOW);
    if let Some(name) = below.map(|line| line.text.as_str()).find_map(failed_below) {
        incident.who.add(Part::Test, name);
    }
}

/// The test that a line begins: the banner of a report, or what a runner prints before it runs it.
fn named(text: &str, back: usize) -> Option<String> {
    if let Some(name) = pytest::banner(text) {
        const PARTS: [&str; 5] = [
            "ERROR at setup of ",
            "ERROR at teardown of ",
            "ERROR at call of ",
            "ERROR collecting ",
            "ERROR ",
        ];
        let name = PARTS
            .iter()
            .find_map(|part| name.strip_prefix(part))
            .unwrap_or(name);
        return Some(name.to_owned());
    }
    let trimmed = text.trim_start();
    if let Some(rest) = ["ERROR: ", "FAIL: "]
        .iter()
        .find_map(|word| text.strip_prefix(word))
    {
        return python_test(rest);
    }
    let run = ["[ RUN      ] ", "=== RUN   ", "=== CONT  "];
    if let Some(name) = run.iter().find_map(|word| text.strip_prefix(word)) {
        return word(name);
    }
    if let Some(name) = text
        .strip_prefix("---- ")
        .and_then(|t| t.strip_suffix(" stdout ----"))
    {
        return word(name);
    }
    if let Some((number, name)) = trimmed
        .strip_prefix("Start ")
        .and_then(|t| t.trim_start().split_once(": "))
    {
        return number
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| word(name))
            .flatten();
    }
    // A verbose run that was ended in the middle of a test.
    (back < 3)
        .then(|| started(text))
        .flatten()
        .map(str::to_owned)
}

/// `test_x (tests.test_a.TestA.test_x)` of unittest, `tests.test_a.test_x` of nose.
fn python_test(text: &str) -> Option<String> {
    let Some((name, class)) = text.split_once(" (") else {
        let only = word(text)?;
        return (only.contains('.') && only.len() == text.trim().len()).then_some(only);
    };
    let class = class.split(')').next()?;
    let plain = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._".contains(&b))
    };
    if !plain(name) || !plain(class) {
        return None;
    }
    let full = class.ends_with(&format!(".{name}"));
    Some(if full {
        class.to_owned()
    } else {
        format!("{class}.{name}")
    })
}

/// `tests/test_a.py::test_x `: printed before the test runs, and finished when it ends.
fn started(text: &str) -> Option<&str> {
    let text = text.trim_end();
    let text = BADLY
        .iter()
        .find_map(|word| text.split_once(&format!(" {word}")).map(|(id, _)| id))
        .unwrap_or(text);
    (text.contains(".py::") && is_id(text)).then_some(text)
}

fn word(text: &str) -> Option<String> {
    let name = text.split_whitespace().next()?;
    Some(name.to_owned())
}

/// `--- FAIL: TestX (0.01s)`, "[  FAILED  ] A.b (3 ms)", "12/40 Test #12: fit ...***Failed": what a runner prints when a test has failed.
fn failed_below(text: &str) -> Option<String> {
    let text = text.trim_start();
    if let Some(name) = ["--- FAIL: ", "[  FAILED  ] "]
        .iter()
        .find_map(|word| text.strip_prefix(word))
    {
        return word(name);
    }
    let (_, after) = text.split_once("Test ").filter(|_| text.contains("***"))?;
    let (number, name) = after.trim_start().strip_prefix('#')?.split_once(": ")?;
    number
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| word(name))
        .flatten()
}

/// "==== FAILURES ====" and its like: what stands above belongs to something else.
fn ends_section(text: &str) -> bool {
    text.starts_with("====") && text.ends_with("====")
}

/// True for the head of the part in which pytest prints failures that were expected.
fn expected(text: &str) -> bool {
    text.trim_matches('=').trim() == "XFAILURES"
}

/// True where the runner says below that this test ended well: it expected the failure.
fn passes(name: &str, below: &[Line]) -> bool {
    let words = [
        format!("[       OK ] {name}"),
        format!("--- PASS: {name}"),
        format!("test {name} ... ok"),
    ];
    below.iter().take(ABOVE).any(|line| {
        words
            .iter()
            .any(|w| line.text.trim_start().starts_with(w.as_str()))
    })
}

/// The name of a report's banner as the id that pytest takes: from the lines around that name it, or with the file of its first
/// frame.
fn whole_id(name: &str, lines: &[Line], incident: &Incident) -> String {
    let end = format!("::{}", name.replace('.', "::"));
    let ids = lines.iter().filter_map(|line| {
        let text = unpercented(line.text.trim());
        let text = BADLY
            .iter()
            .find_map(|word| text.strip_prefix(word))
            .unwrap_or(text)
            .trim_start();
        let at = text.find(&end)? + end.len();
        let id = text.get(..at)?;
        let ends = text.get(at..)?.starts_with([' ', '\t']) || text.len() == at;
        (ends && is_id(id)).then_some(id)
    });
    if let Some(id) = ids.into_iter().next() {
        return id.to_owned();
    }
    let first = incident.traceback.frames.first();
    let file = first.filter(|frame| {
        let file = frame.file.rsplit(['/', '\\']).next().unwrap_or_default();
        file.starts_with("test_") || file.ends_with("_test.py") || file == "conftest.py"
    });
    let banner = lines
        .iter()
        .any(|line| pytest::banner(&line.text).is_some());
    file.filter(|_| banner && !name.contains("::"))
        .map_or_else(|| name.to_owned(), |frame| format!("{}{end}", frame.file))
}
