//! Whether the name of a status stands where a program reports a failed call, and not in code, a list or a sentence.

use super::{Hit, holds, start, tail};

/// True where the line that names the status speaks of a failure before it, and is no line of code.
pub(super) fn reported(hit: &Hit<'_>) -> bool {
    const SAYS: [&str; 14] = [
        "error",
        "fail",
        "panic",
        "exception",
        "abort",
        "fatal",
        "couldnot",
        "cannot",
        "result",
        "returned",
        "allocatememory",
        "vk::",
        "ggml_vulkan",
        "unable",
    ];
    const CODE: [&str; 6] = ["case", "if(", "#define", "//", "return", "=="];
    let (before, after) = (hit.line_before(), hit.line_after());
    let code = CODE.iter().any(|word| before.starts_with(word))
        || before.ends_with("==")
        || after.starts_with('=')
        || after.ends_with(';')
        || after.contains('?');
    // A wrapped line breaks anywhere.
    let (near, next) = (tail(hit.before, 100), start(hit.text, 90));
    let speaks = SAYS
        .iter()
        .any(|word| holds(near, word) || holds(next.get(hit.head..).unwrap_or(""), word));
    !code && (speaks || before.is_empty() && after.is_empty())
}
