//! "GPU memory allocation failed", "device memory exhausted", "exceeds available VRAM": what is wrong stands behind the noun.
//!
//! Where such words count is said by [`super::device_exhausted`].

use super::device_exhausted;
use crate::evidence::{Incident, Key, MessageId, Program};
use crate::messages::parts::recorded;
use crate::messages::{Example, Match, Message, start};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::DeviceLacking,
    printed_by: "JDFTx core/ManagedMemory.cpp; and programs of the same words",
    framework: Program::Native,
    signatures: &[
        "y exhausted",
        "VRAM exhausted",
        "pool exhausted",
        "llocation failed",
        "llocation error",
        "llocation of ",
        "memory usage exceed",
    ],
    head: r"(?:(?:GPU|CUDA|HIP|device|video|accelerator)(?:memory|RAM|buffer|array|heap|pool|mem)|VRAM)(?:is|are|was|has|usage|pool|been|the){0,4}(?:exhausted|exceed(?:s|ed)?(?:the|available|total|of|its){0,3}(?:limit|capacity|memory|size|maximum|budget|VRAM)?|allocation(?:of\d[\d.]*(?:bytes|[KMGT]i?B))?(?:failed|failure|error))|(?:GPU|CUDA|HIP|device)allocation(?:of\d[\d.]*(?:bytes|[KMGT]i?B))?(?:failed|failure|error)|memoryallocation(?:of\d[\d.]*(?:bytes|[KMGT]i?B))?(?:failed|failure|error)(?:on|in)(?:the)?(?:GPU|device|CUDA|VRAM|card)|allocationof\d[\d.]*(?:bytes|[KMGT]i?B)exceeds(?:the)?(?:available|free|total)(?:VRAM|(?:GPU|device|video)(?:memory|RAM))",
    accepts: Some(accepts),
    reach: 300,
    fields: recorded::FIGURES,
    more: Some(more),
    examples: &[
        Example(
            "Fatal error: GPU memory usage exceeds the limit of 8192 MB",
            &[(Key::Limit, "8192 MB")],
        ),
        Example(
            "ERROR: Allocation of 2.3 GB exceeds available VRAM: 1.2 GB",
            &[(Key::Tried, "2.3 GB")],
        ),
        Example(
            "RuntimeError: CUDA memory allocation failed: 1024 MB requested",
            &[(Key::Tried, "1024 MB")],
        ),
        Example(
            "E0101 10:00:00.000000 12 gpu.cc:12] GPU allocation of 4294967296 bytes failed",
            &[(Key::Tried, "4294967296 bytes")],
        ),
    ],
    texts: &[
        "GPU memory allocation failed (out of memory)",
        "[error] device memory pool exhausted",
    ],
    silent: &[
        // Code and what goes on are no failure.
        "throw std::runtime_error(\"GPU memory allocation failed\");",
        "GPU memory allocation failed",
        "WARNING: device memory exhausted, falling back to host memory",
        "If device memory is exhausted, an error: see below",
        "ERROR: host memory allocation failed",
    ],
    ..Message::EMPTY
};

/// TensorFlow and Open MPI tell of a try that goes on in such words, too.
fn accepts(hit: &Match<'_>) -> bool {
    // "GPU memory allocation failed (out of memory)": JDFTx prints the status behind it, and nothing before (ManagedMemory.cpp).
    with_its_status(hit) || device_exhausted::accepts(hit)
}

fn with_its_status(hit: &Match<'_>) -> bool {
    let before = hit.line_before();
    let alone = !before.contains(char::is_alphabetic) || before.ends_with([':', ']', '|', '>']);
    // A terminal may have wrapped the line.
    let behind = hit.text.get(hit.head..).unwrap_or_default();
    alone && start(behind, 13).eq_ignore_ascii_case("(outofmemory)")
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    device_exhausted::more(hit, incident);
    if with_its_status(hit) {
        incident.framework = Program::Simulation;
    }
}
