//! "Out of GPU memory trying to allocate …": Julia's CUDA.jl, and AMDGPU.jl, which follows it.

use crate::evidence::{Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CudaJl,
    printed_by: "CUDA.jl src/pool.jl, now CUDACore/src/memory.jl (OutOfGPUMemoryError, pool_status), 0.1 to 6.3; Base.format_bytes: three \
                 digits, powers of 1024",
    framework: Program::Julia,
    signatures: &[
        "Out of GPU memory trying",
        "OutOfGPUMemoryError",
        "Effective GPU memory usage",
    ],
    head: r"OutofGPUmemory(?:tryingtoallocate\d|EffectiveGPUmemoryusage:)",
    accepts: Some(accepts),
    reach: 700,
    fields: &[
        Field(Key::Tried, r"tryingtoallocate{size}"),
        // Of the whole device, whoever holds it.
        Field(
            Key::DeviceInUse,
            r"EffectiveGPUmemoryusage:[0-9.]+%\({size}/",
        ),
        Field(
            Key::Total,
            r"EffectiveGPUmemoryusage:[0-9.]+%\([0-9.]+[a-z]+/{size}\)",
        ),
        Field(Key::Limit, r"\(cappedat{size}\)"),
        // A soft limit only makes the collector work; a hard one refuses.
        Field(
            Key::Limit,
            r"Memorylimit:(?:soft=[0-9.]+[a-z]+,)?hard={size}",
        ),
        Field(
            Key::Reserved,
            r"Memorypoolusage:[0-9.]+[a-z]+\({size}reserved",
        ),
        Field(
            Key::Reserved,
            r"(?:CUDA|CuArrays)(?:allocator|GPUmemory)usage:{size}",
        ),
        Field(
            Key::Allocated,
            r"Memorypoolusage:{size}\([0-9.]+[a-z]+reserved",
        ),
        // Up to 2.x the pool counts for itself. Where it says that its count is off, that of the wrapper below it holds.
        Field(
            Key::Allocated,
            r"allocatorusage:{size}[!-~]{0,200}Discrepancyof",
        ),
        Field(Key::Allocated, r"usage:[0-9.]+[a-z]+\({size}allocated"),
    ],
    examples: &[
        Example(
            "ERROR: Out of GPU memory trying to allocate 3.500 GiB\nEffective GPU memory usage: 93.75% (15.000 GiB/16.000 \
                   GiB)\nMemory pool usage: 12.250 GiB (14.125 GiB reserved)\nStacktrace:\n  [1] macro expansion",
            &[
                (Key::Tried, "3.500 GiB"),
                (Key::DeviceInUse, "15.000 GiB"),
                (Key::Total, "16.000 GiB"),
                (Key::Allocated, "12.250 GiB"),
                (Key::Reserved, "14.125 GiB"),
            ],
        ),
        Example(
            "Out of GPU memory trying to allocate 256.000 MiB\nEffective GPU memory usage: 51.20% (8.192 GiB/16.000 GiB)\nMemory \
                   pool usage: 7.900 GiB (7.938 GiB reserved)\nMemory limit: soft = 6.000 GiB, hard = 8.000 GiB",
            &[(Key::Tried, "256.000 MiB"), (Key::Limit, "8.000 GiB")],
        ),
        Example(
            "Out of GPU memory trying to allocate 64.000 MiB\nEffective GPU memory usage: 99.20% (7.873 GiB/7.937 GiB)\nCUDA \
                   allocator usage: 7.250 GiB\nbinned usage: 7.250 GiB (5.125 GiB allocated, 2.125 GiB cached)",
            &[(Key::Reserved, "7.250 GiB"), (Key::Allocated, "5.125 GiB")],
        ),
        Example(
            "ERROR: LoadError: Out of GPU memory\nEffective GPU memory usage: 99.95% (11.899 GiB/11.905 GiB)\nMemory pool usage: \
                   9.500 GiB (10.500 GiB reserved)",
            &[(Key::DeviceInUse, "11.899 GiB")],
        ),
    ],
    silent: &[
        // A status without a failure is none.
        "Effective GPU memory usage: 16.35% (2.575 GiB/15.744 GiB)\nMemory pool usage: 8.000 KiB (32.000 MiB reserved)",
        "# \"Out of GPU memory trying to allocate 127.781 TiB\".",
    ],
    ..Message::EMPTY
};

/// The report of the pool follows on a line of its own; where the first one goes on, somebody speaks of it.
fn accepts(hit: &Match<'_>) -> bool {
    hit.capture(
        r"^OutofGPUmemory(?:tryingtoallocate{size}(?:Effective|Stacktrace|\[1\]|in|$)|Effective)",
    )
    .is_some()
}

#[cfg(test)]
mod tests {
    use crate::evidence::Key;
    use crate::messages::examples::one;

    #[test]
    fn where_the_pool_miscounts_the_wrapper_below_it_is_believed() {
        let text = "Out of GPU memory trying to allocate 12.000 MiB\nEffective GPU memory usage: 90.00% (9.000 GiB/10.000 GiB)\nCUDA \
            allocator usage: 8.500 GiB (capped at 8.750 GiB)\nbinned usage: 20.000 KiB (20.000 KiB allocated, 0 bytes \
            cached)\nDiscrepancy of 8.500 GiB between memory pool and allocator!";
        let facts = one(text).incident.facts;
        assert_eq!(
            facts.fact(Key::Allocated).map(|f| f.text.as_str()),
            Some("8.500 GiB")
        );
        assert_eq!(
            facts.fact(Key::Limit).map(|f| f.text.as_str()),
            Some("8.750 GiB")
        );
    }
}
