//! "The byte size of input/output arguments (…) exceeds the base limit (…)": what XLA plans with is larger than the card.

use crate::evidence::{FactSource, Framework, Key, Memory};
use crate::messages::{Compiled, Example, Field, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: "xla-base-limit",
    printed_by: "xla/service/gpu/gpu_hlo_schedule.cc; the limit is 80 % of the device unless one is configured",
    role: Role::Evidence,
    memory: Memory::Device,
    framework: Framework::Jax,
    signatures: &["exceeds the base limit ("],
    head: r"Thebytesizeofinput/outputarguments\(\d",
    accepts: None,
    reach: 200,
    source: FactSource::Stats,
    fields: &[Field {
        key: Key::PlannedLimit,
        pattern: r"exceedsthebaselimit\({bytes}\)",
    }],
    more: None,
    examples: &[
        Example {
            text: "E1120 18:41:37.957128    1481 gpu_hlo_schedule.cc:1068] The byte size of input/output arguments (193712640000) \
                   exceeds the base limit (120087904256). This indicates an error in the calculation!",
            reads: &[(Key::PlannedLimit, "120087904256")],
        },
        Example {
            text: "The byte size of input/output arguments (23991140352) exceeds the base limit (20401094656). This indicates \
                   an error in the calculation!",
            reads: &[(Key::PlannedLimit, "20401094656")],
        },
    ],
    compiled: Compiled::new(),
};
