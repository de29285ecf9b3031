//! "`TotalUsedMemStatistics` : … plus alloc size : … is more than total mem size : …": the pool of `MindSpore`.

use crate::evidence::{FactSource, Framework, Key, Memory};
use crate::messages::{Compiled, Example, Field, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: "mindspore-pool",
    printed_by: "mindspore/ccsrc common/mem_reuse/mem_dynamic_allocator.cc (AddMemBlockAndMemBufByEagerFree), from 1.9; plain bytes",
    role: Role::Failure,
    memory: Memory::Device,
    framework: Framework::Mindspore,
    signatures: &["TotalUsedMemStatistics :", "is more than total mem size"],
    head: r"TotalUsedMemStatistics:\d+(?:plusTotalUsedByEventMemStatistics:\d+)?(?:and)?plusallocsize:\d",
    accepts: None,
    reach: 300,
    source: FactSource::Message,
    fields: &[
        Field {
            key: Key::Reserved,
            pattern: r"TotalUsedMemStatistics:{bytes}",
        },
        Field {
            key: Key::Tried,
            pattern: r"plusallocsize:{bytes}",
        },
        Field {
            key: Key::Limit,
            pattern: r"totalmemsize:{bytes}",
        },
    ],
    more: None,
    examples: &[
        Example {
            text: "[ERROR] PRE_ACT(412,7f3a):2026-03-02-10:11:12 [mem_dynamic_allocator.cc:301] TotalUsedMemStatistics : 30064771072 plus alloc size : 4294967296 is more than total mem size : 32212254720.",
            reads: &[
                (Key::Reserved, "30064771072"),
                (Key::Tried, "4294967296"),
                (Key::Limit, "32212254720"),
            ],
        },
        Example {
            text: "TotalUsedMemStatistics : 1073741824 plus TotalUsedByEventMemStatistics : 0 and plus alloc size : 2147483648 is more than total mem size : 2147483648.",
            reads: &[(Key::Tried, "2147483648")],
        },
    ],
    compiled: Compiled::new(),
};
