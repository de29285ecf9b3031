//! "CUDA out of memory." and no figures: cut short by who printed it, or said by a program that caught the exception.

use crate::evidence::{Incident, Key, MessageId, Program};
use crate::messages::parts::told;
use crate::messages::{Match, Message, capture, holds, standing, start, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::PytorchCudaBare,
    printed_by: "c10/cuda/CUDACachingAllocator.cpp and its copies, cut behind the first sentence",
    framework: Program::Pytorch,
    signatures: &[
        "CUDA out of memory",
        "HIP out of memory",
        "PU out of memory",
        "MPS backend out of",
        "CUDA OOM",
        "GPU OOM",
    ],
    head: r"(?:CUDA|HIP|XPU|NPU|MUSA|MLU|GCU|MPSbackend)outofmemory|(?:CUDA|GPU)OOM",
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
    // The word alone is a name of many things.
    if hit
        .folded
        .get(..hit.head)
        .is_some_and(|head| head.ends_with("oom"))
    {
        // "CUDA OOMs: 1" is a count in PyTorch's own table.
        let counts = hit.line_after().starts_with("s:");
        return !counts && (of_a_logger(hit) || with_figures(hit));
    }
    !is_heading(hit.line_text)
        && (standing::reported(hit)
            || of_a_logger(hit)
            || with_figures(hit)
            || of_a_sequence(hit)
            || standing::opens_line(hit) && ends_in_its_words(hit.line_after()))
}

/// "ERROR worker: CUDA out of memory while running the model". vLLM's own sentence is a message of its own.
fn of_a_logger(hit: &Match<'_>) -> bool {
    standing::in_a_record(hit) && !hit.line_after().starts_with("occurred")
}

/// What a program of its own tells of sizes behind the words, each with the key that it is told under.
const FIGURES: [(Key, &str); 5] = [
    (
        Key::Tried,
        r"(?:tried|requested|needed|need|asked)[=:]?(\d[\d.]{0,12})([KMGT]i?B)",
    ),
    (Key::Free, r"free[=:]?(\d[\d.]{0,12})([KMGT]i?B)"),
    (Key::Total, r"total[=:]?(\d[\d.]{0,12})([KMGT]i?B)"),
    (Key::Reserved, r"reserved[=:]?(\d[\d.]{0,12})([KMGT]i?B)"),
    (Key::Allocated, r"allocated[=:]?(\d[\d.]{0,12})([KMGT]i?B)"),
];

/// "CUDA out of memory on cuda:3: tried 1.5GB, free 0.9GB": two figures in the same line, and no sentence about it.
fn with_figures(hit: &Match<'_>) -> bool {
    let line = hit.line_after();
    let told = FIGURES
        .iter()
        .filter(|(_, pattern)| capture(pattern, line).is_some());
    let quoted = hit.line_before().ends_with(['"', '\'', '`']);
    !line.contains('?') && !quoted && told.count() > 1
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
    if with_figures(hit) {
        for (key, pattern) in FIGURES {
            told::size(hit, incident, (key, hit.line_after()), pattern);
        }
        incident.device = incident
            .device
            .or(hit.number(r"oncuda:(\d{1,2})(?:$|[^0-9.])"));
    }
    if of_a_sequence(hit) {
        incident.framework = Program::Folding;
    }
}
