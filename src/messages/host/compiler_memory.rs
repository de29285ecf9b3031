//! A compiler that got no more memory, in its own words.

use crate::evidence::{Incident, Key, Memory, MessageId, Part, Program};
use crate::messages::{Example, Field, Match, Message, capture, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CompilerMemory,
    printed_by: "GCC libiberty/xmalloc.c (xmalloc_failed), and gcc before 4; LLVM lib/Support/ErrorHandling.cpp (report_bad_alloc_error)",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "out of memory allocating",
        "virtual memory exhausted: ",
        "LLVM ERROR: out of memory",
    ],
    head: r"outofmemoryallocating\d{1,18}bytesafteratotalof|virtualmemoryexhausted:Cannotallocatememory|LLVMERROR:outofmemory",
    reach: 200,
    fields: &[
        Field(Key::Tried, r"memoryallocating{bytes}bytes"),
        Field(Key::ProcessInUse, r"totalof{bytes}bytes"),
    ],
    more: Some(more),
    examples: &[Example(
        "cc1plus: out of memory allocating 65536 bytes after a total of 4718592000 bytes",
        &[(Key::Tried, "65536"), (Key::ProcessInUse, "4718592000")],
    )],
    texts: &[
        "virtual memory exhausted: Cannot allocate memory",
        "LLVM ERROR: out of memory\nAllocation failed",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if let Some(name) = capture(r"([a-z0-9_+-]{2,20}):$", tail(hit.line_before(), 30)) {
        incident.who.add(Part::Process, name);
    }
}
