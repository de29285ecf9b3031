//! More was free than was asked for: this is no question of capacity.

use crate::evidence::{FindingId, Memory, SettingKind};
use crate::findings::measures::room;
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::FreeButRefused,
    cause: Cause::Unknown,
    page: include_str!("free-but-refused.md"),
    fixes: fixes![use_newer_pytorch, add_host_memory],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    // Windows keeps a budget for each process, which is the better word for it, unless next to nothing is held.
    let windows = case.incident.settings.has(SettingKind::Windows)
        && case
            .balance
            .live
            .zip(case.balance.total)
            .is_some_and(|(live, total)| live.mid() >= total.percent(10).mid());
    if windows
        || !room::had_room(case)
        || room::kept_back(case)
        || room::cap_refused(case)
        || room::refused_by_an_untold_limit(case)
        || case.incident.memory != Memory::Device
    {
        return None;
    }
    let (tried, free) = (case.balance.tried?, case.balance.left()?);
    let because = format!(
        "{tried} was requested while {free} was free, so the GPU was not full. A hidden limit, a driver that pages, a capture in progress or another process that let go at that moment would explain it."
    );
    let settle = "`python -c 'import torch; print(torch.__version__, torch.cuda.mem_get_info())'` on the same GPU, and a search for set_per_process_memory_fraction";
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}
