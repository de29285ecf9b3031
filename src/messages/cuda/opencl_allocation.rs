//! `CL_MEM_OBJECT_ALLOCATION_FAILURE`, and hashcat's own words for it.

use crate::evidence::{Incident, Memory, MessageId, Program};
use crate::messages::{Example, Match, Message, holds, standing, start};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::OpenclAllocation,
    printed_by: "OpenCL (CL/cl.h, -4 and -6); PyOpenCL: src/wrap_cl.hpp; hashcat: src/backend.c, 6 and 7",
    framework: Program::Opencl,
    signatures: &[
        "MEM_OBJECT_ALLOCATION_FAILURE",
        "CL_OUT_OF_HOST_MEMORY",
        "enough allocatable device memory",
        "enough allocatable memory (RAM)",
    ],
    head: r"(?:CL_)?MEM_OBJECT_ALLOCATION_FAILURE|CL_OUT_OF_HOST_MEMORY|Notenoughallocatabledevicememory|Notenoughallocatablememory\(RAM\)",
    accepts: Some(accepts),
    reach: 300,
    more: Some(more),
    examples: &[
        Example(
            "pyopencl._cl.MemoryError: clEnqueueNDRangeKernel failed: MEM_OBJECT_ALLOCATION_FAILURE",
            &[],
        ),
        Example(
            "clCreateBuffer(): CL_MEM_OBJECT_ALLOCATION_FAILURE, error -4",
            &[],
        ),
        Example(
            "* Device #1: Not enough allocatable device memory for this hashlist/ruleset.",
            &[],
        ),
        Example("clBuildProgram(): CL_OUT_OF_HOST_MEMORY, build failed", &[]),
    ],
    ..Message::EMPTY
};

fn accepts(hit: &Match<'_>) -> bool {
    holds(start(hit.text, 30), "Notenough")
        || hit.line_before().ends_with("():")
        || standing::call_reported(hit)
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let own = start(hit.text, 40);
    if holds(own, "Notenoughallocatable") {
        incident.framework = Program::Hashcat;
    }
    if holds(own, "HOST_MEMORY") || holds(own, "memory(RAM)") {
        incident.memory = Memory::Host;
    }
    let index =
        crate::messages::number(r"Device#(\d{1,3}):$", crate::messages::tail(hit.before, 30));
    // hashcat counts from 1.
    incident.device = index.and_then(|n| n.checked_sub(1));
}

#[cfg(test)]
mod tests {
    use crate::messages::examples::failures;

    #[test]
    fn code_and_resources_are_no_lack_of_memory() {
        for text in [
            "case CL_MEM_OBJECT_ALLOCATION_FAILURE: return \"CL_MEM_OBJECT_ALLOCATION_FAILURE\";",
            "clEnqueueNDRangeKernel(): CL_OUT_OF_RESOURCES",
        ] {
            assert!(failures(text).is_empty(), "{text}");
        }
    }
}
