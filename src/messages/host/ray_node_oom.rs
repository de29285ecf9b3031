//! Ray's memory monitor killed a task because its node's memory ran low. Its class has the name of `PyTorch`'s.

use crate::evidence::{Incident, Keeper, Key, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::RayNodeOom,
    printed_by: "ray-project/ray src/ray/raylet/worker_killing_policy.cc and node_manager.cc, python/ray/_raylet.pyx (task_execution_handler), Ray from 2.0",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "the node running low on",
        "killed due to memory pressure",
        "of the memory on node",
        "K8s pod memory limits",
        "System memory low at node",
    ],
    // "A worker died … potential root causes" lists the OOM killer first whatever happened, and is left out.
    head: r"(?:Task|Actor|worker\(s\)|Workers?)(?:was|were)killedduetothenoderunninglowonmemory|[1-9]\d{0,8}Workers\(tasks/actors\)killedduetomemorypressure\(OOM\)|Morethan\d{1,3}%ofthememoryonnode[!-~]{1,100}?isused\(|SystemmemorylowatnodewithIP[0-9a-f.:]{3,45}\.Usedmemory\(|Workerexitsunexpectedly\.Workerexitswithanexitcode[\w-]{1,12}\.TheworkermayhaveexceededK8spodmemorylimits",
    accepts: Some(accepts),
    reach: 2500,
    fields: &[
        Field(Key::ProcessInUse, r"memoryused={size}"),
        Field(Key::HostInUse, r"runningwas{size}/"),
        Field(Key::HostInUse, r"Usedmemory\({size}\)"),
        Field(Key::Total, r"totalcapacity\({size}\)"),
        Field(Key::Total, r"was[\d.]+GB/{size}"),
        Field(Key::Total, r"isused\([\d.]+/{size}"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "ray.exceptions.OutOfMemoryError: Task was killed due to the node running low on memory.\nMemory on the \
                   node (IP: 10.0.0.7, ID: 7c1f) where the task (task ID: 16310, name=train, pid=4711, memory used=41.50GB) \
                   was running was 60.20GB / 62.00GB (0.970968), which exceeds the memory usage threshold of 0.95.",
            &[
                (Key::ProcessInUse, "41.50 GB"),
                (Key::HostInUse, "60.20 GB"),
                (Key::Total, "62.00 GB"),
            ],
        ),
        Example(
            "ray.memory_monitor.RayOutOfMemoryError: More than 95% of the memory on node n1 is used (11.8 / 12.3 GB). The top 5 memory consumers are:",
            &[(Key::Total, "12.3 GB")],
        ),
        Example(
            "node_manager.cc:2966: System memory low at node with IP 10.0.0.7. Used memory (54.20GB) / total capacity (57.00GB) (0.951) \
                   exceeds threshold 0.95, killing latest task with name fold and task ID 16310 to avoid running out of memory.",
            &[(Key::HostInUse, "54.20 GB"), (Key::Total, "57.00 GB")],
        ),
    ],
    texts: &[
        "Worker exit type: SYSTEM_ERROR Worker exit detail: Worker exits unexpectedly. Worker exits with an exit code None. The worker may have exceeded K8s pod memory limits.",
        "node_manager.cc:3064: 2 Workers (tasks / actors) killed due to memory pressure (OOM), 0 Workers \
                   crashed due to other reasons at node (ID: 7c1f, IP: 10.0.0.7) over the last time period.",
    ],
    ..Message::EMPTY
};

/// Not where prose quotes the words.
fn accepts(hit: &Match<'_>) -> bool {
    let before = hit.line_before();
    hit.begins_a_value() || !before.ends_with(['"', '`', '\''])
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.says("K8spod") {
        // It says so of whatever ends a worker in a pod.
        told::signal(incident, &[Keeper::Ray, Keeper::Kubernetes]);
        of_actor(hit, incident);
        return;
    }
    told::machine(incident, &[Keeper::Ray]);
    told::name(
        hit,
        incident,
        Part::Host,
        r"memoryonnode([\w.-]{1,80}?)isused",
    );
    told::name_in(
        hit.text,
        incident,
        Part::Host,
        r"IP:([0-9a-f.:]{3,45}?)[,)]",
    );
    told::name(
        hit,
        incident,
        Part::Host,
        r"atnodewithIP([0-9a-f.:]{3,45}?)\.Used",
    );
    told::name_in(
        hit.text,
        incident,
        Part::Task,
        r"\((?:task|lease)ID:[!-~]{1,60}?,name=([!-+.-~]{1,80}),pid=",
    );
    told::name_in(
        hit.text,
        incident,
        Part::Actor,
        r"\(actorID:[!-~]{1,60}?,name=([!-+.-~]{1,80}),pid=",
    );
    told::name_in(
        hit.text,
        incident,
        Part::Actor,
        r"(?:actor|worker)\([!-~]{1,200}?name=([!-+.-~]{1,80}),pid=",
    );
    told::name_in(hit.text, incident, Part::Pid, r",pid=(\d{1,10})");
}

/// The fields of `ActorDiedError`, one a line above the reason (python/ray/exceptions.py).
pub(super) fn of_actor(hit: &Match<'_>, incident: &mut Incident) {
    const ABOVE: usize = 8;
    for line in hit.lines_above().take(ABOVE) {
        match line.trim().split_once(": ") {
            Some(("class_name", name)) => incident.who.add(Part::Actor, name),
            Some(("pid", pid)) => incident.who.add(Part::Pid, pid),
            Some(("ip", ip)) => incident.who.add(Part::Host, ip),
            _ => {}
        }
    }
}
