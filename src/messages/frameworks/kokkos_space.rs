//! "Kokkos failed to allocate memory for label …", "Cuda memory space failed to allocate …": Kokkos, below LAMMPS, Trilinos and others.

use crate::evidence::{Flag, Incident, Key, Memory, MessageId, Program};
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::KokkosSpace,
    printed_by: "kokkos core/src/impl/Kokkos_Error.cpp (throw_bad_alloc; before 4.3 RawMemoryAllocationFailure); four digits, powers of 1024",
    framework: Program::Simulation,
    signatures: &[
        "memory space failed to allocate",
        "Kokkos failed to allocate",
        "Allocation using MemorySpace",
    ],
    head: r#"KokkosERROR:[A-Za-z:]{1,40}memoryspacefailedtoallocate\d|Kokkosfailedtoallocatememoryforlabel[!-~]{1,300}?MemorySpacenamed\\*"[A-Za-z:]{1,40}\\*"failedwiththefollowingerror:Allocationofsize\d"#,
    reach: 600,
    fields: &[
        Field(Key::Tried, r"spacefailedtoallocate{size}"),
        Field(Key::Tried, r"Allocationofsize(\d[\d.]*)([KMG])failed"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "terminate called after throwing an instance of 'std::runtime_error'\n  what():  Kokkos ERROR: Cuda memory space failed to allocate 14.9 GiB (label=\"atom:x\").",
            &[(Key::Tried, "14.9 GiB")],
        ),
        Example(
            "Kokkos failed to allocate memory for label \"neighlist:neighbors\".  Allocation using MemorySpace named \"Cuda\" failed with the following error:  Allocation of size 5.513 G failed, likely due to insufficient memory.  (The allocation mechanism was cudaMalloc().)",
            &[(Key::Tried, "5.513 G")],
        ),
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    // Spaces of the host: HostSpace, CudaHostPinnedSpace, HIPHostPinnedSpace.
    if hit
        .capture(r"^[!-~]{0,400}?(?:ERROR:|named\\*.)[A-Za-z:]{0,30}Host")
        .is_some()
    {
        incident.memory = Memory::Host;
        if hit.says("Pinned") {
            incident.flags.insert(Flag::Pinned);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::Memory;
    use crate::messages::examples::one;

    #[test]
    fn a_space_of_the_host_is_the_hosts() {
        let text = "Kokkos ERROR: Host memory space failed to allocate 931.3 GiB (label=\"a\").";
        assert_eq!(one(text).incident.memory, Memory::Host);
        assert_eq!(
            one(&text.replace("Host", "HIP")).incident.memory,
            Memory::Device
        );
    }
}
