//! Slurm's word that a step ran out of its host memory. It is never the GPU's.

use crate::evidence::{Flag, Incident, Memory, MessageId, Program};
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::SlurmOom,
    printed_by: "SchedMD/slurm src/slurmd/slurmstepd and src/srun",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "oom_kill event",
        "oom-kill event",
        ": Out Of Memory",
        "step memory limit",
    ],
    head: r"slurmstepd:error:Detected\d+oom[_-]killevent|srun:error:[a-z0-9._,\[\]-]{1,100}:tasks?[\d,\[\]-]{1,100}:OutOfMemory|slurmstepd:error:(?:Step|Job)[\d.a-z]{1,40}exceeded(?:step|job)?memorylimit|Exceededstepmemorylimitatsomepoint",
    reach: 400,
    more: Some(more),
    examples: &[
        Example(
            "slurmstepd: error: Detected 1 oom_kill event in StepId=815.batch. Some of the step tasks have been OOM \
                   Killed.",
            &[],
        ),
        Example(
            "slurmstepd: error: Detected 2 oom-kill event(s) in StepId=815.0 cgroup. Some of your processes may have \
                   been killed by the cgroup out-of-memory handler.",
            &[],
        ),
        Example("srun: error: node017: task 3: Out Of Memory", &[]),
    ],
    ..Message::EMPTY
};

fn more(_: &Match<'_>, incident: &mut Incident) {
    incident.flags.insert(Flag::OomKiller);
    incident.flags.insert(Flag::Cgroup);
}
