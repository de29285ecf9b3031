//! Ray's memory monitor killed a task because its node's memory ran low. Its class has the name of `PyTorch`'s.

use crate::evidence::{Incident, Keeper, Key, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::RayNodeOom,
    printed_by: "ray-project/ray src/ray/raylet/worker_killing_policy.cc and node_manager.cc, Ray from 2.0",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "the node running low on",
        "killed due to memory pressure",
        "of the memory on node",
    ],
    // "A worker died … potential root causes" lists the OOM killer first whatever happened, and is left out.
    head: r"(?:Task|Actor|worker\(s\)|Workers?)(?:was|were)killedduetothenoderunninglowonmemory|[1-9]\d{0,8}Workers\(tasks/actors\)killedduetomemorypressure\(OOM\)|Morethan\d{1,3}%ofthememoryonnode[!-~]{1,100}?isused\(",
    reach: 2500,
    fields: &[
        Field(Key::ProcessInUse, r"memoryused={size}"),
        Field(Key::HostInUse, r"runningwas{size}/"),
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
            "node_manager.cc:3064: 2 Workers (tasks / actors) killed due to memory pressure (OOM), 0 Workers \
                   crashed due to other reasons at node (ID: 7c1f, IP: 10.0.0.7) over the last time period.",
            &[],
        ),
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
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
    told::name_in(
        hit.text,
        incident,
        Part::Actor,
        r"task\(taskID:[!-~]{1,60}?,name=([!-+.-~]{1,80}),pid=",
    );
    told::name_in(
        hit.text,
        incident,
        Part::Actor,
        r"(?:actor|worker)\([!-~]{1,200}?name=([!-+.-~]{1,80}),pid=",
    );
    told::name_in(hit.text, incident, Part::Pid, r",pid=(\d{1,10})");
}
