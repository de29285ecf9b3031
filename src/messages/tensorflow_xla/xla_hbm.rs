//! "Attempting to reserve 9.48G at the bottom of memory. That was not possible.": a TPU's memory at work.

use crate::evidence::{Accelerator, Incident, Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::XlaHbm,
    printed_by: "XLA:TPU's runtime (libtpu, closed); openxla/xla: docs/errors/error_0101.md and its neighbours",
    framework: Program::Jax,
    signatures: &["That was not possible. There are"],
    head: r"Attemptingto(?:allocate|reserve)\d[\d.]*[KMG]?B?(?:atthebottomofmemory)?\.Thatwasnotpossible\.Thereare\d",
    accepts: Some(accepts),
    reach: 600,
    fields: &[
        Field(
            Key::Tried,
            r"^Attemptingto(?:allocate|reserve)(\d[\d.]*)([KMG])",
        ),
        Field(Key::Free, r"possible\.Thereare(\d[\d.]*)([BKMG])free"),
        Field(
            Key::LargestFree,
            r"(?:contiguousregionoffreememoryis|reserved,and)(\d[\d.]*)([KMG])",
        ),
    ],
    more: Some(more),
    examples: &[
        Example(
            "jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Error loading program 'jit_step': Attempting to reserve \
                   9.48G at the bottom of memory. That was not possible. There are 6.78G free, 0B reserved, and 6.70G reservable.",
            &[
                (Key::Tried, "9.48 G"),
                (Key::Free, "6.78 G"),
                (Key::LargestFree, "6.70 G"),
            ],
        ),
        Example(
            "RESOURCE_EXHAUSTED: Error allocating device buffer: Attempting to allocate 50.00M. That was not possible. There are \
                   27.86M free.; (0x0x0_HBM0)",
            &[(Key::Tried, "50.00 M"), (Key::Free, "27.86 M")],
        ),
    ],
    ..Message::EMPTY
};

/// The small memory of the cores is another one: a kernel wants too much of it, whatever the device has.
fn accepts(hit: &Match<'_>) -> bool {
    !hit.says("ScopedVmemOom") && !hit.says("memoryspacevmem")
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.accelerator = Accelerator::Tpu;
    incident.device = hit.number(r"\(\d+x\d+x\d+_HBM(\d{1,2})\)");
}
