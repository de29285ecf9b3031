//! "Out of memory on device. To view more detail about available memory on the GPU, use '`gpuDevice()`'": MATLAB.

use crate::evidence::{Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::MatlabDevice,
    printed_by: "MATLAB, Parallel Computing Toolbox; the sizes up to R2014",
    framework: Program::Matlab,
    signatures: &[
        "Out of memory on device",
        "available memory on the GPU",
        "calling 'gpuDevice(",
    ],
    head: r"Outofmemoryondevice\.(?:Toviewmoredetailabout|Yourequested:\d)",
    accepts: Some(accepts),
    reach: 400,
    fields: &[
        Field(Key::Tried, r"Yourequested:{size}"),
        Field(Key::Free, r"devicehas{size}free"),
    ],
    examples: &[Example(
        "Error using  .* \nOut of memory on device. You requested: 3.25Gb, device has 1.75Gb free.",
        &[(Key::Tried, "3.25 Gb"), (Key::Free, "1.75 Gb")],
    )],
    texts: &[
        "Error using gpuArray\nOut of memory on device. To view more detail about available memory on the GPU, use 'gpuDevice()'. If the problem persists, reset the GPU by calling 'gpuDevice(1)'.",
    ],
    silent: &[
        // A comment that quotes it is no failure.
        "miniBatchSize = 1;  % Out of memory on device. To view more detail about available memory on the GPU",
    ],
    ..Message::EMPTY
};

/// Not in a comment of a program.
fn accepts(hit: &Match<'_>) -> bool {
    !hit.line_before().contains('%')
}
