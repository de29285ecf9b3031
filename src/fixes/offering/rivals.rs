//! Other processes that a log lists beside the failing one.

use crate::bytes::{Bytes, GIB};
use crate::evidence::{Accelerator, Key, Process, SettingKind};
use crate::fixes::{Offer, Situation};
use crate::sorting;

/// The ids that the log lists, without the failing process itself and those of its job.
///
/// In a container without the host's ids it is listed like any other (NVIDIA/nvidia-docker#179). Where no process is
/// known to be the own one, one that holds what this process reserved, and a context more, is likely to be it.
pub(in crate::fixes) fn of(s: &Situation<'_>) -> Vec<u32> {
    let processes = &s.incident.processes;
    let own_known =
        s.incident.facts.get(Key::ProcessInUse).is_some() || processes.iter().any(|p| p.own);
    let context = Bytes::between(0, GIB + GIB / 2);
    let likely_own = |p: &Process| {
        let mine = s.balance.reserved.map(|r| r.plus(context));
        !own_known && mine.is_some_and(|mine| mine.meet(p.bytes).is_some())
    };
    let mut others: Vec<&Process> = processes
        .iter()
        .filter(|p| !p.own && !p.same_job && !p.draws && !likely_own(p))
        .collect();
    sorting::by_key(&mut others, |p| std::cmp::Reverse(p.bytes.mid()));
    let mut pids: Vec<u32> = Vec::new();
    for pid in others.into_iter().filter_map(|p| p.pid) {
        // A process with two contexts is listed twice.
        if !pids.contains(&pid) {
            pids.push(pid);
        }
    }
    pids
}

/// True where the writer says that `nvidia-smi` lists no process, or its table shows a GPU in use and none.
fn nobody_is_listed(s: &Situation<'_>) -> bool {
    let told = s.incident.settings.get(SettingKind::NoProcessListed);
    let used = || {
        let mut gpus = s.incident.gpus.iter();
        gpus.any(|gpu| gpu.used.mid() > gpu.total.percent(25).mid())
    };
    told.is_some_and(|told| told.value != "table" || used())
}

/// What shows who it is, where the message does not say.
pub(in crate::fixes) fn look_first(s: &Situation<'_>) -> String {
    let windows = s.has(SettingKind::Windows);
    match s.accelerator() {
        Accelerator::Rocm => "rocm-smi --showpids  # then: kill PID".to_owned(),
        // Of what a process holds under WDDM nvidia-smi says N/A.
        Accelerator::Cuda | Accelerator::Unnamed if windows => {
            "Task Manager, Details, \"Dedicated GPU memory\"  # end what holds most".to_owned()
        }
        // A process that lost its parent, or one of a container, holds memory and is not listed.
        Accelerator::Cuda if nobody_is_listed(s) => {
            "sudo fuser -v /dev/nvidia*  # lists also what nvidia-smi does not; then: kill PID\n# nothing there either: docker ps, and a reboot at the last".to_owned()
        }
        Accelerator::Cuda => {
            "nvidia-smi  # lists the processes; then: kill PID\n# also notebooks and earlier runs: sudo fuser -v /dev/nvidia*".to_owned()
        }
        Accelerator::Xpu => "xpu-smi ps  # lists the processes; then: kill PID".to_owned(),
        Accelerator::Mps => "Activity Monitor, Memory  # quit what holds most".to_owned(),
        Accelerator::Unnamed => {
            "sudo fuser -v /dev/dri/render*  # lists the processes; then: kill PID".to_owned()
        }
        other => format!("{}  # lists the processes; then: kill PID", other.monitor()),
    }
}

/// Nobody ends the windows one by one: the desktop as a whole gives the GPU back, and comes again.
pub(in crate::fixes) fn of_the_desktop(s: &Situation<'_>) -> Option<Offer> {
    let mut others = s.incident.processes.iter().filter(|p| !p.own).peekable();
    let drawn = others.peek().is_some() && others.all(|p| p.draws);
    let how = "sudo systemctl isolate multi-user.target  # from another machine; later: isolate graphical.target\n# or a screen on another GPU, or on the one of the processor";
    drawn.then(|| {
        let offer = Offer::winning(how, s.balance.others, s);
        offer
            .titled("Work without the desktop".to_owned())
            .costing("its windows close")
    })
}
