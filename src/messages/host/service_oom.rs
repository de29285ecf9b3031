//! systemd's word, and that of the daemons that kill before the kernel must.

use crate::evidence::{Incident, Keeper, Key, Memory, MessageId, Part, Program, SettingKind};
use crate::messages::parts::{told, units};
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::ServiceOom,
    printed_by: "systemd src/core/unit.c and src/oom/oomd-util.c; rfjakob/earlyoom main.c and kill.c",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "killed by the OOM killer",
        "result 'oom-kill'",
        "due to memory",
        "systemd-oomd killed",
        "to process ",
    ],
    head: r#"Aprocessofthisunithasbeenkilledbythe(?:OOMkiller|kernelOOMkiller)|Failedwithresult'oom-kill'|Killed/[!-~]{1,200}?duetomemory(?:used|pressure)|systemd-oomdkilled[1-9]\d{0,8}process\(es\)inthisunit|sendingSIG(?:TERM|KILL)toprocess\d{1,10}(?:uid\d+)?\"[!-~]{1,40}?\":(?:oom_score|badness)|sendingSIG(?:TERM|KILL)toprocess\d{1,10}uid\d+\"[!-~]{1,60}?\":badness"#,
    reach: 400,
    more: Some(more),
    examples: &[
        Example(
            "systemd[1]: fit.service: Failed with result 'oom-kill'.\nsystemd[1]: fit.service: Consumed 4min 31.442s CPU time, 15.6G memory peak, 0B memory swap peak.",
            &[(Key::ProcessInUse, "15.6 G")],
        ),
        Example(
            "systemd-oomd[612]: Killed /user.slice/user-1000.slice/fit.scope due to memory used (66870411264) / total (67246039040) and swap used (15461564416) / total (17179865088) being more than 90.00%",
            &[
                (Key::HostInUse, "66870411264 bytes"),
                (Key::Total, "67246039040 bytes"),
            ],
        ),
    ],
    texts: &[
        "web.service: A process of this unit has been killed by the OOM killer.",
        "fit.service: Failed with result 'oom-kill'.",
        "systemd-oomd[612]: Killed /user.slice/user-1000.slice/user@1000.service/app.slice/fit.scope due to memory pressure for /user.slice being 84.26% > 50.00% for > 20s with reclaim activity",
        "fit.scope: systemd-oomd killed 38 process(es) in this unit.",
        "sending SIGKILL to process 88 uid 1000 \"python3\": badness 912, VmRSS 7900 MiB",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.says("duetomemory") || hit.says("oomdkilled") {
        told::machine(incident, &[Keeper::Oomd]);
        of_the_host(hit, incident);
    } else if hit.says("sendingSIG") {
        told::machine(incident, &[]);
    } else {
        told::machine(incident, &[Keeper::Systemd]);
    }
    told::name(hit, incident, Part::Pid, r"toprocess(\d{1,10}?)(?:uid|$)");
    told::name(hit, incident, Part::Process, r#"uid\d+"([\w.+-]{1,40})"#);
    told::size(
        hit,
        incident,
        (Key::ProcessInUse, hit.text),
        r"VmRSS(\d+)(MiB)",
    );
    if hit.says("sendingSIG") {
        // "mem avail: 640 of 64000 MiB (1.00%)" above it (earlyoom, meminfo.c, `print_mem_stats`).
        const FREE: &str = r"memavail:(\d+)of\d+(MiB)";
        const TOTAL: &str = r"memavail:\d+of(\d+)(MiB)";
        told::size(hit, incident, (Key::Free, hit.above(400)), FREE);
        told::size(hit, incident, (Key::Total, hit.above(400)), TOTAL);
    }
    told::name(
        hit,
        incident,
        Part::Cgroup,
        r"^Killed(/[!-~]{1,200}?)duetomemory",
    );
    told::name(
        hit,
        incident,
        Part::Service,
        r"^Killed/(?:[!-.0-~]{1,100}/){0,12}?([!-.0-~]{1,120}?)duetomemory",
    );
    pressure(hit, incident);
    // From 256 on it tells the most that the unit held.
    told::size(
        hit,
        incident,
        (Key::ProcessInUse, hit.text),
        r"CPUtime,(?:over[\w.]{1,30}?wallclocktime,)?(\d[\d.]*)([KMGT])memorypeak",
    );
    units::unit(hit, incident);
}

/// "being 51.07% > 50.00% for > 20s": how much of the time the group's processes waited for memory (systemd, `src/oom/oomd-manager.c`,
/// `monitor_memory_pressure_contexts_handler`).
fn pressure(hit: &Match<'_>, incident: &mut Incident) {
    let was = hit.capture(r"being(\d{1,3}\.\d\d%)>\d{1,3}\.\d\d%");
    let limit = hit.capture(r"being\d{1,3}\.\d\d%>(\d{1,3}\.\d\d%)");
    if let Some((was, limit)) = was.zip(limit) {
        told::setting(
            hit,
            incident,
            (SettingKind::HostPressure, "memory pressure"),
            format!("{was} > {limit}"),
        );
    }
}

/// `memory used (66870411264) / total (67246039040)`: systemd-oomd (src/oom/oomd-manager.c, `monitor_swap_contexts_handler`).
fn of_the_host(hit: &Match<'_>, incident: &mut Incident) {
    told::size(
        hit,
        incident,
        (Key::HostInUse, hit.text),
        r"memoryused\((\d{7,18})\)/total()",
    );
    told::size(
        hit,
        incident,
        (Key::Total, hit.text),
        r"memoryused\(\d{7,18}\)/total\((\d{7,18})\)()",
    );
}
