//! "Worker … exceeded 95% memory budget. Restarting": Dask ends a worker before the system does.

use crate::evidence::{Incident, Keeper, Key, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Match, Message, capture, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::DaskNanny,
    printed_by: "dask/distributed: distributed/worker_memory.py (NannyMemoryManager), 2022 and later; nanny.py before",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &["% memory budget"],
    head: r"exceeded\d{1,3}%memorybudget\.Restarting",
    reach: 600,
    more: Some(more),
    examples: &[Example(
        "distributed.worker - INFO -               Threads:                          1\ndistributed.worker - INFO -                Memory:                    3.00 GB\ndistributed.nanny - WARNING - Worker exceeded 95% memory budget.  Restarting",
        &[(Key::Limit, "3.00 GB")],
    )],
    texts: &[
        "distributed.nanny.memory - WARNING - Worker tcp://127.0.0.1:35511 (pid=4242) exceeded 95% memory budget. \
                   Restarting...",
        "distributed.nanny - WARNING - Worker exceeded 95% memory budget.  Restarting",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    // The limit is the worker's own.
    told::limit(incident, &[Keeper::Dask]);
    // The worker warns before it, and its warning may come late; its banner tells what each has.
    for text in [tail(hit.before, 600), hit.text] {
        told::size(
            hit,
            incident,
            (Key::ProcessInUse, text),
            r"Processmemory:(\d[\d.]*)([KMGT]i?B)",
        );
        told::size(
            hit,
            incident,
            (Key::Limit, text),
            r"Workermemorylimit:(\d[\d.]*)([KMGT]i?B)",
        );
    }
    told::size(
        hit,
        incident,
        (Key::Limit, hit.before),
        r"Threads:\d{1,4}[\w.:-]{0,60}?Memory:(\d[\d.]*)([KMGT]i?B)",
    );
    if let Some(pid) = capture(r"\(pid=(\d{1,10})\)$", tail(hit.before, 40)) {
        incident.who.add(Part::Pid, pid);
    }
}
