//! Addresses could not be reserved, which takes no memory of the device.

use crate::evidence::{FindingId, Flag, Memory, MessageId};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::AddressSpace,
    cause: Cause::Unknown,
    page: include_str!("address-space.md"),
    fixes: fixes![no_dynamic_vram, run_it_again],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let incident = case.incident;
    if incident.memory == Memory::Device && incident.flagged(Flag::NotMemory) {
        let because = "ComfyUI's dynamic VRAM reserves addresses and maps pages of the GPU into them. The driver refused that, and by the \
                       program's own word not for lack of memory.";
        let settle = "the same run with --disable-dynamic-vram, and the driver's version";
        return Some(Verdict::settled_by(
            Confidence::Likely,
            because.to_owned(),
            settle,
        ));
    }
    let reserve = incident.format == MessageId::GgmlCudaError && incident.flagged(Flag::Ambiguous);
    if incident.memory != Memory::Device || !reserve {
        return None;
    }
    let because = "The pool could not reserve addresses, which takes no memory of the GPU. A process that loaded and unloaded models many times, or a limit on its address space, can cause it.";
    let settle = "`nvidia-smi` at that moment, `ulimit -v`, and whether it fails in a process that was just started";
    Some(Verdict::settled_by(
        Confidence::Likely,
        because.to_owned(),
        settle,
    ))
}
