//! "`DataLoader` worker is killed by signal": the host's memory, or shared memory, ran out in an input worker.

use crate::evidence::{Flag, Incident, Keeper, Memory, MessageId, Part, Phase, Program};
use crate::messages::parts::{dev_shm, told};
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::DataloaderKilled,
    printed_by: "torch/csrc/DataLoader.cpp",
    memory: Memory::Host,
    framework: Program::Pytorch,
    signatures: &[
        "DataLoader worker",
        "killed by signal:",
        "Unexpected bus error",
    ],
    // A worker that "exited unexpectedly", or of a segmentation fault, says nothing of memory.
    head: r"DataLoaderworker(?:\(pid(?:\(s\))?[\d,]+\))?iskilledbysignal:(?:Killed|Buserror)|ERROR:Unexpectedbuserrorencounteredinworker\.Thismightbecausedbyinsufficientsharedmemory",
    reach: 400,
    more: Some(more),
    texts: &[
        "RuntimeError: DataLoader worker (pid 4711) is killed by signal: Killed. ",
        "RuntimeError: DataLoader worker is killed by signal: Killed.",
        "RuntimeError: DataLoader worker (pid 47) is killed by signal: Bus error. It is possible that dataloader's \
                   workers are out of shared memory. Please try to raise your shared memory limit.",
        "ERROR: Unexpected bus error encountered in worker. This might be caused by insufficient shared memory \
                   (shm).",
    ],
    silent: &[
        // A worker that crashed is no lack of memory.
        "RuntimeError: DataLoader worker (pid 7) is killed by signal: Segmentation fault. ",
        "RuntimeError: DataLoader worker (pid(s) 7, 8) exited unexpectedly",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.phase = Some(Phase::Dataloader);
    if hit.says("signal:Killed") {
        told::guess(incident, &[Keeper::DataLoader]);
        told::name(hit, incident, Part::Pid, r"worker\(pid(\d{1,10})\)");
        return;
    }
    incident.flags.insert(Flag::Shm);
    dev_shm::read(hit, incident);
}

#[cfg(test)]
mod tests {
    use crate::evidence::Flag;
    use crate::messages::examples::one;

    #[test]
    fn the_signal_tells_ram_from_shared_memory() {
        let killed = one("DataLoader worker (pid 7) is killed by signal: Killed.").incident;
        assert!(killed.flagged(Flag::OomKiller) && !killed.flagged(Flag::Shm));
        let bus = one("DataLoader worker (pid 7) is killed by signal: Bus\nerror. It is possible")
            .incident;
        assert!(bus.flagged(Flag::Shm) && !bus.flagged(Flag::OomKiller));
    }
}
