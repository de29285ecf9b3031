//! Statuses of cuBLAS, cuDNN, cuFFT, cuSOLVER and their kin that say, or mostly mean, that memory ran out.

use crate::evidence::{Flag, Incident, MessageId, Program};
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CudaLibrary,
    printed_by: "aten/src/ATen/cuda/Exceptions.cpp and other programs",
    framework: Program::Cuda,
    signatures: &[
        "STATUS_ALLOC_FAILED",
        "BLAS_STATUS_NOT_INITIALIZED",
        "CUFFT_ALLOC_FAILED",
        "CUSOLVER_STATUS_INTERNAL_ERROR",
    ],
    // EXECUTION_FAILED and a bare INTERNAL_ERROR are mostly a bad index or an asynchronous fault.
    head: r"(?:error|handle|status|failed|failure\d*|returned|(?:cu|hip|roc)[A-Za-z]{4,60}:\d{1,3})[:='(]{1,3}(?:(?:CUBLAS|HIPBLAS|CUDNN|CUSOLVER|CUSPARSE|CUSTATEVEC|CUTENSOR|CUTENSORNET|CURAND|NVJPEG)_STATUS_ALLOC(?:ATION)?_FAILED|CUFFT_ALLOC_FAILED|(?:(?:CUBLAS|HIPBLAS|CUSOLVER|CUSPARSE)_STATUS_NOT_INITIALIZED|CUSOLVER_STATUS_INTERNAL_ERROR),?whencalling`?(?:cu|hip)[a-z]{3,9}Create)",
    reach: 400,
    more: Some(more),
    texts: &[
        "RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "RuntimeError: CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`",
        "RuntimeError: cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
        "RuntimeError: cuFFT error: CUFFT_ALLOC_FAILED",
        "RuntimeError: CUDNN failure 4: CUDNN_STATUS_ALLOC_FAILED ; GPU=1 ;",
        "ERROR: LoadError: cudnnFindConvolutionForwardAlgorithm: 2: CUDNN_STATUS_ALLOC_FAILED",
        "RuntimeError: cusolver error: CUSOLVER_STATUS_INTERNAL_ERROR, when calling `cusolverDnCreate(handle)`",
    ],
    silent: &[
        // A kernel that failed is no lack of memory.
        "RuntimeError: CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm( handle, opa, opb)`",
        "RuntimeError: cuDNN error: CUDNN_STATUS_INTERNAL_ERROR",
        "RuntimeError: CUDA error: CUBLAS_STATUS_INTERNAL_ERROR when calling `cublasCreate(handle)`",
        "What is CUBLAS_STATUS_ALLOC_FAILED and how do I avoid it?",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    // Julia (base/client.jl, base/loading.jl); candle and Burn on cudarc.
    const SIGNS: [(&str, Program); 2] = [
        ("ERROR:LoadError:", Program::Julia),
        ("CublasError(", Program::Cudarc),
    ];
    incident.flags.insert(Flag::Library);
    if hit
        .capture(r"^[!-~]{0,30}(?:NOT_INITIALIZED|INTERNAL_ERROR)")
        .is_some()
    {
        incident.flags.insert(Flag::Ambiguous);
    }
    let before = hit.before.to_ascii_lowercase();
    let torch_words = [
        "runtimeerror:cuda",
        "runtimeerror:cudnn",
        "runtimeerror:cufft",
        "runtimeerror:cusolver",
    ];
    if torch_words.iter().any(|words| before.ends_with(words)) {
        incident.framework = Program::Pytorch;
    }
    // "cupy.cuda.cufft.CuFFTError: CUFFT_ALLOC_FAILED", "cupy_backends.cuda.libs.cublas.CUBLASError: …".
    let near = crate::messages::tail(hit.before, 60);
    if crate::messages::holds(near, "cupy") {
        incident.framework = Program::Cupy;
    }
    // CNTK (Source/Math/GPUMatrix.cu, CudaCall).
    if hit.folded.starts_with("failure") {
        incident.framework = Program::Cntk;
    } else if let Some((_, program)) = SIGNS
        .iter()
        .find(|(words, _)| crate::messages::holds(near, words))
    {
        incident.framework = *program;
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::Flag;
    use crate::messages::examples::one;

    #[test]
    fn a_handle_that_could_not_be_made_is_mostly_but_not_always_memory() {
        let text = "RuntimeError: CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`";
        assert!(one(text).incident.flagged(Flag::Ambiguous));
        let text = "RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`";
        assert!(!one(text).incident.flagged(Flag::Ambiguous));
    }
}
