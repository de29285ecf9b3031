//! The runtime of a language that got no more memory of the host, in its own words.

use crate::evidence::{Key, Memory, MessageId, Program};
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::RuntimeRefused,
    printed_by: "Go src/runtime/malloc.go and mem_linux.go; R src/main/memory.c (R_AllocVector); Julia base/errorshow.jl (OutOfMemoryError); \
                 Ruby gc.c (NoMemoryError); .NET (System.OutOfMemoryException); apache/arrow cpp/src/arrow/memory_pool.cc; V8 \
                 src/common/message-template.h",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "runtime: out of memory",
        "allocate vector of size",
        "OutOfMemoryError()",
        "(NoMemoryError)",
        "System.OutOfMemoryException",
        "ArrowMemoryError",
        "Array buffer allocation failed",
    ],
    head: r"runtime:outofmemory|cannotallocatevectorofsize[\d.]{1,12}[KMGT]b|ERROR:(?:LoadError:)?OutOfMemoryError\(\)|failedtoallocatememory\(NoMemoryError\)|Unhandledexception[.:]System\.OutOfMemoryException|ArrowMemoryError:(?:m|re)allocofsize\d{1,20}failed|RangeError:Arraybufferallocationfailed",
    accepts: Some(accepts),
    reach: 200,
    fields: &[
        Field(Key::Tried, r"cannotallocate{bytes}-byteblock"),
        Field(Key::Tried, r"vectorofsize{size}"),
        Field(Key::Tried, r"allocofsize{bytes}failed"),
    ],
    examples: &[
        Example(
            "runtime: out of memory: cannot allocate 8589934592-byte block (1048576 in use)\nfatal error: out of memory",
            &[(Key::Tried, "8589934592")],
        ),
        Example(
            "Error: cannot allocate vector of size 14.9 Gb",
            &[(Key::Tried, "14.9 Gb")],
        ),
        Example(
            "Error in matrix(0, n, n) : cannot allocate vector of size 512.0 Mb",
            &[(Key::Tried, "512.0 Mb")],
        ),
        Example(
            "pyarrow.lib.ArrowMemoryError: malloc of size 8589934592 failed",
            &[(Key::Tried, "8589934592")],
        ),
    ],
    texts: &[
        "fatal error: runtime: out of memory",
        "ERROR: LoadError: OutOfMemoryError()",
        "fit.rb:4:in `*': failed to allocate memory (NoMemoryError)",
        "Unhandled exception. System.OutOfMemoryException: Exception of type 'System.OutOfMemoryException' was thrown.",
        "RangeError: Array buffer allocation failed",
    ],
    silent: &[
        // A page that names the words is no failure.
        "The message 'cannot allocate vector of size 14.9 Gb' comes from R.",
        "print(\"runtime: out of memory: cannot allocate \", ask)",
        "If R cannot allocate vector of size 2.0 Gb, use a matrix on a disk.",
        "catch (System.OutOfMemoryException) { return null; }",
    ],
    ..Message::EMPTY
};

/// Not where prose quotes the words, nor where source prints them.
fn accepts(hit: &Match<'_>) -> bool {
    let before = hit.line_before();
    let quoted = before.ends_with(['"', '\'', '`', '(']);
    // Go and R name themselves nowhere: what stands before their words ends with a sign.
    let bare = hit.folded.starts_with("runtime:") || hit.folded.starts_with("cannot");
    let opens = before.is_empty() || before.ends_with([':', ']', '>', '|']);
    hit.begins_a_value() || !quoted && (opens || !bare)
}
