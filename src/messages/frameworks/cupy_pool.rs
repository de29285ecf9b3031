//! "Out of memory allocating 8,000,000,000 bytes (allocated so far: …)": `CuPy`'s memory pool.

use crate::evidence::{Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, capture, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CupyPool,
    printed_by: "cupy/cuda/memory.pyx (OutOfMemoryError), CuPy from 1.0; the limit from 6.0",
    framework: Program::Cupy,
    signatures: &[
        "Out of memory allocating",
        "(allocated so far:",
        "out of memory to allocate",
    ],
    head: r"Outofmemoryallocating\d[\d,]*bytes|outofmemorytoallocate\d+bytes\(total",
    accepts: Some(accepts),
    reach: 300,
    fields: &[
        Field(Key::Tried, r"Outofmemoryallocating{bytes}bytes"),
        // Up to 5.
        Field(Key::Tried, r"outofmemorytoallocate{bytes}bytes"),
        Field(Key::Reserved, r"\(total{bytes}bytes\)"),
        // All that the pool has from the driver, idle blocks included (`_total_bytes`).
        Field(Key::Reserved, r"\(allocatedsofar:{bytes}bytes"),
        Field(Key::Limit, r"limitsetto:{bytes}bytes"),
    ],
    examples: &[
        Example(
            "cupy.cuda.memory.OutOfMemoryError: Out of memory allocating 8,000,000,000 bytes (allocated so far: \
                   144,000,000,000 bytes).",
            &[
                (Key::Tried, "8,000,000,000"),
                (Key::Reserved, "144,000,000,000"),
            ],
        ),
        Example(
            "cupy.cuda.memory.OutOfMemoryError: Out of memory allocating 8,589,934,592 bytes (allocated so far: \
                   12,884,901,888 bytes, limit set to: 17,179,869,184 bytes).",
            &[
                (Key::Tried, "8,589,934,592"),
                (Key::Reserved, "12,884,901,888"),
                (Key::Limit, "17,179,869,184"),
            ],
        ),
        // The driver's own pool (MemoryAsyncPool) does not know how much it gave.
        Example(
            "cupy.cuda.memory.OutOfMemoryError: Out of memory allocating 8,589,934,592 bytes",
            &[(Key::Tried, "8,589,934,592")],
        ),
    ],
    ..Message::EMPTY
};

/// The bare form is said by others too: it counts behind `CuPy`'s own class.
fn accepts(hit: &Match<'_>) -> bool {
    hit.says("(allocatedsofar:")
        || hit.folded.starts_with("outofmemoryto")
        || capture(
            r"cupy[a-z_.]{0,30}\.OutOfMemoryError:$",
            tail(hit.before, 60),
        )
        .is_some()
}
