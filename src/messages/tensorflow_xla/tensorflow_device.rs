//! "Created device … with 21468 MB memory": what TensorFlow takes of a GPU, as it opens it.

use crate::evidence::{FactSource, Incident, Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::TensorflowDevice,
    printed_by: "tensorflow/core/common_runtime/gpu/gpu_device.cc (CreateGPUDevice), TensorFlow 1 and 2: whole MiB, cut down",
    role: Role::Evidence,
    framework: Program::Tensorflow,
    signatures: &["Created device /", "Created TensorFlow device"],
    head: r"Created(?:TensorFlow)?device\(?/[!-~]{10,80}?GPU:\d{1,3}with\d{2,7}MBmemory",
    reach: 200,
    source: FactSource::Stats,
    fields: &[Field(Key::Limit, r"with{floored}memory")],
    more: Some(more),
    examples: &[
        Example(
            "I tensorflow/core/common_runtime/gpu/gpu_device.cc:2022] Created device /job:localhost/replica:0/task:0/device:GPU:0 with \
                   21468 MB memory:  -> device: 0, name: NVIDIA A10G, pci bus id: 0000:00:1e.0, compute capability: 8.6",
            &[(Key::Limit, "21468 MB")],
        ),
        Example(
            "Created TensorFlow device (/job:localhost/replica:0/task:0/device:GPU:1 with 10312 MB memory) -> physical GPU (device: 1, \
                   name: GeForce RTX 2080 Ti, pci bus id: 0000:05:00.0, compute capability: 7.5)",
            &[(Key::Limit, "10312 MB")],
        ),
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.device = hit.number(r"^[!-~]{10,110}?GPU:(\d{1,3})with");
}
