//! Failures that the program itself handled and went on: a search for a batch size, a batch that was skipped, a slower way.

use crate::evidence::{Incident, Memory, Phase};
use crate::text::Lane;

/// Words before a message, in lower case, of programs that expect it.
const EXPECTED: [&str; 13] = [
    "skipping",
    "skip batch",
    "oom with batch size",
    "oom with batch_size",
    "probe failed",
    "ran out of memory with exception",
    "ran out of memory in",
    "oom in batch",
    "oom for batch",
    "failed to clone() tensor",
    "caught oom",
    "recovered from oom",
    "will retry",
];

/// Words behind it, in lower case, of programs that go on.
const WENT_ON: [&str; 12] = [
    "decreasing batch size",
    "reducing batch size",
    "skipping batch",
    "skipping this batch",
    "attempting to recover from oom",
    "retrying with",
    "falling back",
    "trying batch size",
    "using batch size",
    "using batch-size",
    "batch size finder",
    "retry with tiled",
];

/// So many lines behind the message may tell that the program went on.
const REACH: usize = 12;

/// Marks the failures that were handled.
pub(crate) fn mark_caught(incidents: &mut [Incident], lanes: &[Lane]) {
    for incident in incidents {
        for lane in lanes {
            let number = incident.place.line;
            let Some(at) = lane.lines.iter().position(|line| line.number == number) else {
                continue;
            };
            let of = |index: usize| {
                lane.lines
                    .get(index)
                    .map(|line| line.text.to_ascii_lowercase())
            };
            let own = of(at).unwrap_or_default();
            let before = own.split("out of memory").next().unwrap_or("");
            let expected = EXPECTED.iter().any(|word| {
                before.contains(word)
                    || own.starts_with(word)
                    || own.contains(word) && !own.contains("error:")
            });
            let after = (at + 1..=at + REACH).map_while(of);
            let mut after =
                after.take_while(|text| !text.contains("traceback (most recent call last)"));
            if expected || after.any(|text| WENT_ON.iter().any(|word| text.contains(word))) {
                incident.caught = true;
                if own.contains("failed to clone() tensor") {
                    incident.phase = incident.phase.or(Some(Phase::Save));
                }
            }
        }
    }
}

/// What a program says that goes on without the work that failed. Small letters.
const GOES_ON: [&str; 12] = [
    "skipping batch",
    "skipping this batch",
    "skipping the batch",
    "skip this batch",
    "skipped batch",
    "using fallback",
    "falling back",
    "fall back to",
    "will be skipped",
    "skipping it",
    "ignoring batch",
    "continuing without",
];

/// Marks a failure of the device as caught where the record above its stack, or its own, is a warning; or where a warning beside
/// it says that the work goes on. `line` gives the raw text of a line by its number.
pub(crate) fn look<'a>(
    incident: &mut Incident,
    begins: u64,
    line: &dyn Fn(u64) -> Option<&'a str>,
) {
    if incident.memory != Memory::Device {
        return;
    }
    let at = incident.place.line;
    let stack = !incident.traceback.frames.is_empty();
    let above = line(begins.saturating_sub(1)).filter(|_| stack && begins < at);
    let own = line(at).filter(|_| at == begins);
    let warned = above.is_some_and(|text| is_warning(text) && speaks_of_what_failed(text));
    let beside = [begins.saturating_sub(1), at, at + 1, at + 2];
    let mut beside = beside.iter().filter_map(|number| line(*number));
    let goes_on = beside.any(|text| {
        let small = text.to_ascii_lowercase();
        is_warning(text) && GOES_ON.iter().any(|words| small.contains(words))
    });
    incident.caught = incident.caught || warned || goes_on || own.is_some_and(hands_on);
}

/// The level of a record: Python's `logging`, loguru, structured logs.
fn is_warning(text: &str) -> bool {
    const LEVELS: [&str; 10] = [
        "WARNING:",
        "WARNING ",
        "WARNING]",
        "| WARNING",
        "- WARNING -",
        "[WARNING",
        "WARN ",
        "[WARN]",
        "\"level\":\"warn",
        "level=warn",
    ];
    let tight = text.replace("\": \"", "\":\"");
    LEVELS.iter().any(|level| tight.contains(level))
}

/// A record whose stack follows, and not any warning that happens to stand above a failure.
fn speaks_of_what_failed(text: &str) -> bool {
    const WORDS: [&str; 11] = [
        "fail",
        "error",
        "exception",
        "oom",
        "memory",
        "fallback",
        "falling back",
        "skip",
        "retry",
        "could not",
        "unable",
    ];
    let small = text.to_ascii_lowercase();
    WORDS.iter().any(|word| small.contains(word))
}

/// "WARNING: ran out of memory in worker, skipping batch" on one line.
fn hands_on(text: &str) -> bool {
    let small = text.to_ascii_lowercase();
    is_warning(text)
        && ["skip", "fallback", "falling back"]
            .iter()
            .any(|word| small.contains(word))
}
