//! Slurm's word that a job or a step ran out of its host memory. It is never the GPU's.

use crate::evidence::{Incident, Keeper, Key, Memory, MessageId, Part, Program};
use crate::messages::parts::{accounting, told};
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::SlurmOom,
    printed_by: "SchedMD/slurm src/slurmd/slurmstepd, src/srun/task_state and src/slurmd/common/jobacct_gather.c; states of a job: src/common/slurm_protocol_defs.c; facebookincubator/submitit submitit/core/core.py (UncompletedJobError)",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "oom_kill event",
        "oom-kill event",
        ": Out Of Memory",
        "memory limit",
        "OUT_OF_ME",
    ],
    head: r#"(?:slurmstepd[!-~]{0,80}:error:)?Detected\d+oom[_-]killevents?(?:\(s\))?in|srun:error:[a-z0-9._,\[\]-]{1,100}:tasks?[\d,\[\]-]{1,100}:OutOfMemory|slurmstepd[!-~]{0,80}:(?:error:)?(?:Step|Job)[!-~]{1,60}?exceeded(?:step|job|virtual)?memorylimit|Exceeded(?:step|job)memorylimit|JobState=OUT_OF_MEMORY|State:OUT_OF_MEMORY\(exitcode\d+\)|"current":\["OUT_OF_MEMORY|hasnotproducedanyoutput\(state:OUT_OF_MEMORY\)|Job_id=\d+Name=[!-~]{1,120},Runtime[\d:-]{4,20},OUT_OF_MEMORY|OUT_OF_ME(?:\+|MORY)"#,
    accepts: Some(accepts),
    reach: 1500,
    more: Some(more),
    examples: &[Example(
        "Job ID: 4711\nState: OUT_OF_MEMORY (exit code 0)\nCores per node: 8\nMemory Utilized: 15.90 GB\nMemory Efficiency: 99.40% of 16.00 GB",
        &[(Key::ProcessInUse, "15.90 GB"), (Key::Limit, "16.00 GB")],
    )],
    texts: &[
        "slurmstepd: error: Detected 1 oom_kill event in StepId=815.batch. Some of the step tasks have been OOM Killed.",
        "slurmstepd-gpu9: error: Detected 1 oom_kill event in StepId=31.0. Some of the step tasks have been OOM Killed.",
        "slurmstepd: error: Detected 2 oom-kill event(s) in StepId=815.0 cgroup. Some of your processes may have been killed by the cgroup out-of-memory handler.",
        "srun: error: node017: task 3: Out Of Memory",
        "slurmstepd: Step 815.0 exceeded memory limit (9000000 > 8388608), being killed",
        "slurmstepd: error: Job 31 exceeded memory limit (9000000 > 8388608), being killed",
        "slurmstepd: error: Job 31 exceeded virtual memory limit (9000000 > 8388608), being killed",
        "slurmstepd: error: Exceeded job memory limit at some point.",
        "submitit.core.utils.UncompletedJobError: Job 4711 (task: 0) with path /x/4711_0_result.pkl\nhas not produced any output (state: OUT_OF_MEMORY)",
        "JobState=OUT_OF_MEMORY Reason=OutOfMemory Dependency=(null)",
        "815.0      train   OUT_OF_ME+      0:125",
        "Slurm Job_id=4711 Name=train Failed, Run time 00:10:00, OUT_OF_MEMORY",
    ],
    ..Message::EMPTY
};

/// A state alone is one in a row of `sacct`, which has the job before it or the code behind it.
fn accepts(hit: &Match<'_>) -> bool {
    const CODE: &str = r"^OUT_OF_ME(?:\+|MORY)0:\d{1,3}";
    !hit.folded.starts_with("out_of_me")
        || accounting::is_row(hit.line_text)
        || hit.capture(CODE).is_some()
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    told::limit(incident, &[Keeper::Slurm]);
    of_the_account(hit, incident);
    told::name(
        hit,
        incident,
        Part::Step,
        r"(?:StepId=|instep)(\d+(?:_\d+)?\.(?:batch|extern|interactive|\d+))",
    );
    told::name_in(
        hit.text,
        incident,
        Part::Step,
        r"srun:Terminating(?:jobstep|StepId=)(\d+\.\d+)(?:slurmstepd|srun|$)",
    );
    told::name(hit, incident, Part::Job, r":Job(\d+)exceeded");
    told::name(hit, incident, Part::Step, r":Step(\d+\.\w+?)exceeded");
    told::name(
        hit,
        incident,
        Part::Host,
        r"^srun:error:([a-z0-9._,\[\]-]{1,100}):task",
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

/// The job, what it held and what it had, as `sacct`, `seff` and Slurm's mails tell.
fn of_the_account(hit: &Match<'_>, incident: &mut Incident) {
    const HELD: &str = r"MemoryUtilized:(\d[\d.]*)([KMGT]B)";
    const HAD: &str = r"MemoryEfficiency:[\d.]+%of(\d[\d.]*)([KMGT]B)";
    if hit.folded.starts_with("out_of_me") && accounting::is_row(hit.line_text) {
        accounting::read(hit, incident);
    } else if hit.folded.starts_with("state:") {
        let above = hit.above(300);
        told::name_in(
            above,
            incident,
            Part::Job,
            r"JobID:(\d{1,12})(?:Array|Cluster|User|State|$)",
        );
        told::size(hit, incident, (Key::ProcessInUse, hit.text), HELD);
        told::size(hit, incident, (Key::Limit, hit.text), HAD);
    } else if hit.folded.starts_with("jobstate") {
        // `scontrol show job` (src/api/job_info.c): "AllocTRES=cpu=8,mem=32G,node=1", and "TRES=" before 23.02.
        told::size(
            hit,
            incident,
            (Key::Limit, hit.text),
            r"(?:Alloc|[^qc])TRES=cpu=\d{1,6},mem=(\d[\d.]*)([KMGT])",
        );
        told::name_in(
            hit.above(300),
            incident,
            Part::Job,
            r"JobId=(\d{1,12})JobName=",
        );
        told::name_in(
            hit.text,
            incident,
            Part::Host,
            r"BatchHost=([a-z0-9._-]{1,100}?)NumNodes=",
        );
    } else if hit.folded.starts_with("hasnot") {
        told::name_in(
            hit.above(400),
            incident,
            Part::Job,
            r"Job(\d{1,12})(?:_\d+)?\(task:\d+\)withpath",
        );
    } else if hit.folded.starts_with("job_id") {
        told::name(hit, incident, Part::Job, r"^Job_id=(\d+)Name=");
    }
}
