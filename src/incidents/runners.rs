//! Lines of test runners that hold the words of a failure and are none: a test that ended well, an id, a search, source code.

/// What stands before a line of pytest's short summary, and what a verbose run ends a line with, where nothing failed.
const WELL: [&str; 5] = ["PASSED", "XFAIL", "XPASS", "SKIPPED", "RERUN"];
pub(super) const BADLY: [&str; 2] = ["FAILED", "ERROR"];

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
pub(super) fn unpercented(text: &str) -> &str {
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
