//! The folders of `fixtures/cases`, and what a diagnosis of one comes to.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use whyoom::Diagnosis;
use whyoom::report::Options;

/// One folder.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The folder's name: what is the case.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) folder: PathBuf,
    /// The log, byte by byte.
    pub(crate) log: Vec<u8>,
}

impl Case {
    /// All folders, by name.
    pub(crate) fn all() -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases");
        let mut cases: Vec<Self> = fs::read_dir(root)
            .unwrap()
            .map(|entry| {
                let folder = entry.unwrap().path();
                Self {
                    name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
                    log: fs::read(folder.join("log.txt")).unwrap(),
                    folder,
                }
            })
            .collect();
        cases.sort_by(|a, b| a.name.cmp(&b.name));
        cases
    }
}

/// The JSON report of one diagnosis, as a user gets it, but for the fingerprints.
pub(crate) fn json(diagnosis: &Diagnosis) -> String {
    let mut out = Vec::new();
    whyoom::report::json::write(
        std::slice::from_ref(diagnosis),
        &Options::default(),
        &mut out,
    )
    .unwrap();
    // What follows from the rest of the picture has tests of its own, and would only be in the way of reading it.
    let text = String::from_utf8(out).unwrap();
    let mut within = None;
    let lines = text.lines().filter(|line| {
        let own = line.trim_start();
        let indent = line.len() - own.len();
        if within.is_some_and(|outer| indent > outer) {
            return false;
        }
        let last = within.take().is_some();
        let opens = ["\"tool\": {", "\"settings\": ["].contains(&own);
        within = opens.then_some(indent);
        !(last || opens || FOLLOWS.iter().any(|key| own.starts_with(key)))
    });
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Keys whose value is made of others.
const FOLLOWS: [&str; 5] = [
    "\"fingerprint\": ",
    "\"title\": ",
    "\"summary\": ",
    "\"offset\": ",
    "\"counts\": ",
];

/// The report of one diagnosis for people: 80 columns, no colour.
pub(crate) fn text(diagnosis: &Diagnosis) -> String {
    let mut out = Vec::new();
    let options = Options::default();
    whyoom::report::terminal::write(std::slice::from_ref(diagnosis), &options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The JSON report, taken apart.
pub(crate) fn report(diagnosis: &Diagnosis) -> Value {
    serde_json::from_str(&json(diagnosis)).unwrap()
}

/// Diagnoses some bytes as `log.txt`.
pub(crate) fn read(raw: &[u8]) -> Diagnosis {
    whyoom::diagnose("log.txt", raw)
}
