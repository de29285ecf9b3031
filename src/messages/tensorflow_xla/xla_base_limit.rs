//! "The byte size of input/output arguments (…) exceeds the base limit (…)": what XLA plans with is larger than the card.

use crate::evidence::{FactSource, Key, MessageId, Program};
use crate::messages::{Example, Field, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::XlaBaseLimit,
    printed_by: "xla/service/gpu/gpu_hlo_schedule.cc; the limit is 80 % of the device unless one is configured",
    role: Role::Evidence,
    framework: Program::Jax,
    signatures: &["exceeds the base limit ("],
    head: r"Thebytesizeofinput/outputarguments\(\d",
    reach: 200,
    source: FactSource::Stats,
    fields: &[Field(Key::PlannedLimit, r"exceedsthebaselimit\({bytes}\)")],
    examples: &[
        Example(
            "E1120 18:41:37.957128    1481 gpu_hlo_schedule.cc:1068] The byte size of input/output arguments (193712640000) \
                   exceeds the base limit (120087904256). This indicates an error in the calculation!",
            &[(Key::PlannedLimit, "120087904256")],
        ),
        Example(
            "The byte size of input/output arguments (23991140352) exceeds the base limit (20401094656). This indicates \
                   an error in the calculation!",
            &[(Key::PlannedLimit, "20401094656")],
        ),
    ],
    ..Message::EMPTY
};
