//! A container that its memory limit ended, as Kubernetes and CI services tell it; exit code 137 is SIGKILL.

use crate::evidence::{FactSource, Framework, Incident, Memory};
use crate::messages::{Compiled, Example, Match, Message, Role, marks};

pub(crate) static MESSAGE: Message = Message {
    id: "kubernetes-oom",
    printed_by: "kubelet and kubectl (reason OOMKilled); runners of GitHub and GitLab (exit code 137)",
    role: Role::Failure,
    memory: Memory::Host,
    framework: Framework::System,
    signatures: &["OOMKilled", "exit code 137"],
    head: r#"reason["']?[:=]?["']?OOMKilled|\d/\d{1,3}OOMKilled\d|(?:Processcompleted|commandterminated)withexitcode137"#,
    accepts: Some(accepts),
    reach: 400,
    source: FactSource::Message,
    fields: &[],
    more: Some(more),
    examples: &[
        Example {
            text: "    Last State:     Terminated\n      Reason:       OOMKilled\n      Exit Code:    137",
            reads: &[],
        },
        Example {
            text: "NAME          READY   STATUS      RESTARTS   AGE\ntrainer-0     0/1     OOMKilled   3          12m",
            reads: &[],
        },
        Example {
            text: "{\"terminated\": {\"exitCode\": 137, \"reason\": \"OOMKilled\"}}",
            reads: &[],
        },
        Example {
            text: "##[error]Process completed with exit code 137.",
            reads: &[],
        },
    ],
    compiled: Compiled::new(),
};

/// 137, and not the start of a longer number.
fn accepts(hit: &Match<'_>) -> bool {
    hit.says("OOMKilled") || !hit.line_after().starts_with(|c: char| c.is_ascii_digit())
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.capture(r"^[!-~]{0,20}OOMKilled").is_some() {
        incident.marks.push(marks::OOM_KILLER);
        incident.marks.push(marks::CGROUP);
    } else {
        incident.marks.extend([marks::OOM_KILLER, marks::SIGKILL]);
    }
}
