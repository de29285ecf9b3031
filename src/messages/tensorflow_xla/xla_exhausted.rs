//! "Out of memory while trying to allocate …": XLA's client, which JAX and others run on.

use crate::evidence::{Flag, Incident, Key, Memory, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::XlaExhausted,
    printed_by: "xla/stream_executor/integrations/tf_allocator_adapter.cc, xla/pjrt/pjrt_stream_executor_client.cc, from 2019",
    framework: Program::Jax,
    signatures: &[
        "Out of memory while trying to allocate",
        "Out of host memory while trying",
        "EXHAUSTED: Out of memory allocating",
        "Failed to allocate request for",
    ],
    head: r"Resource_?exhausted:(?:Outof(?:host)?memorywhiletryingtoallocate|Outofmemoryallocating|Failedtoallocaterequestfor)\d|Outofmemorywhiletryingtoallocate\d+bytes\.BufferAssignmentOOMDebugging",
    accepts: Some(accepts),
    reach: 6000,
    fields: &[
        // The exact number stands in parentheses where there are two.
        Field(Key::Tried, r"requestfor[0-9.]+[a-z]{1,5}\({bytes}B\)"),
        Field(
            Key::Tried,
            r"memory(?:whiletryingtoallocate|allocating){bytes}bytes",
        ),
        Field(
            Key::Tried,
            r"(?:memorywhiletryingtoallocate|memoryallocating|requestfor){size}",
        ),
    ],
    more: Some(more),
    examples: &[
        // EXLA hands over the words without the name of the status (elixir-nx/nx).
        Example(
            "** (RuntimeError) Out of memory while trying to allocate 268435456 bytes.\nBufferAssignment OOM Debugging.",
            &[(Key::Tried, "268435456")],
        ),
        Example(
            "jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 5520758552 \
                   bytes.",
            &[(Key::Tried, "5520758552")],
        ),
        Example(
            "jax.errors.JaxRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 180.32GiB with \
                   allocator GPU_0_bfc on device 0. [tf-allocator-allocation-error='']",
            &[(Key::Tried, "180.32 GiB")],
        ),
        Example(
            "jax.errors.JaxRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 2.00GiB. \
                   [executable_name='jit_step']",
            &[(Key::Tried, "2.00 GiB")],
        ),
        Example(
            "2024-06-24 17:01:13.936447: E external/xla/xla/pjrt/pjrt_stream_executor_client.cc:2732] Execution of replica \
                   0 failed: RESOURCE_EXHAUSTED: Failed to allocate request for 6.27GiB (6727663616B) on device ordinal 1",
            &[(Key::Tried, "6727663616")],
        ),
        Example(
            "Execution of replica 0 failed: Resource exhausted: Out of memory while trying to allocate 285212672 bytes.",
            &[(Key::Tried, "285212672")],
        ),
    ],
    silent: &[
        // A status that is only spoken of is none.
        "Setting the fraction to 100% may print RESOURCE_EXHAUSTED while CUDA starts up.",
        "grpc: RESOURCE_EXHAUSTED: received message larger than max",
        "Can't reduce memory use below 2.58GiB (2770000000 bytes) by rematerialization; only reduced to 3.10GiB \
             (3328599654 bytes), down from 3.10GiB (3328599654 bytes) originally",
    ],
    ..Message::EMPTY
};

/// Each way to compute a convolution that was tried in vain is a line of one failure: the first stands for all.
fn accepts(hit: &Match<'_>) -> bool {
    let above = tail(hit.before, 400);
    let tried = above.matches(TRIED).count();
    tried < 2
}

/// One line a way (`xla/stream_executor/cuda/cuda_dnn.cc`, `tensorflow/core/kernels/conv_ops_gpu.cc`), without white space.
const TRIED: &str = "ProfilingfailureonCUDNNengine";

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if holds(tail(hit.before, 400), "Noalgorithmworked!") {
        incident.framework = Program::Tensorflow;
    }
    // The pool of page-locked memory has a limit of its own (XLA_PJRT_GPU_HOST_MEMORY_LIMIT_GB).
    if hit
        .capture(r"^Resource_?exhausted:Outofhostmemory")
        .is_some()
    {
        incident.memory = Memory::Host;
        incident.flags.insert(Flag::Pinned);
        return;
    }
    incident.device =
        hit.number(r"^[!-~]{0,160}?(?:GPU_\d{1,3}_bfcondevice|ondeviceordinal)(\d{1,3})");
}

#[cfg(test)]
mod tests {
    use crate::evidence::Memory;
    use crate::messages::examples::one;

    #[test]
    fn the_pool_of_page_locked_memory_is_the_hosts() {
        let text =
            "RESOURCE_EXHAUSTED: Out of host memory while trying to allocate 68719476736 bytes.";
        assert_eq!(one(text).incident.memory, Memory::Host);
    }

    #[test]
    fn the_device_is_the_one_that_the_allocator_is_of() {
        let text = "RESOURCE_EXHAUSTED: Failed to allocate request for 176.00MiB (184549376B) on device ordinal 3";
        assert_eq!(one(text).incident.device, Some(3));
    }
}
