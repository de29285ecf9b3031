//! Short answers: an agent pays for each byte, so that none is longer than 2 kB. What is left out is counted.

use serde_json::{Value, json};

use crate::bytes::human;
use crate::diagnose::{Diagnosis, Explained};
use crate::evidence::{Devices, Holdings};
use crate::fixes::Ranked;
use crate::report::sanitize::visible;
use crate::report::view;

/// The most bytes of an answer.
pub(super) const MOST: usize = 2000;

/// How much is said: so many failures, fixes of each, facts of each, and bytes of a text.
struct Room {
    failures: usize,
    fixes: usize,
    facts: usize,
    text: usize,
}

/// From all that is worth saying to what always fits.
const ROOMS: [Room; 6] = [
    Room {
        failures: 3,
        fixes: 3,
        facts: 8,
        text: 500,
    },
    Room {
        failures: 2,
        fixes: 3,
        facts: 6,
        text: 300,
    },
    Room {
        failures: 1,
        fixes: 3,
        facts: 8,
        text: 300,
    },
    Room {
        failures: 1,
        fixes: 2,
        facts: 5,
        text: 200,
    },
    Room {
        failures: 1,
        fixes: 1,
        facts: 4,
        text: 110,
    },
    Room {
        failures: 1,
        fixes: 0,
        facts: 0,
        text: 60,
    },
];

/// The text, cut to so many bytes between two characters, and safe to print.
fn cut(text: &str, most: usize) -> String {
    let shown = visible(text);
    if shown.len() <= most {
        return shown.into_owned();
    }
    let ends = shown.char_indices().map(|(at, _)| at);
    let end = ends.take_while(|at| *at + 3 <= most).last().unwrap_or(0);
    format!("{}...", shown.get(..end).unwrap_or_default())
}

/// Why there is no answer. What was asked for may stand in it, however long it is.
#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
pub(super) fn problem(error: impl ToString) -> String {
    cut(&error.to_string(), MOST / 4)
}

/// The first answer that fits.
fn fitting(write: impl Fn(&Room) -> Value) -> String {
    let mut answers = ROOMS.iter().map(|room| write(room).to_string());
    let fits = answers.find(|answer| answer.len() <= MOST);
    fits.unwrap_or_else(|| json!({"problem": "the answer is too long"}).to_string())
}

/// The failures, with where they stand.
pub(super) fn failures(diagnoses: &[Diagnosis]) -> String {
    let all: Vec<&Explained> = diagnoses.iter().flat_map(|d| &d.incidents).collect();
    let unread = diagnoses.iter().find(|d| !d.complete);
    fitting(|room| {
        let shown: Vec<Value> = all
            .iter()
            .take(room.failures)
            .map(|one| failure(one, room))
            .collect();
        let mut answer = json!({"failures": all.len(), "inputs": diagnoses.len()});
        let mut add = |key: &str, value: Value| {
            if let Some(object) = answer.as_object_mut() {
                object.insert(key.to_owned(), value);
            }
        };
        if let Some(unread) = unread {
            let problem = unread.problem.as_deref().unwrap_or("cut short");
            add(
                "not_all_was_read",
                json!(cut(&format!("{}: {problem}", unread.source), room.text)),
            );
        }
        if all.len() > shown.len() {
            add("left_out", json!(all.len() - shown.len()));
        }
        add("shown", Value::Array(shown));
        answer
    })
}

fn failure(explained: &Explained, room: &Room) -> Value {
    let incident = &explained.incident;
    let best = explained.causes.first();
    let mut said = json!({
        "what": cut(&view::headline(explained, usize::MAX), room.text),
        "at": cut(&incident.place.to_string(), room.text),
        "line": incident.place.line.max(1),
        "offset": incident.offset,
    });
    let facts = incident.facts.iter().take(room.facts);
    let facts: Vec<String> = facts
        .map(|(key, f)| format!("line {}: {} {}", f.line, key.name(), cut(&f.text, 40)))
        .collect();
    let fixes: Vec<Value> = explained
        .fixes
        .iter()
        .take(room.fixes)
        .map(|f| fix(f, room))
        .collect();
    if let (Some(object), Some(best)) = (said.as_object_mut(), best) {
        let mut add = |key: &str, value: Value| object.insert(key.to_owned(), value);
        add("cause", json!(best.finding.cause.name()));
        add("finding", json!(best.finding.id.name()));
        add("confidence", json!(best.verdict.confidence.name()));
        add("because", json!(cut(&best.verdict.because, room.text)));
        if let Some(settle) = &best.verdict.settle {
            add("settle", json!(cut(settle, room.text)));
        }
        add("read", json!(facts));
        add("fixes", json!(fixes));
    }
    said
}

fn fix(ranked: &Ranked, room: &Room) -> Value {
    json!({
        "fix": ranked.fix.id.name(),
        "do": cut(ranked.title(), room.text),
        "how": cut(&ranked.offer.how, room.text),
        "enough": ranked.offer.enough.name(),
    })
}

/// Who holds a GPU by a snapshot; `None` where there is none.
pub(super) fn holders(diagnoses: &[Diagnosis]) -> Option<String> {
    let held: Vec<&Holdings> = diagnoses.iter().flat_map(Diagnosis::all_holdings).collect();
    let first = *held.first()?;
    let failed = diagnoses.iter().flat_map(|d| &d.incidents).next();
    Some(fitting(|room| {
        let owners = first.owners.iter().take(room.facts + 2).map(|owner| {
            let place = owner
                .frame
                .as_ref()
                .map(|f| format!("{}:{}", f.file, f.line));
            json!({
                "at": cut(&place.unwrap_or_else(|| "no stack".to_owned()), room.text / 4),
                "held": human(owner.bytes),
                "for": owner.kind.name(),
                "each_round": owner.accumulates.map(|piled| human(piled.per_round)),
            })
        });
        let owners: Vec<Value> = owners.collect();
        json!({
            "gpu": first.device,
            "moment": first.at.name(),
            "in_use": human(first.allocated),
            "reserved": human(first.reserved),
            "owners": owners,
            "left_out": first.owners.len().saturating_sub(room.facts + 2),
            "failure": failed.map(|one| failure(one, &Room { failures: 1, facts: 0, ..*room })),
        })
    }))
}

/// The GPUs now.
pub(super) fn now(devices: &Devices) -> String {
    fitting(|room| {
        let gpus = devices.gpus.iter().take(room.facts + 1).map(|gpu| {
            let processes = gpu.processes.iter().take(room.facts).map(|process| {
                json!({
                    "pid": process.pid,
                    "held": process.bytes.map(human),
                    "command": process.command.as_deref().map(|c| cut(c, room.text / 4)),
                })
            });
            json!({
                "gpu": gpu.index,
                "name": cut(&gpu.name, room.text),
                "free": gpu.memory.as_ref().map(|memory| human(memory.free)),
                "total": gpu.memory.as_ref().map(|memory| human(memory.total)),
                "processes": processes.collect::<Vec<_>>(),
            })
        });
        let gpus: Vec<Value> = gpus.collect();
        json!({"left_out": devices.gpus.len() - gpus.len(), "gpus": gpus, "problem": devices.problem.as_deref().map(|p| cut(p, room.text))})
    })
}

/// A page, cut between its paragraphs.
pub(super) fn page(markdown: &str) -> String {
    let mut page = String::new();
    for paragraph in markdown.split("\n\n") {
        if page.len() + paragraph.len() + 40 > MOST {
            page += "\n\n(cut; `whyoom explain` has the rest)";
            break;
        }
        if !page.is_empty() {
            page += "\n\n";
        }
        page += paragraph;
    }
    page
}
