//! "Worker … exceeded 95% memory budget. Restarting": Dask ends a worker before the system does.

use crate::evidence::{FactSource, Framework, Incident, Memory};
use crate::messages::{Compiled, Example, Match, Message, Role, marks};

pub(crate) static MESSAGE: Message = Message {
    id: "dask-nanny",
    printed_by: "dask/distributed: distributed/worker_memory.py (NannyMemoryManager), 2022 and later; nanny.py before",
    role: Role::Failure,
    memory: Memory::Host,
    framework: Framework::System,
    signatures: &["memory budget. Restarting"],
    head: r"exceeded\d{1,3}%memorybudget\.Restarting",
    accepts: None,
    reach: 200,
    source: FactSource::Message,
    fields: &[],
    more: Some(more),
    examples: &[
        Example {
            text: "distributed.nanny.memory - WARNING - Worker tcp://127.0.0.1:35511 (pid=4242) exceeded 95% memory budget. \
                   Restarting...",
            reads: &[],
        },
        Example {
            text: "distributed.nanny - WARNING - Worker exceeded 95% memory budget. Restarting",
            reads: &[],
        },
    ],
    compiled: Compiled::new(),
};

fn more(_: &Match<'_>, incident: &mut Incident) {
    // The limit is the worker's own.
    incident.marks.push(marks::CGROUP);
}
