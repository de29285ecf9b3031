//! "Can't reduce memory use below …": XLA's compiler says what a program needs at least, before it runs.

use crate::evidence::{FactSource, Key, MessageId, Program};
use crate::messages::{Example, Field, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::XlaRematerialization,
    printed_by: "xla/hlo/transforms/simplifiers/hlo_rematerialization.cc, xla/service/hlo_rematerialization.cc before; from 2022; its limit is \
                 a share of the device",
    role: Role::Evidence,
    framework: Program::Jax,
    signatures: &[
        "Can't reduce memory use below",
        "by rematerialization; only reduced to",
    ],
    head: r"Can'treducememoryusebelow-?\d[\d.]*[KMGT]?i?B\(",
    reach: 260,
    source: FactSource::Stats,
    fields: &[
        Field(
            Key::RecomputedLimit,
            r"^Can'treducememoryusebelow\d[\d.]*[KMGT]?i?B\({bytes}bytes\)",
        ),
        Field(
            Key::Projected,
            r"onlyreducedto\d[\d.]*[KMGT]?i?B\({bytes}bytes\)",
        ),
    ],
    examples: &[
        Example(
            "W external/xla/xla/service/hlo_rematerialization.cc:3005] Can't reduce memory use below 18.88GiB (20272245637 bytes) by \
                   rematerialization; only reduced to 41.43GiB (44485123932 bytes), down from 45.92GiB (49306224558 bytes) originally",
            &[
                (Key::RecomputedLimit, "20272245637"),
                (Key::Projected, "44485123932"),
            ],
        ),
        Example(
            "Can't reduce memory use below 2.00GiB (2147483648 bytes) by rematerialization; only reduced to 3.50GiB \
                   (3758096384 bytes)",
            &[
                (Key::RecomputedLimit, "2147483648"),
                (Key::Projected, "3758096384"),
            ],
        ),
    ],
    ..Message::EMPTY
};
