//! "Insufficient memory on accelerator", "Out of video memory": a program says in a sentence of its own that a GPU is full.
//!
//! The words are what anybody would choose, so that they count only as the message of an exception or of an error record, or with
//! figures. Programs that are known by name have messages of their own, which come first.

use crate::evidence::{Accelerator, Flag, Incident, Key, MessageId, Program};
use crate::messages::parts::{recorded, told};
use crate::messages::{Example, Match, Message, capture, holds, start, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::DeviceExhausted,
    printed_by: "LAMMPS src/GPU/gpu_extra.h; COLMAP src/colmap/feature/sift.cc; Unreal Engine D3D12RHI; and programs of the same words",
    framework: Program::Native,
    signatures: &[
        "nsufficient",
        "ot enough ",
        "ut of video memory",
        "ut of device memory",
        "ut of GPU memory",
        "of device memory free",
        "ran out of ",
    ],
    head: r"(?:insufficient|notenough|nosufficient)(?:available|free)?(?:GPU|device|video|graphics|CUDA|accelerator)(?:memory|RAM)|(?:insufficient|notenough)(?:free|available)?(?:VRAM|memory(?:available|free|left)?(?:on|in|of)(?:the)?(?:accelerator|device|GPU|CUDA|card)|memoryfor(?:the)?KV-?cache)|outof(?:GPU|device|video|graphics)memory|(?:GPU|VRAM|videomemory)(?:has|is)?ranoutofmemory|ranoutof(?:GPU|device|video)?(?:memory|VRAM)(?:on(?:the)?(?:GPU|device))?|(?:needs?|requires?|required)[:=]?\d[\d.]*[KMGT]i?B,\d[\d.]*[KMGT]i?Bof(?:device|GPU|video)memory(?:is|are)?free|(?:(?:GPU|CUDA|HIP|device|video|accelerator)(?:memory|RAM|mem)|VRAM)(?:is|are)?(?:insufficient|notenough)|(?:GPU|device)[#:]?\d{0,2}:(?:insufficient|notenough)(?:free)?memory",
    accepts: Some(accepts),
    reach: 300,
    fields: recorded::FIGURES,
    more: Some(more),
    examples: &[
        Example(
            "Not enough GPU RAM free (3686MB free, need at least 4122MB)",
            &[(Key::Tried, "4122 MB"), (Key::Free, "3686 MB")],
        ),
        Example(
            "ERROR: GPU memory insufficient: need 2.3 GB, have 1.2 GB",
            &[(Key::Tried, "2.3 GB"), (Key::Free, "1.2 GB")],
        ),
    ],
    texts: &[
        "ERROR: Insufficient memory on accelerator (src/GPU/gpu_extra.h:39)\nLast command: run 1000",
        "AssertionError: Not enough memory for KV cache, try reducing --num-pages",
        "LogD3D12RHI: Error: Out of video memory trying to allocate a rendering resource.",
    ],
    silent: &[
        // What people say of it is no failure.
        "# Out of GPU memory",
        "Out of video memory",
        "If it says error: insufficient GPU memory, lower the batch.",
        "There is not enough GPU memory on small cards for this model.",
        "WARNING: not enough GPU memory, falling back to the CPU",
        "ERROR level: may run out of device memory on long inputs",
        "raise RuntimeError(\"Insufficient GPU memory\")",
    ],
    ..Message::EMPTY
};

/// The level of a record, or the class of an exception, anywhere before it in its line; or figures behind it.
pub(super) fn accepts(hit: &Match<'_>) -> bool {
    const FIGURES: &str =
        r"\d[\d.]*(?:[KMGT]i?B|bytes)|\([!-~]{2,120}\.(?:cpp|cuh?|cc|hpp|h|c|py|rs):\d+\)";
    let before = tail(hit.line_before(), 300);
    // The name of a status, as in "ErrorOutOfDeviceMemory".
    let named = tail(before, 5).eq_ignore_ascii_case("error")
        || before.ends_with("::")
        || holds(start(hit.line_after(), 5), "error");
    let name = named && hit.folded.starts_with("out");
    // Paddle's own sentence goes on so, below its figures.
    // So does TensorRT, which passes over a tactic and takes another.
    let others = ["toallocation", "tousetactic"]
        .iter()
        .any(|words| hit.line_after().starts_with(words));
    let figures = capture(FIGURES, hit.own_line()).is_some();
    let opens = !before.contains(|c: char| c.is_alphabetic()) || before.ends_with(['|', ']', '>']);
    let told = recorded::failure(hit) || figures && opens;
    told && !name && !others && !host(hit) && !talks(hit)
}

/// "ran out of memory" and "allocation failed" are said of a host, too: the line must name a GPU.
fn host(hit: &Match<'_>) -> bool {
    const GPU: [&str; 10] = [
        "gpu",
        "vram",
        "cuda",
        "device",
        "videomemory",
        "graphicsmemory",
        "accelerator",
        "hip",
        "kv",
        "card",
    ];
    let line = tail(hit.line_before(), 300).to_ascii_lowercase()
        + &start(hit.own_line(), 300).to_ascii_lowercase();
    !GPU.iter().any(|word| line.contains(word))
}

/// True where somebody speaks of it, quotes it or asks, or the program goes on by itself.
pub(super) fn talks(hit: &Match<'_>) -> bool {
    const GOES_ON: [&str; 8] = [
        "fallingback",
        "fallback",
        "retry",
        "tryingagain",
        "willuse",
        "usingcpu",
        "oncpuinstead",
        "skipping",
    ];
    // "If you see …", "an error: insufficient GPU memory means …".
    const SPOKEN: [&str; 8] = [
        "if", "when", "may", "might", "could", "whether", "means", "usually",
    ];
    let before = tail(hit.line_before(), 300);
    let line = hit.own_line().to_ascii_lowercase();
    let words = hit.line_text.to_ascii_lowercase();
    let mut told = words.split_whitespace().peekable();
    let mut spoken = false;
    while let Some(word) = told.next() {
        // "Could not allocate" is no guess.
        let refused = word == "could" && told.peek().is_some_and(|next| *next == "not");
        spoken |= SPOKEN.contains(&word) && !refused;
    }
    let goes_on = GOES_ON
        .iter()
        .any(|words| line.contains(words) || holds(before, words));
    let quoted = before.ends_with(['`', '\'']) || before.ends_with('"') && !before.ends_with(":\"");
    spoken || goes_on || quoted || hit.line_after().contains('?')
}

pub(super) fn more(hit: &Match<'_>, incident: &mut Incident) {
    const SIGNS: [(&str, Program); 4] = [
        ("memoryonaccelerator(", Program::Simulation),
        ("[OptiX", Program::Renderer),
        ("D3D12RHI", Program::D3d12),
        ("D3D11RHI", Program::D3d12),
    ];
    told::advice(hit, incident);
    let around = |words: &str| holds(tail(hit.before, 120), words) || holds(hit.own_line(), words);
    if let Some((_, program)) = SIGNS.iter().find(|(words, _)| around(words)) {
        incident.framework = *program;
    }
    if incident.framework == Program::D3d12 {
        incident.accelerator = Accelerator::Unnamed;
    }
    if hit.capture(r"^[a-z]{3,20}memoryfor(?:the)?KV").is_some() {
        incident.flags.insert(Flag::ForCache);
    }
    incident.device = hit.number(r"onGPU(\d{1,2})(?:$|[^0-9.])");
}
