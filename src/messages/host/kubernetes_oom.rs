//! A container that its memory limit ended, or a pod that its node put out, as Kubernetes and container runtimes tell it.

use crate::evidence::{Incident, Keeper, Key, Memory, MessageId, Part, Program};
use crate::messages::parts::{pod_status, pod_words, pods, told};
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::KubernetesOom,
    printed_by: "kubelet (pkg/kubelet/eviction/helpers.go, oom/oom_watcher_linux.go), kubectl describe and get, docker inspect and events, containerd (internal/cri/server/events.go), opencontainers/runc (libcontainer/process_linux.go), Argo and Tekton; GitLab Runner executors/kubernetes/kubernetes.go (podContainerError); flyteplugins go/tasks/pluginmachinery/flytek8s/pod_helper.go; apache/spark ExecutorPodsLifecycleManager.scala",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "OOMKilled",
        "low on resource: memory",
        "System OOM encountered",
        "container oom ",
        "TaskOOM event",
        "init was OOM-killed",
    ],
    head: r#"reason["']?[:=]?["']?OOMKilled|\d/\d{1,3}OOMKilled\d|OOMKilled\(exitcode:?137\)|exitcode\(\d{1,3}\)\.Reason\[OOMKilled\]|["']?OOMKilled["']?:true|Thenodewaslowonresource:memory|SystemOOMencountered,victimprocess:|containeroom[0-9a-f]{12,64}\(|TaskOOMevent(?:&TaskOOM\{ContainerID:|container_id:)|containerinitwasOOM-killed\(memorylimittoolow|(?:failed|terminated|exited|died|killed|crashed|restarted|state|status|phase|was|been|got)(?:with)?["']?[:=(,-]{0,2}[\["']?OOMKilled"#,
    accepts: Some(accepts),
    reach: 1200,
    more: Some(more),
    texts: &[
        "    Last State:     Terminated\n      Reason:       OOMKilled\n      Exit Code:    137",
        "NAME          READY   STATUS      RESTARTS   AGE\ntrainer-0     0/1     OOMKilled   3          12m",
        "{\"terminated\": {\"exitCode\": 137, \"reason\": \"OOMKilled\"}}",
        "OOMKilled (exit code 137)",
        "ERROR operator pod fit-3 failed: OOMKilled",
        "restarting pod fit-3 (last state OOMKilled)",
        "time=\"2026-01-02T03:04:05Z\" level=info msg=\"TaskOOM event container_id:\\\"0a1b2c\\\"\"",
        "\"OOMKilled\": true,",
        "OCI runtime create failed: runc create failed: unable to start container process: container init was OOM-killed (memory limit too low?): unknown.",
        "ERROR: Job failed (system failure): Error in container build: exit code: 137, reason: 'OOMKilled'",
        "[f3a1-n0-0] terminated with exit code (137). Reason [OOMKilled]. Message: ",
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: 12Ki. Container fit was using 50000Mi, request is 8Gi, has larger consumption of memory.",
        "System OOM encountered, victim process: python3, pid: 88",
        "2026-01-02T03:04:05Z container oom 4f3c2a1b9d8e (image=ours/fit:7, name=fit)",
    ],
    ..Message::EMPTY
};

/// The state in words, and not in a field or a column of its own.
const SAID: &str = r#"^(?:failed|terminated|exited|died|killed|crashed|restarted|state|status|phase|was|been|got)(?:with)?["']?[:=(,-]{0,2}["'\[]?OOMKilled"#;

/// Not where it is a sentence about the state, or the label of a metric whose value is zero, or of a rule that asks for one (kube-state-metrics,
/// `pod-metrics.md`: `kube_pod_container_status_last_terminated_reason`).
fn accepts(hit: &Match<'_>) -> bool {
    if hit.capture(SAID).is_some() {
        return pod_words::told(hit);
    }
    let Some((_, rest)) = hit.line_text.split_once("reason=\"OOMKilled\"") else {
        return true;
    };
    let Some((_, value)) = rest.split_once('}') else {
        return true;
    };
    let value = value.split_whitespace().next().unwrap_or_default();
    value.is_empty() || value.parse::<f64>().is_ok_and(|value| value > 0.0)
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let docker = hit.capture(r#"^["']?OOMKilled["']?:true"#).is_some()
        || hit.capture(r"^container(?:oom|init)").is_some();
    let node = hit.says("lowonresource") || hit.says("SystemOOM");
    let keeper = if docker {
        Keeper::Docker
    } else {
        Keeper::Kubernetes
    };
    if node {
        told::machine(incident, &[keeper]);
    } else {
        told::limit(incident, &[keeper]);
    }
    sizes(hit, incident);
    told::name(
        hit,
        incident,
        Part::Container,
        r"Container([a-z0-9.-]{1,63})wasusing",
    );
    told::name(
        hit,
        incident,
        Part::Container,
        r"^containeroom[0-9a-f]{12,64}\([!-~]{0,300}?name=([\w.-]{1,100})",
    );
    told::name(
        hit,
        incident,
        Part::Process,
        r"victimprocess:([\w.-]{1,40}),pid",
    );
    told::name(
        hit,
        incident,
        Part::Pid,
        r"victimprocess:[\w.-]{1,40},pid:(\d{1,10})",
    );
    pod_words::add(hit, incident);
    pods::of_jenkins(hit, incident);
    if pod_status::read(hit, incident)
        || pods::of_argo(hit, incident)
        || pods::of_gitlab(hit, incident)
        || pods::of_spark(hit, incident)
        || pods::of_flyte(hit, incident)
    {
        return;
    }
    pods::names(hit, incident);
}

/// The container's limit, what it used and what was left.
fn sizes(hit: &Match<'_>, incident: &mut Incident) {
    told::size(
        hit,
        incident,
        (Key::Limit, hit.text),
        r"Limits:(?:cpu:[\w.]+?)?(?:ephemeral-storage:[\w.]+?)?memory:(\d[\d.]*)([KMGT]i?)",
    );
    // Of several containers the first is that of the work.
    let first = hit
        .text
        .split("exceedsitsrequest")
        .next()
        .unwrap_or(hit.text);
    told::size(
        hit,
        incident,
        (Key::ProcessInUse, first),
        r"wasusing(\d[\d.]*)([KMGT]i?),",
    );
    told::size(
        hit,
        incident,
        (Key::Free, hit.text),
        r"available:(\d[\d.]*)([KMGT]i?)\.",
    );
    // Until 1.2 kubectl wrote the limits above the states.
    told::size(
        hit,
        incident,
        (Key::Limit, hit.above(600)),
        r"Limits:(?:cpu:[\w.]+?)?memory:(\d[\d.]*)([KMGT]i?)State:",
    );
}
