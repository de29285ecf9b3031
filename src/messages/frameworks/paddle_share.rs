//! "enforce allocating <= available failed": the share of the GPU that `PaddlePaddle` takes in advance did not fit.

use crate::evidence::{Flag, Key, MessageId, Program};
use crate::messages::{Example, Field, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::PaddleShare,
    printed_by: "paddle/fluid/platform/gpu_info.cc (GpuMaxChunkSize), up to 1.6; plain bytes",
    framework: Program::Paddle,
    signatures: &[
        "allocating <= available",
        "<= available fail",
        "received alloc",
        "Insufficient GPU memory to",
    ],
    head: r"enforceallocating<=availablefailed,\d|Expectedallocating<=available,butreceivedallocating:\d",
    reach: 200,
    fields: &[
        Field(Key::Tried, r"failed,{bytes}>"),
        // A ">" that a wrap puts at the start of a line is taken for a quote's.
        Field(Key::Tried, r"receivedallocating:{bytes}>?available"),
        Field(Key::Free, r"(?:failed,\d+>|[0-9>]available:){bytes}"),
    ],
    flags: &[Flag::Share],
    examples: &[
        Example(
            "Enforce failed. Expected allocating <= available, but received allocating:10964000768 > \
                   available:3221225472.\nInsufficient GPU memory to allocation. at \
                   [/paddle/paddle/fluid/platform/gpu_info.cc:262]",
            &[(Key::Tried, "10964000768"), (Key::Free, "3221225472")],
        ),
        Example(
            "paddle.fluid.core.EnforceNotMet: enforce allocating <= available failed, 7730941132 > 1073741824\n at \
                   [/paddle/paddle/fluid/platform/gpu_info.cc:119]",
            &[(Key::Tried, "7730941132"), (Key::Free, "1073741824")],
        ),
    ],
    silent: &[
        // Another check of the same program is none.
        "enforce offset <= available failed, 12 > 8",
    ],
    ..Message::EMPTY
};

#[cfg(test)]
mod tests {
    use crate::evidence::Flag;
    use crate::messages::examples::one;

    #[test]
    fn what_is_asked_for_is_a_share_of_the_device() {
        let text = "enforce allocating <= available failed, 9448928051 > 4294967296";
        assert!(one(text).incident.flagged(Flag::Share));
    }
}
