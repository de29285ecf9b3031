//! `CL_MEM_OBJECT_ALLOCATION_FAILURE`, and hashcat's own words for it.

use crate::evidence::{Flag, Incident, Memory, MessageId, Program};
use crate::messages::{Match, Message, holds, standing, start};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::OpenclAllocation,
    printed_by: "OpenCL (CL/cl.h, -4 and -6); PyOpenCL: src/wrap_cl.hpp; hashcat: src/backend.c, 6 and 7",
    framework: Program::Opencl,
    signatures: &[
        "MEM_OBJECT_ALLOCATION_FAILURE",
        "CL_OUT_OF_HOST_MEMORY",
        // hashcat; with a hyphen behind it in 3.
        "enough allocatable device",
        "enough allocatable memory (RAM)",
        "CL_INVALID_BUFFER_SIZE",
        "clCreateBuffer",
        "clEnqueue",
    ],
    head: r"(?:CL_)?MEM_OBJECT_ALLOCATION_FAILURE|CL_OUT_OF_HOST_MEMORY|Notenoughallocatabledevicememory|Devicedoesnotprovideenoughallocatabledevice-memorytohandlethisattack|Notenoughallocatablememory\(RAM\)|CL_INVALID_BUFFER_SIZE|(?:cl(?:Create|Enqueue)[A-Za-z]{4,40}|OpenCL)[!-~]{0,40}?(?:error|failed|returned|status|code)[!-~]{0,12}?-4",
    accepts: Some(accepts),
    reach: 300,
    more: Some(more),
    texts: &[
        "pyopencl._cl.MemoryError: clEnqueueNDRangeKernel failed: MEM_OBJECT_ALLOCATION_FAILURE",
        "clCreateBuffer(): CL_MEM_OBJECT_ALLOCATION_FAILURE, error -4",
        "- Device #1: Device does not provide enough allocatable device-memory to handle this attack",
        "* Device #1: Not enough allocatable device memory for this hashlist/ruleset.",
        "clBuildProgram(): CL_OUT_OF_HOST_MEMORY, build failed",
        "Error: clCreateBuffer failed (-4)",
        "clCreateBuffer failed: CL_INVALID_BUFFER_SIZE (-61)",
    ],
    silent: &[
        // Code and resources are no lack of memory.
        "case CL_MEM_OBJECT_ALLOCATION_FAILURE: return \"CL_MEM_OBJECT_ALLOCATION_FAILURE\";",
        "clEnqueueNDRangeKernel(): CL_OUT_OF_RESOURCES",
        "Error: clEnqueueNDRangeKernel failed (-48)",
        "OpenCL error check: all 4 tests passed in 0.5-4 s",
    ],
    ..Message::EMPTY
};

fn accepts(hit: &Match<'_>) -> bool {
    // "-4" and not "-48", nor a part of a number.
    let numbered = hit
        .own_line()
        .get(..hit.head)
        .is_some_and(|head| head.ends_with("-4"));
    if numbered {
        let after = hit.line_after();
        let whole =
            !after.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
        // The name of the status behind it is a message of its own.
        let code = after.ends_with(';') || after.contains('?') || hit.line_before().contains("//");
        return whole && !code && !holds(after, "MEM_OBJECT");
    }
    let own = ["Notenough", "Devicedoesnotprovide"];
    own.iter().any(|words| holds(start(hit.text, 30), words))
        || hit.line_before().ends_with("():")
        || standing::call_reported(hit)
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let own = start(hit.text, 40);
    // clCreateBuffer(3): the size is 0, or more than CL_DEVICE_MAX_MEM_ALLOC_SIZE.
    if holds(own, "CL_INVALID_BUFFER_SIZE") {
        incident.flags.insert(Flag::SingleAllocationLimit);
    }
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
