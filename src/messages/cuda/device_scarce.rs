//! "Requested 2300 MB but only 1200 MB available on GPU 0", "Too little GPU memory": what there is is too little.
//!
//! Where such words count is said by [`super::device_exhausted`].

use super::device_exhausted;
use crate::evidence::{Key, MessageId, Program};
use crate::messages::parts::recorded;
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::DeviceScarce,
    printed_by: "programs of these words",
    framework: Program::Native,
    signatures: &[
        "oo little ",
        "memory is too small",
        "memory left",
        "but only ",
        "OOM on GPU",
        "OOM on device",
        "GPU out of memory",
    ],
    head: r"toolittle(?:available|free)?(?:VRAM|(?:GPU|device|video|graphics)(?:memory|RAM))|(?:GPU|device|video)memoryistoosmall|no(?:free|more)?memory(?:is|was)?left(?:on|in)(?:the)?(?:GPU|device|card)|(?:requested|needs?|needed|wanted)?\d[\d.]*[KMGT]i?Bbutonly\d[\d.]*[KMGT]i?B(?:is|are|of)?(?:free|available|left)?(?:on|in)(?:the)?(?:GPU|device|VRAM)|OOMon(?:the)?(?:GPU|device|cuda)|GPUoutofmemory",
    accepts: Some(accepts),
    reach: 300,
    fields: recorded::FIGURES,
    more: Some(device_exhausted::more),
    examples: &[
        Example(
            "RuntimeError: Requested 2300 MB but only 1200 MB available on GPU 0",
            &[(Key::Tried, "2300 MB"), (Key::Free, "1200 MB")],
        ),
        Example(
            "ERROR: available GPU memory is too small, 6000 MB needed",
            &[(Key::Tried, "6000 MB")],
        ),
    ],
    texts: &[
        "[error] GPU out of memory while building the tree",
        "ERROR: Too little GPU memory for this box size",
    ],
    silent: &[
        // What people say of it is no failure.
        "Too little GPU memory?",
        "You asked for 16 GB but only 8 GB is available on the GPU.",
        "GPU out of memory errors usually mean a large batch.",
        "ERROR: zoom on device failed",
    ],
    ..Message::EMPTY
};

/// "OOM" ends other words.
fn accepts(hit: &Match<'_>) -> bool {
    let within =
        hit.folded.starts_with("oom") && hit.line_before().ends_with(char::is_alphanumeric);
    !within && device_exhausted::accepts(hit)
}
