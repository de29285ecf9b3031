//! "failed call to cuDevicePrimaryCtxRetain: …", "CUDA runtime implicit initialization on GPU:0 failed": no room for a context.

use crate::evidence::{Incident, Key, MessageId, Program};
use crate::messages::tensorflow_xla::tensorflow_handle::of_jax;
use crate::messages::{Example, Field, Match, Message, cached, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::TensorflowContext,
    printed_by: "tensorflow/stream_executor/cuda/cuda_driver.cc (CreateContext), now xla/stream_executor; \
                 core/common_runtime/gpu/gpu_device.cc",
    framework: Program::Tensorflow,
    signatures: &[
        "implicit initialization on",
        "PrimaryCtxRetain: ",
        "failed call to cuCtxCreate",
        "total memory reported:",
        "failed. Status: out of mem",
    ],
    head: r"(?:CUDA|HIP)runtimeimplicitinitializationon[A-Z]{3}:\d{1,3}failed\.Status:outofmemory|failedcallto(?:cu|hip)(?:DevicePrimaryCtxRetain|CtxCreate):(?:CUDA_ERROR_OUT_OF_MEMORY|HIP_ERROR_OutOfMemory|hipErrorOutOfMemory)(?::outofmemory)?",
    reach: 1500,
    fields: &[Field(Key::Total, r"totalmemoryreported:{bytes}")],
    more: Some(more),
    examples: &[Example(
        "Internal: failed initializing StreamExecutor for CUDA device ordinal 0: Internal: failed call to \
                   cuDevicePrimaryCtxRetain: CUDA_ERROR_OUT_OF_MEMORY: out of memory; total memory reported: 16945512448",
        &[(Key::Total, "16945512448")],
    )],
    texts: &[
        "tensorflow.python.framework.errors_impl.InternalError: CUDA runtime implicit initialization on GPU:0 failed. Status: \
                   out of memory",
    ],
    silent: &[
        // Another status is none.
        "InternalError: CUDA runtime implicit initialization on GPU:0 failed. Status: device kernel image is invalid",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    // Above the refusal stands which device it was (xla/service/platform_util.cc).
    incident.device = hit
        .number(r"^[!-~]{0,60}?GPU:(\d{1,3})failed")
        .or_else(|| device_above(hit));
    if of_jax(hit) {
        incident.framework = Program::Jax;
    }
}

fn device_above(hit: &Match<'_>) -> Option<u32> {
    const NAME: &str = r"unabletocreateStreamExecutorfor(?:CUDA|ROCM):(\d{1,3}):[!-~]{0,120}$";
    let found = cached(NAME)?.captures(tail(hit.before, 250))?;
    found.get(1)?.as_str().parse().ok()
}
