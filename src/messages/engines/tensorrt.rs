//! What `TensorRT` says when the driver gives it nothing: its builder, which may go on, and its runtime, which cannot.

use crate::evidence::{Flag, Incident, Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, capture, holds, standing, start, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::Tensorrt,
    // The library is closed: texts from NVIDIA/TensorRT issues 477 and 3882 and from logs of 5.1, 7.0, 8.2, 8.6 and 10.3.
    printed_by: "libnvinfer: DefaultAllocator::allocate, resizePhysical, ExecutionContext; TensorRT 5 to 10",
    framework: Program::Tensorrt,
    signatures: &[
        "2: OutOfMemory (",
        "Cuda Runtime (out of memory)",
        "allocate: 2 (out of memory)",
        "OutOfMemory Error in ",
        "allocation error during getBestTactic",
        "Requested amount of memory (",
    ],
    head: r"Requestedamountofmemory\(\d+bytes\)couldnotbeallocated|ErrorCode2:OutOfMemory\(|ErrorCode1:CudaRuntime\(outofmemory\)|CudaErrorin[!-~]{0,60}allocate:2\(outofmemory\)|OutOfMemoryErrorin[a-z0-9_:`'-]{2,90}::[a-z]{4,40}:0|GPUmemoryallocationerrorduringgetBestTactic",
    accepts: Some(accepts),
    // All that it says of one refusal follows at once: error, warning, tactic.
    reach: 900,
    fields: &[
        Field(Key::Tried, r"Requestedsizewas{bytes}bytes"),
        Field(
            Key::Tried,
            r"Requestedamountof(?:GPU)?memory\({bytes}bytes\)",
        ),
    ],
    more: Some(more),
    examples: &[
        Example(
            "[E] Error[2]: [executionContext.cpp::ExecutionContext::609] Error Code 2: OutOfMemory (Requested size was \
                   3221225472 bytes.)",
            &[(Key::Tried, "3221225472")],
        ),
        Example(
            "[TRT] [E] 2: [virtualMemoryBuffer.cpp::resizePhysical::145] Error Code 2: OutOfMemory (no further \
                   information)\n[TRT] [W] Requested amount of GPU memory (8589934592 bytes) could not be allocated. There may \
                   not be enough free memory for allocation to succeed.",
            &[(Key::Tried, "8589934592")],
        ),
    ],
    texts: &[
        "[TensorRT] ERROR: ../rtSafe/safeRuntime.cpp (25) - Cuda Error in allocate: 2 (out of memory)",
    ],
    silent: &[
        // Warnings of tactics alone are no failure.
        "[W] [TRT] Tactic Device request: 5124MB Available: 3912MB. Device memory is insufficient to use tactic.",
        "[W] [TRT] Skipping tactic 3 due to insuficient memory on requested size of 5372903424 detected for tactic 0x3.",
    ],
    ..Message::EMPTY
};

/// In a record of its logger. A build that goes on to an engine had only tried.
fn accepts(hit: &Match<'_>) -> bool {
    const LOGGED: &str = r"(?:\[E\]|\[F\]|\[TRT\]|TensorRT\]|ERROR|Error\[\d\]|error)[!-~]{0,300}$|\[[A-Za-z]{3,60}\.(?:cpp|h)[!-~]{0,200}\]$|\(\d+\)-$";
    let line = tail(hit.before, 300);
    let logged = capture(LOGGED, line).is_some() || standing::opens_line(hit);
    logged && !built(hit) && !said_before(hit)
}

/// The allocator's refusal stands above, with its figure; what asked for it says the same again.
fn said_before(hit: &Match<'_>) -> bool {
    let again = hit
        .capture(r"^(ErrorCode2:OutOfMemory\(nofurther)")
        .is_some();
    let above = tail(hit.before, 500);
    let told = ["CudaRuntime(outofmemory)", "RequestedamountofGPUmemory("];
    again && told.iter().any(|words| holds(above, words))
}

/// What trtexec, the builder and its users print once there is an engine.
fn built(hit: &Match<'_>) -> bool {
    const DONE: [&str; 5] = [
        "&&&&PASSEDTensorRT",
        "Enginebuiltin",
        "[MemUsageStats]PeakmemoryusageduringEnginebuilding",
        "Enginegenerationcompletedin",
        "Totalpercentageoftacticsused",
    ];
    DONE.iter().any(|words| holds(hit.text, words))
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    // An engine that is built gets its memory for activations here (IExecutionContext), or with its weights.
    const RUNTIME: [&str; 5] = [
        "executionContext",
        "ExecutionContext",
        "deserializeCudaEngine",
        "rtSafe",
        "safeRuntime",
    ];
    const BUILDER: [&str; 6] = [
        "resizePhysical",
        "getBestTactic",
        "tacticOptimizer",
        "Skippingtactic",
        "TacticDevicerequest",
        "::builder::",
    ];
    let near = tail(hit.before, 300);
    let here = start(hit.text, 700);
    let ended = holds(hit.text, "Enginebuildingfailed");
    if !ended
        && BUILDER
            .iter()
            .any(|word| holds(near, word) || holds(here, word))
    {
        incident.flags.insert(Flag::Probe);
    }
    if RUNTIME
        .iter()
        .any(|word| holds(near, word) || holds(here, word))
    {
        incident.flags.insert(Flag::AtWork);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::examples::{failures, one};

    const TRIED: &str = "[E] Error[2]: [virtualMemoryBuffer.cpp::resizePhysical::145] Error Code 2: OutOfMemory (no further \
        information)\n[W] [TRT] Requested amount of GPU memory (34359738368 bytes) could not be allocated. There may not be enough \
        free memory for allocation to succeed.\n[W] [TRT] Skipping tactic 2 due to insufficient memory on requested size of \
        34359738368 detected for tactic 0x0000000000000002.";

    #[test]
    fn a_tactic_that_was_tried_in_vain_is_marked() {
        assert!(one(TRIED).incident.flagged(Flag::Probe));
        assert!(!one(MESSAGE.examples[0].0).incident.flagged(Flag::Probe));
    }

    #[test]
    fn a_build_that_ends_in_an_engine_is_no_failure() {
        let text = format!("{TRIED}\n[I] Engine built in 412.3 sec.");
        assert!(failures(&text).is_empty());
    }
}
