//! A process of Ray that ended without a word of Python: Ray names the kernel's killer as one of three reasons.

use super::ray_node_oom;
use crate::evidence::{Incident, Keeper, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::RayActorDied,
    printed_by: "ray-project/ray src/ray/raylet/node_manager.cc (\"Worker unexpectedly exits with a connection error code\"), python/ray/exceptions.py (ActorDiedError)",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &["unexpectedly exits with a connection error"],
    head: r"Workerunexpectedlyexitswithaconnectionerrorcode2\.Endoffile",
    accepts: Some(accepts),
    reach: 400,
    more: Some(more),
    texts: &[
        "The actor is dead because its worker process has died. Worker exit type: SYSTEM_ERROR Worker exit detail: Worker unexpectedly exits with a connection error code 2. End of file. There are some potential root causes. (1) The process is killed by SIGKILL by OOM killer due to high memory usage. (2) ray stop --force is called. (3) The worker is crashed unexpectedly due to SIGSEGV or other unexpected errors.",
        "Worker exit type: SYSTEM_ERROR Worker exit detail: Worker unexpectedly exits with a connection error code 2. End of file. Some common causes include: (1) the process was killed by the OOM killer due to high memory usage",
    ],
    ..Message::EMPTY
};

/// Behind the words that name its field, and not in a sentence about them.
fn accepts(hit: &Match<'_>) -> bool {
    hit.before.ends_with("detail:")
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    told::signal(incident, &[Keeper::Ray]);
    ray_node_oom::of_actor(hit, incident);
    let before = hit.line_before();
    told::name_in(
        before,
        incident,
        Part::Host,
        r"WorkerIPaddress:([0-9a-f.:]{3,45}?)Workerport",
    );
    told::name_in(before, incident, Part::Pid, r"WorkerPID:(\d{1,10})");
}
