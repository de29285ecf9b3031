//! What PyTorch's own `torch/cuda/_memory_viz.py` counts in the same files; `memory_viz.py` beside this file wrote the table.

use std::fs;
use std::path::Path;

use serde_json::Value;
use whyoom::Diagnosis;

use super::cases::{folders, log, write};

#[test]
fn totals_are_those_of_pytorchs_own_tool() {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/memory-viz.tsv");
    let table = fs::read_to_string(table).unwrap();
    let mut lines = table.lines().filter(|line| !line.starts_with('#'));
    let names: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let mut rows = 0;
    for line in lines {
        rows += 1;
        let cells: Vec<&str> = line.split('\t').collect();
        let at = |name: &str| cells[names.iter().position(|n| *n == name).unwrap()];
        let of = |name: &str| -> u64 { at(name).parse().unwrap() };
        let case = at("snapshot");
        let folder = folders().into_iter().find(|f| f.ends_with(case)).unwrap();
        let report = write("json", &Diagnosis::of(log(&folder), None));
        let report: Value = serde_json::from_str(&report).unwrap();
        let incident = &report["incidents"][0];
        let held = &incident["snapshot"];
        let number = |key: &str| held[key].as_u64().unwrap();
        // The file ends with the failure, so that its end is the moment that is told.
        assert_eq!(number("events_after"), 0, "{case}");
        let pending = held["idle"]["pending"].as_u64().unwrap();
        let in_use = number("allocated");
        let tried = incident["facts"]["tried"]["low"].as_u64().unwrap();
        for (what, ours, theirs) in [
            ("segments", number("segments"), of("segments")),
            ("reserved", number("reserved"), of("total_reserved")),
            ("requested", number("requested"), of("total_allocated")),
            ("in use", in_use, of("active_allocated")),
            (
                "rounding",
                in_use - number("requested"),
                of("free_internal"),
            ),
            ("waiting", pending, of("active_pending_free")),
            ("idle", number("reserved") - in_use, of("free_external")),
            (
                "inactive",
                number("reserved") - in_use - pending,
                of("inactive"),
            ),
            ("events", number("events"), of("events")),
            // What the driver was asked for: whole units of 2 MiB, of 10 MiB and up.
            (
                "tried",
                tried,
                of("oom_requested").next_multiple_of(2 << 20),
            ),
            (
                "free",
                incident["facts"]["free"]["low"].as_u64().unwrap(),
                of("oom_free"),
            ),
        ] {
            assert_eq!(ours, theirs, "{case}: {what}");
        }
    }
    assert_eq!(rows, folders().len());
}
