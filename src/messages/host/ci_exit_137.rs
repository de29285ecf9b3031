//! Exit code 137 as services and workflows word it that name the step themselves: they know the signal and not the reason.

use crate::evidence::{Incident, Keeper, Key, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CiExit137,
    printed_by: "CircleCI (Received \"killed\" signal, and its hint on exit code 137); microsoft/azure-pipelines-agent ProcessInvoker.cs; Amazon SageMaker; nextflow-io/nextflow TaskProcessor.groovy; Travis CI; Spark on YARN (YarnAllocator.scala)",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "with code exit status",
        "\"killed\" signal",
        "returned from process",
        "AlgorithmError",
        "with an error exit status",
        "exited with 137",
        "Exit status: 137",
    ],
    head: r#"Exitedwithcodeexitstatus137|Received"killed"signal|Exitcode137returnedfromprocess|AlgorithmError:,?exitcode:137|terminatedwithanerrorexitstatus\(137\)|Thecommand"[^"]{1,400}"exitedwith137\.|Exitstatus:137\.Diagnostics:"#,
    accepts: Some(accepts),
    reach: 400,
    more: Some(more),
    examples: &[Example(
        "Exited with code exit status 137\nHint: Exit code 137 typically means the process is killed because it was running out of memory\nHint: Max memory usage of this container is 8589905920\n according to /sys/fs/cgroup/memory/memory.max_usage_in_bytes",
        &[(Key::ProcessInUse, "8589905920 bytes")],
    )],
    texts: &[
        "Process `FIT (1)` terminated with an error exit status (137)",
        "##[error]Exit code 137 returned from process: file name '/usr/bin/docker', arguments 'exec x'.",
        "Lost executor 3 on n7.ours.org: Container from a bad node: container_31_0001_01_000004 on host: n7.ours.org. Exit status: 137. Diagnostics: Container killed on request. Exit code is 137",
        "The command \"pytest tests\" exited with 137.",
        "Failed. Reason: AlgorithmError: , exit code: 137",
    ],
    ..Message::EMPTY
};

/// 137 and no longer number; and `CircleCI`'s words alone on their line, since prose quotes them.
fn accepts(hit: &Match<'_>) -> bool {
    let alone = hit.line_before().is_empty() && hit.line_after().is_empty();
    if hit.folded.starts_with("received") {
        return alone;
    }
    let before = hit.line_before();
    let quoted = hit.folded.starts_with("exited") && !before.is_empty() && !before.ends_with(":\"");
    !quoted && !hit.line_after().starts_with(|c: char| c.is_ascii_digit())
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.folded.starts_with("thecommand") {
        told::signal(incident, &[]);
        return;
    }
    if hit.folded.starts_with("exitstatus:") {
        told::signal(incident, &[Keeper::Yarn]);
        told::name_in(
            hit.line_before(),
            incident,
            Part::Host,
            r"Lostexecutor\d+on([\w.-]{1,100}):",
        );
        return;
    }
    let keeper = if hit.folded.starts_with("exitcode") {
        Keeper::Azure
    } else if hit.folded.starts_with("algorithm") {
        Keeper::Cloud
    } else if hit.folded.starts_with("terminated") {
        Keeper::Nextflow
    } else {
        Keeper::CircleCi
    };
    told::signal(incident, &[keeper]);
    // CircleCI's hint, below its word for the end of the step.
    told::size(
        hit,
        incident,
        (Key::ProcessInUse, hit.text),
        r"Maxmemoryusageofthiscontaineris(\d{7,18})(?:according)?()",
    );
    if let Some((_, name)) = hit.line_text.split_once("Process `")
        && let Some((name, _)) = name.split_once("` terminated with")
    {
        incident.who.add(Part::Task, name);
    }
}
