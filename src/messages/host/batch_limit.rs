//! Batch systems other than Slurm that ended a job at its memory limit.

use crate::evidence::{Incident, Keeper, Key, Memory, MessageId, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::BatchLimit,
    printed_by: "openpbs src/resmom/linux/mom_mach.c; IBM Spectrum LSF (bjobs, bhist); htcondor src/condor_starter.V6.1; Grid Engine sge_execd; Hadoop YARN ContainersMonitorImpl.java and Spark",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "job killed: mem",
        "job killed: vmem",
        "TERM_MEMLIMIT",
        "has gone over",
        "job hard limit",
        "physical memory",
        "for exceeding memory limits",
    ],
    head: r#"PBS:jobkilled:v?mem\d+kbexceededlimit\d+kb|TERM_MEMLIMIT:jobkilled|hasgoneover(?:cgroup)?memorylimitof\d+|exceed(?:ed|s)?jobhardlimit\"[hs]_(?:vmem|rss)\"|isrunningbeyondphysicalmemorylimits|killedbyYARNforexceeding(?:physical)?memorylimits"#,
    reach: 400,
    more: Some(more),
    examples: &[
        Example(
            "=>> PBS: job killed: mem 9000000kb exceeded limit 8388608kb",
            &[],
        ),
        Example(
            "TERM_MEMLIMIT: job killed after reaching LSF memory usage limit.",
            &[],
        ),
        Example(
            "Error from slot1_1@gpu4: Docker job has gone over memory limit of 8192 Mb",
            &[],
        ),
        Example(
            "Job has gone over cgroup memory limit of 16384 megabytes. Last measured usage: 16391 megabytes.",
            &[],
        ),
        Example(
            "job 31.1 exceeded job hard limit \"h_vmem\" of queue \"all.q@n1\" (9.0G > limit:8.0G) - sending SIGKILL",
            &[],
        ),
        Example(
            "Container [pid=88,containerID=container_31_0001] is running beyond physical memory limits. Current usage: 5.5 GB of 5 GB physical memory used",
            &[],
        ),
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let keeper = if hit.says("PBS:") {
        Keeper::Pbs
    } else if hit.says("TERM_MEMLIMIT") {
        Keeper::Lsf
    } else if hit.says("hasgoneover") {
        Keeper::Condor
    } else if hit.says("hardlimit") {
        Keeper::GridEngine
    } else {
        Keeper::Yarn
    };
    told::limit(incident, &[keeper]);
    told::size(
        hit,
        incident,
        (Key::ProcessInUse, hit.text),
        r"jobkilled:v?mem(\d+)(kb)exceeded",
    );
    told::size(
        hit,
        incident,
        (Key::Limit, hit.text),
        r"exceededlimit(\d+)(kb)",
    );
    told::size(
        hit,
        incident,
        (Key::Limit, hit.text),
        r"memorylimitof(\d+)(mb|megabytes)",
    );
    told::size(
        hit,
        incident,
        (Key::ProcessInUse, hit.text),
        r"\((\d[\d.]*)([KMGT])>limit:",
    );
    told::size(
        hit,
        incident,
        (Key::Limit, hit.text),
        r">limit:(\d[\d.]*)([KMGT])\)",
    );
    told::size(
        hit,
        incident,
        (Key::ProcessInUse, hit.text),
        r"(?:usage:|limits\.)(\d[\d.]*)([KMGT]B)of",
    );
    told::size(
        hit,
        incident,
        (Key::Limit, hit.text),
        r"[KMGT]Bof(\d[\d.]*)([KMGT]B)physicalmemoryused",
    );
}
