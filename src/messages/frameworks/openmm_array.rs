//! "Error creating array posq: `CUDA_ERROR_OUT_OF_MEMORY` (2)": `OpenMM`.

use crate::evidence::{FactSource, Framework, Memory};
use crate::messages::{Compiled, Example, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: "openmm-array",
    printed_by: "openmm platforms/cuda/src/CudaArray.cpp, platforms/hip/src/HipArray.cpp, CudaContext.cpp (CHECK_RESULT)",
    role: Role::Failure,
    memory: Memory::Device,
    framework: Framework::Simulation,
    signatures: &["Error creating array", "OpenMMException"],
    head: r"Error(?:creatingarray|initializingContext|creatingContext)[!-~]{0,80}?:(?:CUDA_ERROR_OUT_OF_MEMORY\(2\)|hipErrorOutOfMemory\(2\)|hipErrorMemoryAllocation\(2\))",
    accepts: None,
    reach: 200,
    source: FactSource::Message,
    fields: &[],
    more: None,
    examples: &[
        Example {
            text: "openmm.OpenMMException: Error creating array pmeGrid1: CUDA_ERROR_OUT_OF_MEMORY (2)",
            reads: &[],
        },
        Example {
            text: "Exception: Error creating array interactingAtoms: CUDA_ERROR_OUT_OF_MEMORY (2)",
            reads: &[],
        },
    ],
    compiled: Compiled::new(),
};

#[cfg(test)]
mod tests {
    use crate::messages::examples::failures;

    #[test]
    fn another_status_is_none() {
        assert!(
            failures(
                "openmm.OpenMMException: Error creating array x: CUDA_ERROR_INVALID_VALUE (1)"
            )
            .is_empty()
        );
    }
}
