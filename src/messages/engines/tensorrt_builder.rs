//! "Could not find any implementation for node": `TensorRT`'s builder had memory for none of the ways to compute a layer.

use crate::evidence::{Incident, Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, cached, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::TensorrtBuilder,
    // The library is closed: texts from NVIDIA/TensorRT issues 1221, 1768, 3021 and 4107.
    printed_by: "libnvinfer: optimizer.cpp (computeCosts), tacticOptimizer.cpp before 8; TensorRT 5 to 10",
    framework: Program::Tensorrt,
    signatures: &[
        "could not find any implementation for node",
        "find any implementation for node",
    ],
    head: r"couldnotfindanyimplementationfornode",
    accepts: Some(accepts),
    reach: 600,
    fields: &[Field(Key::Tried, r"onrequestedsizeof{bytes}")],
    more: Some(more),
    examples: &[
        Example(
            "[TRT] [W] Tactic Device request: 5124MB Available: 3912MB. Device memory is insufficient to use tactic.\n[TRT] [E] 10: \
                   Could not find any implementation for node {ForeignNode[/down/conv]}.",
            &[(Key::Tried, "5124 MB"), (Key::Free, "3912 MB")],
        ),
        Example(
            "[2025-05-02 09:11:40 WARNING] Skipping tactic 0x0 due to exception autotuning: CUDA error 2 allocating 5100273920-byte \
                   buffer: out of memory\n[2025-05-02 09:11:40   ERROR] 4: [optimizer.cpp::computeCosts::3726] Error Code 4: \
                   Internal Error (Could not find any implementation for node {ForeignNode[a]} due to insufficient workspace.)",
            &[(Key::Tried, "5100273920")],
        ),
    ],
    texts: &[
        "[TensorRT] INFO: Some tactics do not have sufficient workspace memory to run. Increasing workspace size may increase \
                   performance, please check verbose output.\n[TensorRT] ERROR: Internal error: could not find any implementation \
                   for node conv_4, try increasing the workspace size with IBuilder::setMaxWorkspaceSize()",
    ],
    silent: &[
        // A layer that no kernel can do is no lack of memory.
        "[TRT] [E] 10: Could not find any implementation for node {ForeignNode[/a]}.",
        "What does \"could not find any implementation for node\" mean?",
    ],
    ..Message::EMPTY
};

/// Without a word of memory near it, a layer that no kernel can do ends so, too.
const MEMORY: [&str; 6] = [
    "insufficientmemory",
    "insuficientmemory",
    "Devicememoryisinsufficient",
    "sufficientworkspacememory",
    "OutOfMemory",
    "increasingtheworkspacesize",
];

fn accepts(hit: &Match<'_>) -> bool {
    let (near, own) = (tail(hit.before, 1500), hit.own_line());
    let memory = MEMORY
        .iter()
        .any(|words| holds(near, words) || holds(own, words));
    let again = holds(tail(hit.before, 400), "findanyimplementationfornode");
    memory && !again && !hit.line_before().ends_with(['"', '\'', '`'])
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    const ASKED: &str = r"TacticDevicerequest:(\d+)MBAvailable:(\d+)MB";
    // ONNX Runtime's log and TensorRT 10: the piece that its own allocator could not get.
    const PIECE: &str = r"allocating(\d{4,15})-bytebuffer:outofmemory";
    let near = tail(hit.before, 1500);
    let piece = cached(PIECE).and_then(|piece| piece.captures_iter(near).last());
    let piece = piece.and_then(|found| Some(found.get(1)?.as_str()));
    if let Some((text, bytes)) = piece.and_then(|p| Some((p, p.parse().ok()?))) {
        let size = crate::bytes::Bytes::exact(bytes);
        crate::messages::parts::told::add(hit, incident, Key::Tried, size, text.to_owned());
    }
    let found = cached(ASKED).and_then(|asked| asked.captures_iter(near).last());
    let numbers = found.and_then(|f| Some((f.get(1)?.as_str(), f.get(2)?.as_str())));
    if let Some((asked, free)) = numbers {
        for (key, number) in [(Key::Tried, asked), (Key::Free, free)] {
            if let Some(bytes) = crate::bytes::parse(number, "MB") {
                let text = format!("{number} MB");
                crate::messages::parts::told::add(hit, incident, key, bytes, text);
            }
        }
    }
}
