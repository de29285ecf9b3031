//! The two lines that every release of vLLM prints before it makes the cache: what the weights took, and what is left.

use crate::evidence::{FactSource, Key, MessageId, Program};
use crate::messages::{Example, Field, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::VllmLoading,
    // What older releases call GB is GiB all the same: DeviceMemoryProfiler's bytes over 2^30.
    printed_by: "vllm/v1/worker/gpu_model_runner.py and gpu_worker.py, vllm/worker/model_runner.py to 0.10",
    role: Role::Evidence,
    framework: Program::Vllm,
    signatures: &[
        "Model loading took ",
        "model weights took ",
        "Available KV cache memory: ",
    ],
    head: r"(?:Modelloadingtook|Loadingmodelweightstook|AvailableKVcachememory:-?)\d[\d.]*Gi?B",
    reach: 60,
    source: FactSource::Stats,
    fields: &[
        Field(
            Key::Weights,
            r"^(?:Modelloading|Loadingmodelweights)took{size}",
        ),
        Field(Key::Free, r"AvailableKVcachememory:{size}"),
        // Below zero, it is what a cache of no size at all would lack.
        Field(Key::Deficit, r"AvailableKVcachememory:-{size}"),
    ],
    examples: &[
        Example(
            "Model loading took 14.99 GiB memory and 6.214530 seconds",
            &[(Key::Weights, "14.99 GiB")],
        ),
        Example(
            "Loading model weights took 14.9888 GB",
            &[(Key::Weights, "14.9888 GB")],
        ),
        Example(
            "Available KV cache memory: 5.25 GiB",
            &[(Key::Free, "5.25 GiB")],
        ),
        Example(
            "Available KV cache memory: -1.25 GiB",
            &[(Key::Deficit, "1.25 GiB")],
        ),
    ],
    ..Message::EMPTY
};
