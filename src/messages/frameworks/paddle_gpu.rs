//! "Cannot allocate … memory on GPU 0, … memory has been allocated and available memory is only …": `PaddlePaddle`.

use crate::evidence::{Incident, Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::PaddleGpu,
    printed_by: "paddle/fluid/memory/allocation/cuda_allocator.cc and its kin since 1.5; \
                 powers of 1024, six digits",
    framework: Program::Paddle,
    signatures: &[
        "available memory is only",
        "Out of memory error on",
        "GPU memory. Please shrink FLAGS_",
        "Not enough available GPU memory",
        "Cannot allocate ",
    ],
    head: r"(?:Outofmemoryerroron[A-Za-z]{3,5}\d{1,3}\.)?Cannotallocate(?:[\d.]+[kMGTPE]?Bmemoryon[A-Za-z]{3,5}\d{1,3},|\d+onGPU\d{1,3},outofmemory)|Cannotmalloc[\d.]+MBGPUmemory\.PleaseshrinkFLAGS_|ResourceExhaustedError:NotenoughavailableGPUmemory\.",
    reach: 900,
    fields: &[
        Field(
            Key::Tried,
            r"Cannot(?:allocate|malloc){size}(?:memoryon|GPUmemory\.)",
        ),
        Field(Key::Tried, r"Cannotallocate{bytes}onGPU"),
        // As printed. It is the device's total minus what is available, so that it holds other processes' memory too.
        Field(Key::Allocated, r",{size}memoryhasbeenallocated"),
        Field(Key::Free, r"availablememoryisonly{size}"),
        Field(Key::Limit, r"memoryusageislimitedto{floored}"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "ResourceExhaustedError: \n\nOut of memory error on GPU 1. Cannot allocate 512.000000MB memory on GPU 1, \
                   14.871094GB memory has been allocated and available memory is only 37.562500MB.\n\nPlease check whether \
                   there is any other process using GPU 1.\n1. If yes, please stop them, or start PaddlePaddle on another \
                   GPU.\n2. If no, please decrease the batch size of your model. ",
            &[
                (Key::Tried, "512.000000 MB"),
                (Key::Allocated, "14.871094 GB"),
                (Key::Free, "37.562500 MB"),
            ],
        ),
        Example(
            "Out of memory error on GPU 0. Cannot allocate 2.250000GB memory on GPU 0, available memory is only \
                   640.875000MB.",
            &[(Key::Tried, "2.250000 GB"), (Key::Free, "640.875000 MB")],
        ),
        Example(
            "Out of memory error on GPU 0. Cannot allocate 256.000000MB memory on GPU 0, 3.906250GB memory has been \
                   allocated and available memory is only 96.000000MB.\n\nPlease check whether there is any other process \
                   using GPU 0.\n1. If yes, please stop them, or start PaddlePaddle on another GPU.\n2. If no, please decrease \
                   the batch size of your model. Or set environment variable `FLAGS_gpu_memory_limit_mb` to a larger value. \
                   Currently `FLAGS_gpu_memory_limit_mb` is 4096, so the maximum GPU memory usage is limited to 4096 MB.",
            &[(Key::Tried, "256.000000 MB"), (Key::Limit, "4096 MB")],
        ),
        Example(
            "Cannot malloc 768.5 MB GPU memory. Please shrink FLAGS_fraction_of_gpu_memory_to_use environment variable to a \
                   lower value. Current value is 0.92",
            &[(Key::Tried, "768.5 MB")],
        ),
        Example(
            "Cannot allocate 805306368 on GPU 0, out of memory at \
                   [/paddle/paddle/fluid/memory/allocation/cuda_allocator.cc:55]",
            &[(Key::Tried, "805306368")],
        ),
    ],
    texts: &["ResourceExhaustedError: Not enough available GPU memory."],
    silent: &[
        // What only speaks of it is no failure.
        "available memory is only used for the cache",
        "Set FLAGS_fraction_of_gpu_memory_to_use where Paddle says Out of memory error on GPU.",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.device = hit.number(r"^[!-~]{0,90}?on(?:GPU|XPU|NPU|MLU)(\d{1,3})");
}

#[cfg(test)]
mod tests {
    use crate::evidence::Key;
    use crate::messages::examples::one;

    #[test]
    fn the_device_is_the_one_that_is_named() {
        let text = "Out of memory error on GPU 3. Cannot allocate 1.500000GB memory on GPU 3, available memory is only \
            12.000000MB.";
        assert_eq!(one(text).incident.device, Some(3));
    }

    #[test]
    fn where_the_driver_would_not_say_what_is_free_the_sum_is_none() {
        let text = "Out of memory error on GPU 0. Cannot allocate 40.500000kB memory on GPU 0, 97.031250TB memory has been \
            allocated and available memory is only 0.000000B.";
        let facts = one(text).incident.facts;
        assert_eq!(facts.get(Key::Free).map(crate::bytes::Bytes::high), Some(0));
    }
}
