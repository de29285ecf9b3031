//! The Linux kernel's out-of-memory killer, for the whole machine or a control group.

use crate::evidence::{Facts, Incident, Keeper, Key, Memory, MessageId, Part, Program};
use crate::messages::parts::{kernel, told};
use crate::messages::{Example, Field, Match, Message, capture, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::LinuxOomKiller,
    printed_by: "Linux, mm/oom_kill.c and mm/memcontrol.c (memory.events; memory.oom_control of version 1)",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "invoked oom-killer",
        "oom-kill:constraint",
        "out of memory: Kill",
        "oom_reaper: reaped",
        "kB, anon-rss:",
        "oom_kill ",
    ],
    head: r"(?:Memorycgroup)?outofmemory:Kill(?:ed)?process\d+|oom-kill:constraint=CONSTRAINT_|invokedoom-killer:gfp_mask=|oom_reaper:reapedprocess\d+|Killedprocess\d+,?(?:UID\d+,)?\([!-~]{1,40}\)(?:total-vm|vsz):\d+kB,anon-rss:\d|max\d{1,18}oom\d{1,18}oom_kill[1-9]|under_oom[01]oom_kill[1-9]",
    accepts: Some(accepts),
    // One report lists every process of the machine between its first line and its last.
    reach: 20_000,
    fields: &[
        // total-vm counts address space, of which CUDA reserves tens of GiB.
        Field(Key::ProcessInUse, r"anon-rss:{size}"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "[1234.5] oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,\
                   task_memcg=/user.slice,task=python,pid=4711,uid=1000\n[1234.6] Out of memory: Killed process 4711 \
                   (python) total-vm:98304000kB, anon-rss:62914560kB, file-rss:0kB, shmem-rss:4096kB, UID:1000 \
                   pgtables:131072kB oom_score_adj:0",
            &[(Key::ProcessInUse, "62914560 kB")],
        ),
        Example(
            "python invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=999\nmemory: usage \
                   16777216kB, limit 16777216kB, failcnt 912\nMemory cgroup out of memory: Killed process 52 (python) \
                   total-vm:41943040kB, anon-rss:16650240kB, file-rss:0kB",
            &[
                (Key::ProcessInUse, "16650240 kB"),
                (Key::Limit, "16777216 kB"),
            ],
        ),
        Example(
            "Killed process 4711 (python) total-vm:68012344kB, anon-rss:62013344kB, file-rss:1044kB, shmem-rss:2048kB",
            &[(Key::ProcessInUse, "62013344 kB")],
        ),
    ],
    texts: &[
        "oom_reaper: reaped process 4711 (python), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB",
        "Out of memory: Kill process 4711 (python) score 912 or sacrifice child",
        "low 0\nhigh 0\nmax 412\noom 3\noom_kill 2",
        "oom_kill_disable 0\nunder_oom 0\noom_kill 1",
    ],
    ..Message::EMPTY
};

/// One report is one failure: of its lines the one that says who was killed counts, or else the first there is.
fn accepts(hit: &Match<'_>) -> bool {
    const VICTIM: &str = r"outofmemory:Kill(?:ed)?process\d+";
    if capture(r"^(?:Memorycgroup)?outofmemory:", hit.text).is_some() {
        return true;
    }
    // People paste this line without the one above it.
    if hit.folded.starts_with("killedprocess") {
        return !holds(tail(hit.before, 4000), "outofmemory:Kill");
    }
    let constraint = hit.text.starts_with(['o', 'O']);
    hit.capture(VICTIM).is_none() && !(constraint && holds(hit.before, "invokedoom-killer"))
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if said_alone(hit, incident) {
        return;
    }
    // The third is of the call trace (mm/memcontrol.c).
    let group = [
        "Memorycgroup",
        "CONSTRAINT_MEMCG",
        "mem_cgroup_out_of_memory",
    ];
    let near = tail(hit.before, 600);
    let limited = group
        .iter()
        .any(|words| hit.says(words) || holds(near, words));
    let path = capture(GROUP, near).or_else(|| hit.capture(GROUP));
    let keepers = path.as_deref().map_or(&[][..], keepers);
    // "Warning  OOMKilling  node/n7  Memory cgroup out of memory: …": node-problem-detector's event.
    let event = holds(hit.line_before(), "OOMKilling");
    let wsl = holds(near, "microsoft-standard-WSL2") || hit.says("microsoft-standard-WSL2");
    let keepers = if event {
        &[Keeper::Kubernetes][..]
    } else if wsl {
        &[Keeper::Wsl][..]
    } else {
        keepers
    };
    if event {
        for node in [
            r"node/([a-z0-9.-]{1,100})$",
            r"kernel-monitor,([a-z0-9.-]{1,100})$",
        ] {
            told::name_in(hit.line_before(), incident, Part::Host, node);
        }
    }
    if limited {
        told::limit(incident, keepers);
        told::size(
            hit,
            incident,
            (Key::Limit, hit.before),
            r"memory:usage\d+kB,limit(\d+)(kB)",
        );
        told::size(
            hit,
            incident,
            (Key::Limit, hit.text),
            r"memory:usage\d+kB,limit(\d+)(kB)",
        );
    } else {
        told::machine(incident, keepers);
    }
    if let Some(path) = path {
        incident.who.add(Part::Cgroup, path);
    }
    kernel::with_shared(hit, incident);
    kernel::names(hit, incident);
}

/// Lines below those that tell whose limit it was: true where one of them is all that there is.
fn said_alone(hit: &Match<'_>, incident: &mut Incident) -> bool {
    if hit.folded.starts_with("max") || hit.folded.starts_with("under_oom") {
        // A control group's own count of those that were killed in it.
        told::limit(incident, &[]);
        return true;
    }
    if hit.folded.starts_with("oom_reaper") {
        // What the process held stood above: it says what is left of that.
        incident.facts = Facts::default();
    } else if !hit.folded.starts_with("killedprocess") {
        return false;
    }
    told::guess(incident, &[]);
    kernel::with_shared(hit, incident);
    kernel::names(hit, incident);
    true
}

/// The group whose limit was reached.
const GROUP: &str = r"(?:oom_memcg|task_memcg)=([!-+.-~]{1,300}),";

/// Who made a control group, by its path: kubelet, Docker, Slurm's `task/cgroup`, systemd.
fn keepers(path: &str) -> &'static [Keeper] {
    const MADE_BY: [(&str, &[Keeper]); 5] = [
        ("kubepods", &[Keeper::Kubernetes]),
        ("slurm", &[Keeper::Slurm]),
        ("docker", &[Keeper::Docker]),
        ("libpod", &[Keeper::Docker]),
        (".service", &[Keeper::Systemd]),
    ];
    let mut found = MADE_BY.iter().filter(|(word, _)| holds(path, word));
    found.next().map_or(&[], |(_, keepers)| *keepers)
}
