//! Windows limits what one process may keep on the device.

use crate::evidence::{FindingId, SettingKind};
use crate::findings::measures::room;
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::HostPaging,
    cause: Cause::Cap,
    page: include_str!("host-paging.md"),
    fixes: fixes![
        add_host_memory,
        fewer_workers,
        lower_batch_size,
        smaller_inputs,
        bigger_gpu,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    if !room::had_room(case) || !case.incident.settings.has(SettingKind::Windows) {
        return None;
    }
    let because = format!(
        "{} is free and {} was refused: Windows' driver model keeps a budget per process below the GPU's size, and counts what is on the GPU against RAM and page file.",
        case.balance.free?, case.balance.tried?
    );
    let settle = "what Windows' Task Manager shows under Performance while it runs: Memory, committed; and GPU, dedicated and shared memory";
    Some(Verdict::settled_by(Confidence::Possible, because, settle))
}
