//! Lists match folders: whoever adds a message, a finding or a fix writes one file and one line, and this says what is missing.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use whyoom::catalogue::{self, Cause, Role};
use whyoom::evidence::Key;

/// Sections of a finding's page, in order.
const FINDING_PAGE: [&str; 5] = [
    "## What happened",
    "## How whyoom knows",
    "## What to do",
    "## Easily confused with",
    "## Sources",
];
/// Sections of a fix's page, in order.
const FIX_PAGE: [&str; 6] = [
    "## What it does",
    "## Type this",
    "## What it wins",
    "## What it costs",
    "## When it does not help",
    "## Sources",
];
/// The shortest literal that may make the reader look closer.
const SHORTEST_SIGNATURE: usize = 8;
/// Shorter ones, each with the reason.
const SHORT_SIGNATURES: [(&str, &str); 5] = [
    ("GPU OOM", "few logs speak of it where nothing failed"),
    ("CUDA OOM", "the same, but for the head of PyTorch's table"),
    (
        "code \u{1b}[",
        "only a number in colours has that word before it",
    ),
    ("Killed", "it is all that a shell says"),
    ("OOMKill", "it begins both of Kubernetes' words for it"),
];

fn source(folder: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src")
        .join(folder)
}

/// All files below a folder.
fn below(folder: PathBuf) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                below(path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// The files below a folder that have this ending and hold this text.
fn files(folder: &str, ending: &str, mark: &str) -> Vec<PathBuf> {
    let all = below(source(folder)).into_iter();
    all.filter(|path| path.extension().is_some_and(|e| e == ending))
        .filter(|path| fs::read_to_string(path).unwrap().contains(mark))
        .collect()
}

/// Their stems.
fn stems(folder: &str, ending: &str, mark: &str) -> BTreeSet<String> {
    files(folder, ending, mark)
        .iter()
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

/// Holds a list against its folder: each id once, and each file listed under the id that its name says.
fn matches(folder: &str, mark: &str, ids: &[&str]) {
    let listed: BTreeSet<String> = ids.iter().map(|id| id.replace('-', "_")).collect();
    assert_eq!(
        listed.len(),
        ids.len(),
        "an id stands twice in src/{folder}/mod.rs"
    );
    let mut there = BTreeSet::new();
    for path in files(folder, "rs", mark) {
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let parent = path.parent().unwrap().file_name().unwrap();
        let long = format!("{}_{stem}", parent.to_str().unwrap());
        let id = [stem, long].into_iter().find(|id| listed.contains(id));
        assert!(
            id.is_some(),
            "`ALL` in src/{folder}/mod.rs lacks {}, or its id is neither the file's name nor the folder's and the file's",
            path.display()
        );
        there.extend(id);
    }
    let missing: Vec<_> = listed.difference(&there).collect();
    assert!(
        missing.is_empty(),
        "src/{folder}/mod.rs lists {missing:?}, which no file of that name holds"
    );
}

/// What a page lacks of its sections; empty where all stand there in order and hold text.
fn gaps(page: &str, sections: &[&str]) -> Vec<String> {
    let found: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("## "))
        .collect();
    let mut gaps = Vec::new();
    if found != sections {
        gaps.push(format!("its sections are {found:?}, not {sections:?}"));
    }
    if page.contains("](") {
        gaps.push("it links by hand: an id in backticks is a link".to_owned());
    }
    if !page.starts_with("# ") {
        gaps.push("it has no title".to_owned());
    }
    let bodies = page.split("\n## ").skip(1);
    for body in bodies {
        let (head, text) = body.split_once('\n').unwrap_or((body, ""));
        if text.trim().is_empty() {
            gaps.push(format!("`{head}` is empty"));
        }
    }
    gaps
}

#[test]
fn the_list_of_messages_matches_its_folders() {
    let ids: Vec<_> = catalogue::messages().iter().map(|f| f.id.name()).collect();
    matches("messages", ": Message = Message {", &ids);
}

#[test]
fn the_list_of_findings_matches_its_folders() {
    let ids: Vec<_> = catalogue::findings().map(|f| f.id.name()).collect();
    matches("findings", ": Finding = Finding {", &ids);
    let pages: BTreeSet<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    assert_eq!(
        stems("findings", "md", "## What happened"),
        pages,
        "each finding has one page, named like its id"
    );
}

#[test]
fn the_list_of_fixes_matches_its_folder() {
    let ids: Vec<_> = catalogue::fixes().iter().map(|f| f.id.name()).collect();
    matches("fixes", ": Fix = Fix {", &ids);
    let pages: BTreeSet<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    assert_eq!(
        stems("fixes", "md", ""),
        pages,
        "each fix has one page, named like its id"
    );
}

/// Catalogues that the crate keeps to itself, with what makes a file an entry and the name of the entry.
const PRIVATE: [(&str, &str, &str); 2] = [
    ("text/prefixes", ": Prefix = Prefix {", "PREFIX"),
    ("readings/programs", ": Format = Format {", "FORMAT"),
];

#[test]
fn lists_inside_the_crate_match_their_folders() {
    for (folder, mark, name) in PRIVATE {
        let list = fs::read_to_string(source(folder).join("mod.rs")).unwrap();
        let entries = stems(folder, "rs", mark);
        assert!(
            !entries.is_empty(),
            "src/{folder} has no entry that says `{mark}`"
        );
        for stem in entries.into_iter().filter(|stem| stem != "mod") {
            let lines = list.matches(&format!("    &{stem}::{name},\n")).count();
            assert_eq!(
                lines, 1,
                "`&{stem}::{name},` stands {lines} times in src/{folder}/mod.rs"
            );
            let text = fs::read_to_string(source(folder).join(format!("{stem}.rs"))).unwrap();
            let id = stem.replace('_', "-");
            assert!(
                text.contains(&format!("id: \"{id}\",")),
                "the id in src/{folder}/{stem}.rs is not `{id}`"
            );
        }
    }
}

#[test]
fn no_two_pages_answer_to_one_id() {
    let ids = catalogue::findings()
        .map(|f| f.id.name())
        .chain(catalogue::fixes().iter().map(|f| f.id.name()));
    let ids = ids.chain(Cause::ALL.iter().map(|c| c.name()));
    let mut seen = BTreeSet::new();
    for id in ids {
        assert!(
            seen.insert(id),
            "`whyoom explain {id}` could mean two pages"
        );
    }
}

#[test]
fn every_cause_has_a_page_and_a_finding() {
    for cause in Cause::ALL {
        let folder = source("findings").join(cause.name().replace('-', "_"));
        let page = folder.join("cause.md");
        assert!(page.exists(), "{} is missing", page.display());
        assert!(
            catalogue::findings().any(|f| f.cause == cause),
            "no finding says `{}`",
            cause.name()
        );
    }
}

#[test]
fn every_finding_stands_in_the_folder_of_its_cause() {
    for finding in catalogue::findings() {
        let folder = source("findings").join(finding.cause.name().replace('-', "_"));
        for ending in [
            format!("{}.rs", finding.id.name().replace('-', "_")),
            format!("{}.md", finding.id),
        ] {
            let file = folder.join(ending);
            assert!(file.exists(), "{} is missing", file.display());
        }
    }
}

#[test]
fn every_page_of_a_finding_has_its_sections() {
    let wrong = catalogue::findings().flat_map(|f| {
        let gaps = gaps(f.page, &FINDING_PAGE).into_iter();
        gaps.map(move |gap| format!("the page of {}: {gap}", f.id))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_page_of_a_fix_has_its_sections() {
    let wrong = catalogue::fixes().iter().flat_map(|f| {
        let gaps = gaps(f.page, &FIX_PAGE).into_iter();
        gaps.map(move |gap| format!("src/fixes/{}.md: {gap}", f.id))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fix_is_asked_for_by_a_finding() {
    let asked: BTreeSet<_> = catalogue::findings()
        .flat_map(|f| f.fixes)
        .map(|f| f.id.name())
        .collect();
    let idle: Vec<_> = catalogue::fixes()
        .iter()
        .map(|f| f.id.name())
        .filter(|id| !asked.contains(id))
        .collect();
    assert!(
        idle.is_empty(),
        "no finding asks for {idle:?}: name them in a finding, or delete them"
    );
}

#[test]
fn every_finding_names_each_of_its_fixes_once() {
    for finding in catalogue::findings() {
        let ids: BTreeSet<_> = finding.fixes.iter().map(|f| f.id.name()).collect();
        assert_eq!(
            ids.len(),
            finding.fixes.len(),
            "{} names a fix twice",
            finding.id
        );
    }
}

#[test]
fn every_signature_is_rare_enough_to_look_closer_at() {
    for format in catalogue::messages() {
        assert!(
            !format.signatures.is_empty(),
            "{} has no signature: nothing would find it",
            format.id
        );
        for signature in format.signatures {
            let excused = SHORT_SIGNATURES
                .iter()
                .any(|(short, _reason)| short == signature);
            // What looks like a failure and is none is looked for only near a failure.
            let near = format.role == Role::Noise;
            assert!(
                near || excused || signature.len() >= SHORTEST_SIGNATURE,
                "{}: `{signature}` is too short; every log would be read closely",
                format.id
            );
        }
    }
}

#[test]
fn every_format_says_who_prints_it_and_shows_an_example() {
    for format in catalogue::messages() {
        assert!(
            !format.printed_by.is_empty(),
            "{} does not say who prints it",
            format.id
        );
        assert!(
            format.examples().count() > 0,
            "{} has no example",
            format.id
        );
    }
}

#[test]
fn every_example_of_a_failure_holds_a_signature_of_its_format() {
    let squeeze = |text: &str| text.split_whitespace().collect::<String>().to_lowercase();
    for format in catalogue::messages()
        .iter()
        .filter(|f| f.role == Role::Failure)
    {
        for example in format.examples() {
            let text = squeeze(example.0);
            let found = format.signatures.iter().any(|s| text.contains(&squeeze(s)));
            assert!(
                found,
                "{}: nothing would find its example {:?}",
                format.id, example.0
            );
        }
    }
}

#[test]
fn every_kind_of_number_is_read_by_a_format() {
    for key in Key::ALL {
        let read = catalogue::figures().any(|figure| figure == key);
        assert!(read, "no format reads `{}`", key.name());
    }
}
