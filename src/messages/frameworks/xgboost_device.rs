//! "Memory allocation error on worker 0: …": `XGBoost` on a GPU.

use crate::evidence::{FactSource, Framework, Incident, Key, Memory};
use crate::messages::{Compiled, Example, Field, Match, Message, Role, marks};

pub(crate) static MESSAGE: Message = Message {
    id: "xgboost-device",
    printed_by: "xgboost src/common/device_vector.cu (ThrowOOMError), before 3.0 device_helpers.cuh; HumanMemUnit: powers of 1024",
    role: Role::Failure,
    memory: Memory::Device,
    framework: Framework::Xgboost,
    signatures: &[
        "Memory allocation error on worker",
        "device_helpers.cuh",
        "Exception in gpu_hist",
    ],
    head: r"Memoryallocationerroronworker\d+:|device_helpers\.cuh[:(]\d+\)?:(?:cudaErrorMemoryAllocation:)?outofmemory|Exceptioningpu_hist:[!-~]{0,200}?outofmemory",
    accepts: None,
    reach: 700,
    source: FactSource::Message,
    fields: &[
        Field {
            key: Key::Tried,
            pattern: r"-?Requestedmemory:{size}",
        },
        Field {
            key: Key::Free,
            pattern: r"-?Freememory:{size}",
        },
        Field {
            key: Key::Reserved,
            pattern: r"-Reservedbythepool:{size}",
        },
        Field {
            key: Key::Allocated,
            pattern: r"-Usedbythepool:{size}",
        },
        // Before the units came, in bytes.
        Field {
            key: Key::Tried,
            pattern: r"-?Requestedmemory:(\d{4,})(?:$|[^0-9.kmgt])",
        },
        Field {
            key: Key::Free,
            pattern: r"-?Freememory:(\d{4,})-?Requested",
        },
    ],
    more: Some(more),
    examples: &[
        Example {
            text: "xgboost.core.XGBoostError: [10:12:33] /workspace/src/common/device_vector.cu:23: Memory allocation error on worker 0: \
                   std::bad_alloc: cudaErrorMemoryAllocation: out of memory\n- Free memory: 2.25GB\n- Requested memory: 7.5GB\n",
            reads: &[(Key::Tried, "7.5 GB"), (Key::Free, "2.25 GB")],
        },
        Example {
            text: "Memory allocation error on worker 1: cudaErrorMemoryAllocation: out of memory\n- Free memory: 768.5MB\n- Requested \
                   memory: 1.5GB\n- Reserved by the pool: 20.25GB\n- Used by the pool: 19.75GB\n",
            reads: &[(Key::Reserved, "20.25 GB"), (Key::Allocated, "19.75 GB")],
        },
        Example {
            text: "xgboost.core.XGBoostError: [08:09:10] /workspace/src/c_api/../common/device_helpers.cuh:428: Memory allocation error \
                   on worker 0: cudaErrorMemoryAllocation: out of memory\n- Free memory: 1073741824\n- Requested memory: 3221225472\n",
            reads: &[(Key::Tried, "3221225472"), (Key::Free, "1073741824")],
        },
        Example {
            text: "xgboost.core.XGBoostError: [09:41:20] /workspace/src/tree/updater_gpu_hist.cu:770: Exception in gpu_hist: \
                   std::bad_alloc: cudaErrorMemoryAllocation: out of memory",
            reads: &[],
        },
        Example {
            text: "xgboost.core.XGBoostError: [22:11:00] /workspace/src/tree/../common/device_helpers.cuh:399: out of memory",
            reads: &[],
        },
    ],
    compiled: Compiled::new(),
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    // XGBoost names page-locked memory by its call (src/common/cuda_pinned_allocator.h).
    if hit.says("cudaMallocHost") || hit.says("cudaHostAlloc") {
        incident.memory = Memory::Host;
        incident.marks.push(marks::PINNED);
    }
}

#[cfg(test)]
mod tests {
    use crate::messages::examples::failures;

    #[test]
    fn another_failure_of_the_same_file_is_none() {
        let text = "XGBoostError: device_helpers.cuh:132: NCCL failure :unhandled system error";
        assert!(failures(text).is_empty());
    }
}
