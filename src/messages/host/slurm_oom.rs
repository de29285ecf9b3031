//! Slurm's word that a job or a step ran out of its host memory. It is never the GPU's.

use crate::evidence::{Incident, Keeper, Key, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::SlurmOom,
    printed_by: "SchedMD/slurm src/slurmd/slurmstepd, src/srun/task_state and src/slurmd/common/jobacct_gather.c; states of a job: src/common/slurm_protocol_defs.c",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "oom_kill event",
        "oom-kill event",
        ": Out Of Memory",
        "memory limit",
        "OUT_OF_ME",
    ],
    head: r"(?:slurmstepd[!-~]{0,80}:error:)?Detected\d+oom[_-]killevent|srun:error:[a-z0-9._,\[\]-]{1,100}:tasks?[\d,\[\]-]{1,100}:OutOfMemory|slurmstepd[!-~]{0,80}:error:(?:Step|Job)[!-~]{1,60}?exceeded(?:step|job)?memorylimit|Exceeded(?:step|job)memorylimitatsomepoint|JobState=OUT_OF_MEMORY|OUT_OF_ME(?:\+|MORY)0:\d{1,3}",
    reach: 600,
    more: Some(more),
    examples: &[
        Example(
            "slurmstepd: error: Detected 1 oom_kill event in StepId=815.batch. Some of the step tasks have been OOM Killed.",
            &[],
        ),
        Example(
            "slurmstepd-gpu9: error: Detected 1 oom_kill event in StepId=31.0. Some of the step tasks have been OOM Killed.",
            &[],
        ),
        Example(
            "slurmstepd: error: Detected 2 oom-kill event(s) in StepId=815.0 cgroup. Some of your processes may have been killed by the cgroup out-of-memory handler.",
            &[],
        ),
        Example("srun: error: node017: task 3: Out Of Memory", &[]),
        Example(
            "slurmstepd: error: Job 31 exceeded memory limit (9000000 > 8388608), being killed",
            &[],
        ),
        Example(
            "slurmstepd: error: Exceeded job memory limit at some point.",
            &[],
        ),
        Example(
            "JobState=OUT_OF_MEMORY Reason=OutOfMemory Dependency=(null)",
            &[],
        ),
        Example("815.0      train   OUT_OF_ME+      0:125", &[]),
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    told::limit(incident, &[Keeper::Slurm]);
    told::name(
        hit,
        incident,
        Part::Step,
        r"StepId=(\d+(?:_\d+)?\.(?:batch|extern|interactive|\d+))",
    );
    told::name(hit, incident, Part::Job, r"error:Job(\d+)exceeded");
    told::name(hit, incident, Part::Step, r"error:Step(\d+\.\w+)exceeded");
    told::name(
        hit,
        incident,
        Part::Host,
        r"^srun:error:([a-z0-9._-]{1,100}):task",
    );
    told::name(
        hit,
        incident,
        Part::Host,
        r"^slurmstepd-([a-z0-9._-]{1,80}):",
    );
    told::name(
        hit,
        incident,
        Part::Task,
        r"^srun:error:[a-z0-9._,\[\]-]{1,100}:tasks?([\d,\[\]-]{1,100}):",
    );
    told::bare(
        hit,
        incident,
        Key::ProcessInUse,
        r"memorylimit\((\d{1,18})>\d",
    );
    told::bare(
        hit,
        incident,
        Key::Limit,
        r"memorylimit\(\d{1,18}>(\d{1,18})\)",
    );
    // A task of a step is a rank, unless the program numbers its ranks itself.
    let rank = incident
        .who
        .get(Part::Task)
        .and_then(|task| task.parse().ok());
    incident.rank = incident.rank.or(rank);
}
