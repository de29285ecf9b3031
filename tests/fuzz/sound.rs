//! What must hold of the reports of any input.

use serde_json::Value;
use whyoom::Diagnosis;
use whyoom::report::redact::Redactor;
use whyoom::report::sanitize::{acts, commands, opens_command};
use whyoom::report::{ALL, Options, output};

/// One output.
pub fn write(format: &str, diagnosis: &Diagnosis) -> String {
    let mut out = Vec::new();
    let write = output(format).unwrap().write;
    write(
        std::slice::from_ref(diagnosis),
        &Options::default(),
        &mut out,
    )
    .unwrap();
    String::from_utf8(out).unwrap()
}

/// All outputs of a diagnosis of these bytes, with names and without.
pub fn check(diagnosis: &Diagnosis, raw: &[u8]) {
    outputs(diagnosis);
    let lines = raw.iter().filter(|b| **b == b'\n').count() + 1;
    let report: Value = serde_json::from_str(&write("json", diagnosis)).unwrap();
    for incident in report["incidents"].as_array().unwrap() {
        line(&incident["line"], lines);
        for fact in incident["facts"].as_object().unwrap().values() {
            line(&fact["line"], lines);
            assert!(fact["low"].as_u64() <= fact["high"].as_u64(), "{fact}");
        }
        assert!(!incident["causes"].as_array().unwrap().is_empty());
    }
}

/// The same once the names are out.
pub fn check_redacted(diagnosis: &Diagnosis) {
    outputs(&Redactor::default().diagnosis(diagnosis));
}

fn line(number: &Value, lines: usize) {
    let number = usize::try_from(number.as_u64().unwrap()).unwrap();
    assert!((1..=lines).contains(&number), "line {number} of {lines}");
}

fn outputs(diagnosis: &Diagnosis) {
    for format in ALL {
        let text = write(format.name, diagnosis);
        let name = format.name;
        assert!(!text.contains(|c| c != '\n' && acts(c)), "{name}: {text:?}");
        assert!(!commands(&text), "{name}: {text}");
        match name {
            "json" | "sarif" | "gitlab" => drop(serde_json::from_str::<Value>(&text).unwrap()),
            "ndjson" => {
                let lines = text.lines().map(serde_json::from_str::<Value>);
                let lines: Result<Vec<_>, _> = lines.collect();
                assert_eq!(lines.unwrap().len(), diagnosis.incidents.len());
            }
            "junit" => {
                let report = quick_junit::Report::deserialize_from_str(&text).unwrap();
                assert_eq!(report.failures, diagnosis.incidents.len());
            }
            _ => {}
        }
        if name == "github" {
            github(&text);
        } else {
            assert!(!text.lines().any(opens_command), "{name}: {text}");
        }
    }
}

/// Only our own commands: the report between two of them, then annotations.
fn github(text: &str) {
    let (first, rest) = text.split_once('\n').unwrap();
    let token = first.strip_prefix("::stop-commands::").unwrap();
    let (report, rest) = rest.split_once(&format!("\n::{token}::\n")).unwrap();
    assert!(!report.lines().any(opens_command), "{text}");
    let ours = [
        "::error file=",
        "::notice title=whyoom::",
        "::warning title=whyoom::",
    ];
    for line in rest.lines() {
        assert!(ours.iter().any(|start| line.starts_with(start)), "{line}");
    }
}
