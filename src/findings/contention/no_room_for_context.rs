//! The device was full before this program could open it.

use crate::evidence::{FindingId, Flag, Memory, MessageId, Phase, Program};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::NoRoomForContext,
    cause: Cause::Contention,
    page: include_str!("no-room-for-context.md"),
    fixes: fixes![
        stop_other_process,
        run_it_again,
        set_device_by_local_rank,
        choose_another_gpu,
    ],
    decide,
};

/// A stream or a device that is set is the first call to a GPU where nothing was moved before.
const OPENS: [&str; 4] = [
    "torch.cuda.Stream(",
    "torch.cuda.set_device(",
    "torch.cuda.init(",
    "_cuda_init(",
];

/// PyTorch's own allocator words its failures otherwise; the raw error while something first goes to the device is the
/// driver's refusal of a context.
fn decide(case: &Case<'_>) -> Option<Verdict> {
    let incident = case.incident;
    let raw = incident.format == MessageId::CudaError && incident.framework == Program::Pytorch;
    let inner = incident.traceback.frames.iter().rev().take(2);
    let opens = inner
        .into_iter()
        .any(|frame| OPENS.iter().any(|call| frame.code.contains(call)));
    // What has done steps has its context.
    let runs = incident.run.step.is_some_and(|step| step > 1);
    let first = raw && !runs && (incident.phase == Some(Phase::Load) || opens);
    // Its provider makes streams and handles first (onnxruntime: core/providers/cuda/cuda_execution_provider.cc).
    let session = incident.format == MessageId::OnnxruntimeCuda
        && incident.flagged(Flag::Library)
        && incident.phase == Some(Phase::Load);
    if incident.memory != Memory::Device
        || !(first || session || incident.format == MessageId::TensorflowContext || numba(case))
    {
        return None;
    }
    if numba(case) {
        let because = "The driver refused the context itself (cuDevicePrimaryCtxRetain), before Numba asked for any array.";
        let settle = "`nvidia-smi` before this program starts: who holds the GPU?";
        return Some(Verdict::settled_by(
            Confidence::Likely,
            because.to_owned(),
            settle,
        ));
    }
    if !raw && !session {
        let because = format!(
            "The driver refused the context itself, before {} asked for any memory of its own.",
            incident.framework.title()
        );
        let settle = "`nvidia-smi` before this program starts: who holds the GPU?";
        return Some(Verdict::settled_by(Confidence::Likely, because, settle));
    }
    if session {
        let because = "A library was refused its handle while ONNX Runtime opened the GPU, before it read any model.";
        let settle = "`nvidia-smi` before this program starts: who holds the GPU?";
        return Some(Verdict::settled_by(
            Confidence::Likely,
            because.to_owned(),
            settle,
        ));
    }
    let because = "The driver refused the first thing that was moved there. A CUDA context alone takes 0.3 to 0.9 GiB.";
    Some(Verdict::settled_by(
        Confidence::Likely,
        because.to_owned(),
        "`nvidia-smi` before this program starts: who holds the GPU?",
    ))
}

/// Numba opens the device with its first call (numba/cuda/cudadrv/driver.py, `get_primary_context`).
fn numba(case: &Case<'_>) -> bool {
    let frames = case.incident.traceback.frames.iter().rev().take(4);
    let mut opens = frames.filter(|frame| {
        frame.code.contains("get_primary_context(") || frame.name() == "get_primary_context"
    });
    case.incident.framework == Program::Numba && opens.next().is_some()
}
