//! Snapshots of programs that ran out of memory on a card, each with what is true of it: the cause and the fixes that worked
//! there, and the allocator's own counts of the same moment (`torch.cuda.memory_summary()`).

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use whyoom::input::{self, Control, Part, Source};
use whyoom::report::{self, Options};
use whyoom::{Diagnosis, Log, Reader};

/// All of them, by name.
pub(super) fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/snapshots");
    let entries = fs::read_dir(root).unwrap();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

/// The diagnosis of a folder's snapshot.
fn read(folder: &Path) -> Diagnosis {
    Diagnosis::of(log(folder), None)
}

/// The snapshot of a folder as the command reads it.
pub(super) fn log(folder: &Path) -> Log {
    let mut reader = Reader::new("snapshot.pickle.gz");
    let source = Source::File(folder.join("snapshot.pickle.gz"));
    input::read(&source, &Control::default(), &mut |part| {
        if let Part::Text(chunk) = part {
            reader.push(chunk);
        }
    })
    .unwrap();
    reader.whole()
}

/// The bytes of a snapshot, unpacked.
pub(super) fn unpacked(name: &str) -> Vec<u8> {
    let folder = folders().into_iter().find(|f| f.ends_with(name)).unwrap();
    let mut raw = Vec::new();
    let source = Source::File(folder.join("snapshot.pickle.gz"));
    input::read(&source, &Control::default(), &mut |part| {
        if let Part::Text(chunk) = part {
            raw.extend_from_slice(chunk);
        }
    })
    .unwrap();
    raw
}

pub(super) fn write(format: &str, diagnosis: &Diagnosis) -> String {
    let mut out = Vec::new();
    let one = std::slice::from_ref(diagnosis);
    (report::output(format).unwrap().write)(one, &Options::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// What of a claim does not hold.
fn wrong(claim: &Value, report: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let incident = &report["incidents"][0];
    let mut among = |what: &str, is: &Value, allowed: &Value| {
        if !allowed.as_array().unwrap().contains(is) {
            wrong.push(format!("{what} is {is}, and not among {allowed}"));
        }
    };
    among(
        "the cause",
        &incident["causes"][0]["cause"],
        &claim["causes"],
    );
    among(
        "the first fix",
        &incident["fixes"][0]["fix"],
        &claim["fixes"],
    );
    let number = |value: &Value| value.as_u64().unwrap();
    let held = &incident["snapshot"];
    for key in ["allocated", "requested", "reserved"] {
        let (is, allowed) = (number(&held[key]), &claim[key]);
        if is < number(&allowed["low"]) || is > number(&allowed["high"]) {
            wrong.push(format!(
                "{key} is {is}, and PyTorch's own table says {allowed}"
            ));
        }
    }
    for key in ["tried", "free"] {
        let is = &incident["facts"][key]["low"];
        if *is != claim[key] {
            wrong.push(format!(
                "{key} is {is}, and PyTorch's observer was told {}",
                claim[key]
            ));
        }
    }
    wrong.extend(wrong_owners(claim, held["owners"].as_array().unwrap()));
    wrong
}

/// What of a claim's lines does not hold.
fn wrong_owners(claim: &Value, owners: &[Value]) -> Vec<String> {
    let line = |owner: Option<&Value>| {
        let frame = owner.map_or(&Value::Null, |owner| &owner["frame"]);
        let file = frame["file"].as_str().unwrap_or_default();
        let name = file.rsplit('/').next().unwrap_or_default();
        format!("{name}:{}", frame["line"])
    };
    let piles = owners.iter().find(|owner| !owner["accumulates"].is_null());
    let of = [("owner", owners.first()), ("accumulates", piles)];
    let differs = |(key, owner): (&str, Option<&Value>)| {
        let claimed = claim[key].as_str()?;
        let told = line(owner);
        (told != claimed).then(|| format!("the first of `{key}` is {told}, and not {claimed}"))
    };
    of.into_iter().filter_map(differs).collect()
}

#[test]
fn every_failure_of_the_card_is_explained_with_the_allocators_own_figures() {
    let mut all = Vec::new();
    for folder in folders() {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let claim = fs::read(folder.join("claim.json")).unwrap();
        let claim: Value = serde_json::from_slice(&claim).unwrap();
        let diagnosis = read(&folder);
        let report: Value = serde_json::from_str(&write("json", &diagnosis)).unwrap();
        assert_eq!(
            report["incidents"].as_array().map(Vec::len),
            Some(1),
            "{name}"
        );
        let found = wrong(&claim, &report).into_iter();
        all.extend(found.map(|what| format!("{name}: {what}")));
        let picture = folder.join("report.txt");
        let now = write("terminal", &diagnosis);
        if std::env::var_os("WHYOOM_BLESS").is_some_and(|v| v == "1") {
            fs::write(&picture, &now).unwrap();
        }
        if fs::read_to_string(&picture).unwrap_or_default() != now {
            all.push(format!(
                "{name}: the report differs from its picture:\n{now}"
            ));
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn a_report_does_not_depend_on_how_a_snapshot_is_cut() {
    let raw = unpacked("exhaust-optimizer-states");
    let whole = whyoom::diagnose("snapshot.pickle", &raw);
    let expected = write("json", &whole);
    for size in [1, 7, 100, 4095, 4096, 4097] {
        let mut reader = Reader::new("snapshot.pickle");
        raw.chunks(size).for_each(|chunk| reader.push(chunk));
        let diagnosis = reader.diagnose();
        assert!(write("json", &diagnosis) == expected, "in chunks of {size}");
    }
}

#[test]
fn names_of_files_go_where_they_are_not_to_be_told() {
    let folder = folders().into_iter().next().unwrap();
    let mut redactor = report::redact::Redactor::default();
    let diagnosis = redactor.diagnosis(&read(&folder));
    for format in ["json", "terminal", "markdown"] {
        let text = write(format, &diagnosis);
        assert!(!text.contains("/home/user/project"), "{format}: {text}");
    }
}

#[test]
fn every_output_tells_of_a_snapshot() {
    let diagnosis = read(&folders()[0]);
    // `patch` holds changes of source files, and nothing of a snapshot.
    for output in report::ALL.iter().filter(|output| output.name != "patch") {
        let text = write(output.name, &diagnosis);
        let named = match output.name {
            "folded" => "nets.py:56",
            _ => "snapshot.pickle.gz",
        };
        assert!(text.contains(named), "{}: {text}", output.name);
    }
    let page = write("markdown", &diagnosis);
    assert!(page.contains("| `nets.py:37` |"), "{page}");
}

/// The report of a card's snapshot, as a program reads it.
fn report_of(name: &str) -> Value {
    let folder = folders().into_iter().find(|f| f.ends_with(name)).unwrap();
    serde_json::from_str(&write("json", &read(&folder))).unwrap()
}

#[test]
fn a_summary_is_not_asked_for_where_the_owners_are_known() {
    for folder in folders() {
        let text = write("terminal", &read(&folder));
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!text.contains("memory_summary"), "{folder:?}: {text}");
    }
}

#[test]
fn gradients_are_told_from_what_they_are_made_from() {
    let report = report_of("exhaust-optimizer-states");
    let kinds = &report["incidents"][0]["snapshot"]["kinds"];
    let of = |kind: &str| {
        let mut rows = kinds.as_array().unwrap().iter();
        rows.find(|row| row["kind"] == kind).unwrap()["bytes"].clone()
    };
    // 40 layers of 1 GiB, each with its gradient; 32 MiB more were still there from the backward pass.
    assert_eq!(
        (of("gradients"), of("parameters")),
        (of("parameters"), (40_u64 << 30).into())
    );
    assert_eq!(of("backward pass"), 32 << 20);
}

#[test]
fn what_a_fix_frees_is_of_the_kind_that_it_frees() {
    let most = |name: &str, fix: &str| {
        let report = report_of(name);
        let fixes = report["incidents"][0]["fixes"].as_array().unwrap().clone();
        let found = fixes.iter().find(|row| row["fix"] == fix);
        found.map(|row| row["gain"]["high"].as_u64().unwrap() >> 30)
    };
    // 81 GiB of states and 46 of weights know no batch; 8.6 GiB do.
    assert_eq!(
        most("leak-models-across-folds", "lower-batch-size"),
        Some(4)
    );
    assert_eq!(
        most("leak-models-across-folds", "drop-references"),
        Some(127)
    );
    // Three quarters of 58 GiB and of the one that was asked for.
    assert_eq!(
        most("exhaust-optimizer-states", "memory-efficient-optimizer"),
        Some(44)
    );
    // Layers that are computed again do not shrink what the loss makes; that in pieces does.
    let loss = report_of("exhaust-logits-cross-entropy");
    assert_eq!(loss["incidents"][0]["causes"][0]["finding"], "logits");
    assert_eq!(
        most("exhaust-logits-cross-entropy", "chunked-cross-entropy"),
        Some(46)
    );
}
