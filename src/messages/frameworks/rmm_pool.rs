//! "`std::bad_alloc`: `out_of_memory`: RMM failure at: …", "CUDA error at: …": RAPIDS' memory manager and what stands on it.

use crate::evidence::{Flag, Incident, Key, Memory, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::RmmPool,
    printed_by: "rmm detail/error.hpp, mr/detail/{pool,arena,limiting}…_impl.cpp, 0.13 to 26.08; cudf utilities/error.hpp and raft \
                 core/error.hpp",
    framework: Program::Rapids,
    signatures: &[
        "RMM failure at:",
        "bad_alloc: CUDA error",
        "bad_alloc: out_of_memory",
        "CUDA error encountered at:",
        "RMM_ERROR_OUT_OF_MEMORY",
    ],
    head: r"(?:(?:std::)?bad_alloc:(?:out_of_memory:)?)?RMMfailureat:[!-~]{1,300}?:(?:Maximumpoolsizeexceeded(?:\(failedtoallocate[\d.]+[KMGTPE]?i?B\):(?:std::)?bad_alloc:(?:out_of_memory:)?CUDAerror(?:\(failedtoallocate\d+bytes\))?at:[!-~]{1,300}?outofmemory)?|Exceededmemorylimit|Maximumallocationsizeexceeded|Failedtoallocate[\d.]+[KMGTPE]?i?Bofmemory)|bad_alloc:(?:out_of_memory:)?CUDAerror(?:\(failedtoallocate\d+bytes\))?at:[!-~]{1,300}?cudaErrorMemoryAllocation(?:outofmemory)?|CUDAerrorencounteredat:[!-~]{1,400}?cudaErrorMemoryAllocation:?(?:outofmemory)?|RMM_ERROR_OUT_OF_MEMORY[!-~]{0,10}Attemptedtoallocate",
    accepts: Some(accepts),
    reach: 1200,
    fields: &[
        // What the driver refused stands in the pool's own message, to the byte.
        Field(
            Key::Tried,
            r"CUDAerror\(failedtoallocate{bytes}bytes\)at:[!-~]{1,300}?outofmemory",
        ),
        Field(Key::Tried, r"\(failedtoallocate{size}\)"),
        Field(
            Key::Tried,
            r"(?:Attemptedtoallocate:|Failedtoallocate){size}",
        ),
        Field(Key::Reserved, r"current/max/trysize={size},"),
        Field(
            Key::Limit,
            r"current/max/trysize=[0-9.]+[a-z]{1,5},{size},[0-9.]+[a-z]{1,5}",
        ),
    ],
    more: Some(more),
    examples: &[
        Example(
            "MemoryError: std::bad_alloc: out_of_memory: RMM failure at:/rmm/cpp/src/mr/detail/pool_memory_resource_impl.cpp:71: \
                   Maximum pool size exceeded (failed to allocate 2.500000 GiB): Not enough room to grow, current/max/try size = \
                   6.000000 GiB, 8.000000 GiB, 2.500000 GiB",
            &[
                (Key::Tried, "2.500000 GiB"),
                (Key::Reserved, "6.000000 GiB"),
                (Key::Limit, "8.000000 GiB"),
            ],
        ),
        Example(
            "MemoryError: std::bad_alloc: out_of_memory: RMM failure at:/rmm/cpp/src/mr/detail/pool_memory_resource_impl.cpp:71: \
                   Maximum pool size exceeded (failed to allocate 4.000000 GiB): std::bad_alloc: out_of_memory: CUDA error (failed \
                   to allocate 4294967296 bytes) at: /rmm/cpp/src/mr/cuda_memory_resource.cpp:26: cudaErrorMemoryAllocation out of \
                   memory",
            &[(Key::Tried, "4294967296")],
        ),
        Example(
            "MemoryError: std::bad_alloc: out_of_memory: RMM failure at:/rmm/cpp/src/mr/detail/limiting_resource_adaptor_impl.cpp:57: \
                   Exceeded memory limit (failed to allocate 768.000000 MiB)",
            &[(Key::Tried, "768.000000 MiB")],
        ),
    ],
    texts: &[
        "MemoryError: std::bad_alloc: out_of_memory: CUDA error at: \
                   /opt/conda/include/rmm/mr/device/cuda_memory_resource.hpp:70: cudaErrorMemoryAllocation out of memory",
        "MemoryError: std::bad_alloc: RMM failure at:../include/rmm/mr/device/pool_memory_resource.hpp:177: Maximum pool \
                   size exceeded",
        "RuntimeError: CUDA error encountered at: ../src/bitmask/null_mask.cu:93: 2 cudaErrorMemoryAllocation out of memory",
        "RuntimeError: CUDA error encountered at: file=/raft/core/interruptible.hpp line=301: call='cudaMalloc(&p, n)', \
                   Reason=cudaErrorMemoryAllocation:out of memory",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    // The host's memory through RMM: system_memory_resource.cpp, pinned_host_memory_resource.cpp.
    let pinned = hit.says("pinned_host_memory_resource") || hit.says("pinned_memory_resource");
    if pinned
        || hit
            .capture(r"^[!-~]{0,400}?Failedtoallocate[\d.]+[KMGTPE]?i?Bofmemory")
            .is_some()
    {
        incident.memory = Memory::Host;
        if pinned {
            incident.flags.insert(Flag::Pinned);
        }
        return;
    }
    if hit.says(":Exceededmemorylimit") || checked_limit(hit) {
        incident.flags.insert(Flag::PoolLimit);
    }
}

/// Up to 0.16 the pool compared with its maximum and said so through `RMM_EXPECTS`, which prints a space behind "at:". Since
/// then `RMM_FAIL`, which prints none, says the same where the driver refused.
fn checked_limit(hit: &Match<'_>) -> bool {
    hit.says("pool_memory_resource")
        && hit.line_text.contains("RMM failure at: ")
        && hit.says(":Maximumpoolsizeexceeded")
}

/// `XGBoost` hands the words of RMM on in the middle of its own message, which has the figures.
fn accepts(hit: &Match<'_>) -> bool {
    !holds(tail(hit.before, 120), "Memoryallocationerroronworker")
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Flag, Memory};
    use crate::messages::examples::{failures, one};

    #[test]
    fn only_the_old_check_says_that_it_was_the_pools_own_limit() {
        let line = |at: &str| {
            format!(
                "MemoryError: std::bad_alloc: RMM failure at:{at}include/rmm/mr/device/pool_memory_resource.hpp:167: Maximum pool size exceeded"
            )
        };
        assert!(one(&line(" ")).incident.flagged(Flag::PoolLimit));
        assert!(!one(&line("")).incident.flagged(Flag::PoolLimit));
    }

    #[test]
    fn memory_of_the_host_is_the_hosts() {
        let text = "MemoryError: std::bad_alloc: out_of_memory: CUDA error (failed to allocate 68719476736 bytes) at: \
            /rmm/cpp/src/mr/pinned_host_memory_resource.cpp:32: cudaErrorMemoryAllocation out of memory";
        let found = one(text).incident;
        assert_eq!(found.memory, Memory::Host);
        assert!(found.flagged(Flag::Pinned));
        let text = "MemoryError: std::bad_alloc: out_of_memory: RMM failure at:/rmm/cpp/src/mr/system_memory_resource.cpp:53: Failed \
            to allocate 96.000000 GiBof memory: std::bad_alloc";
        assert_eq!(one(text).incident.memory, Memory::Host);
    }

    #[test]
    fn a_line_of_rmms_own_log_is_an_attempt_and_no_failure() {
        for text in [
            "[2026-01-23 14:33:04.213] [RMM] [error] [A][Stream 0x1][Upstream 4096B][FAILURE maximum pool size exceeded]",
            "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc",
            "MemoryError: Maximum pool size exceeded",
            "RuntimeError: CUDA error encountered at: a.cu:9: 700 cudaErrorIllegalAddress an illegal memory access was encountered",
        ] {
            assert!(!failures(text).contains(&"rmm-pool"), "{text}");
        }
    }
}
