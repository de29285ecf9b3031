//! Services that run steps of work and say themselves that memory ended one: Bitbucket knows it, Databricks and Dagster take it for likely.

use crate::evidence::{Incident, Keeper, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::WorkflowOom,
    printed_by: "Bitbucket Pipelines, of a step's container; Databricks notebooks and jobs; dagster-io/dagster dagster/_core/executor/multiprocess.py; woodpecker-ci/woodpecker pipeline/errors (OomError), from Drone",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "exceeded memory limit.",
        "may have been caused by an OOM error",
        "child process for step ",
        "received oom kill",
    ],
    head: r"Container'[\w.-]{1,60}'exceededmemorylimit\.|Pythonprocessexitedwithexitcode137\(SIGKILL(?:ED)?(?::Killed)?\)\.Thismayhavebeencausedbyan?OOMerror|childprocessforstep[\w.\[\]-]{1,100}?(?:wasterminatedbysignal9\(SIGKILL\)|unexpectedlyexitedwithcode-9)|uuid=[\w-]{1,80}:receivedoomkill",
    accepts: Some(accepts),
    reach: 300,
    more: Some(more),
    texts: &[
        "Container 'Build' exceeded memory limit.",
        "uuid=0_a1b2_fit: received oom kill",
        "Fatal error: The Python kernel is unresponsive. The Python process exited with exit code 137 (SIGKILL: Killed). This may have been caused by an OOM error. Check your command's memory usage.",
        "Multiprocess executor: child process for step fit unexpectedly exited with code -9",
        "Multiprocess executor: child process for step fit was terminated by signal 9 (SIGKILL). This usually indicates that the process was killed by the operating system due to running out of memory.",
    ],
    ..Message::EMPTY
};

/// Not where prose quotes the words.
fn accepts(hit: &Match<'_>) -> bool {
    let before = hit.line_before();
    let field = before.ends_with(":\"");
    field || !before.ends_with(['"', '`', '\'', '('])
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.folded.starts_with("container") {
        told::limit(incident, &[Keeper::Bitbucket]);
        told::name(
            hit,
            incident,
            Part::Container,
            r"^Container'([\w.-]{1,60})'",
        );
        return;
    }
    if hit.says("receivedoomkill") {
        told::limit(incident, &[Keeper::Woodpecker]);
        return;
    }
    if hit.folded.starts_with("child") {
        told::signal(incident, &[Keeper::Dagster]);
        told::name(
            hit,
            incident,
            Part::Task,
            r"^childprocessforstep([\w.\[\]-]{1,100}?)(?:wasterminated|unexpectedly)",
        );
    } else {
        told::guess(incident, &[Keeper::Databricks]);
    }
}
