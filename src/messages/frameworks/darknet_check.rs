//! "CUDA Error: out of memory" and "Try to set subdivisions=64 in your cfg-file.": Darknet, which YOLO up to version 4 trains with.

use crate::evidence::{MessageId, Program};
use crate::messages::{Match, Message, holds, start, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::DarknetCheck,
    printed_by: "darknet src/cuda.c, AlexeyAB/darknet src/dark_cuda.c (check_error, cuda_make_array)",
    framework: Program::Darknet,
    signatures: &[
        "CUDA Error: out of memory",
        "CUDA Error Prev: out of",
        "set subdivisions=64 in your",
    ],
    head: r"(?:Trytosetsubdivisions=64inyourcfg-file\.[!-~]{0,250}?)?CUDAError(?:Prev)?:outofmemory(?::[A-Z][a-z]+[a-z]{0,20})?",
    accepts: Some(accepts),
    reach: 500,
    texts: &[
        "Try to set subdivisions=64 in your cfg-file. \nCUDA status Error: file: ./src/dark_cuda.c: func: cuda_make_array() line: 480\n\n CUDA Error: out of memory\nDarknet error location: ./src/dark_cuda.c, check_error, line #67",
        "    0 CUDA Error: out of memory\ndarknet: ./src/cuda.c:36: check_error: Assertion `0' failed.",
    ],
    ..Message::EMPTY
};

/// The bare words are said by many: they are Darknet's where it names its file, its configuration or itself.
fn accepts(hit: &Match<'_>) -> bool {
    let near = start(hit.text, 400);
    ["darknet", "dark_cuda", "check_error"]
        .iter()
        .any(|word| holds(near, word))
        || hit.says("subdivisions=64inyour")
        || ["Resizing", "layerfilterssize", "subdivisions"]
            .iter()
            .any(|word| holds(tail(hit.before, 600), word))
}

#[cfg(test)]
mod tests {
    use crate::evidence::MessageId;
    use crate::messages::examples::{one, read};

    #[test]
    fn the_bare_words_are_nobodys() {
        assert_eq!(
            one("CUDA Error: out of memory").incident.format,
            MessageId::CudaError
        );
        assert_eq!(
            read("Resizing\n608 x 608\nCUDA Error: out of memory")[0]
                .incident
                .format,
            MessageId::DarknetCheck
        );
    }
}
