//! A program's own macro around a call of CUDA or HIP: the status as words, and the line of code that asked.
//!
//! Nearly every program that calls the driver by itself has one, and no two print alike. What they share is told here: the call
//! or the line of code, and the words behind it. A sentence about the error has neither.

use crate::evidence::{Accelerator, Incident, MessageId, Program};
use crate::messages::parts::told;
use crate::messages::{Match, Message, capture, holds, pinned, start, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CudaMacroLine,
    printed_by: "macros around a status of CUDA or HIP: tiny-cuda-nn include/tiny-cuda-nn/common_host.h (CUDA_CHECK_THROW); NVIDIA's \
                 Fortran and OpenACC runtime; Taichi taichi/rhi/cuda/cuda_driver.h; Warp warp/native/cuda_util.cpp; KeOps; GROMACS \
                 gpu_utils/device_utils (getDeviceErrorString); RELION src/acc/cuda/cuda_settings.h (HandleError); spconv include/tensorview/tensorview.h (TV_CHECK_CUDA_ERR); NAMD, AMBER, Octane; \
                 bitsandbytes csrc/ops.cuh (CUDA_CHECK_RETURN)",
    framework: Program::Native,
    signatures: &[
        "out of memory",
        "CUDA_ERROR_OUT_OF_MEMORY",
        "cudaErrorMemoryAllocation",
        "hipErrorOutOfMemory",
        "out-of-mem)",
        "failed with error 2",
    ],
    head: r#"hipErrorOutOfMemory\)?:outofmemory|(?:cuda|hip)[A-Z][A-Za-z]{3,40}returned(?:error)?[:=(]?(?:cudaErrorMemoryAllocation|hipErrorOutOfMemory)|(?:cu|hip)[A-Za-z][A-Za-z0-9_:]{2,50}\([!-~]{0,200}?\)(?:failed|returned|resultedin|error)(?:with)?(?:error)?(?:code)?[=:(]?\d{0,3}[):]{0,2}[("'<]?(?:CUDA_ERROR_OUT_OF_MEMORY|cudaErrorMemoryAllocation|hipErrorOutOfMemory|outofmemory)|cu[A-Z][A-Za-z]{3,30}error:outofmemory|callto(?:cu|hip)[A-Za-z0-9_]{2,50}returnederror2\(CUDA_ERROR_OUT_OF_MEMORY|(?:cuda|hip|gpu)(?:driver|runtime|api){0,2}(?:error|failure)(?:code)?[#:(]?\d{0,4}\)?[!-~]{0,8}?(?:ondevice\d{1,2})?[:,<("'!]{0,8}(?:cudaErrorMemoryAllocation|hipErrorOutOfMemory|CUDA_ERROR_OUT_OF_MEMORY|unabletoallocateenoughmemorytoperformtherequestedoperation)|(?:cuda|hip)error(?:!{1,6}<|2(?:ondevice\d{1,2})?:)outofmemory|(?:cuda|hip|gpu)(?:driver|runtime|api)?error(?:s|#)?2?[:\[]?(?:in|at|from)?(?:file|func|function)?[:"'(<]{0,2}[!-~]{1,160}?(?:line[:#]?|:|,|\()\d{1,6}[):,.\]"'-]{0,4}(?:error(?:code)?:?2)?(?:(?:error)?(?:text|message|string|reason):)?outofmemory|erroroutofmemoryatline\d{1,6}infile[!-~]{2,200}|error:outofmemoryin[!-~]{2,200}?atline\d{1,6}\(error-code2\)|(?:cuda|hip)(?:malloc|memory)[A-Za-z0-9_:]{0,60}failedoutofmemory|cuda(?:execution)?failedwitherror2(?:outofmemory)?"#,
    accepts: Some(accepts),
    reach: 700,
    more: Some(more),
    texts: &[
        "Accelerator Fatal Error: call to cuMemAlloc returned error 2 (CUDA_ERROR_OUT_OF_MEMORY): Out of memory\n File: \
                   /src/flux.f90\n Function: init:12\n Line: 40",
        "Uncaught exception: /src/tiny-cuda-nn/gpu_memory.h:592 cuMemSetAccess(m_base_address + m_size, n_bytes_to_allocate, \
                   &access_desc, 1) failed with error CUDA_ERROR_OUT_OF_MEMORY",
        "Could not allocate memory: /src/tiny-cuda-nn/gpu_memory.h:121 cudaMalloc(&rawptr, n_bytes+DEBUG_GUARD_SIZE*2) failed \
                   with error out of memory",
        "[E 01/02/25 10:11:12.131 77] [cuda_driver.h:operator()@92] CUDA Error CUDA_ERROR_OUT_OF_MEMORY: out of memory while \
                   calling malloc_async_impl (cuMemAllocAsync)",
        "Warp CUDA error 2: out of memory (in function wp_alloc_device_async, /src/warp/native/warp.cu:665)",
        "Allocation of the device buffer failed. CUDA error #2 (cudaErrorMemoryAllocation): out of memory.",
        "[KeOps] error: cuMemAlloc(&p_data, sizeof(TYPE *) * nargs) failed with error CUDA_ERROR_OUT_OF_MEMORY",
        "ERROR: out of memory in /src/relion/src/acc/acc_projector_impl.h at line 74 (error-code 2)",
        "CUDA error !!!!! <out of memory> !!!!! \nat CUDA call error code: # 2402",
        "CUDA Error:\n    File:       src/model/box.cu\n    Line:       88\n    Error code: 2\n    Error text: out of memory",
        "FATAL ERROR: CUDA error cudaMalloc((void **)pp, len*sizeofT) in file src/CudaUtils.C, function allocate_device_T, line \
                   113: out of memory",
        "what():  cudaCreateTextureObject( & tex_obj , & resDesc, & texDesc, NULL ) error( cudaErrorMemoryAllocation): out of \
                   memory /src/kokkos/core/src/Cuda/Kokkos_CudaSpace.cpp:291",
        "RUNTIME ERROR: CUDA driver API error CUDA_ERROR_OUT_OF_MEMORY (code: 2, file:/src/luxrays/devices/cudadevice.cpp, line: \
                   436): out of memory",
        "RuntimeError: /src/spconv/src/spconv/indice.cu 125\ncuda execution failed with error 2",
        "Error out of memory at line 373 in file /src/bitsandbytes/csrc/pythonInterface.c",
        "libgomp: cuMemAlloc error: out of memory",
        "CUDA error 2 [/src/grid.cu, 88]: out of memory",
        "cudaMalloc GpuBuffer::Allocate failed out of memory",
        "CUDA error 2 on device 0: out of memory\n  -> failed to allocate device memory",
        "error: CUDA error: unable to allocate enough memory to perform the requested operation (out-of-mem)",
    ],
    silent: &[
        // What people say of it is no failure.
        "I get a CUDA error: out of memory in line 40 of my kernel when I double the grid.",
        "cudaMalloc returned out of memory errors on small cards until we chunked it.",
        "Does cuMemAlloc failed with error CUDA_ERROR_OUT_OF_MEMORY mean the GPU is full?",
        "if (err == CUDA_ERROR_OUT_OF_MEMORY) { retry(); }",
        "printf(\"CUDA error in file %s at line %d: out of memory\\n\", __FILE__, __LINE__);",
    ],
    ..Message::EMPTY
};

/// Code, a question and a sentence that goes on are none, nor is a search that goes on or what others tell of with figures.
fn accepts(hit: &Match<'_>) -> bool {
    const GOES_ON: &str = r"^(?:[a-z]|\?|errors?\b)";
    const PRINTED: &str =
        r"^(?:while?calling|whenc|infunction|in[/(]|at[/(]|at(?:line|CUDA)|ondevice|->|File:)";
    let (before, after) = (hit.line_before(), hit.line_after());
    let near = tail(hit.before, 60);
    let retries = [
        "retry",
        "fallingback",
        "ggml",
        "Failedtoallocatedevicememoryof",
    ];
    let spoken = capture(GOES_ON, after).is_some() && capture(PRINTED, after).is_none();
    let code = after.starts_with(';')
        || after.contains('?')
        || before.ends_with(['"', '\'', '`']) && !before.ends_with(":\"");
    // "failed with error 209" is another.
    let other = after.starts_with(|c: char| c.is_ascii_digit())
        && hit
            .text
            .get(..hit.head)
            .is_some_and(|head| head.ends_with('2'));
    let tells = |words: &str| holds(near, words) || holds(start(after, 60), words);
    !spoken
        && !code
        && !other
        && !retries.iter().any(|words| tells(words))
        && !holds(before, "fromdevice:")
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    // Told by what stands in the message itself.
    const SIGNS: [(&str, Program); 11] = [
        // traveller59/spconv, which PyTorch's programs of point clouds call.
        ("failedwitherror2", Program::Pytorch),
        // SPECFEM3D src/gpu/helper_functions.cu (print_CUDA_error_if_any).
        ("!<outofmemory>!", Program::Simulation),
        ("luxrays", Program::Renderer),
        ("/kokkos/", Program::Simulation),
        ("AcceleratorFatalError", Program::Nvhpc),
        ("tiny-cuda-nn", Program::InstantNgp),
        ("whilecalling", Program::Taichi),
        ("(infunction", Program::Warp),
        ("/acc/", Program::Relion),
        ("cudaErrorMemoryAllocation):outofmemory.", Program::Gromacs),
        ("performtherequestedoperation", Program::Renderer),
    ];
    told::advice(hit, incident);
    if hit.folded.starts_with("hip") {
        incident.accelerator = Accelerator::Rocm;
    }
    let around = |words: &str| holds(tail(hit.before, 120), words) || holds(hit.own_line(), words);
    if let Some((_, program)) = SIGNS.iter().find(|(words, _)| around(words)) {
        incident.framework = *program;
    }
    pinned::tell_apart(hit, incident);
}
