//! "Not enough host memory available. Requesting … GB but only have … GB free.": `SGLang`'s hierarchical cache in the host's memory.

use crate::evidence::{Key, Memory, MessageId, Program};
use crate::messages::{Example, Field, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::SglangHostCache,
    printed_by: "python/sglang/srt/mem_cache/memory_pool_host.py from 0.4.4, pool_host/base.py since; GB of 10^9 bytes, two decimals",
    memory: Memory::Host,
    framework: Program::Sglang,
    signatures: &[
        "Not enough host memory available. Requesting",
        "size of the hierarchical cache",
    ],
    head: r"Notenoughhostmemoryavailable\.Requesting\d",
    reach: 200,
    fields: &[
        Field(Key::Tried, r"Requesting{size}butonly"),
        Field(Key::Free, r"butonlyhave{size}free"),
    ],
    examples: &[
        Example(
            "ValueError: Not enough host memory available. Requesting 88.40 GB but only have 51.20 GB free. Please reduce the size of \
                   the hierarchical cache.",
            &[(Key::Tried, "88.40 GB"), (Key::Free, "51.20 GB")],
        ),
        Example(
            "Not enough host memory available. Requesting 12.00 GB but only have 9.55 GB free. \
                   Please reduce the size of the hierarchical cache.",
            &[(Key::Tried, "12.00 GB"), (Key::Free, "9.55 GB")],
        ),
    ],
    ..Message::EMPTY
};
