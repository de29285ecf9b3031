//! A web server's worker that SIGKILL ended, where the server does not ask why.

use crate::evidence::{Incident, Keeper, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::WorkerSigkill,
    printed_by: "unbit/uwsgi core/master.c; benoitc/gunicorn gunicorn/arbiter.py (reap_workers), 20.0 and before",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &["killed by signal 9 :(", "terminated due to signal 9"],
    head: r"worker\d{1,6}\(pid:\d{1,10}\)died,killedbysignal9:\(|Workerwithpid\d{1,10}wasterminatedduetosignal9",
    reach: 120,
    more: Some(more),
    texts: &[
        "DAMN ! worker 1 (pid: 41) died, killed by signal 9 :( trying respawn ...",
        "[182] [WARNING] Worker with pid 197 was terminated due to signal 9",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let keeper = if hit.says("died,") {
        Keeper::Uwsgi
    } else {
        Keeper::WebServer
    };
    told::signal(incident, &[keeper]);
    told::name(
        hit,
        incident,
        Part::Pid,
        r"^(?:worker\d{1,6}\(pid:|Workerwithpid)(\d{1,10})",
    );
}
