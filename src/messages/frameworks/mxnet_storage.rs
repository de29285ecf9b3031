//! "cudaMalloc retry failed: out of memory": the storage pool of `MXNet`.

use crate::evidence::{MessageId, Program};
use crate::messages::{Match, Message, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::MxnetStorage,
    printed_by: "mxnet src/storage/pooled_storage_manager.h and gpu_device_storage.h, mshadow tensor_gpu-inl.h; 0.9 to 2.0",
    framework: Program::Mxnet,
    signatures: &[
        "storage_manager.h",
        "cudaMalloc failed: out of",
        "cudaMalloc retry failed: out",
        "Memory allocation failed out",
        "cudaErrorCudart",
    ],
    head: r"(?:cudaMalloc(?:retry)?failed:|Memoryallocationfailed)outofmemory|Checkfailed:e==cudaSuccess(?:\|\|e==cudaErrorCudartUnloading)?:?CUDA:outofmemory",
    accepts: Some(accepts),
    reach: 400,
    texts: &[
        "[19:45:05] src/storage/./pooled_storage_manager.h:157: cudaMalloc failed: out of memory\n\nStack trace returned 10 entries:\n[bt] (0) libmxnet.so(+0x28965c) [0x7fef5294865c]",
        "mxnet.base.MXNetError: [10:11:12] src/storage/./pooled_storage_manager.h:161: cudaMalloc retry failed: out of memory",
        "MXNetError: Check failed: e == cudaSuccess || e == cudaErrorCudartUnloading: CUDA: out of memory",
    ],
    ..Message::EMPTY
};

/// Others word a failed `cudaMalloc` likewise: it is `MXNet`'s behind its own file or class, or before its own stack.
fn accepts(hit: &Match<'_>) -> bool {
    let before = tail(hit.before, 200);
    [
        "storage_manager.h",
        "device_storage.h",
        "mxnet",
        "e==cudaSuccess",
    ]
    .iter()
    .any(|word| holds(before, word) || holds(hit.text, word))
}

#[cfg(test)]
mod tests {
    use crate::messages::examples::{failures, read};

    #[test]
    fn the_same_words_of_another_program_are_not_mxnets() {
        let text = "alloc: allocating 512.00 MiB on device 0: cudaMalloc failed: out of memory";
        assert!(
            !failures(text).contains(&"mxnet-storage"),
            "{:?}",
            read(text)
        );
    }
}
