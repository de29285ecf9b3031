//! Windows limits what one process may keep on the device.

use crate::evidence::{FindingId, SettingKind};
use crate::findings::measures::room;
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};
use crate::fixes::{bigger_gpu, lower_batch_size, smaller_inputs};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::HostPaging,
    cause: Cause::Cap,
    page: include_str!("host-paging.md"),
    fixes: &[
        &lower_batch_size::FIX,
        &smaller_inputs::FIX,
        &bigger_gpu::FIX,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    if !room::had_room(case) || !case.incident.settings.has(SettingKind::Windows) {
        return None;
    }
    let because = format!(
        "{} is free and {} was refused: Windows' driver model keeps a budget per process below the GPU's size.",
        case.balance.free?, case.balance.tried?
    );
    let settle = "what Windows' Task Manager shows under Performance, GPU: dedicated and shared memory while it runs";
    Some(Verdict::settled_by(Confidence::Possible, because, settle))
}
