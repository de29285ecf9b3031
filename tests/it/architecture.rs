//! Holds the code to the table of `src/lib.rs`: data flows down, never up. Holds files to their length and to names that say
//! what is in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module with what it may use, from the bottom up. A module may use nothing that stands on its own row or below it.
const TABLE: &[(&[&str], &[&str])] = &[
    (&["bytes", "place", "error"], &[]),
    (&["evidence"], &["bytes", "place", "error"]),
    (&["text"], &["bytes", "place", "error", "evidence"]),
    (
        &["stack", "settings", "readings", "buffers", "messages"],
        &["bytes", "place", "error", "evidence", "text"],
    ),
    (
        &["scan"],
        &[
            "bytes", "place", "error", "evidence", "text", "stack", "settings", "readings",
            "buffers", "messages",
        ],
    ),
    (&["fixes"], &["bytes", "place", "error", "evidence"]),
    (
        &["findings"],
        &["bytes", "place", "error", "evidence", "fixes"],
    ),
    (
        &["incidents"],
        &[
            "bytes", "place", "error", "evidence", "text", "stack", "settings", "readings",
            "buffers", "messages",
        ],
    ),
    (
        &["snapshot"],
        &["bytes", "place", "error", "evidence", "stack"],
    ),
    (
        &["diagnose"],
        &[
            "snapshot",
            "bytes",
            "place",
            "error",
            "evidence",
            "text",
            "stack",
            "settings",
            "readings",
            "buffers",
            "messages",
            "scan",
            "fixes",
            "findings",
            "incidents",
        ],
    ),
    (
        &["jobs"],
        &[
            "bytes",
            "place",
            "error",
            "evidence",
            "text",
            "findings",
            "incidents",
            "diagnose",
        ],
    ),
    (
        &["compare"],
        &[
            "bytes", "place", "error", "evidence", "findings", "diagnose",
        ],
    ),
    (
        &["report"],
        &[
            "bytes", "place", "error", "evidence", "messages", "fixes", "findings", "diagnose",
            "compare",
        ],
    ),
    (&["input"], &["bytes", "place", "error", "text"]),
    (&["probe"], &["bytes", "place", "error", "evidence"]),
    (
        &["run"],
        &["bytes", "place", "error", "evidence", "diagnose", "probe"],
    ),
    (
        &["cli"],
        &[
            "bytes", "place", "error", "evidence", "text", "messages", "fixes", "findings",
            "diagnose", "jobs", "compare", "report", "input", "probe", "run",
        ],
    ),
];

/// What `src/lib.rs` re-exports, and from where.
const RE_EXPORTS: &[(&str, &str)] = &[
    ("Diagnosis", "diagnose"),
    ("Reader", "diagnose"),
    ("Error", "error"),
];

/// The longest that a file may be.
const LONGEST_FILE: usize = 400;
/// The longest that an entry of a catalogue may be: one message, one finding, one fix.
const LONGEST_ENTRY: usize = 200;
/// What makes a file an entry of a catalogue.
const ENTRIES: [&str; 3] = [
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
fn sources(below: &str) -> BTreeMap<PathBuf, String> {
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
fn code(text: &str) -> String {
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

/// What is wrong with a module's use of another; `None` where the table allows it.
fn offence(module: &str, used: &str) -> Option<String> {
    let known = |name: &str| TABLE.iter().any(|(row, _)| row.contains(&name));
    let Some((_, allowed)) = TABLE.iter().find(|(row, _)| row.contains(&module)) else {
        return Some(format!(
            "`{module}` is in no row of the table: add it to the tables in src/lib.rs and tests/it/architecture.rs"
        ));
    };
    if used == module || allowed.contains(&used) || !known(used) {
        return None;
    }
    Some(format!(
        "`{module}` uses `{used}`, which it must not: move what it needs down into one of {allowed:?}, or move this code up"
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
fn a_row_uses_only_rows_above_it() {
    for (index, (row, allowed)) in TABLE.iter().enumerate() {
        for used in *allowed {
            let above = TABLE
                .iter()
                .take(index)
                .any(|(upper, _)| upper.contains(used));
            assert!(
                above,
                "the row of {row:?} allows `{used}`, which does not stand above it"
            );
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
fn every_module_stands_in_the_page_of_the_flow() {
    let page = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    for path in sources("src").keys() {
        let Some(module) = module(path) else { continue };
        let named = ["[`", "`", "[`mod@"]
            .iter()
            .any(|open| page.contains(&format!("{open}{module}`")));
        assert!(
            named,
            "`{module}` has no row in the table of src/lib.rs: say there what it does"
        );
    }
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
