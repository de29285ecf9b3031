//! The lines that runners print above what a test wrote, each with the test's name.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::{BADLY, LATEST, ends_section, is_id, xml};
use crate::stack::pytest;
use crate::text::Line;

/// What stands in every id of pytest that [`started`] takes.
static ID: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(".py::"));
/// What stands behind a test's name where unittest's verbose runner begins it.
static DOTS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(" ... "));

/// False for what neither [`ends`] nor [`named`] takes, by what their forms begin with. All lines around a failure are asked.
pub(super) fn can(text: &str) -> bool {
    let quoted = |c: char| c == '>' || c.is_whitespace();
    let begins = matches!(
        text.trim_start_matches(quoted).as_bytes(),
        [b'0'..=b'9' | b'=' | b'_', ..]
            | [b'E', b'R', b'R', ..]
            | [b'F', b'A', b'I', ..]
            | [b'[', b' ', b'R', ..]
            | [b'-', b'-', b'-', ..]
            | [b'S', b't', b'a', ..]
            | [b'<', b't', b'e', ..]
            | [b'P', b'A', b'S', b'S', ..]
            | [b't', b'e', b's', b't', b':' | b' ' | b'_', ..]
    );
    begins || ID.find(text.as_bytes()).is_some()
}

/// True where what stands above belongs to something else.
pub(super) fn ends(text: &str) -> bool {
    let of_runner = meson(text).or_else(|| ctest(text.trim_start()));
    ends_section(text) || of_runner.is_some_and(|(_, well)| well)
}

/// `1/4 Test #1: pool.grows ......***Failed    0.01 sec` (`CMake`, `Source/CTest/cmCTestRunTest.cxx`): with `--output-on-failure` what the
/// test wrote stands below, whichever tests were begun above. The test, and whether it ended well.
fn ctest(text: &str) -> Option<(&str, bool)> {
    // Few lines hold that sign.
    memchr::memchr(b'#', text.as_bytes())?;
    let (count, rest) = text.split_once(" Test ")?;
    let (of, all) = count.trim().split_once('/')?;
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (numbered, rest) = rest.trim_start().strip_prefix('#')?.split_once(": ")?;
    let name = rest.split_whitespace().next()?;
    let well = rest.contains(" Passed ");
    let ended = well || rest.contains("***");
    (number(of) && number(all) && number(numbered) && ended).then_some((name, well))
}

/// `2/7 ours:grows FAIL 0.01s exit status 1` (meson, `mesonbuild/mtest.py`, `ConsoleLogger`): what the test wrote stands below. The test, and
/// whether it ended well.
fn meson(text: &str) -> Option<(&str, bool)> {
    const ENDS: [(&str, bool); 5] = [
        (" FAIL ", false),
        (" ERROR ", false),
        (" TIMEOUT ", false),
        (" OK ", true),
        (" EXPECTEDFAIL ", true),
    ];
    let (count, rest) = text.trim_start().split_once(' ')?;
    let (of, all) = count.split_once('/')?;
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !number(of) || !number(all) {
        return None;
    }
    let (name, well, took) = ENDS.iter().find_map(|(word, well)| {
        let (name, took) = rest.split_once(word)?;
        Some((name.trim(), *well, took.trim_start()))
    })?;
    let took = took
        .split(' ')
        .next()
        .and_then(|took| took.strip_suffix('s'));
    let timed = took.is_some_and(|took| took.parse::<f64>().is_ok());
    (timed && !name.is_empty()).then_some((name, well))
}

/// `test pool::grows ... `, and what the test wrote behind it.
pub(super) fn of_rust(text: &str) -> Option<String> {
    let (name, written) = text.strip_prefix("test ")?.split_once(" ...")?;
    let ended = ["ok", "FAILED", "ignored", "bench:"];
    let ended = ended
        .iter()
        .any(|word| written.trim_start().starts_with(word));
    let name = name.strip_suffix(" - should panic").unwrap_or(name);
    let plain = !name.contains(' ') && name.contains(|c: char| c.is_ascii_alphabetic());
    (plain && !ended).then(|| name.to_owned())
}

/// `test_x (tests.test_a.TestA.test_x) ... `, and what the test wrote behind it (Python, `Lib/unittest/runner.py`, `startTest`).
pub(super) fn in_python(text: &str) -> Option<String> {
    const ENDED: [&str; 7] = [
        "ok",
        "FAIL",
        "ERROR",
        "skipped",
        "expected",
        "unexpected",
        "SKIP",
    ];
    let at = DOTS.find(text.as_bytes())?;
    let name = text.get(..at).filter(|name| name.ends_with(')'))?;
    let written = text.get(at + DOTS.needle().len()..)?;
    let ended = ENDED.iter().any(|word| {
        let rest = written.strip_prefix(word);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ':']) && *word != "ERROR")
    });
    (!ended).then(|| python_test(name)).flatten()
}

/// `FAIL [   0.005s] (4/5) ours tests::result` of cargo-nextest, with the binary and the test; `PASS` where it is told to show what those
/// wrote.
fn nextest(text: &str) -> Option<String> {
    let ended = text
        .strip_prefix("FAIL [")
        .or_else(|| text.strip_prefix("PASS ["));
    let (took, rest) = ended?.split_once("s] ")?;
    took.trim().parse::<f64>().ok()?;
    let counted = rest
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(") "));
    let words = counted.map_or(rest, |(_, rest)| rest).split_whitespace();
    Some(words.collect::<Vec<_>>().join(" "))
}

/// The test that a line begins: the banner of a report, or what a runner prints before it runs it.
pub(super) fn named(text: &str, back: usize) -> Option<String> {
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
    if let Some(name) = xml::named(trimmed).or_else(|| nextest(trimmed)) {
        return Some(name);
    }
    if let Some((name, false)) = ctest(trimmed) {
        return Some(name.to_owned());
    }
    if let Some((name, false)) = meson(text) {
        return Some(name.to_owned());
    }
    // Of meson's own log.
    if let Some(name) = text.strip_prefix("test:         ") {
        return Some(name.trim().to_owned());
    }
    // Runners that write how the test ended behind what the test wrote.
    if let Some(name) = of_rust(text).or_else(|| in_python(text)) {
        return Some(name);
    }
    // A verbose run that was ended in the middle of a test.
    (back < LATEST)
        .then(|| started(text))
        .flatten()
        .map(str::to_owned)
}

/// So wide are the lines around the head of a report (Python, `Lib/unittest/runner.py`, `TextTestResult`).
const RULE: usize = 70;

/// True for the line above the head of a report.
pub(super) fn is_rule(text: &str) -> bool {
    is_line_of(text, b'=')
}

fn is_line_of(text: &str, sign: u8) -> bool {
    let text = text.trim();
    text.len() == RULE && text.bytes().all(|byte| byte == sign)
}

/// The test of the report of unittest or nose whose head stands here between its two lines, by whatever the runner calls it: nose takes the
/// first line of a test's docstring (`nose/result.py`, `getDescription`), and `test suite for <class 'a.TestB'>` for what runs before all.
pub(super) fn described(lines: &[Line], at: usize) -> Option<String> {
    let rule = |at: Option<usize>, of: u8| {
        let line = at.and_then(|at| lines.get(at));
        line.is_some_and(|line| is_line_of(&line.text, of))
    };
    // The first line of its docstring may stand between.
    let closed = || (at + 1..=at + 2).any(|at| rule(Some(at), b'-'));
    if !rule(at.checked_sub(1), b'=') || !closed() {
        return None;
    }
    let text = lines.get(at)?.text.trim();
    let words = ["ERROR: ", "FAIL: "];
    let rest = words.iter().find_map(|word| text.strip_prefix(word));
    // Behind a time the first word is taken for the level of a record.
    let Some(rest) = rest.filter(|rest| !rest.starts_with('_')) else {
        return python_test(text);
    };
    let suite = rest
        .strip_prefix("test suite for <class '")
        .and_then(|class| class.strip_suffix("'>"));
    let words = suite.unwrap_or(rest);
    Some(python_test(rest).unwrap_or_else(|| words.to_owned()))
}

/// `test_x (tests.test_a.TestA.test_x)` of unittest, with `[wide] (n=2)` behind it for a subtest; `tests.test_a.test_x` of nose.
fn python_test(text: &str) -> Option<String> {
    let Some((name, class)) = text.split_once(" (") else {
        let only = word(text)?;
        return (only.contains('.') && only.len() == text.trim().len()).then_some(only);
    };
    let (class, subtest) = class.split_once(')').unwrap_or((class, ""));
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
    let subtest = subtest.trim();
    let own = if subtest.starts_with(['(', '[']) {
        format!(" {subtest}")
    } else {
        String::new()
    };
    Some(if full {
        format!("{class}{own}")
    } else {
        format!("{class}.{name}{own}")
    })
}

/// `tests/test_a.py::test_x `: printed before the test runs, and finished when it ends.
pub(super) fn started(text: &str) -> Option<&str> {
    ID.find(text.as_bytes())?;
    let text = text.trim_end();
    let text = BADLY
        .iter()
        .find_map(|word| text.split_once(&format!(" {word}")).map(|(id, _)| id))
        .unwrap_or(text);
    let id = text.get(..end_of_id(text)).unwrap_or(text);
    (id.contains(".py::") && is_id(id)).then_some(id)
}

/// Where an id ends: at the first blank outside of its brackets.
fn end_of_id(text: &str) -> usize {
    let mut depth = 0_i32;
    let end = text.char_indices().find(|(_, c)| {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        *c == ' ' && depth <= 0
    });
    end.map_or(text.len(), |(at, _)| at)
}

pub(super) fn word(text: &str) -> Option<String> {
    let name = text.split_whitespace().next()?;
    Some(name.to_owned())
}
