//! A tool of every system that got no more memory of the host, in its own words.

use crate::evidence::{Key, Memory, MessageId, Program};
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::ToolRefused,
    printed_by: "git wrapper.c; GNU binutils bfd/bfd.c, tar and sort; bash lib/malloc/xmalloc.c; Perl util.c; Node.js (V8 \
                 src/wasm/wasm-engine.cc)",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "fatal: Out of memory,",
        "memory exhausted",
        "alloc: cannot allocate ",
        "Out of memory in perl",
        "WebAssembly.instantiate(): Out",
    ],
    head: r"fatal:Outofmemory,(?:m|re|c)allocfailed|(?:ld|tar|sort|grep|sed):(?:finallinkfailed:)?memoryexhausted|x(?:m|re)alloc:cannotallocate\d{1,20}bytes|Outofmemoryinperl:|RangeError:WebAssembly\.instantiate\(\):Outofmemory",
    accepts: Some(accepts),
    reach: 200,
    fields: &[
        Field(Key::Tried, r"triedtoallocate{bytes}bytes"),
        Field(Key::Tried, r"alloc:cannotallocate{bytes}bytes"),
    ],
    examples: &[
        Example(
            "fatal: Out of memory, malloc failed (tried to allocate 734003201 bytes)",
            &[(Key::Tried, "734003201")],
        ),
        Example(
            "bash: xmalloc: cannot allocate 17179869184 bytes (8192 bytes allocated)",
            &[(Key::Tried, "17179869184")],
        ),
    ],
    texts: &[
        "/usr/bin/ld: final link failed: memory exhausted",
        "Out of memory in perl:util:safesysmalloc",
        "RangeError: WebAssembly.instantiate(): Out of memory: Cannot allocate Wasm memory for new instance",
    ],
    silent: &[
        // A page that names the words is no failure.
        "The linker says `ld: final link failed: memory exhausted` then.",
        "die(\"fatal: Out of memory, malloc failed\");",
    ],
    ..Message::EMPTY
};

/// Not where prose or source quotes the words.
fn accepts(hit: &Match<'_>) -> bool {
    let before = hit.line_before();
    hit.begins_a_value() || !before.ends_with(['"', '\'', '`', '('])
}
