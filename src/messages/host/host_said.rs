//! "Out of CPU memory", "Can't allocate [HOST] memory": programs that work on a GPU and tell that the host is full.

use crate::evidence::{Key, Memory, MessageId, Program};
use crate::messages::parts::recorded;
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::HostSaid,
    printed_by: "gpu4pyscf df/df.py; Deeplearning4j nd4j-jcublas (CudaMemoryManager.java, CudaFullCachingProvider.java); JavaCPP \
                 Pointer.java; PaddlePaddle fluid/memory/allocation/cpu_allocator.cc; and programs of the same words",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "ut of CPU memory",
        "ut of system memory",
        "from HOST memory",
        "an't allocate [HOST]",
        "Cannot allocate new ",
        "Fail to alloc memory of",
        "maxPhysicalBytes (",
    ],
    head: r"outof(?:CPU|system)memory|Failedtoallocate\[?\d{1,20}\]?bytesfromHOSTmemory|Can'tallocate\[HOST\](?:[a-z]{2,12})?memory|Cannotallocatenew[A-Za-z]{2,30}(?:Pointer|Buffer)\(\d+\):totalBytes=|Failtoallocmemoryof\d{4,20}size|Physicalmemoryusageistoohigh:physicalBytes",
    accepts: Some(accepts),
    reach: 300,
    fields: &[
        Field(Key::Tried, r"failedtoallocate{bytes}bytesfromhost"),
        Field(Key::Tried, r"failtoallocmemoryof{bytes}size"),
        Field(Key::Tried, r"\[host\]memory:{bytes}"),
        Field(Key::Limit, r"maxphysicalbytes\({size}"),
    ],
    examples: &[
        Example(
            "java.lang.OutOfMemoryError: Failed to allocate 4096 bytes from HOST memory",
            &[(Key::Tried, "4096")],
        ),
        Example(
            "ResourceExhaustedError: Fail to alloc memory of 2147483648 size.",
            &[(Key::Tried, "2147483648")],
        ),
    ],
    texts: &[
        "RuntimeError: Out of CPU memory",
        "java.lang.OutOfMemoryError: Cannot allocate new FloatPointer(1): totalBytes = 257, physicalBytes = 10G",
        "java.lang.RuntimeException: Can't allocate [HOST] memory: 4194304; threadId: 3",
    ],
    silent: &[
        // What people say of it is no failure.
        "The machine runs out of system memory at that size.",
        "raise RuntimeError('Out of CPU memory')",
        "Out of CPU memory?",
    ],
    ..Message::EMPTY
};

fn accepts(hit: &Match<'_>) -> bool {
    let quoted = hit.line_before().ends_with(['"', '\'', '`', '(']);
    recorded::failure(hit) && !quoted && !hit.line_after().contains('?')
}
