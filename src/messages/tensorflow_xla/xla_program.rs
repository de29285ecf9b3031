//! "Ran out of memory in memory space hbm. Used 21.40G of 15.75G hbm.": XLA's compiler counts what a program needs on a TPU, and
//! does not start one that needs more than there is.

use crate::evidence::{Accelerator, Incident, Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::XlaProgram,
    // The compiler for TPUs is closed: texts from tensorflow/tpu issue 385 (2019) and openxla's docs/errors (2026).
    printed_by: "XLA:TPU's compiler (libtpu), which JAX, TensorFlow and torch_xla print; openxla/xla: docs/errors",
    framework: Program::Jax,
    signatures: &[
        "in memory space hbm",
        "Total hbm usage >=",
        "Program hbm requirement",
    ],
    head: r"Ranoutofmemoryinmemoryspacehbm|Totalhbmusage>=\d|Programhbmrequirement\d",
    accepts: Some(accepts),
    reach: 1200,
    fields: &[
        Field(
            Key::Projected,
            r"^(?:Ranoutofmemoryinmemoryspacehbm\.Used|Totalhbmusage>=|Programhbmrequirement)(\d[\d.]*)([KMG])",
        ),
        Field(Key::Total, r"hbm\.Used[\d.]+[KMG]of(\d[\d.]*)([KMG])hbm"),
        Field(Key::Deficit, r"Exceededhbmcapacityby(\d[\d.]*)([KMG])\b"),
        Field(Key::ComputeBuffer, r"HLOtemp(\d[\d.]*)([KMG])[^a-z]"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "jax.errors.JaxRuntimeError: RESOURCE_EXHAUSTED: XLA:TPU compile permanent error. Ran out of memory in memory space \
                   hbm. Used 19.20G of 15.75G hbm. Exceeded hbm capacity by 3.45G.\n\nTotal hbm usage >= 19.70G:\n    reserved \
                   \x20      512.00M \n    program          16.10G \n    arguments         3.10G \n\nOutput size 3.10G; shares \
                   3.10G with arguments.\n\nProgram hbm requirement 16.10G:\n    global            2.10M\n    HLO temp      \
                   \x20  16.09G (99.1% utilization: Unpadded (15.70G) Padded (15.86G), 0.1% fragmentation (20.10M))",
            &[
                (Key::Projected, "19.20 G"),
                (Key::Total, "15.75 G"),
                (Key::Deficit, "3.45 G"),
                (Key::ComputeBuffer, "16.09 G"),
            ],
        ),
        Example(
            "Compilation failure: Ran out of memory in memory space hbm. Used 9.12G of 8.00G hbm. Exceeded hbm capacity by \
                   1.12G.",
            &[
                (Key::Projected, "9.12 G"),
                (Key::Total, "8.00 G"),
                (Key::Deficit, "1.12 G"),
            ],
        ),
        Example(
            "Total hbm usage >= 24.90G:\n    reserved        260.00M \n    program          24.64G \n    arguments            \
                   0B \n\nOutput size 0B; shares 0B with arguments.\n\nProgram hbm requirement 24.64G:\n    HLO temp         \
                   24.60G (100.0% utilization: Unpadded (24.50G) Padded (24.50G), 0.4% fragmentation (96.00M))",
            &[(Key::Projected, "24.90 G"), (Key::ComputeBuffer, "24.60 G")],
        ),
    ],
    ..Message::EMPTY
};

/// The account may be all that was copied; below the sentence, and below its own sum, it is a part of it.
fn accepts(hit: &Match<'_>) -> bool {
    let above = tail(hit.before, 1200);
    hit.capture("^Ranout").is_some()
        || !(holds(above, "memoryspacehbm") || holds(above, "Totalhbmusage"))
}

fn more(_: &Match<'_>, incident: &mut Incident) {
    incident.accelerator = Accelerator::Tpu;
}
