//! Memory of another process comes free only when that process ends or lets go of it.

use super::{Fix, Offer, Situation};
use crate::evidence::SettingKind;

pub(crate) static FIX: Fix = Fix {
    id: "stop-other-process",
    title: "Stop the process that holds the memory",
    cost: "the work of that process",
    page: include_str!("stop-other-process.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let pids = others(s);
    // Without a process or memory that nobody accounts for there is nobody to stop.
    let foreign = s.balance.foreign();
    if pids.is_empty()
        && foreign.is_none_or(|f| f.high() == 0)
        && s.finding != "other-process"
        && s.finding != "stale-process"
    {
        return None;
    }
    let mut how = line(s, &pids);
    if s.has(SettingKind::Container) {
        how.push_str("\n# on the host: the ids are the host's, not the container's");
    }
    if s.incident.rank.is_some() || !s.incident.shares.is_empty() {
        how.push_str("\n# look first: these can be ranks of this very job");
    }
    Some(Offer::winning(how, foreign.filter(|f| f.high() > 0), s))
}

/// The ids that the message lists, without the failing process itself.
fn others(s: &Situation<'_>) -> Vec<String> {
    let listed = s.incident.processes.iter().filter(|p| !p.own);
    listed
        .filter_map(|p| p.pid)
        .map(|pid| pid.to_string())
        .collect()
}

/// What shows the processes and ends them, on this platform.
fn line(s: &Situation<'_>, pids: &[String]) -> String {
    let look = match (s.has(SettingKind::Rocm), pids.is_empty()) {
        (true, true) => return "rocm-smi --showpids  # then: kill PID".to_owned(),
        (false, true) => {
            let kill = if s.has(SettingKind::Windows) {
                "taskkill /PID PID"
            } else {
                "kill PID"
            };
            return format!(
                "nvidia-smi  # lists the processes; then: {kill}\n# also notebooks and earlier runs: fuser -v /dev/nvidia*"
            );
        }
        (_, false) => pids,
    };
    if s.has(SettingKind::Windows) {
        let list: Vec<_> = look.iter().map(|pid| format!("/PID {pid}")).collect();
        return format!(
            "taskkill {}\n# look first: tasklist /FI \"PID eq {}\"",
            list.join(" "),
            look.join(",")
        );
    }
    format!(
        "kill {}\n# look first: ps -o pid,user,etime,args -p {}",
        look.join(" "),
        look.join(",")
    )
}
