//! "cuMemAllocAsync failed to allocate … bytes": the driver's own pool in TensorFlow and XLA.

use crate::evidence::{Incident, Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, number, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::TensorflowMallocAsync,
    printed_by: "tensorflow/core/common_runtime/gpu/gpu_cudamallocasync_allocator.cc, now xla/stream_executor/gpu; plain bytes",
    framework: Program::Tensorflow,
    signatures: &["cuMemAllocAsync failed to"],
    head: r"cuMemAllocAsyncfailedtoallocate\d",
    reach: 700,
    fields: &[
        Field(Key::Tried, r"failedtoallocate{bytes}(?:bytes|:|$)"),
        Field(Key::Free, r"Freememory/Totalmemory:{bytes}/"),
        // The next record's date can stand right behind it.
        Field(
            Key::Total,
            r"Freememory/Totalmemory:\d+/(\d{6,14}?)(?:20\d\d-\d\d|[^0-9]|$)",
        ),
        Field(Key::Allocated, r"[^a-z]InUse:{bytes}MaxInUse"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "2026-03-02 10:11:12.131415: E tensorflow/core/common_runtime/gpu/gpu_cudamallocasync_allocator.cc:288] gpu_async_0 cuMemAllocAsync failed to allocate 4294967296 bytes: CUDA error: out of memory (CUDA_ERROR_OUT_OF_MEMORY)\n Reported by CUDA: Free memory/Total memory: 1073741824/16945512448",
            &[
                (Key::Tried, "4294967296"),
                (Key::Free, "1073741824"),
                (Key::Total, "16945512448"),
            ],
        ),
        Example(
            "E0302 10:11:12.000000 99 gpu_cudamallocasync_allocator.cc:359] cuda_malloc_async cuMemAllocAsync failed to allocate 2147483648 bytes",
            &[(Key::Tried, "2147483648")],
        ),
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.device = number(r"gpu_async_(\d{1,3})$", tail(hit.before, 20));
}

#[cfg(test)]
mod tests {
    use crate::diagnose;
    use crate::evidence::MessageId;

    #[test]
    fn the_exception_that_it_ends_in_is_the_same_failure() {
        let text = "E gpu_cudamallocasync_allocator.cc:359] cuMemAllocAsync failed to allocate 2147483648 bytes: CUDA_ERROR_OUT_OF_MEMORY\n \
            Reported by CUDA: Free memory/Total memory: 1073741824/16945512448\njax.errors.JaxRuntimeError: RESOURCE_EXHAUSTED: Out of \
            memory while trying to allocate 2.00GiB. [executable_name='jit_step']";
        let found = diagnose("t", text.as_bytes()).incidents;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].incident.format, MessageId::XlaExhausted);
    }
}
