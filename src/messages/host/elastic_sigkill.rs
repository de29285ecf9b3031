//! A rank that SIGKILL ended, as torchrun, accelerate and DeepSpeed tell it: they know the signal and not the reason.

use crate::evidence::{Incident, Keeper, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Match, Message, capture, holds, number, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::ElasticSigkill,
    printed_by: "torch/distributed/elastic/multiprocessing/errors; deepspeed/launcher/launch.py",
    memory: Memory::Host,
    framework: Program::Pytorch,
    signatures: &[
        "exitcode  : -9",
        "(exitcode: -",
        "Signal 9 (SIGKILL)",
        "return code = -9",
    ],
    head: r"exitcode:-9\(pid:\d+\)|Signal9\(SIGKILL\)receivedbyPID\d+|failed\(exitcode:-9\)local_rank:\d+|exitswithreturncode=-9",
    accepts: Some(accepts),
    // The first word of a failure stands far above its table where many ranks are listed.
    reach: 8000,
    more: Some(more),
    texts: &[
        "[0]:\n  time      : 2025-01-02_03:04:05\n  host      : node1\n  rank      : 3 (local_rank: 3)\n  exitcode  : \
                   -9 (pid: 4711)\n  error_file: <N/A>\n  traceback : Signal 9 (SIGKILL) received by PID 4711",
        "ERROR:torch.distributed.elastic.multiprocessing.api:failed (exitcode: -9) local_rank: 0 (pid: 4711) of \
                   binary: /usr/bin/python3",
        "[ERROR] [launch.py:321:sigkill_handler] ['/usr/bin/python', 'train.py'] exits with return code = -9",
    ],
    ..Message::EMPTY
};

/// One table says it three times a rank: the line with the exit code counts.
fn accepts(hit: &Match<'_>) -> bool {
    if hit.line_after().starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    match hit.text.as_bytes().first() {
        Some(b'f' | b'F') => hit.capture(r"exitcode:-9\(pid:").is_none(),
        Some(b's' | b'S') => !holds(tail(hit.before, 200), "exitcode:-9(pid:"),
        _ => true,
    }
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let deepspeed = hit.text.starts_with(['e', 'E']) && hit.says("exitswithreturncode");
    let keepers: &[Keeper] = if deepspeed { &[Keeper::DeepSpeed] } else { &[] };
    told::signal(incident, keepers);
    told::name(hit, incident, Part::Pid, r"\(pid:(\d{1,10})\)");
    if let Some(host) = capture(
        r"host:([\w.-]{1,100}?)rank:\d+\(local_rank",
        tail(hit.before, 200),
    ) {
        incident.who.add(Part::Host, host);
    }
    let rank = number(r"rank:(\d{1,6})\(local_rank:\d+\)$", tail(hit.before, 60));
    incident.rank = incident.rank.or(rank);
}
