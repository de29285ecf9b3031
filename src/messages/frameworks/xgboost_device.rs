//! "Memory allocation error on worker 0: …": `XGBoost` on a GPU.

use crate::evidence::{Flag, Incident, Key, Memory, MessageId, Program};
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::XgboostDevice,
    printed_by: "xgboost src/common/device_vector.cu (ThrowOOMError), before 3.0 device_helpers.cuh; HumanMemUnit: powers of 1024",
    framework: Program::Xgboost,
    signatures: &[
        "Memory allocation error on worker",
        "device_helpers.cuh",
        "Exception in gpu_hist",
    ],
    head: r"Memoryallocationerroronworker\d+:|device_helpers\.cuh[:(]\d+\)?:(?:cudaErrorMemoryAllocation:)?outofmemory|Exceptioningpu_hist:[!-~]{0,200}?outofmemory",
    reach: 700,
    fields: &[
        Field(Key::Tried, r"-?Requestedmemory:{size}"),
        Field(Key::Free, r"-?Freememory:{size}"),
        Field(Key::Reserved, r"-Reservedbythepool:{size}"),
        Field(Key::Allocated, r"-Usedbythepool:{size}"),
        // Before the units came, in bytes.
        Field(Key::Tried, r"-?Requestedmemory:(\d{4,})(?:$|[^0-9.kmgt])"),
        Field(Key::Free, r"-?Freememory:(\d{4,})-?Requested"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "xgboost.core.XGBoostError: [10:12:33] /workspace/src/common/device_vector.cu:23: Memory allocation error on worker 0: \
                   std::bad_alloc: cudaErrorMemoryAllocation: out of memory\n- Free memory: 2.25GB\n- Requested memory: 7.5GB\n",
            &[(Key::Tried, "7.5 GB"), (Key::Free, "2.25 GB")],
        ),
        Example(
            "xgboost.core.XGBoostError: [14:02:33] /workspace/src/data/../common/device_vector.cu:23: Memory allocation error on \
                   worker 0: std::bad_alloc: out_of_memory: CUDA error at: \
                   /opt/rmm/include/rmm/mr/device/cuda_memory_resource.hpp:62: cudaErrorMemoryAllocation out of memory\n- Free memory: \
                   2.125GB\n- Requested memory: 6.75GB\n",
            &[(Key::Tried, "6.75 GB"), (Key::Free, "2.125 GB")],
        ),
        Example(
            "Memory allocation error on worker 1: cudaErrorMemoryAllocation: out of memory\n- Free memory: 768.5MB\n- Requested \
                   memory: 1.5GB\n- Reserved by the pool: 20.25GB\n- Used by the pool: 19.75GB\n",
            &[(Key::Reserved, "20.25 GB"), (Key::Allocated, "19.75 GB")],
        ),
        Example(
            "xgboost.core.XGBoostError: [08:09:10] /workspace/src/c_api/../common/device_helpers.cuh:428: Memory allocation error \
                   on worker 0: cudaErrorMemoryAllocation: out of memory\n- Free memory: 1073741824\n- Requested memory: 3221225472\n",
            &[(Key::Tried, "3221225472"), (Key::Free, "1073741824")],
        ),
    ],
    texts: &[
        "xgboost.core.XGBoostError: [09:41:20] /workspace/src/tree/updater_gpu_hist.cu:770: Exception in gpu_hist: \
                   std::bad_alloc: cudaErrorMemoryAllocation: out of memory",
        "xgboost.core.XGBoostError: [22:11:00] /workspace/src/tree/../common/device_helpers.cuh:399: out of memory",
    ],
    silent: &[
        // Another failure of the same file is none.
        "XGBoostError: device_helpers.cuh:132: NCCL failure :unhandled system error",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    // XGBoost names page-locked memory by its call (src/common/cuda_pinned_allocator.h).
    if hit.says("cudaMallocHost") || hit.says("cudaHostAlloc") {
        incident.memory = Memory::Host;
        incident.flags.insert(Flag::Pinned);
    }
}
