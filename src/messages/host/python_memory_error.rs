//! A bare `MemoryError`: Python's own allocator was refused memory of the host, and says nothing more.

use crate::evidence::{Incident, Memory, MessageId, Program};
use crate::messages::{Match, Message, capture, holds, start, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::PythonMemoryError,
    printed_by: "CPython Objects/exceptions.c, Lib/traceback.py; pytest",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &["MemoryError"],
    head: r"MemoryError",
    accepts: Some(accepts),
    reach: 2000,
    more: Some(more),
    texts: &[
        "Traceback (most recent call last):\n  File \"fit.py\", line 7, in main\n    rows = rows * 2\nMemoryError",
        "Traceback (most recent call last):\n  File \"fit.py\", line 7, in main\n    rows = rows * 2\nMemoryError: ",
    ],
    ..Message::EMPTY
};

/// The class alone on its line, below a stack or in pytest's report behind its `E`; in JSON too, where breaks are spelled out.
fn accepts(hit: &Match<'_>) -> bool {
    let before = hit.line_before().trim_start_matches('>');
    let after = hit.line_after().trim_start_matches(':');
    let begins = before.is_empty() || before.ends_with("\\n");
    let ends = after.is_empty() || after.starts_with(['"', '\\']);
    // Its letters stand in other names, too, and a log can be full of those.
    if !ends || !begins && before != "E" && !before.ends_with('-') {
        return false;
    }
    let stack = tail(hit.before, 400);
    let below = holds(stack, "File\"") || holds(stack, "File\\\"");
    // Paddle raises it for the GPU, and tells why behind its own stack.
    let paddle =
        holds(start(hit.text, 200), "C++Traceback") || holds(hit.text, "ResourceExhausted");
    let told = begins && below && holds(stack, ",line") || before == "E";
    !paddle && (told || after.is_empty() && capture(SUMMARY, before).is_some())
}

/// A line of pytest's short summary, which is all that `--tb=no` leaves.
const SUMMARY: &str =
    r"^(?:FAILED|ERROR|SUBFAILED[!-~]{0,200}?)[!-~]{1,200}?\.py(?:::[!-~]{1,300})?-$";

fn more(_: &Match<'_>, _: &mut Incident) {}
