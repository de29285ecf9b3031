//! A web server's worker that SIGKILL ended; the server itself asks whether it was memory.

use crate::evidence::{Incident, Keeper, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::GunicornSigkill,
    printed_by: "benoitc/gunicorn gunicorn/arbiter.py (reap_workers), from 20.1",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &["Perhaps out of memory"],
    head: r"Worker\(pid:\d{1,10}\)wassentSIGKILL!Perhapsoutofmemory\?",
    reach: 120,
    more: Some(more),
    texts: &[
        "[2026-01-02 03:04:05 +0000] [1] [ERROR] Worker (pid:12) was sent SIGKILL! Perhaps out of memory?",
        "[7] [ERROR] Worker (pid:41) was sent SIGKILL! Perhaps out of memory?",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    told::guess(incident, &[Keeper::WebServer]);
    told::name(hit, incident, Part::Pid, r"\(pid:(\d{1,10})\)");
}
