//! Whether a sentence of refusal with a size speaks of a GPU, and is a failure: any program may say such a thing of any memory.

use crate::messages::{Match, holds, start, tail};

/// What names a GPU's memory in such a line.
const GPU: [&str; 16] = [
    "[device]",
    "outofmemorygraphics",
    // Apple's MLX before 0.23 (mlx/backend/metal/allocator.cpp).
    "[malloc_or_wait]",
    "metal::malloc",
    "gpu",
    "cuda",
    "vram",
    "videomemory",
    "devicememory",
    "ondevice",
    "ofdevice",
    "rocm",
    "hipmalloc",
    "opencl",
    "vulkan",
    "sycl",
];
/// What looks for another size or place and goes on, and what speaks of the host.
const ELSEWHERE: [&str; 15] = [
    "fromdevice:",
    "devicememoryof",
    "fallingback",
    "fallback",
    "alloc_tensor_range",
    "gallocr",
    "retry",
    "tryingagain",
    "ggml",
    "pinned",
    "onhost",
    "hostmemory",
    "'cpu'",
    "deviceorresource",
    "nospaceleft",
];
/// Words before it in a sentence: "it fails to allocate 2 GB on the GPU", "you cannot allocate 8 GB of device memory".
const SPOKEN: [&str; 15] = [
    "it", "you", "we", "i", "that", "will", "would", "may", "might", "if", "when", "kernel",
    "driver", "which", "program",
];

/// A GPU must be named in its line; what goes on by itself is no failure, nor is code.
pub(in crate::messages) fn of_a_gpu(hit: &Match<'_>) -> bool {
    // A terminal may have wrapped the line.
    let near = tail(hit.before, 40).to_owned() + start(hit.text, hit.head + 60);
    let near = near.to_ascii_lowercase();
    let line = hit.line_text.to_ascii_lowercase();
    let line: String = line.split_whitespace().collect();
    let holds_any = |words: &[&str]| words.iter().any(|w| line.contains(w) || near.contains(w));
    let decodes = hit
        .lines_above()
        .next()
        .is_some_and(|above| above.contains("operator"));
    let next: String = hit.line_below().split_whitespace().collect();
    let goes_on = holds_any(&ELSEWHERE) || ELSEWHERE.iter().any(|w| holds(start(&next, 60), w));
    let before = hit.line_before();
    let quoted = before.ends_with(['"', '\'', '`']) && !before.ends_with(":\"");
    let spoken =
        hit.line_after().contains('?') || SPOKEN.iter().any(|word| ends_in_word(hit, word));
    (holds_any(&GPU) || decodes) && !goes_on && !quoted && !spoken
}

/// True where this word stands right before the head, with a blank between.
fn ends_in_word(hit: &Match<'_>, word: &str) -> bool {
    let line = hit.line_text.to_ascii_lowercase();
    ["fail", "unable", "could", "can", "error"]
        .iter()
        .any(|head| {
            let told = format!(" {word} {head}");
            line.contains(&told) || line.trim_start().starts_with(told.trim_start())
        })
}
