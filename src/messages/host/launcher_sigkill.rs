//! A rank that SIGKILL ended, as MPI's and Slurm's launchers and `torch.multiprocessing` tell it: they know the signal and not the reason.

use crate::evidence::{Incident, Keeper, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Match, Message, holds, number, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::LauncherSigkill,
    printed_by: "open-mpi/prrte src/tools/prte; mpich hydra; SchedMD/slurm src/srun; torch/multiprocessing/spawn.py (ProcessExitedException); Grid Engine sge_execd, in its mails",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "exited on signal 9",
        "EXIT CODE: 9",
        "terminated with signal SIGKILL",
        ": Killed",
        "KILLED BY SIGNAL: 9",
        "died through signal KILL",
        "EXIT STRING: Killed",
    ],
    head: r"noticedthatprocessrank\d+withPID(?:\d+|[X*#?]{1,12})onnode[!-~]{1,100}?exitedonsignal9|srun:error:[a-z0-9._,\[\]-]{1,100}:tasks?[\d,\[\]-]{1,100}:Killed|process\d+terminatedwithsignalSIGKILL|KILLEDBYSIGNAL:9\(Killed\)|EXITSTRING:Killed\(signal9\)|PID\d{1,10}RUNNINGAT[\w.@-]{1,100}=EXITCODE:9=|job\d{1,12}\.\d{1,6}diedthroughsignalKILL\(9\)",
    accepts: Some(accepts),
    reach: 400,
    more: Some(more),
    texts: &[
        "mpirun noticed that process rank 3 with PID 0 on node gpu4 exited on signal 9 (Killed).",
        "srun: error: gpu4: task 3: Killed",
        "failed assumedly after job because:\njob 31.1 died through signal KILL (9)",
        "torch.multiprocessing.spawn.ProcessExitedException: process 3 terminated with signal SIGKILL",
        // As people hide what they do not show.
        "mpirun noticed that process rank 3 with PID xxxx on node xxxxxx exited on signal 9 (Killed).",
        "=   BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES\n=   RANK 2 PID 4711 RUNNING AT n1\n=   KILLED BY SIGNAL: 9 (Killed)",
        "=   BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES\n=   PID 4711 RUNNING AT n1\n=   EXIT CODE: 9\n=   CLEANING UP REMAINING PROCESSES\n=   YOU CAN IGNORE THE BELOW CLEANUP MESSAGES\n===================================================================================\nYOUR APPLICATION TERMINATED WITH THE EXIT STRING: Killed (signal 9)",
    ],
    ..Message::EMPTY
};

/// The box with the exit code tells it already.
fn accepts(hit: &Match<'_>) -> bool {
    !(hit.folded.starts_with("exitstring") && holds(tail(hit.before, 600), "EXITCODE:9="))
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let grid = hit.says("diedthroughsignal");
    let spawned = hit.says("terminatedwithsignalSIGKILL");
    let keepers: &[Keeper] = if grid {
        &[Keeper::GridEngine]
    } else if hit.text.starts_with(['s', 'S']) {
        &[Keeper::Slurm]
    } else if spawned {
        &[]
    } else {
        &[Keeper::Mpi]
    };
    told::signal(incident, keepers);
    let rank = number(r"^[!-~]{0,40}?processrank(\d{1,6})with", hit.text)
        .or_else(|| number(r"^srun:error:[a-z0-9._-]{1,100}:task(\d{1,6}):", hit.text))
        .or_else(|| number(r"^process(\d{1,6})terminated", hit.text))
        .or_else(|| number(r"RANK(\d{1,6})PID\d+RUNNINGAT", tail(hit.before, 600)));
    incident.rank = incident.rank.or(rank);
    if !grid && !spawned {
        of_hydra(hit, incident);
    }
    told::name(
        hit,
        incident,
        Part::Host,
        r"onnode([a-z0-9._-]{1,100}?)exitedonsignal",
    );
    told::name(
        hit,
        incident,
        Part::Host,
        r"^srun:error:([a-z0-9._-]{1,100}):task",
    );
    told::name(hit, incident, Part::Job, r"^job(\d{1,12})\.\d{1,6}died");
}

/// `PID 4711 RUNNING AT n1`, in the box above the reason (mpich, src/pm/hydra/ui/mpich/utils.c).
fn of_hydra(hit: &Match<'_>, incident: &mut Incident) {
    const PID: &str = r"PID(\d{1,10})RUNNINGAT[\w.@-]{1,100}=";
    const HOST: &str = r"PID\d{1,10}RUNNINGAT([\w.@-]{1,100}?)=";
    for text in [hit.text, tail(hit.before, 600)] {
        told::name_in(text, incident, Part::Pid, PID);
        told::name_in(text, incident, Part::Host, HOST);
    }
}
