//! The two lines that every release of vLLM prints before it makes the cache: what the weights took, and what is left.

use crate::evidence::{FactSource, Framework, Key, Memory};
use crate::messages::{Compiled, Example, Field, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: "vllm-loading",
    // What older releases call GB is GiB all the same: DeviceMemoryProfiler's bytes over 2^30.
    printed_by: "vllm/v1/worker/gpu_model_runner.py and gpu_worker.py, vllm/worker/model_runner.py to 0.10",
    role: Role::Evidence,
    memory: Memory::Device,
    framework: Framework::Vllm,
    signatures: &[
        "Model loading took ",
        "model weights took ",
        "Available KV cache memory: ",
    ],
    head: r"(?:Modelloadingtook|Loadingmodelweightstook|AvailableKVcachememory:)\d[\d.]*Gi?B",
    accepts: None,
    reach: 60,
    source: FactSource::Stats,
    fields: &[
        Field {
            key: Key::Weights,
            pattern: r"^(?:Modelloading|Loadingmodelweights)took{size}",
        },
        Field {
            key: Key::Free,
            pattern: r"AvailableKVcachememory:{size}",
        },
    ],
    more: None,
    examples: &[
        Example {
            text: "Model loading took 14.99 GiB memory and 6.214530 seconds",
            reads: &[(Key::Weights, "14.99 GiB")],
        },
        Example {
            text: "Loading model weights took 14.9888 GB",
            reads: &[(Key::Weights, "14.9888 GB")],
        },
        Example {
            text: "Available KV cache memory: 5.25 GiB",
            reads: &[(Key::Free, "5.25 GiB")],
        },
    ],
    compiled: Compiled::new(),
};
