//! "Cannot allocate memory" and `std::bad_alloc`: the host gave a program no memory, or no process.

use crate::evidence::{Key, Memory, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, holds, start, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::HostRefused,
    printed_by: "Linux, ENOMEM (12), through Python, OpenJDK (src/hotspot/share/utilities/vmError.cpp), shells and Rust (library/std/src/alloc.rs, default_alloc_error_hook); libstdc++ and libc++ (std::bad_alloc); CTranslate2 (mkl_malloc)",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "[Errno 12] Cannot allocate memory",
        "Cannot allocate memory",
        "std::bad_alloc",
        "Error: bad allocation",
        "mkl_malloc: failed to allocate",
        "memory allocation of ",
        "Native memory allocation (",
    ],
    head: r"\[Errno12\]Cannotallocatememory|Cannotallocatememory\(oserror12\)|fork:Cannotallocatememory|afterthrowinganinstanceof'std::bad_alloc'(?:what\(\):std::bad_alloc)?|exceptionoftypestd::bad_alloc(?::std::bad_alloc)?|what\(\):std::bad_alloc|mkl_malloc:failedtoallocatememory|(?:MemoryError|RuntimeError|Error):(?:std::bad_alloc|badallocation)|memoryallocationof\d{1,20}bytesfailed|Nativememoryallocation\((?:mmap|malloc)\)failedto(?:map|allocate)\d{1,20}bytes",
    accepts: Some(accepts),
    reach: 300,
    fields: &[
        Field(Key::Tried, r"allocationof{bytes}bytesfailed"),
        Field(Key::Tried, r"failedto(?:map|allocate){bytes}bytes"),
    ],
    examples: &[
        Example(
            "memory allocation of 8589934592 bytes failed",
            &[(Key::Tried, "8589934592")],
        ),
        Example(
            "# There is insufficient memory for the Java Runtime Environment to continue.\n# Native memory allocation (mmap) failed to map 22691840 bytes for committing reserved memory.",
            &[(Key::Tried, "22691840")],
        ),
    ],
    texts: &[
        "OSError: [Errno 12] Cannot allocate memory",
        "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\nAborted (core \
                   dumped)",
        "bash: fork: Cannot allocate memory",
        "MemoryError: std::bad_alloc",
        // Microsoft's library of C++.
        "MemoryError: bad allocation",
        // CTranslate2 on Intel's MKL, below faster-whisper.
        "RuntimeError: mkl_malloc: failed to allocate memory",
        "Error: Cannot allocate memory (os error 12)",
    ],
    ..Message::EMPTY
};

/// Libraries of GPUs put words of their own behind the class: "`std::bad_alloc`: `out_of_memory`: CUDA error".
fn accepts(hit: &Match<'_>) -> bool {
    let behind = hit.text.get(hit.head..).unwrap_or("");
    let wrapped = behind.starts_with(':') || behind.starts_with("'what():std::bad_alloc:");
    let near = start(hit.text, 200);
    let device = [
        "CUDA",
        "cudaErrorMemoryAllocation",
        "out_of_memory",
        "hipError",
        "thrust::",
        "rmm",
    ]
    .iter()
    .any(|word| holds(near, word) || holds(tail(hit.before, 60), word));
    let code = ["catch(", "except", "throw"]
        .iter()
        .any(|word| hit.line_before().starts_with(word));
    // A shell names itself before it; a manual quotes it alone.
    let quoted = hit.folded.starts_with("fork") && !hit.before.ends_with(':');
    !wrapped && !device && !code && !quoted
}

#[cfg(test)]
mod tests {
    use crate::messages::examples::failures;

    #[test]
    fn what_gpu_libraries_throw_and_what_only_mentions_it_is_not_the_hosts() {
        for text in [
            "MemoryError: std::bad_alloc: out_of_memory: CUDA error at: pool.hpp:77: cudaErrorMemoryAllocation out of memory",
            "catch (const std::bad_alloc & e) {",
            "Any subsequent attempts to execute a command will result in \"fork: Cannot allocate memory\".",
            "ImportError: libgomp.so.1: cannot allocate memory in static TLS block",
        ] {
            assert!(!failures(text).contains(&"host-refused"), "{text}");
        }
    }
}
