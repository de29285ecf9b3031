//! Holds the catalogues to two rules: the name of an entry is written in one place, and entries do not share a folder with
//! what works on them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use whyoom::catalogue;

use crate::architecture::{ENTRIES, code, sources};

/// Where names are written.
const HOME: &str = "src/evidence/ids.rs";
/// Where other words are spelled like a name, and what they are there.
const OTHER_WORDS: [(&str, &str); 7] = [
    ("src/settings/", "flags and keys of programs"),
    ("src/readings/programs/", "the names of prints"),
    (
        "src/evidence/setting_kind.rs",
        "the keys of settings in JSON",
    ),
    ("src/evidence/program.rs", "the names of programs in JSON"),
    ("src/inside/read.rs", "kinds of owners in a census"),
    ("src/evidence/census.rs", "the same in JSON"),
    ("src/cli/demo/", "the names of logs"),
];

/// The literals in some code.
fn literals(code: &str) -> impl Iterator<Item = &str> {
    code.split('"').skip(1).step_by(2)
}

/// Names that could be nothing else: those of two words or more.
fn names() -> BTreeSet<&'static str> {
    let messages = catalogue::messages()
        .iter()
        .map(|message| message.id.name());
    let findings = catalogue::findings().map(|finding| finding.id.name());
    let fixes = catalogue::fixes().iter().map(|fix| fix.id.name());
    let all = messages.chain(findings).chain(fixes);
    all.filter(|name| name.contains('-')).collect()
}

/// The files whose code spells a name that it should take from its type.
fn spelled(files: &BTreeMap<std::path::PathBuf, String>) -> Vec<String> {
    let names = names();
    let mut wrong = Vec::new();
    for (path, text) in files {
        let excused = OTHER_WORDS.iter().any(|(place, _)| {
            let path = path.to_str().unwrap();
            path.starts_with(place)
        });
        let name = path.file_name().unwrap().to_str().unwrap();
        let tests = matches!(name, "tests.rs" | "examples.rs");
        if excused || tests || path == Path::new(HOME) {
            continue;
        }
        let code = code(text);
        let found = literals(&code).filter(|literal| names.contains(literal));
        wrong.extend(found.map(|name| format!("{}: \"{name}\"", path.display())));
    }
    wrong
}

#[test]
fn the_name_of_an_entry_is_written_in_one_place() {
    let wrong = spelled(&sources("src"));
    assert!(
        wrong.is_empty(),
        "take it from its type in {HOME}, so that a misspelled one does not compile:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn a_name_that_is_written_elsewhere_is_found() {
    let file =
        |text: &str| BTreeMap::from([(Path::new("src/report/x.rs").to_owned(), text.to_owned())]);
    assert_eq!(
        spelled(&file("if id.name() == \"split-segments\" {}")).len(),
        1
    );
    assert!(spelled(&file("// \"split-segments\"\nlet x = \"split\";")).is_empty());
}

#[test]
fn each_excuse_is_needed() {
    let names = names();
    for (place, what) in OTHER_WORDS {
        let files = sources("src").into_iter();
        let mut there = files.filter(|(path, _)| path.to_str().unwrap().starts_with(place));
        let needed =
            there.any(|(_, text)| literals(&code(&text)).any(|literal| names.contains(literal)));
        assert!(
            needed,
            "{place}: {what} are not spelled like a name any more"
        );
    }
}

#[test]
fn entries_share_no_folder_with_what_works_on_them() {
    let mut folders: BTreeMap<_, (Vec<_>, Vec<_>)> = BTreeMap::new();
    for (path, text) in sources("src") {
        let name = path.file_name().unwrap().to_str().unwrap();
        let (entries, others) = folders
            .entry(path.parent().unwrap().to_owned())
            .or_default();
        if ENTRIES.iter().any(|mark| text.contains(mark)) {
            entries.push(path);
        } else if !matches!(name, "mod.rs" | "tests.rs" | "case_builder.rs") {
            others.push(path);
        }
    }
    for (folder, (entries, others)) in folders {
        assert!(
            entries.is_empty() || others.is_empty(),
            "{}: {others:?} are no entries; put them where what entries share stands",
            folder.display()
        );
    }
}
