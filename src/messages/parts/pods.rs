//! Who else tells of a pod that reached its limit, and in whose words: Jenkins, GitLab, Spark, Flyte.

use super::told;
use crate::evidence::{Incident, Keeper, Part};
use crate::messages::{Match, capture};

/// `ns/fit-7 Container main was terminated (Exit Code: 137, Reason: OOMKilled)`: Jenkins' plugin for Kubernetes.
pub(in crate::messages) fn of_jenkins(hit: &Match<'_>, incident: &mut Incident) {
    const POD: &str = r"([a-z0-9][a-z0-9.-]{0,252})Container[a-z0-9.-]{1,63}wasterminated";
    const CONTAINER: &str = r"Container([a-z0-9.-]{1,63})wasterminated";
    told::name_in(hit.line_before(), incident, Part::Pod, POD);
    told::name_in(hit.line_before(), incident, Part::Container, CONTAINER);
    // "Warning  Evicted  pod/fit-0  The node was low…" of `kubectl get events`.
    told::name_in(
        hit.line_before(),
        incident,
        Part::Pod,
        r"pod/([a-z0-9.-]{1,253})$",
    );
}

/// `Error in container build: exit code: 137, reason: 'OOMKilled'`, and the pod in which the job said above that it runs.
pub(in crate::messages) fn of_gitlab(hit: &Match<'_>, incident: &mut Incident) -> bool {
    const ABOVE: usize = 2000;
    let Some((_, rest)) = hit.line_text.split_once("Error in container ") else {
        return false;
    };
    let container = rest.split(':').next().unwrap_or_default();
    incident.who.add(Part::Container, container);
    let runs = |line: &str| -> Option<String> {
        let (_, rest) = line.split_once("Running on runner-")?;
        let (pod, _) = rest.split_once(" via ")?;
        Some(format!("runner-{pod}"))
    };
    if let Some(pod) = hit.lines_above().take(ABOVE).find_map(runs) {
        incident.who.add(Part::Pod, pod);
    }
    if let Some(kill) = &mut incident.kill {
        kill.keepers.insert(Keeper::Gitlab);
    }
    true
}

/// `The executor with id 3 exited with exit code 137(SIGKILL, possible container OOM)`, some lines above the container's state, and
/// `Lost executor 3 on 10.0.0.9:` above that.
pub(in crate::messages) fn of_spark(hit: &Match<'_>, incident: &mut Incident) -> bool {
    const ABOVE: usize = 16;
    if !hit
        .line_text
        .trim_start()
        .starts_with("termination reason:")
    {
        return false;
    }
    let mut above = hit.lines_above().take(ABOVE);
    let id = above.find_map(|line| {
        let (_, rest) = line.split_once("The executor with id ")?;
        rest.split_once(" exited with").map(|(id, _)| id.to_owned())
    });
    let Some(id) = id else { return false };
    let host = above.next().and_then(|line| {
        let (_, rest) = line.split_once(&format!("Lost executor {id} on "))?;
        Some(rest.trim_end().trim_end_matches(':').to_owned())
    });
    incident.who.add(Part::Worker, format!("executor {id}"));
    incident.who.add(Part::Host, host.unwrap_or_default());
    if let Some(kill) = &mut incident.kill {
        kill.keepers.insert(Keeper::Yarn);
    }
    true
}

/// `[f3a1-n0-0] terminated with exit code (137). Reason [OOMKilled].`: Flyte names the container, which has the name of its pod.
pub(in crate::messages) fn of_flyte(hit: &Match<'_>, incident: &mut Incident) -> bool {
    let Some((name, _)) = hit.line_text.split_once("] terminated with exit code (") else {
        return false;
    };
    let name = name.rsplit('[').next().unwrap_or_default();
    incident.who.add(Part::Pod, name);
    if let Some(kill) = &mut incident.kill {
        kill.keepers.insert(Keeper::Flyte);
    }
    true
}

/// `X-fit  train  fit-x7-train-12  4m  OOMKilled (exit code 137)`: a row of `argo get` (argoproj/argo-workflows
/// `cmd/argo/commands/common/get.go`), with the pod before the time; and the `Message:` of the workflow above the rows, whose name is no pod's.
pub(in crate::messages) fn of_argo(hit: &Match<'_>, incident: &mut Incident) -> bool {
    const BELOW: usize = 40;
    if hit.line_text.starts_with("Message:") && hit.folded.starts_with("oomkilled") {
        let pod = hit.lines_below().take(BELOW).find_map(of_row);
        incident.who.add(Part::Pod, pod.unwrap_or_default());
        return true;
    }
    let pod = of_row(hit.line_text);
    incident.who.add(Part::Pod, pod.unwrap_or_default());
    pod.is_some()
}

/// The pod of a row, which stands before the time.
fn of_row(line: &str) -> Option<&str> {
    const TIME: &str = r"^\d{1,5}[smhd]$";
    let (before, _) = line.split_once(" OOMKilled")?;
    let mut words = before.split_whitespace().rev();
    let (time, pod) = (words.next()?, words.next()?);
    let row = words.next().is_some() && pod.contains('-');
    (row && capture(TIME, time).is_some()).then_some(pod)
}

/// The pod and the container of `kubectl get pods` and `kubectl describe pod`, which stand in the lines above.
pub(in crate::messages) fn names(hit: &Match<'_>, incident: &mut Incident) {
    let columns: Vec<&str> = hit.line_text.split_whitespace().collect();
    if let [pod, ready, "OOMKilled", ..] = columns.as_slice()
        && ready.contains('/')
    {
        incident.who.add(Part::Pod, *pod);
        return;
    }
    let mut last = "";
    for line in hit.lines_above().take(ABOVE) {
        let text = line.trim();
        // Below "Containers:" each has its name.
        let heads = line.starts_with("  ") && !line.starts_with("   ");
        if (heads || last.starts_with("Container ID:")) && text.ends_with(':') {
            incident
                .who
                .add(Part::Container, text.trim_end_matches(':'));
        }
        if let Some(name) = line.strip_prefix("Name:") {
            incident.who.add(Part::Pod, name.trim());
            return;
        }
        if let Some(node) = line.strip_prefix("Node:") {
            incident.who.add(
                Part::Host,
                node.trim().split('/').next().unwrap_or_default(),
            );
        }
        if let Some(pod) = described(text) {
            incident.who.add(Part::Pod, pod);
            return;
        }
        last = text;
    }
}

/// `$ kubectl describe pod -n ours fit-0`: what was asked for, where its name was cut off below.
fn described(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("kubectl describe pod")?;
    let mut words = rest.split_whitespace();
    let mut name = None;
    while let Some(word) = words.next() {
        match word {
            "-n" | "--namespace" | "--context" => {
                words.next();
            }
            flag if flag.starts_with('-') => {}
            word => name = name.or(Some(word.trim_start_matches("pod/"))),
        }
    }
    name.filter(|name| {
        name.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
    })
}

/// So far above its state stands the name of a pod with several containers.
const ABOVE: usize = 80;
