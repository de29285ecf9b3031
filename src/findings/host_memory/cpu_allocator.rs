//! The host ran out of RAM.

use crate::evidence::{FindingId, Flag, Memory, MessageId, SettingKind};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::CpuAllocator,
    cause: Cause::HostMemory,
    page: include_str!("cpu-allocator.md"),
    fixes: fixes![
        pin_less_memory,
        fewer_actors,
        fewer_build_jobs,
        low_precision_weights,
        quantize_weights,
        smaller_context,
        chunk_the_operation,
        fewer_workers,
        add_host_memory,
        smaller_inputs,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let incident = case.incident;
    if incident.memory != Memory::Host
        || !(!incident.flagged(Flag::Shm)
            && !incident.flagged(Flag::Pinned)
            && !incident.flagged(Flag::Cgroup)
            && !incident.flagged(Flag::OomKiller))
    {
        return None;
    }
    let arena = incident.format == MessageId::OnnxruntimeArena;
    if let (true, Some(tried), Some(free)) = (arena, case.balance.tried, case.balance.free) {
        let because = format!(
            "{tried} was requested, and the limit that is set on the arena of the CPU leaves {free}."
        );
        return Some(Verdict::new(Confidence::Likely, because));
    }
    let because = refused(case);
    let windows = incident.settings.has(SettingKind::Windows);
    let because = if incident.format == MessageId::TorchSharedMemory {
        "The kernel refused the process one more memory map: it may have 65530 unless vm.max_map_count is raised, and each tensor that a worker hands over is one. A lack of RAM has the same words.".to_owned()
    } else {
        because
    };
    let because = match incident.flagged(Flag::CommitCharge) {
        true if windows => format!(
            "{because} The GPU's refusal below it is the same failure: Windows takes as much of the host's commit charge for every \
             allocation on the GPU."
        ),
        true => format!(
            "{because} The GPU's refusal below it, with room left there, is taken for the same failure: on Windows every allocation on \
             the GPU takes as much of the host's commit charge."
        ),
        false => because,
    };
    let settle = if incident.format == MessageId::TorchSharedMemory {
        "`wc -l /proc/PID/maps` while it runs, and `sysctl vm.max_map_count`"
    } else if incident.format == MessageId::RayObjectStore {
        "`ray memory` on that node: which references hold how much"
    } else if windows {
        "what the Task Manager shows as committed, and of how much"
    } else {
        "`free -h` where it runs, and the limits of its container"
    };
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}

/// What was refused, and by whom.
fn refused(case: &Case<'_>) -> String {
    let Some(tried) = case.balance.tried else {
        return "The host could not give the requested memory.".to_owned();
    };
    if case.incident.format == MessageId::RayObjectStore {
        return format!(
            "An object of {tried} was to be put into Ray's store on the node, which is full of objects that are still referenced."
        );
    }
    let array = case.incident.settings.get(SettingKind::HostArray);
    let array = array.map_or(String::new(), |array| {
        format!(" for one array, {},", array.value)
    });
    format!("{tried} of host RAM was requested{array} and refused.")
}
