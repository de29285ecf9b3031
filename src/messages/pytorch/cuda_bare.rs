//! "CUDA out of memory." and no figures: cut short by who printed it, or said by a program that caught the exception.

use crate::evidence::{Incident, MessageId, Program};
use crate::messages::{Match, Message, holds, standing, start, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::PytorchCudaBare,
    printed_by: "c10/cuda/CUDACachingAllocator.cpp and its copies, cut behind the first sentence",
    framework: Program::Pytorch,
    signatures: &[
        "CUDA out of memory",
        "HIP out of memory",
        "PU out of memory",
        "MPS backend out of",
    ],
    head: r"(?:CUDA|HIP|XPU|NPU|MUSA|MLU|GCU|MPSbackend)outofmemory",
    accepts: Some(accepts),
    reach: 200,
    more: Some(more),
    texts: &[
        "RuntimeError: CUDA out of memory.",
        "torch.OutOfMemoryError: HIP out of memory. Tried to allo",
        "CUDA out of memory. Tried to allocate",
        "23/01/10 13:59:15 | INFO | root | Failed (CUDA out of memory) on sequence a-900 of length 918.",
        "{\"level\": \"info\", \"error\": \"CUDA out of memory\"}",
    ],
    ..Message::EMPTY
};

/// A line that holds nothing else needs the full stop of the message: without one it is a title or a note.
fn accepts(hit: &Match<'_>) -> bool {
    // With a size behind it, it is the whole message; told without a pattern, as most sightings are of that kind.
    let after = hit
        .text
        .get(hit.head..)
        .unwrap_or("")
        .trim_start_matches('.')
        .as_bytes();
    let tried = after
        .get(..15)
        .is_some_and(|words| words.eq_ignore_ascii_case(b"Triedtoallocate"));
    let sized = |bytes: &[u8]| bytes.first().is_some_and(u8::is_ascii_digit);
    let named = |bytes: &[u8]| {
        bytes.get(..30.min(bytes.len())).is_some_and(|near| {
            near.windows(4)
                .any(|w| w.eq_ignore_ascii_case(b"GPU0") || w.eq_ignore_ascii_case(b"(GPU"))
        })
    };
    if tried
        && after
            .get(15..)
            .is_some_and(|rest| sized(rest) || named(rest))
    {
        return false;
    }
    !is_heading(hit.line_text)
        && (standing::reported(hit)
            || of_a_sequence(hit)
            || standing::opens_line(hit) && ends_in_its_words(hit.line_after()))
}

/// True where the line ends in the message's first words: cut there, or before a figure too long to be kept.
fn ends_in_its_words(after: &str) -> bool {
    let words = ".Triedtoallocate".get(..after.len());
    !after.is_empty() && words.is_some_and(|words| words.eq_ignore_ascii_case(after))
}

/// "Failed (CUDA out of memory) on sequence P12345 of length 918.": facebookresearch/esm, scripts/fold.py.
fn of_a_sequence(hit: &Match<'_>) -> bool {
    let behind = hit.text.get(hit.head..).unwrap_or_default();
    holds(tail(hit.before, 7), "failed(") && holds(start(behind, 11), ")onsequence")
}

/// A heading of Markdown, also as `grep -n` shows it: `README.md:12:## RuntimeError: CUDA out of memory.`
fn is_heading(line: &str) -> bool {
    let head = line.split('#').next().unwrap_or("");
    let marks = line.get(head.len()..).unwrap_or("");
    let level = marks.bytes().take_while(|b| *b == b'#').count();
    let place = head.trim().is_empty() || head.ends_with(':') && !head.contains(' ');
    place
        && (1..=6).contains(&level)
        && marks.get(level..).is_some_and(|rest| rest.starts_with(' '))
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.accelerator = crate::messages::parts::wording::accelerator(hit);
    if of_a_sequence(hit) {
        incident.framework = Program::Folding;
    }
}
