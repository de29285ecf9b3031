//! Managed containers and training of clouds that ended a job at its memory limit.

use crate::evidence::{Incident, Keeper, Key, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CloudOom,
    printed_by: "Amazon ECS, Batch and SageMaker (OutOfMemoryError: Container killed due to memory usage); Vertex AI; Hugging Face Spaces; notebooks of Colab and Kaggle",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "killed due to memory usage",
        "low on memory:",
        "using all available RAM",
        "allocate more memory than is available",
        "ran out-of-memory and exited",
        "Memory limit exceeded (",
        "instance type with more memory",
    ],
    head: r"Containerkilledduetomemoryusage|Replicaslowonmemory:|Yoursessioncrashedafterusingallavailable(?:RAM|memory)|notebooktriedtoallocatemorememorythanisavailable|Thereplica[!-~]{1,80}?ranout-of-memoryandexitedwithanon-zerostatusof|Memorylimitexceeded\(\d+G[iB]B?\)|ClientError:Pleaseuseaninstancetypewithmorememory",
    reach: 400,
    more: Some(more),
    examples: &[Example(
        "runtime error\nMemory limit exceeded (16Gi)",
        &[(Key::Limit, "16 Gi")],
    )],
    texts: &[
        "OutOfMemoryError: Container killed due to memory usage",
        "Replicas low on memory: workerpool0. Specify a machine with larger memory and try again.",
        "The replica workerpool0-0 ran out-of-memory and exited with a non-zero status of 9(SIGKILL). To find out more about why your job exited please check the logs",
        "Your session crashed after using all available RAM.",
        "Your notebook tried to allocate more memory than is available. It has restarted.",
        "Reason: ClientError: Please use an instance type with more memory, or reduce the size of training data processed on an instance.",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.says("allavailable") || hit.says("notebook") {
        told::machine(incident, &[Keeper::Notebook]);
        return;
    }
    told::limit(incident, &[Keeper::Cloud]);
    told::name(hit, incident, Part::Worker, r"lowonmemory:([\w-]{1,60}?)\.");
    told::name(
        hit,
        incident,
        Part::Worker,
        r"^Thereplica([!-~]{1,80}?)ranout-of-memory",
    );
    told::size(
        hit,
        incident,
        (Key::Limit, hit.text),
        r"limitexceeded\((\d+)(G[iB])B?\)",
    );
}
