//! Logs that were kept elsewhere and exported, a JSON object a line: Loki (`logcli query -o jsonl`; grafana/loki,
//! `pkg/logcli/output/jsonl.go`), `CloudWatch` (the events of `aws logs get-log-events` and `filter-log-events`, and Insights;
//! docs.aws.amazon.com, "`OutputLogEvent`"), journald (`journalctl -o json`; systemd.io, "Journal Export Formats"), Google
//! Cloud (cloud.google.com, "`LogEntry`") and `go test -json` (Go, `cmd/test2json`).
//!
//! A program's own JSON may hold a text and figures beside it, so what the exporter always writes beside it must be there.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Cursor, Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "export-json",
    starts: "{",
    when: When::Always,
    strip,
    examples: &[],
};

/// What may stand in a record of any of them.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Record {
    // Loki.
    line: Option<String>,
    timestamp: Option<Time>,
    labels: BTreeMap<String, String>,
    // CloudWatch.
    message: Option<String>,
    #[serde(rename = "ingestionTime")]
    ingested: Option<u64>,
    #[serde(rename = "logStreamName")]
    stream: Option<String>,
    #[serde(rename = "@message")]
    insight: Option<String>,
    #[serde(rename = "@logStream")]
    insight_stream: Option<String>,
    // The journal.
    #[serde(rename = "MESSAGE")]
    journal: Option<Bytes>,
    #[serde(rename = "__REALTIME_TIMESTAMP")]
    realtime: Option<String>,
    #[serde(rename = "_SYSTEMD_UNIT")]
    unit: Option<String>,
    #[serde(rename = "_PID")]
    pid: Option<String>,
    // Google Cloud.
    #[serde(rename = "textPayload")]
    payload: Option<String>,
    #[serde(rename = "logName")]
    log: Option<String>,
    // Go's tests.
    #[serde(rename = "Output")]
    output: Option<String>,
    #[serde(rename = "Action")]
    action: Option<String>,
    #[serde(rename = "Test")]
    test: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Time {
    Text(#[expect(dead_code, reason = "its kind is what matters")] String),
    Number(#[expect(dead_code, reason = "its kind is what matters")] u64),
}

/// "out of memory" in a text that the journal writes as numbers, since it has colours in it: with blanks between them
/// (systemd, `src/shared/logs-show.c`, `json_escape`), and without, as other writers of JSON do.
pub(crate) const AS_NUMBERS: [&str; 2] = [
    "111, 117, 116, 32, 111, 102, 32, 109, 101, 109, 111, 114, 121",
    "111,117,116,32,111,102,32,109,101,109,111,114,121",
];

/// A text; where it is no UTF-8 or holds escapes, the journal writes it as numbers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Bytes {
    Text(String),
    Raw(Vec<u8>),
}

impl Record {
    /// The text and who wrote it.
    fn told(self) -> Option<(String, String)> {
        let label = |name: &str| self.labels.get(name).map(String::as_str);
        if let (Some(line), Some(Time::Text(_))) = (&self.line, &self.timestamp) {
            let names = [label("pod"), label("container")].into_iter().flatten();
            return Some((line.clone(), names.collect::<Vec<_>>().join("/")));
        }
        if let (Some(message), Some(Time::Number(_)), Some(_)) =
            (&self.message, &self.timestamp, self.ingested)
        {
            return Some((message.clone(), self.stream.unwrap_or_default()));
        }
        if let Some(message) = self.insight {
            return Some((message, self.insight_stream.unwrap_or_default()));
        }
        if let (Some(message), Some(_)) = (self.journal, self.realtime) {
            let text = match message {
                Bytes::Text(text) => text,
                Bytes::Raw(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            };
            let names = [self.unit, self.pid.map(|pid| format!("[{pid}]"))];
            return Some((text, names.into_iter().flatten().collect()));
        }
        if let (Some(text), Some("output")) = (&self.output, self.action.as_deref()) {
            return Some((text.clone(), self.test.unwrap_or_default()));
        }
        let text = self.payload?;
        self.log.map(|_| (text, String::new()))
    }
}

/// True where a line is a record of one of them.
pub(in crate::text) fn is_exported(line: &str) -> bool {
    strip(Cursor::new(line)).is_some()
}

fn strip(cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    let line = cursor.rest;
    let known = [
        "\"line\"",
        "\"ingestionTime\"",
        "\"@message\"",
        "\"MESSAGE\"",
        "\"textPayload\"",
        "\"Output\"",
    ];
    if !known.iter().any(|key| line.contains(key)) {
        return None;
    }
    let (text, writer) = serde_json::from_slice::<Record>(line.as_bytes())
        .ok()?
        .told()?;
    // One line must stay one: a break inside is written as JSON wrote it.
    let text = text.trim_end_matches(['\n', '\r']).replace('\n', "\\n");
    Some(Stripped {
        rest: Cow::Owned(text),
        rank: None,
        lane: Cow::Owned(writer),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_comes_out_of_the_record_of_every_exporter() {
        for (record, lane) in [
            (
                r#"{"labels":{"app":"t","container":"main","pod":"train-0"},"line":"  File \"a.py\"\n","timestamp":"2026-01-02T03:04:05.678Z"}"#,
                "train-0/main",
            ),
            (
                r#"{"line":"  File \"a.py\"","timestamp":"2026-01-02T03:04:05.678Z"}"#,
                "",
            ),
            (
                r#"{"timestamp":1767322800123,"message":"  File \"a.py\"","ingestionTime":1767322800200}"#,
                "",
            ),
            (
                r#"{"logStreamName":"train/0","timestamp":1767322800123,"message":"  File \"a.py\"","ingestionTime":1767322800200,"eventId":"7"}"#,
                "train/0",
            ),
            (
                r#"{"@timestamp":"2026-01-02 03:04:05.678","@message":"  File \"a.py\"","@logStream":"s","@ptr":"x"}"#,
                "s",
            ),
            (
                r#"{"_PID":"42","MESSAGE":"  File \"a.py\"","__REALTIME_TIMESTAMP":"1767322800123000","_SYSTEMD_UNIT":"train.service"}"#,
                "train.service[42]",
            ),
            (
                r#"{"MESSAGE":[32,32,70,105,108,101,32,34,97,46,112,121,34],"__REALTIME_TIMESTAMP":"1767322800123000"}"#,
                "",
            ),
            (
                r#"{"Time":"2026-01-02T03:04:05Z","Action":"output","Package":"ours/pool","Test":"TestA","Output":"  File \"a.py\"\n"}"#,
                "TestA",
            ),
            (
                r#"{"insertId":"1","logName":"projects/p/logs/stderr","textPayload":"  File \"a.py\"\n","timestamp":"2026-01-02T03:04:05Z"}"#,
                "",
            ),
        ] {
            let stripped = strip(Cursor::new(record)).unwrap();
            assert_eq!(
                (&*stripped.rest, &*stripped.lane),
                ("  File \"a.py\"", lane),
                "{record}"
            );
        }
    }

    #[test]
    fn a_failure_that_the_journal_wrote_as_numbers_is_found() {
        let message = "\u{1b}[31mRuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 23.64 GiB total capacity; \
            21.40 GiB already allocated; 1.00 GiB free; 21.80 GiB reserved in total by PyTorch)\u{1b}[0m";
        for gap in [", ", ","] {
            let numbers: Vec<String> = message.bytes().map(|b| b.to_string()).collect();
            let record = |text: &str| {
                format!("{{\"__REALTIME_TIMESTAMP\":\"17\",\"_PID\":\"7\",\"MESSAGE\":{text}}}\n")
            };
            let log =
                record("\"step 1\"").repeat(500) + &record(&format!("[{}]", numbers.join(gap)));
            let diagnosis = crate::diagnose("journal.json", log.as_bytes());
            let incident = &diagnosis.incidents[0].incident;
            assert_eq!(
                (incident.place.line, incident.facts.iter().count()),
                (501, 5)
            );
        }
    }

    #[test]
    fn a_program_s_own_json_keeps_its_figures() {
        for line in [
            r#"{"message":"step","timestamp":"2026-01-02","memory_allocated":"3 GiB"}"#,
            r#"{"message":"step","timestamp":1767322800,"memory_allocated":3}"#,
            r#"{"line":87,"timestamp":"2026-01-02","message":"oom"}"#,
            r#"{"MESSAGE":"oom"}"#,
            r#"{"labels":[1],"line":"x","timestamp":"y"}"#,
            r#"{"line":"cut"#,
        ] {
            assert!(strip(Cursor::new(line)).is_none(), "{line}");
        }
    }
}
