//! Lines that quote the words of a failure and are none: source code, comments, markup, and sentences about it.

use crate::text::Line;

/// True where a line only quotes the words.
pub(super) fn is_quoted(text: &str) -> bool {
    let code = text.strip_prefix(['+', '-']).map_or(text, str::trim_start);
    is_code(text)
        || is_comment(text)
        || is_comment(code)
        || found_in_source(text)
        || is_listed(text)
        || in_a_sentence(text)
        || !has_figures(text) && (is_markup(text) || is_explained(text))
}

/// So far above an exception its list may begin.
const LISTED: usize = 8;

/// True where a line stands in the list of what a function may raise, in its docstring.
pub(super) fn is_documented(lines: &[Line], at: usize) -> bool {
    const HEADS: [&str; 4] = ["Raises:", "Raises", "Throws:", "Exceptions:"];
    let own = lines.get(at).map_or("", |line| line.text.trim_end());
    let indented = own.starts_with([' ', '\t']);
    let above = lines.get(at.saturating_sub(LISTED)..at).unwrap_or_default();
    let above = above.iter().rev().map(|line| line.text.trim());
    let mut above = above.take_while(|text| !text.is_empty());
    indented && !has_figures(own) && above.any(|text| HEADS.contains(&text))
}

/// A size with its unit, as every message with figures has one: "2.40 GiB".
fn has_figures(text: &str) -> bool {
    let units = ["GiB", "MiB", "KiB", "GB", "MB", "kB", " bytes"];
    units.iter().any(|unit| {
        text.match_indices(unit).any(|(at, _)| {
            let before = text.get(..at).unwrap_or_default().trim_end();
            before.ends_with(|c: char| c.is_ascii_digit())
        })
    })
}

/// A comment of a program. A single `#` may be a heading, under which people paste a whole message.
fn is_comment(text: &str) -> bool {
    const OPENS: [&str; 5] = ["// ", "/* ", "/// ", "-- ", "<!-- "];
    let heading = text.strip_prefix("# ");
    OPENS.iter().any(|open| text.starts_with(open))
        || heading.is_some_and(|text| {
            let of_java = text.starts_with("Native memory allocation (");
            !text.contains("GPU ") && !of_java && (has_figures(text) || text.contains(": "))
        })
}

/// `src/errors.py:14:    "CUDA out of memory…",`: a line of source that a search printed. A failure at a place of the program, as
/// `lib/ops.py:7: OutOfMemoryError`, is none.
fn found_in_source(text: &str) -> bool {
    const ENDS: [&str; 16] = [
        ".py", ".pyx", ".cc", ".cpp", ".cu", ".cuh", ".c", ".h", ".hpp", ".go", ".rs", ".js",
        ".ts", ".java", ".jl", ".sh",
    ];
    let Some((file, rest)) = text.split_once([':', '-']) else {
        return false;
    };
    let Some((number, code)) = rest.split_once([':', '-']) else {
        return false;
    };
    let is_place =
        !file.contains(' ') && ENDS.iter().any(|end| file.ends_with(end)) && is_number(number);
    let code = code.trim_start();
    if is_number(number) && is_sample(file) {
        return true;
    }
    is_place && (code.starts_with(['"', '\'']) || is_code(code) || is_comment(code))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `docs/faq.md`, `tests/data/oom.txt`: a page, or a text that tests read.
fn is_sample(file: &str) -> bool {
    const PAGES: [&str; 3] = [".md", ".rst", ".adoc"];
    const TEXTS: [&str; 6] = [".txt", ".log", ".out", ".json", ".yaml", ".yml"];
    const FOLDERS: [&str; 7] = [
        "tests",
        "test",
        "testdata",
        "fixtures",
        "docs",
        "examples",
        "snapshots",
    ];
    let mut folders = file.split('/').rev().skip(1);
    !file.contains(' ')
        && (PAGES.iter().any(|end| file.ends_with(end))
            || TEXTS.iter().any(|end| file.ends_with(end))
                && folders.any(|folder| FOLDERS.contains(&folder)))
}

/// "- Out of memory: Kill process 4711 [#12](https://…)": an item of a changelog, with a link to what it is about.
fn is_listed(text: &str) -> bool {
    let item = text.trim_start().strip_prefix(['-', '*']);
    item.is_some_and(|item| {
        item.starts_with(' ') && item.trim_end().ends_with(')') && item.contains("](http")
    })
}

/// A piece of a page of the web that closes behind the words.
fn is_markup(text: &str) -> bool {
    const CLOSES: [&str; 8] = [
        "</a>", "</code>", "</li>", "</p>", "</h1>", "</h2>", "</h3>", "</title>",
    ];
    text.starts_with('<') && CLOSES.iter().any(|close| text.contains(close))
}

/// "CUDA error: out of memory, which comes from the driver": a sentence goes on behind the words.
fn is_explained(text: &str) -> bool {
    const GOES_ON: [&str; 4] = [
        "out of memory, which ",
        "out of memory means ",
        "out of memory usually ",
        "out of memory, because ",
    ];
    GOES_ON.iter().any(|words| text.contains(words))
}

/// "If you see `torch.OutOfMemoryError: CUDA out of memory`, lower the batch size": words before the quote, and words behind it.
fn in_a_sentence(text: &str) -> bool {
    const FAILURES: [&str; 4] = ["out of memory", "outofmemory", "oom", "memoryerror"];
    // Of these a person who reports a failure writes no sentence with figures.
    const ENDS: [&str; 5] = [
        "memory limit",
        "memory usage limit",
        "killed",
        "sigkill",
        "137",
    ];
    /// No sentence is longer, and a line can hold a hundred thousand quotes.
    const LONGEST: usize = 16 << 10;
    if text.len() > LONGEST {
        return false;
    }
    let word = |text: &str| text.bytes().any(|b| b.is_ascii_lowercase());
    let mut from = 0;
    // Each second piece between the marks is a quote.
    text.split('`').enumerate().any(|(at, quote)| {
        let before = text.get(..from).unwrap_or_default();
        from += quote.len() + 1;
        let behind = text.get(from..).unwrap_or_default();
        let small = quote.to_ascii_lowercase();
        let speaks = |words: &[&str]| words.iter().any(|word| small.contains(word));
        let named = speaks(&FAILURES) && !has_figures(text) || speaks(&ENDS) && !has_figures(quote);
        at % 2 == 1
            && named
            && word(before)
            && word(behind)
            && (!before.trim_end_matches('`').trim_end().ends_with(':') || is_defined(behind))
    }) || in_quotes(text)
}

/// "nit: `RuntimeError: CUDA out of memory` was the class": what is said of a quote.
fn is_defined(behind: &str) -> bool {
    const VERBS: [&str; 7] = [
        " is ", " was ", " are ", " were ", " means ", " has ", " comes ",
    ];
    VERBS.iter().any(|verb| behind.starts_with(verb))
}

/// `slurmstepd reports "Exceeded job memory limit" when a task …`: the same between double quotes, which programs set around failures, too, so
/// that only a word right before and right behind them makes a sentence.
fn in_quotes(text: &str) -> bool {
    const LIMITS: [&str; 2] = ["memory limit", "memory usage limit"];
    let mut from = 0;
    text.split('"').enumerate().any(|(at, quote)| {
        let before = text.get(..from).unwrap_or_default();
        from += quote.len() + 1;
        let behind = text.get(from..).unwrap_or_default();
        let before = before.strip_suffix('"').and_then(|b| b.strip_suffix(' '));
        let before = before.is_some_and(|b| b.ends_with(|c: char| c.is_ascii_lowercase()));
        let behind = behind.strip_prefix([' ', ',']).map(str::trim_start);
        let behind = behind.is_some_and(|b| b.starts_with(|c: char| c.is_ascii_lowercase()));
        let small = quote.to_ascii_lowercase();
        let named = LIMITS.iter().any(|word| small.contains(word));
        at % 2 == 1 && before && behind && named && !has_figures(quote)
    })
}

/// So far above an annotation the expression of its rule stands.
const RULE: usize = 8;

/// True for the annotation of a rule that Prometheus evaluates (prometheus.io, "Alerting rules"): it tells what would be.
pub(super) fn is_of_a_rule(lines: &[Line], at: usize) -> bool {
    const KEYS: [&str; 3] = ["description:", "summary:", "message:"];
    let own = lines.get(at).map_or("", |line| line.text.trim_start());
    let above = lines.get(at.saturating_sub(RULE)..at).unwrap_or_default();
    KEYS.iter().any(|key| own.starts_with(key))
        && above.iter().any(|line| {
            let text = line.text.trim_start();
            text.starts_with("expr:") || text.starts_with("- alert:")
        })
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
    const LITERALS: [&str; 9] = [
        "(\"", "('", "(f\"", "(f'", " \"", " '", "(r\"", "!(\"", "\"\"\"",
    ];
    let literal = || LITERALS.iter().any(|open| text.contains(open));
    let begins = BEGINS.iter().any(|word| text.starts_with(word));
    begins && literal()
        || is_assigned(text)
        || is_template(text)
        || is_call(text)
        || is_branch(text)
}

/// `logger.error("…")`, `println!("…")`: a call that hands a literal on, and nothing behind it. An exception as Python shows it,
/// `RuntimeError('…')`, is none.
fn is_call(text: &str) -> bool {
    const CALLS: [&str; 18] = [
        "error",
        "warning",
        "warn",
        "info",
        "debug",
        "critical",
        "exception",
        "log",
        "print",
        "println",
        "eprintln",
        "printf",
        "append",
        "write",
        "puts",
        "format",
        "match",
        "compile",
    ];
    let text = text.trim_end_matches([';', ',']);
    let Some((name, rest)) = text.split_once('(') else {
        return false;
    };
    let last = name.rsplit(['.', ':', '>']).next().unwrap_or_default();
    let literal = rest.trim_start_matches(['f', 'r', 'b', 'L', '&', ' ']);
    CALLS.contains(&last.trim_end_matches('!').trim())
        && literal.starts_with(['"', '\''])
        && rest.ends_with(')')
}

/// `137) echo "…" ;;`: a branch of a shell's `case`.
fn is_branch(text: &str) -> bool {
    text.ends_with(";;") && text.contains(") ")
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

/// True where figures are still to come. A notebook's `{}` and `('cuda')` beside a message with its figures are no template.
fn is_template(text: &str) -> bool {
    is_format(text) && !has_figures(text)
}

/// A literal in whose place of figures placeholders stand: `%s`, `%.2f`, `{}`, `{free:.2f}`.
fn is_format(text: &str) -> bool {
    let quoted = text.starts_with(['"', '\''])
        || [
            "(\"",
            "('",
            "f\"",
            "f'",
            "(stderr, \"",
            "(stdout, \"",
            "(fp, \"",
        ]
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
