//! "Can't reduce memory use below … by rematerialization": XLA's compiler counts what a program needs, and it is more than it plans with.

use crate::evidence::{FactSource, Key, MessageId, Program};
use crate::messages::{Example, Field, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::XlaRematerialization,
    printed_by: "xla/hlo/transforms/simplifiers/hlo_rematerialization.cc; the limit is what the scheduler leaves for values",
    role: Role::Evidence,
    framework: Program::Jax,
    signatures: &["by rematerialization; only reduced to"],
    head: r"Can'treducememoryusebelow\d",
    reach: 400,
    source: FactSource::Stats,
    fields: &[Field(
        Key::Projected,
        r"onlyreducedto[0-9.]+[KMGT]?i?B\({bytes}bytes\)",
    )],
    examples: &[
        Example(
            "W1120 10:11:12.131415    4242 hlo_rematerialization.cc:3363] Can't reduce memory use below 18.50GiB (19864223744 \
                   bytes) by rematerialization; only reduced to 24.25GiB (26038239232 bytes), down from 61.00GiB (65498251264 \
                   bytes) originally",
            &[(Key::Projected, "26038239232")],
        ),
        Example(
            "2024-05-02 10:11:12.131415: W external/xla/xla/service/hlo_rematerialization.cc:2941] Can't reduce memory use \
                   below 2.58GiB (2770000000 bytes) by rematerialization; only reduced to 3.10GiB (3328599654 bytes), down from \
                   3.10GiB (3328599654 bytes) originally",
            &[(Key::Projected, "3328599654")],
        ),
    ],
    ..Message::EMPTY
};
