//! "Error creating array posq: `CUDA_ERROR_OUT_OF_MEMORY` (2)": `OpenMM`.

use crate::evidence::{MessageId, Program};
use crate::messages::Message;

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::OpenmmArray,
    printed_by: "openmm platforms/cuda/src/CudaArray.cpp, platforms/hip/src/HipArray.cpp, CudaContext.cpp (CHECK_RESULT)",
    framework: Program::Simulation,
    signatures: &["Error creating array", "OpenMMException"],
    head: r"Error(?:creatingarray|initializingContext|creatingContext)[!-~]{0,80}?:(?:CUDA_ERROR_OUT_OF_MEMORY\(2\)|hipErrorOutOfMemory\(2\)|hipErrorMemoryAllocation\(2\))",
    reach: 200,
    texts: &[
        "openmm.OpenMMException: Error creating array pmeGrid1: CUDA_ERROR_OUT_OF_MEMORY (2)",
        "Exception: Error creating array interactingAtoms: CUDA_ERROR_OUT_OF_MEMORY (2)",
    ],
    silent: &[
        // Another status is none.
        "openmm.OpenMMException: Error creating array x: CUDA_ERROR_INVALID_VALUE (1)",
    ],
    ..Message::EMPTY
};
