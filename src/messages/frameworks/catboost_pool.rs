//! "Out of memory. Requested 9216 MB; Free 6100.5 MB": `CatBoost`, which takes most of the GPU when it starts.

use crate::bytes;
use crate::evidence::{Incident, Key, MessageId, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CatboostPool,
    printed_by: "catboost/cuda/cuda_lib/memory_pool/stack_like_memory_pool.h (TOutOfMemoryError); sizes in powers of 1024",
    framework: Program::Catboost,
    signatures: &[
        "stack_like_memory_pool.h",
        "Error: Out of memory. Requested",
        "TOutOfMemoryError",
        "Out of memory. Requested",
    ],
    head: r"(?:stack_like_memory_pool\.h:\d{1,5}:)?Error:Outofmemory\.Requested\d[\d.]*(?:MB)?;Free\d",
    reach: 200,
    fields: &[
        Field(Key::Tried, r"Requested{size};Free"),
        Field(Key::Free, r";Free{size}"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "_catboost.CatBoostError: catboost/cuda/cuda_lib/memory_pool/stack_like_memory_pool.h:303: Error: Out of memory. \
                   Requested 9216.25 MB; Free 6100.5 MB",
            &[(Key::Tried, "9216.25 MB"), (Key::Free, "6100.5 MB")],
        ),
        Example(
            "(NCudaLib::TOutOfMemoryError) catboost/cuda/cuda_lib/memory_pool/stack_like_memory_pool.h:294: Error: Out of memory. \
                   Requested 1070.25; Free 1010.5",
            &[(Key::Tried, "1070.25 MB"), (Key::Free, "1010.5 MB")],
        ),
    ],
    silent: &[
        // The class alone is none.
        "It throws a NCudaLib::TOutOfMemoryError on wide tables.",
    ],
    ..Message::EMPTY
};

/// Before 0.10 it printed megabytes without their unit.
fn more(hit: &Match<'_>, incident: &mut Incident) {
    for (key, pattern) in [
        (Key::Tried, r"Requested(\d[\d.]*);Free"),
        (Key::Free, r";Free(\d+\.?\d*)(?:$|[^0-9.M])"),
    ] {
        let number = hit.capture(pattern);
        if let Some((number, size)) =
            number.and_then(|n| Some((n.clone(), bytes::parse(&n, "MB")?)))
        {
            told::add(hit, incident, key, size, format!("{number} MB"));
        }
    }
}
