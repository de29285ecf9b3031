//! The device was full before this program could open it.

use crate::evidence::{FindingId, Memory, MessageId, Phase, Program};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};
use crate::fixes::{choose_another_gpu, run_it_again, stop_other_process};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::NoRoomForContext,
    cause: Cause::Contention,
    page: include_str!("no-room-for-context.md"),
    fixes: &[
        &stop_other_process::FIX,
        &run_it_again::FIX,
        &choose_another_gpu::FIX,
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
    let first = raw && (incident.phase == Some(Phase::Load) || opens);
    if incident.memory != Memory::Device
        || !(first || incident.format == MessageId::TensorflowContext)
    {
        return None;
    }
    if !raw {
        let because = "The driver refused the context itself, before TensorFlow asked for any memory of its own: the GPU was full before.";
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
