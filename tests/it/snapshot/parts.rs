//! What is in use by file, by stream and by pool: each list sums up to all of it.

use super::cases::{folders, log, write};
use super::made::{Value, event, pickle, segment, snapshot};
use serde_json::{Value as Json, json};
use whyoom::Diagnosis;
use whyoom::report::{self, Options};

const MIB: u64 = 1 << 20;
const BASE: u64 = 0x7f00_0000_0000;

fn held(diagnosis: &Diagnosis) -> Json {
    let report: Json = serde_json::from_str(&write("json", diagnosis)).unwrap();
    let schema: Json = serde_json::from_str(&report::json::schema()).unwrap();
    assert!(jsonschema::is_valid(&schema, &report));
    let failed = &report["incidents"][0]["snapshot"];
    match failed {
        Json::Null => report["snapshots"][0].clone(),
        failed => failed.clone(),
    }
}

fn sum(list: &Json) -> u64 {
    let parts = list.as_array().unwrap().iter();
    parts.map(|part| part["bytes"].as_u64().unwrap()).sum()
}

/// A segment with another value in it.
fn with(mut segment: Value, key: &str, value: Value) -> Value {
    if let Value::Dict(items) = &mut segment {
        items.iter_mut().find(|(k, _)| *k == key).unwrap().1 = value;
    }
    segment
}

/// The common pools, a second stream and a private pool.
fn mixed() -> Diagnosis {
    let large = segment(BASE, &[(30 * MIB, true), (2 * MIB, false)]);
    let at = |n: u64, mib: u64| segment(BASE + n * 1000 * MIB, &[(mib * MIB, true)]);
    let small = with(at(1, 1), "segment_type", Value::Text("small".to_owned()));
    let other = with(at(2, 8), "stream", Value::Int(96));
    let private = with(at(3, 4), "segment_pool_id", Value::Pair(0, 7));
    let segments = vec![large, small, other, private];
    let events = vec![
        event("alloc", BASE, 30 * MIB, 10),
        event("oom", MIB, 64 * MIB, 40),
    ];
    whyoom::diagnose("a.pickle", &pickle(&snapshot(segments, events), 4))
}

#[test]
fn files_streams_and_pools_are_told_apart() {
    let held = held(&mixed());
    let part = |key: &str, value: Json, mib: u64, blocks: u64| {
        let mut part = json!({"bytes": mib * MIB, "blocks": blocks});
        part[key] = value;
        part
    };
    assert_eq!(
        held["by_file"],
        json!([part("file", json!("train.py"), 43, 4)])
    );
    let streams = [
        part("stream", json!(0), 35, 3),
        part("stream", json!(96), 8, 1),
    ];
    assert_eq!(held["by_stream"], json!(streams));
    let mut private = part("pool", json!("private"), 4, 1);
    private["id"] = json!([0, 7]);
    let pools = [
        part("pool", json!("large"), 38, 2),
        private,
        part("pool", json!("small"), 1, 1),
    ];
    assert_eq!(held["by_pool"], json!(pools));
}

#[test]
fn they_are_short_lines_where_all_is_asked_for() {
    let options = Options {
        verbose: true,
        ..Options::default()
    };
    let mut out = Vec::new();
    let terminal = report::output("terminal").unwrap();
    (terminal.write)(&[mixed()], &options, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    for line in [
        "  By file: train.py 43 MiB.\n",
        "  By stream: default 35 MiB, 0x60 8 MiB.\n",
        "  By pool: larger 38 MiB, private (0, 7) 4 MiB, up to 1 MiB 1 MiB.\n",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(!write("terminal", &mixed()).contains("By stream"));
}

#[test]
fn every_list_of_a_card_sums_up_to_what_is_in_use() {
    for folder in folders() {
        let held = held(&Diagnosis::of(log(&folder), None));
        for list in ["by_file", "by_stream", "by_pool"] {
            let in_use = held["allocated"].as_u64().unwrap();
            assert_eq!(sum(&held[list]), in_use, "{list} of {}", folder.display());
        }
    }
}

#[test]
fn of_many_streams_the_largest_are_named_and_the_sum_stays() {
    let of = |n: u64| {
        let one = segment(BASE + n * 100 * MIB, &[((1 + n % 7) * MIB, true)]);
        with(one, "stream", Value::Int(n))
    };
    let segments: Vec<Value> = (0..900).map(of).collect();
    let value = snapshot(segments, vec![event("oom", MIB, 64 * MIB, 40)]);
    let held = held(&whyoom::diagnose("a.pickle", &pickle(&value, 4)));
    let streams = held["by_stream"].as_array().unwrap();
    assert_eq!(streams.len(), 101);
    assert_eq!(streams[100]["stream"], Json::Null);
    assert_eq!(sum(&held["by_stream"]), held["allocated"].as_u64().unwrap());
}

#[test]
fn names_of_files_go_here_too() {
    let mut redactor = report::redact::Redactor::default();
    let diagnosis = redactor.diagnosis(&Diagnosis::of(log(&folders()[0]), None));
    let held = held(&diagnosis);
    assert!(!held["by_file"].to_string().contains("/home/user/project"));
}
