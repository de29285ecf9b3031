//! Failures that the program itself handled and went on: a search for a batch size, a batch that was skipped, a slower way.

use crate::evidence::{Incident, Phase};
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
