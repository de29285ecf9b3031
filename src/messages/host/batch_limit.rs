//! Batch systems other than Slurm that ended a job at its memory limit.

use crate::evidence::{Incident, Keeper, Key, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::BatchLimit,
    printed_by: "openpbs src/resmom/linux/mom_mach.c; Torque and Moab; IBM Spectrum LSF (bjobs, bhist); htcondor src/condor_starter.V6.1; Grid Engine sge_execd; Hadoop YARN ContainersMonitorImpl.java and Spark",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "PBS: job killed",
        "TERM_MEMLIMIT",
        "has gone over",
        "memory limits",
        "hard limit",
        "memory resource limit",
        "due to memory usage",
    ],
    head: r#"PBS:jobkilled:v?mem\d+kbexceededlimit\d+kb|TERM_MEMLIMIT:jobkilled|hasgoneover(?:cgroup)?memorylimitof\d+|exceed(?:ed|s)?jobhardlimit\"[hs]_(?:vmem|rss)\"|isrunningbeyondphysicalmemorylimits|killedbyYARNforexceeding(?:physical)?memorylimits|Jobexceededamemoryresourcelimit|exceededMEMusagehardlimit\(\d+>\d+\)|putonholdbySYSTEM_PERIODIC_HOLDduetomemoryusage\d"#,
    reach: 700,
    more: Some(more),
    examples: &[
        Example(
            "TERM_MEMLIMIT: job killed after reaching LSF memory usage limit.\nExited with exit code 143.\n\nResource usage summary:\n\n    Max Memory : 9 GB\n    Average Memory : 7.88 GB\n    Total Requested Memory : 8.00 GB",
            &[(Key::ProcessInUse, "9 GB"), (Key::Limit, "8.00 GB")],
        ),
        Example(
            "Job exceeded a memory resource limit (vmem, pvmem, etc.). Job was aborted\nresources_used.mem=9000000kb",
            &[(Key::ProcessInUse, "9000000 kb")],
        ),
        Example(
            "Container [pid=88,containerID=container_31_0001] is running beyond physical memory limits. Current usage: 5.5 GB of 5 GB physical memory used; 8.1 GB of 10.5 GB virtual memory used.",
            &[(Key::ProcessInUse, "5.5 GB"), (Key::Limit, "5 GB")],
        ),
    ],
    texts: &[
        "=>> PBS: job killed: mem 9000000kb exceeded limit 8388608kb",
        "TERM_MEMLIMIT: job killed after reaching LSF memory usage limit.",
        "job 31 exceeded MEM usage hard limit (2528 > 1126)",
        "31.0   fit   11/7  23:48 Job in status 2 put on hold by SYSTEM_PERIODIC_HOLD due to memory usage 3000000.",
        "Error from slot1_1@gpu4: Docker job has gone over memory limit of 8192 Mb",
        "Job has gone over cgroup memory limit of 16384 megabytes. Last measured usage: 16391 megabytes.",
        "job 31.1 exceeded job hard limit \"h_vmem\" of queue \"all.q@n1\" (9.0G > limit:8.0G) - sending SIGKILL",
    ],
    ..Message::EMPTY
};

/// What the job held and had, in the words of each.
const SIZES: &[(Key, &str)] = &[
    (Key::ProcessInUse, r"jobkilled:v?mem(\d+)(kb)exceeded"),
    (Key::Limit, r"exceededlimit(\d+)(kb)"),
    (Key::Limit, r"memorylimitof(\d+)(mb|megabytes)"),
    (Key::ProcessInUse, r"resources_used\.mem=(\d+)(kb)"),
    (Key::ProcessInUse, r"\((\d[\d.]*)([KMGT])>limit:"),
    (Key::Limit, r">limit:(\d[\d.]*)([KMGT])\)"),
    (
        Key::ProcessInUse,
        r"(?:usage:|limits\.)(\d[\d.]*)([KMGT]B)of",
    ),
    (
        Key::Limit,
        r"(?:usage:|limits\.)\d[\d.]*[KMGT]Bof(\d[\d.]*)([KMGT]B)",
    ),
    (Key::ProcessInUse, r"MaxMemory:(\d[\d.]*)([KMGT]B)"),
    (Key::Limit, r"TotalRequestedMemory:(\d[\d.]*)([KMGT]B)"),
];

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let torque = hit.says("memoryresourcelimit") || hit.says("MEMusage");
    let keeper = if hit.says("PBS:") || torque {
        Keeper::Pbs
    } else if hit.says("TERM_MEMLIMIT") {
        Keeper::Lsf
    } else if hit.says("hasgoneover") || hit.says("PERIODIC_HOLD") {
        Keeper::Condor
    } else if hit.says("hardlimit") {
        Keeper::GridEngine
    } else {
        Keeper::Yarn
    };
    told::limit(incident, &[keeper]);
    for (key, pattern) in SIZES {
        told::size(hit, incident, (*key, hit.text), pattern);
    }
    let before = hit.line_before();
    told::name_in(
        before,
        incident,
        Part::Host,
        r"Lostexecutor\d+on([\w.-]{1,100}):",
    );
    told::name_in(before, incident, Part::Job, r"^(\d{1,12}\.\d{1,6})[a-z]");
}
