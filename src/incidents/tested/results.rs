//! The line that a runner prints for each test when it has run: TAP's `not ok 3 - name` (testanything.org, version 14; also bats and
//! node), `✗ name` of bats and node, and what Perl's `Test::More` says of a failed one. What belongs to the test stands below it as a
//! comment or indented; what the test wrote itself stands above it.

use super::{ABOVE, Line};

/// How one test ended, and its name.
struct Outcome<'a> {
    name: &'a str,
    well: bool,
    /// It failed, as it may: what stands below is its.
    excused: bool,
    /// It stands above all that belongs to it, and nothing of it stands below what the test wrote.
    heads: bool,
}

/// True for a line that tells how a test ended.
pub(super) fn is_one(text: &str) -> bool {
    outcome(text).is_some()
}

/// The test of the line with this index, and whether it ended well; `of` are the indices of the lines that tell of tests.
pub(super) fn test_of(of: &[usize], lines: &[Line], at: usize) -> Option<(String, bool)> {
    let own = &lines.get(at)?.text;
    let told = |at: &usize| outcome(&lines.get(*at)?.text);
    let before = of.partition_point(|line| *line < at);
    if own.starts_with("  ") || own.trim_start().starts_with("# ") {
        let last = before.checked_sub(1).and_then(|i| of.get(i))?;
        let near = *last >= at.saturating_sub(ABOVE);
        let found = told(last).filter(|outcome| near && (!outcome.well || outcome.excused))?;
        return Some((found.name.to_owned(), found.excused));
    }
    let next = of.get(before).filter(|next| **next <= at + ABOVE)?;
    let found = told(next).filter(|outcome| !outcome.heads)?;
    Some((found.name.to_owned(), found.well))
}

fn outcome(text: &str) -> Option<Outcome<'_>> {
    // What the forms begin with: a word of TAP, a mark beyond ASCII, a comment of Perl.
    let first = text.trim_start().bytes().next()?;
    if !matches!(first, b'n' | b'o' | b'#' | 0x80..) {
        return None;
    }
    tap(text).or_else(|| marked(text)).or_else(|| of_perl(text))
}

/// `not ok 3 - name # TODO why`: what is still to be done may fail.
fn tap(text: &str) -> Option<Outcome<'_>> {
    let text = text.trim();
    let (passed, rest) = match text.strip_prefix("not ok ") {
        Some(rest) => (false, rest),
        None => (true, text.strip_prefix("ok ")?),
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = rest.split_at_checked(digits)?;
    let rest = rest.strip_prefix(' ')?;
    let rest = rest.strip_prefix("- ").unwrap_or(rest);
    let (name, directive) = rest.split_once(" # ").unwrap_or((rest, ""));
    let excused = is_excuse(directive);
    (!number.is_empty() && !name.is_empty()).then_some(Outcome {
        name,
        well: passed || excused,
        excused: excused && !passed,
        heads: false,
    })
}

fn is_excuse(directive: &str) -> bool {
    const EXCUSES: [&str; 4] = ["TODO", "SKIP", "todo", "skip"];
    EXCUSES.iter().any(|word| directive.starts_with(word))
}

/// `✗ name`, `✖ name (1.2ms)`.
fn marked(text: &str) -> Option<Outcome<'_>> {
    const BADLY: [&str; 4] = ["\u{2717} ", "\u{2718} ", "\u{2716} ", "\u{2715} "];
    const WELL: [&str; 3] = ["\u{2713} ", "\u{2714} ", "\u{221a} "];
    let text = text.trim();
    let of = |marks: &[&str]| marks.iter().find_map(|mark| text.strip_prefix(mark));
    let (name, passed) = match of(&BADLY) {
        Some(name) => (name, false),
        None => (of(&WELL)?, true),
    };
    // node: what is still to be done may fail.
    let (name, excused) = match name.rsplit_once(" # ") {
        Some((name, directive)) if is_excuse(directive) => (name, true),
        _ => (name, false),
    };
    let timed = name
        .rsplit_once(" (")
        .filter(|(_, time)| time.ends_with("s)"));
    let name = timed.map_or(name, |(name, _)| name);
    // "failing tests:" of node stands above the names of all of them.
    (!name.is_empty() && !name.ends_with(':')).then_some(Outcome {
        name,
        well: passed || excused,
        excused: excused && !passed,
        heads: true,
    })
}

/// `#   Failed test 'name'` (`Test::Builder`).
fn of_perl(text: &str) -> Option<Outcome<'_>> {
    let name = text.trim_start().strip_prefix("#   Failed test '")?;
    Some(Outcome {
        name: name.trim_end().strip_suffix('\'')?,
        well: false,
        excused: false,
        heads: true,
    })
}
