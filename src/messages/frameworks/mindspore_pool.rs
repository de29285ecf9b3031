//! "`TotalUsedMemStatistics` : … plus alloc size : … is more than total mem size : …": the pool of `MindSpore`.

use crate::evidence::{Key, MessageId, Program};
use crate::messages::{Example, Field, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::MindsporePool,
    printed_by: "mindspore/ccsrc common/mem_reuse/mem_dynamic_allocator.cc (AddMemBlockAndMemBufByEagerFree), from 1.9; plain bytes",
    framework: Program::Mindspore,
    signatures: &["TotalUsedMemStatistics :", "is more than total mem size"],
    head: r"TotalUsedMemStatistics:\d+(?:plusTotalUsedByEventMemStatistics:\d+)?(?:and)?plusallocsize:\d",
    reach: 300,
    fields: &[
        Field(Key::Reserved, r"TotalUsedMemStatistics:{bytes}"),
        Field(Key::Tried, r"plusallocsize:{bytes}"),
        Field(Key::Limit, r"totalmemsize:{bytes}"),
    ],
    examples: &[
        Example(
            "[ERROR] PRE_ACT(412,7f3a):2026-03-02-10:11:12 [mem_dynamic_allocator.cc:301] TotalUsedMemStatistics : 30064771072 plus alloc size : 4294967296 is more than total mem size : 32212254720.",
            &[
                (Key::Reserved, "30064771072"),
                (Key::Tried, "4294967296"),
                (Key::Limit, "32212254720"),
            ],
        ),
        Example(
            "TotalUsedMemStatistics : 1073741824 plus TotalUsedByEventMemStatistics : 0 and plus alloc size : 2147483648 is more than total mem size : 2147483648.",
            &[(Key::Tried, "2147483648")],
        ),
    ],
    ..Message::EMPTY
};
