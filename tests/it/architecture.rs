//! Holds the code to the table of `src/lib.rs`: data flows down, never up. Holds files to their length and to names that say
//! what is in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What a module does not know though it stands above it in the table of `src/lib.rs`: who judges knows no text, who reads no
/// verdict, and who writes no input.
const WALLS: &[(&[&str], &[&str])] = &[
    (
        &[
            "text",
            "stack",
            "settings",
            "readings",
            "buffers",
            "messages",
            "scan",
            "snapshot",
            "inside",
            "incidents",
        ],
        &["log", "fixes", "findings"],
    ),
    (
        &["input"],
        &[
            "evidence",
            "fixes",
            "findings",
            "stack",
            "settings",
            "readings",
            "buffers",
            "messages",
            "scan",
            "incidents",
            "diagnose",
            "jobs",
        ],
    ),
    (
        &["jobs"],
        &[
            "fixes", "stack", "settings", "readings", "buffers", "messages", "scan",
        ],
    ),
    (
        &["session"],
        &[
            "fixes",
            "findings",
            "text",
            "stack",
            "settings",
            "readings",
            "buffers",
            "messages",
            "scan",
            "incidents",
        ],
    ),
    (
        &["compare", "run"],
        &[
            "fixes",
            "text",
            "stack",
            "settings",
            "readings",
            "buffers",
            "messages",
            "scan",
            "incidents",
            "input",
            "session",
        ],
    ),
    (
        &["report"],
        &[
            "text",
            "stack",
            "settings",
            "readings",
            "buffers",
            "scan",
            "incidents",
            "jobs",
            "input",
            "session",
        ],
    ),
    (
        &["source"],
        &[
            "log", "fixes", "findings", "text", "stack", "settings", "readings", "buffers",
            "messages", "scan", "snapshot", "inside",
        ],
    ),
    (
        &["probe"],
        &[
            "log",
            "fixes",
            "findings",
            "text",
            "stack",
            "settings",
            "readings",
            "buffers",
            "messages",
            "scan",
            "incidents",
            "diagnose",
            "jobs",
            "input",
            "session",
            "compare",
            "report",
        ],
    ),
    (&["run"], &["findings", "jobs", "compare", "report"]),
    (
        &["cli"],
        &[
            "stack",
            "settings",
            "readings",
            "buffers",
            "scan",
            "incidents",
        ],
    ),
];

/// What `src/lib.rs` re-exports, and from where.
const RE_EXPORTS: &[(&str, &str)] = &[
    ("Diagnosis", "diagnose"),
    ("Reader", "diagnose"),
    ("Explained", "diagnose"),
    ("Gpus", "diagnose"),
    ("Error", "error"),
    ("Log", "log"),
    ("Outcome", "log"),
    ("Place", "place"),
    ("Session", "session"),
    ("join", "jobs"),
    ("join_snapshots", "jobs"),
];

/// The longest that a file may be.
const LONGEST_FILE: usize = 400;
/// The longest that an entry of a catalogue may be: one message, one finding, one fix.
const LONGEST_ENTRY: usize = 200;
/// What makes a file an entry of a catalogue.
pub(crate) const ENTRIES: [&str; 3] = [
    ": Message = Message {",
    ": Finding = Finding {",
    ": Fix = Fix {",
];
/// Names that say nothing of what a file holds.
const EMPTY_NAMES: [&str; 7] = [
    "utils", "util", "helpers", "helper", "misc", "common", "shared",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below a folder, by path.
pub(crate) fn sources(below: &str) -> BTreeMap<PathBuf, String> {
    let mut folders = vec![root().join(below)];
    let mut files = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with("target") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.insert(path.strip_prefix(root()).unwrap().to_owned(), text);
            }
        }
    }
    files
}

/// The module that a file under `src` belongs to; `None` for `lib.rs` and `main.rs`.
fn module(path: &Path) -> Option<String> {
    let first = path.components().nth(1).unwrap();
    let name = Path::new(&first).file_stem().unwrap().to_str().unwrap();
    (!matches!(name, "lib" | "main")).then(|| name.to_owned())
}

/// The code without its comments and without the unit tests at its foot, which may use what they like.
pub(crate) fn code(text: &str) -> String {
    let body = text
        .split("\n#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or(text);
    let lines = body
        .lines()
        .map(|line| line.split("//").next().unwrap_or(""));
    lines.collect::<Vec<_>>().join("\n")
}

/// The modules that follow each `crate::` in some code, groups in braces included.
fn uses(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for after in code.split("crate::").skip(1) {
        if let Some(group) = after.strip_prefix('{') {
            names.extend(group_members(group));
        } else {
            names.push(identifier(after));
        }
    }
    for name in &mut names {
        if let Some((_, home)) = RE_EXPORTS.iter().find(|(export, _)| export == name) {
            *name = (*home).to_owned();
        }
    }
    names
}

/// The first names of the members of a group of imports: `a::{b, c}, d}` gives `a` and `d`.
fn group_members(group: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    let mut at_start = true;
    for (index, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_start = true,
            c if c.is_whitespace() => {}
            _ if depth == 0 && at_start => {
                names.push(identifier(group.get(index..).unwrap()));
                at_start = false;
            }
            _ => {}
        }
    }
    names
}

fn identifier(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

/// The rows of the table of `src/lib.rs`, from the bottom of the house up: the names of the modules of each.
fn rows() -> Vec<Vec<String>> {
    let page = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let cells = page.lines().filter_map(|line| line.strip_prefix("//! | "));
    let names = |line: &str| -> Vec<String> {
        let cell = line.split(" | ").next().unwrap();
        let quoted = cell.split('`').skip(1).step_by(2);
        quoted
            .map(|name| name.trim_start_matches("mod@").to_owned())
            .collect()
    };
    cells.map(names).filter(|row| !row.is_empty()).collect()
}

/// What is wrong with a module's use of another; `None` where the table allows it.
fn offence(module: &str, used: &str) -> Option<String> {
    let rows = rows();
    let rank = |name: &str| rows.iter().position(|row| row.iter().any(|n| n == name));
    let Some(own) = rank(module) else {
        return Some(format!(
            "`{module}` is in no row of the table in src/lib.rs: say there what it does"
        ));
    };
    let walled = WALLS
        .iter()
        .any(|(modules, hidden)| modules.contains(&module) && hidden.contains(&used));
    if used == module || (rank(used).is_none_or(|other| other < own) && !walled) {
        return None;
    }
    Some(format!(
        "`{module}` uses `{used}`, which it must not: move what it needs down into a module that both may use, or move this code up"
    ))
}

#[test]
fn data_flows_down_the_table() {
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        let Some(module) = module(&path) else {
            continue;
        };
        let mut used = uses(&code(&text));
        used.push(module.clone());
        used.sort();
        used.dedup();
        let offences = used.iter().filter_map(|used| offence(&module, used));
        wrong.extend(offences.map(|offence| format!("{}: {offence}", path.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_wall_hides_only_what_stands_above_it_and_is_there() {
    let rows = rows();
    let rank = |name: &&str| rows.iter().position(|row| row.iter().any(|n| n == name));
    for (modules, hidden) in WALLS {
        for module in *modules {
            let own = rank(module).unwrap();
            for name in *hidden {
                let other = rank(name);
                assert!(other.is_some_and(|o| o < own), "{module} and {name}");
            }
        }
    }
}

#[test]
fn an_upward_use_is_found_in_every_spelling() {
    for text in [
        "use crate::report::json;",
        "use crate::{bytes::{self, Bytes}, report};",
        "use crate::{\n    bytes,\n    report::{json, terminal},\n};",
        "let x = crate::report::json::schema();",
    ] {
        let used = uses(&code(text));
        let offences = used.iter().filter_map(|used| offence("evidence", used));
        assert_eq!(offences.count(), 1, "{text}");
    }
    assert!(offence("evidence", &uses("crate::Diagnosis")[0]).is_some());
}

#[test]
fn a_comment_and_a_unit_test_may_name_any_module() {
    let text = "// crate::report\nuse crate::bytes;\n#[cfg(test)]\nmod tests {\n    use crate::report;\n}\n";
    assert_eq!(uses(&code(text)), ["bytes"]);
}

#[test]
fn no_file_is_too_long_to_read() {
    let mut wrong = Vec::new();
    for (path, text) in sources("src").into_iter().chain(sources("tests")) {
        let lines = text.lines().count();
        let entry = path.starts_with("src") && ENTRIES.iter().any(|mark| text.contains(mark));
        let longest = if entry { LONGEST_ENTRY } else { LONGEST_FILE };
        if lines > longest {
            wrong.push(format!(
                "{}: {lines} lines, {longest} are allowed: split it by subject",
                path.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_name_says_what_is_in_it() {
    for path in sources("src").keys().chain(sources("tests").keys()) {
        let parts = path
            .iter()
            .map(|part| part.to_str().unwrap().trim_end_matches(".rs"));
        let empty: Vec<_> = parts.filter(|part| EMPTY_NAMES.contains(part)).collect();
        assert!(
            empty.is_empty(),
            "{}: {empty:?} says nothing; name it after what it holds",
            path.display()
        );
    }
}
