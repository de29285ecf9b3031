//! `HTCondor` put a job on hold since it held more memory than it requested.

use crate::bytes;
use crate::evidence::{Incident, Keeper, Key, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Match, Message, capture, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CondorHeld,
    printed_by: "htcondor src/condor_utils/param_info.in (POLICY:HOLD_IF_MEMORY_EXCEEDED); condor_q -hold",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &["exceeded request_", "usage exceeded", "request_memory"],
    head: r"memoryusageexceededrequest_memory",
    accepts: Some(accepts),
    reach: 700,
    more: Some(more),
    texts: &[
        "012 (31.000.000) 2026-01-02 03:04:05 Job was held.\n\tError from slot1_1@gpu4.ours.org: memory usage exceeded request_memory\n\tCode 34 Subcode 0",
        "Hold reason: Error from slot1_1@gpu4: memory usage exceeded request_memory",
        " 31.0   fit    9/24 10:01  Memory usage exceeded request_memory",
    ],
    silent: &[
        // A page that names the reason is no failure.
        "#### memory usage exceeded request_memory\nYour job held more than it asked for.",
        "A job with the reason memory usage exceeded request_memory needs more.",
        "| `Memory usage exceeded request_memory` | Increase `request_memory` |",
    ],
    ..Message::EMPTY
};

/// The words are two of a sentence, too: they stand behind the slot that says them, in a field, or in a row of `condor_q -hold`.
fn accepts(hit: &Match<'_>) -> bool {
    const SAID: &str = r#"(?:^|Holdreason:|HoldReason="|:"|\\[nt])$"#;
    const SLOT: &str =
        r"(?:Errorfrom[!-~]{1,100}?:|\d\.\d{1,6}[a-z][\w.-]{0,40}?\d{1,2}/\d{4}:\d\d)$";
    let after = hit.line_after();
    // In a record of JSON the event goes on behind it.
    let ends = after.is_empty() || after.starts_with(['"', '\\', '.']) || after.starts_with("Code");
    // A terminal may have wrapped the line.
    let slot = capture(SLOT, tail(hit.before, 120)).is_some();
    ends && (slot || capture(SAID, hit.line_before()).is_some())
}

/// The slot's machine, the job of the event above, and the row of the account below: "Memory (MB) : 16401 16384 16384" has what was
/// used, requested and given (`src/condor_utils/condor_event.cpp`).
fn more(hit: &Match<'_>, incident: &mut Incident) {
    const BELOW: usize = 24;
    told::limit(incident, &[Keeper::Condor]);
    let before = hit.line_before();
    told::name_in(
        before,
        incident,
        Part::Host,
        r"Errorfrom(?:[\w.-]{1,80}@)?([\w.-]{1,100}):$",
    );
    told::name_in(before, incident, Part::Job, r"^(\d{1,12}\.\d{1,6})[a-z]");
    let event = hit.lines_above().take(2).find_map(|line| {
        let (_, rest) = line.split_once('(')?;
        let (job, rest) = rest.split_once(')')?;
        rest.contains("Job was held").then(|| job.to_owned())
    });
    incident.who.add(Part::Job, event.unwrap_or_default());
    let mut below = hit.lines_below().take(BELOW).map(str::trim);
    let row = below.find_map(|line| line.strip_prefix("Memory (MB)"));
    let mut figures = row
        .unwrap_or_default()
        .trim_start_matches([' ', ':'])
        .split_whitespace();
    for key in [Key::ProcessInUse, Key::Limit] {
        let figure = figures.next().unwrap_or_default();
        if let Some(bytes) = bytes::parse(figure, "MiB") {
            told::add(hit, incident, key, bytes, format!("{figure} MB"));
        }
    }
}
