//! A container that its memory limit ended, as Kubernetes and CI services tell it; exit code 137 is SIGKILL.

use crate::evidence::{Flag, Incident, Memory, MessageId, Program};
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::KubernetesOom,
    printed_by: "kubelet and kubectl (reason OOMKilled); runners of GitHub and GitLab (exit code 137)",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &["OOMKilled", "exit code 137"],
    head: r#"reason["']?[:=]?["']?OOMKilled|\d/\d{1,3}OOMKilled\d|(?:Processcompleted|commandterminated)withexitcode137"#,
    accepts: Some(accepts),
    reach: 400,
    more: Some(more),
    examples: &[
        Example(
            "    Last State:     Terminated\n      Reason:       OOMKilled\n      Exit Code:    137",
            &[],
        ),
        Example(
            "NAME          READY   STATUS      RESTARTS   AGE\ntrainer-0     0/1     OOMKilled   3          12m",
            &[],
        ),
        Example(
            "{\"terminated\": {\"exitCode\": 137, \"reason\": \"OOMKilled\"}}",
            &[],
        ),
        Example("##[error]Process completed with exit code 137.", &[]),
    ],
    ..Message::EMPTY
};

/// 137, and not the start of a longer number.
fn accepts(hit: &Match<'_>) -> bool {
    hit.says("OOMKilled") || !hit.line_after().starts_with(|c: char| c.is_ascii_digit())
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.capture(r"^[!-~]{0,20}OOMKilled").is_some() {
        incident.flags.insert(Flag::OomKiller);
        incident.flags.insert(Flag::Cgroup);
    } else {
        incident.flags.extend([Flag::OomKiller, Flag::Sigkill]);
    }
}
