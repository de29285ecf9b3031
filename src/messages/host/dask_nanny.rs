//! "Worker … exceeded 95% memory budget. Restarting": Dask ends a worker before the system does.

use crate::evidence::{Incident, Keeper, Key, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Match, Message, capture, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::DaskNanny,
    printed_by: "dask/distributed: distributed/worker_memory.py (NannyMemoryManager), 2022 and later; nanny.py before",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &["memory budget. Restarting"],
    head: r"exceeded\d{1,3}%memorybudget\.Restarting",
    reach: 200,
    more: Some(more),
    examples: &[
        Example(
            "distributed.nanny.memory - WARNING - Worker tcp://127.0.0.1:35511 (pid=4242) exceeded 95% memory budget. \
                   Restarting...",
            &[],
        ),
        Example(
            "distributed.nanny - WARNING - Worker exceeded 95% memory budget. Restarting",
            &[],
        ),
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    // The limit is the worker's own.
    told::limit(incident, &[Keeper::Dask]);
    told::size(
        hit,
        incident,
        (Key::ProcessInUse, tail(hit.before, 600)),
        r"Processmemory:(\d[\d.]*)([KMGT]i?B)",
    );
    told::size(
        hit,
        incident,
        (Key::Limit, tail(hit.before, 600)),
        r"Workermemorylimit:(\d[\d.]*)([KMGT]i?B)",
    );
    if let Some(pid) = capture(r"\(pid=(\d{1,10})\)$", tail(hit.before, 40)) {
        incident.who.add(Part::Pid, pid);
    }
}
