//! "buffer 'data' size 18300780544 is larger than buffer maximum of 17179869184": a buffer larger than Metal gives in one piece.

use crate::evidence::{Accelerator, Flag, Incident, Key, MessageId, Program};
use crate::messages::parts::ggml;
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::MetalBufferLimit,
    printed_by: "ggml-metal.m of llama.cpp, June 2023 (ggml_metal_add_buffer); Apple's Metal: MTLDebugDevice; MLX: metal/allocator.cpp",
    framework: Program::LlamaCpp,
    signatures: &[
        "is larger than buffer maximum of",
        "larger than buffer maximum",
        "maximum allowed buffer size of",
        "greater than the maximum allowed buffer",
        " must not exceed ",
    ],
    head: r"buffer'[!-~]{0,40}'size\d+islargerthanbuffermaximumof\d|\[metal::malloc\]Attemptingtoallocate\d+byteswhichisgreaterthanthemaximumallowedbuffersizeof\d|newBufferWith[!-~]{0,60}length0x[0-9a-f]+mustnotexceed\d+MB",
    reach: 300,
    fields: &[
        Field(Key::Tried, r"size{bytes}islargerthanbuffermaximum"),
        Field(Key::Limit, r"buffermaximumof{bytes}"),
        Field(
            Key::Tried,
            r"Attemptingtoallocate{bytes}byteswhichisgreater",
        ),
        Field(Key::Limit, r"maximumallowedbuffersizeof{bytes}"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "ggml_metal_add_buffer: buffer 'data' size 18300780544 is larger than buffer maximum of 17179869184",
            &[(Key::Tried, "18300780544"), (Key::Limit, "17179869184")],
        ),
        Example(
            "RuntimeError: [metal::malloc] Attempting to allocate 40265318400 bytes which is greater than the maximum allowed \
                   buffer size of 28991029248 bytes.",
            &[(Key::Tried, "40265318400"), (Key::Limit, "28991029248")],
        ),
    ],
    texts: &[
        "-[MTLDebugDevice newBufferWithBytesNoCopy:length:options:deallocator:]:700: failed assertion `Buffer Validation\n\
                   newBufferWith*:length 0x6692c000 must not exceed 1024 MB.",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.capture(r"^\[metal::malloc\]").is_some() {
        incident.framework = Program::Mlx;
    } else {
        ggml::program(hit, incident);
    }
    if hit.capture(r"^buffer'data'").is_some() {
        incident.flags.insert(Flag::ForWeights);
    } else if hit.capture(r"^buffer'kv'").is_some() {
        incident.flags.insert(Flag::ForCache);
    }
    incident.accelerator = Accelerator::Mps;
    incident.flags.insert(Flag::SingleAllocationLimit);
}
