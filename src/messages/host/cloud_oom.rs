//! Managed containers and training of clouds that ended a job at its memory limit.

use crate::evidence::{Incident, Keeper, Key, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CloudOom,
    printed_by: "Amazon ECS, Batch and SageMaker (OutOfMemoryError: Container killed due to memory usage); Vertex AI; Cloud Run; notebooks of Colab and Kaggle",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "killed due to memory usage",
        "low on memory:",
        "exceeded with",
        "using all available RAM",
        "allocate more memory than is available",
    ],
    head: r"Containerkilledduetomemoryusage|Replicaslowonmemory:|Memorylimitof\d[\d.]*[KMG]iBexceededwith\d|Yoursessioncrashedafterusingallavailable(?:RAM|memory)|notebooktriedtoallocatemorememorythanisavailable",
    reach: 400,
    more: Some(more),
    examples: &[
        Example(
            "OutOfMemoryError: Container killed due to memory usage",
            &[],
        ),
        Example(
            "Replicas low on memory: workerpool0. Specify a machine with larger memory and try again.",
            &[],
        ),
        Example("Your session crashed after using all available RAM.", &[]),
        Example(
            "Your notebook tried to allocate more memory than is available. It has restarted.",
            &[],
        ),
        Example(
            "Memory limit of 512 MiB exceeded with 530 MiB used. Consider increasing the memory limit",
            &[],
        ),
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
    told::size(
        hit,
        incident,
        (Key::Limit, hit.text),
        r"limitof(\d[\d.]*)([KMG]iB)exceeded",
    );
    told::size(
        hit,
        incident,
        (Key::ProcessInUse, hit.text),
        r"exceededwith(\d[\d.]*)([KMG]iB)used",
    );
}
