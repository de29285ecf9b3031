//! "[`LightGBM`] [Fatal] [CUDA] out of memory …": `LightGBM` on CUDA or `OpenCL`.

use crate::evidence::{MessageId, Program};
use crate::messages::{Example, Match, Message, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::LightgbmCuda,
    printed_by: "LightGBM include/LightGBM/cuda/cuda_utils.hu (gpuAssert), from 3.2; Boost.Compute for the OpenCL build",
    framework: Program::Lightgbm,
    signatures: &[
        "[CUDA] out of memory",
        "[LightGBM] [Fatal] Memory",
        "Memory Object Allocation Fail",
    ],
    head: r"\[(?:CUDA|HIP)\]outofmemory[!-~]{1,300}?\.(?:cu|cpp|hpp|hu|h)\d|Memory?ObjectAllocationFailure",
    accepts: Some(accepts),
    reach: 300,
    examples: &[
        Example(
            "[LightGBM] [Fatal] [CUDA] out of memory /home/user/LightGBM/src/cuda/cuda_utils.cpp 18",
            &[],
        ),
        Example(
            "lightgbm.basic.LightGBMError: [CUDA] out of memory /tmp/LightGBM/include/LightGBM/cuda/cuda_utils.hu 104",
            &[],
        ),
        Example("[LightGBM] [Fatal] Memory Object Allocation Failure", &[]),
    ],
    ..Message::EMPTY
};

/// Boost.Compute's words are any program's that runs on it.
fn accepts(hit: &Match<'_>) -> bool {
    hit.says("]outofmemory") || holds(tail(hit.before, 300), "lightgbm")
}

#[cfg(test)]
mod tests {
    use crate::messages::examples::failures;

    #[test]
    fn too_many_categories_are_no_lack_of_memory() {
        let text = "[LightGBM] [Fatal] bin size 1131 cannot run on GPU";
        assert!(failures(text).is_empty());
    }
}
