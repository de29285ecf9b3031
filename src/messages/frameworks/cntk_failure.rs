//! "CUDA failure 2: out of memory ; GPU=0 ; hostname=… ; expr=cudaMalloc(…)": Microsoft's CNTK.

use crate::evidence::{Incident, MessageId, Program};
use crate::messages::{Match, Message, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CntkFailure,
    printed_by: "CNTK Source/Math/CudaCommon (CudaCall), 2.x; the same words with a file are ONNX Runtime's",
    framework: Program::Cntk,
    signatures: &["CUDA failure 2: out of memory"],
    head: r"CUDAfailure2:outofmemory;GPU=-?\d{1,3};hostname=[!-:<-~]{1,120};expr=",
    accepts: Some(accepts),
    reach: 300,
    more: Some(more),
    texts: &[
        "CUDA failure 2: out of memory ; GPU=0 ; hostname=node-3 ; expr=cudaMalloc((void**) &deviceBufferPtr, sizeof(AllocatedElemType) * numElements)",
        "RuntimeError: CUDA failure 2: out of memory ; GPU=1 ; hostname=gpu1 ; expr=cudaMalloc((void**) &p, n)",
    ],
    silent: &[
        // Another failure is none.
        "CUDA failure 77: an illegal memory access was encountered ; GPU=0 ; hostname=a ; expr=cudaFree(p)",
    ],
    ..Message::EMPTY
};

/// ONNX Runtime took the words over.
fn accepts(hit: &Match<'_>) -> bool {
    !holds(tail(hit.before, 600), "onnxruntime")
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.device = hit.number(r"GPU=(\d{1,3});");
}

#[cfg(test)]
mod tests {
    use crate::messages::examples::one;

    #[test]
    fn the_device_is_named() {
        let text = "CUDA failure 2: out of memory ; GPU=3 ; hostname=a ; expr=cudaMalloc(&p, n)";
        assert_eq!(one(text).incident.device, Some(3));
    }
}
