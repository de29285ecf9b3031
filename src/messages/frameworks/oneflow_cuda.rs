//! "CUDA out of memory. Tried to allocate 2.0 GB": `OneFlow`, in `PyTorch`'s words and units of its own.

use crate::evidence::{Incident, Key, Memory, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::OneflowCuda,
    printed_by: "oneflow/core/vm/ep_backend_host_allocator.cpp and core/ep/cuda/cuda_device.cpp; FormatMemSize: one digit, powers of 1024",
    framework: Program::Oneflow,
    signatures: &[
        "_oneflow_internal.exception",
        "oneflow/core/",
        "CPU can't allocate memory. Tried",
    ],
    head: r"(?:CUDAoutofmemory|CPUcan'tallocatememory)\.Triedtoallocate\d[\d.]*(?:[KMG]B|Bytes)",
    accepts: Some(accepts),
    reach: 300,
    fields: &[Field(Key::Tried, r"Triedtoallocate{size}")],
    more: Some(more),
    examples: &[
        Example(
            "oneflow._oneflow_internal.exception.RuntimeError: Error: CUDA out of memory. Tried to allocate 2.5 GB\n  File \"oneflow/core/ep/cuda/cuda_device.cpp\", line 140, in Alloc",
            &[(Key::Tried, "2.5 GB")],
        ),
        Example(
            "RuntimeError: CPU can't allocate memory. Tried to allocate 64.0 GB\n  File \"oneflow/core/ep/cpu/cpu_device.cpp\", line 62, in Alloc",
            &[(Key::Tried, "64.0 GB")],
        ),
    ],
    ..Message::EMPTY
};

/// It says who it is in the class before the message or in the file behind it.
fn accepts(hit: &Match<'_>) -> bool {
    hit.says("CPUcan'tallocatememory.Tried")
        || hit.says("oneflow")
        || holds(tail(hit.before, 600), "oneflow")
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.capture("^CPU").is_some() {
        incident.memory = Memory::Host;
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Memory, MessageId};
    use crate::messages::examples::one;

    #[test]
    fn what_the_processor_wanted_is_the_hosts() {
        let text = "RuntimeError: CPU can't allocate memory. Tried to allocate 8.0 GB";
        assert_eq!(one(text).incident.memory, Memory::Host);
    }

    #[test]
    fn pytorchs_own_words_stay_pytorchs() {
        let text = "RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 15.78 GiB total capacity; 14.10 GiB already \
            allocated; 1.20 GiB free; 14.20 GiB reserved in total by PyTorch)";
        assert_eq!(one(text).incident.format, MessageId::PytorchCuda);
    }
}
