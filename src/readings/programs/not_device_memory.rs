//! Lines that speak of memory and are no reading of it: failures, host memory, model sizes, plans.

use super::{Example, Format};

pub(super) static FORMAT: Format = Format {
    id: "not-device-memory",
    printed_by: "many programs",
    marks: &[
        "tried to allocate",
        "out of memory",
        "reduce memory use",
        "bfc_allocator",
        "trying to allocate",
        "cpu virtual memory",
        "model weights",
        "weights take",
        "model loading took",
        "loading model weights",
        "theoretical memory",
        "estimated memory",
        "memory needed",
        "memory profiling",
        "psutil",
        "max memory:",
        "% of the memory",
        "mem_gpu_alloc_delta",
        "mem_gpu_peaked_delta",
        "mem_cpu_",
        "gpu_mem_limit",
        "free memory on device",
        "cuda capacity",
        "graph capturing finished",
        "memory footprint:",
    ],
    examples: &[
        Example {
            lines: "[2025-02-03 10:20:30,125] [INFO] [utils.py:789:see_memory_usage] CPU Virtual Memory:  used = 61.2 GB, percent = 12.2%",
            reads: &[],
        },
        Example {
            lines: "Model loading took 14.25 GiB memory and 3.2 seconds",
            reads: &[],
        },
        Example {
            lines: "model weights take 5.20GiB; non_torch_memory takes 0.10GiB; PyTorch activation peak memory takes 1.20GiB",
            reads: &[],
        },
        Example {
            lines: "Engine 000: Avg prompt throughput: 17.1 tokens/s, GPU KV cache usage: 41.4%, Prefix cache hit rate: 41.0%",
            reads: &[],
        },
        Example {
            lines: "CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 15.78 GiB total capacity; 12.00 GiB already allocated)",
            reads: &[],
        },
        Example {
            lines: "Can't reduce memory use below 180.30GiB (193600000000 bytes) by rematerialization",
            reads: &[],
        },
        Example {
            lines: "Tesla T4. Num GPUs = 1. Max memory: 14.741 GB. Platform: Linux.",
            reads: &[],
        },
        Example {
            lines: "  train_mem_gpu_alloc_delta =     2346MB",
            reads: &[],
        },
    ],
    ..Format::EMPTY
};
