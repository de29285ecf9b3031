//! "System is out of GPU memory": Blender's renderer Cycles.

use crate::evidence::{MessageId, Program};
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::BlenderCycles,
    printed_by: "blender/cycles: src/device/device.cpp (mem_alloc), src/device/cuda/queue.cpp, hip/queue.cpp; Blender 2.8 to 5",
    framework: Program::Blender,
    signatures: &[
        "System is out of GPU memory",
        "System is out of GPU and shared host memory",
        "Out of memory in CUDA",
        "Out of memory in HIP",
    ],
    head: r"SystemisoutofGPU(?:andsharedhost)?memory|Outofmemoryin(?:CUDA|HIP)queueenqueue",
    accepts: Some(accepts),
    reach: 300,
    texts: &[
        "Error: System is out of GPU memory",
        "Fra:120 Mem:9214.20M (Peak 9342.51M) | Time:00:41.07 | Mem:9103.11M, Peak:9103.11M | Scene, ViewLayer | System \
                   is out of GPU and shared host memory",
        "ERROR Out of memory in CUDA queue enqueue (integrator_shade_surface)",
    ],
    silent: &[
        // A question and a script are no failure.
        "Are you getting the \"System is out of GPU memory\" error?",
        "print(\"System is out of GPU memory, Run on CPU\")",
    ],
    ..Message::EMPTY
};

/// Behind a sign, a level or nothing; not in a sentence, nor before one.
fn accepts(hit: &Match<'_>) -> bool {
    let before = hit.line_before();
    let stands = before.is_empty()
        || before.ends_with([':', '|', ']', '('])
        || before.to_ascii_lowercase().ends_with("error");
    stands && !hit.line_after().starts_with(',') && !hit.line_after().contains('?')
}
