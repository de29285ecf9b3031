//! What the lines of the kernel say of the process that it killed.

use crate::bytes;
use crate::evidence::{Fact, Incident, Key, Part};
use crate::messages::Match;
use crate::messages::parts::told;

/// Memory that is shared is the process's own as well, and /dev/shm counts against a group's limit: "anon-rss:6212kB, file-rss:19764kB,
/// shmem-rss:1048576kB".
pub(in crate::messages) fn with_shared(hit: &Match<'_>, incident: &mut Incident) {
    const OWN: &str = r"anon-rss:(\d{1,15})kB,file-rss:\d{1,15}kB,shmem-rss:\d{1,15}kB";
    const SHARED: &str = r"anon-rss:\d{1,15}kB,file-rss:\d{1,15}kB,shmem-rss:(\d{1,15})kB";
    let number = |pattern| hit.capture(pattern)?.parse::<u64>().ok();
    let Some((own, shared)) = number(OWN).zip(number(SHARED)) else {
        return;
    };
    let Some(fact) = incident.facts.fact(Key::ProcessInUse).cloned() else {
        return;
    };
    let sum = own.saturating_add(shared);
    if shared > own / 100
        && let Some(bytes) = bytes::parse(&sum.to_string(), "kB")
    {
        let text = format!("{sum} kB");
        incident.facts.remove(Key::ProcessInUse);
        let sum = Fact {
            bytes,
            text,
            ..fact
        };
        incident.facts.insert(Key::ProcessInUse, sum);
    }
}

/// Who was killed.
pub(in crate::messages) fn names(hit: &Match<'_>, incident: &mut Incident) {
    for (part, pattern) in VICTIM_NAMES {
        told::name(hit, incident, *part, pattern);
    }
}

/// The victim, in both of the kernel's spellings.
const VICTIM_NAMES: &[(Part, &str)] = &[
    (
        Part::Process,
        r"Kill(?:ed)?process\d{1,10}\(([!-'*-~]{1,40})\)",
    ),
    (Part::Pid, r"Kill(?:ed)?process(\d{1,10})"),
    (
        Part::Process,
        r"^oom_reaper:reapedprocess\d{1,10}\(([!-'*-~]{1,40})\)",
    ),
    (Part::Pid, r"^oom_reaper:reapedprocess(\d{1,10})"),
    (Part::Process, r",task=([!-+.-~]{1,40}),pid="),
    (Part::Pid, r",task=[!-+.-~]{1,40},pid=(\d{1,10})"),
];
