//! Who ended a process by hand or by the clock: then SIGKILL has nothing to do with memory.

use crate::evidence::{Incident, Keeper, MessageId, Part, Witness};
use crate::text::{Lane, Line};

/// So far before the word of a kill somebody may have said that he would, and behind it that he did.
const BEFORE: u64 = 60;
const BEHIND: u64 = 25;

/// What names who killed. All in small letters.
const KILLERS: [&str; 49] = [
    "kill -9",
    "kill -kill",
    "kill -s kill",
    "kill -s 9",
    "kill -s sigkill",
    "kill -sigkill",
    "timeout -s kill",
    "timeout -s 9",
    "timeout -k",
    "timeout --signal=kill",
    "timeout --kill-after",
    "sending signal kill to",
    "shutdown signal",
    "the operation was canceled",
    "maximum execution time",
    "execution took longer than",
    "has exceeded the maximum",
    "due to time limit",
    "cancelled at",
    "canceled by",
    "cancelled by",
    "canceling since",
    "deadlineexceeded",
    "deadline exceeded",
    "docker kill",
    "docker stop",
    "docker rm -f",
    "scancel",
    "worker timeout (pid",
    "harakiri on worker",
    // systemd (src/core/service.c, src/core/unit.c).
    "timed out. killing",
    ") with signal sigkill",
    "forcefully exiting via",
    "no output has been received",
    "timed out after",
    "preempted",
    "pbs: job killed: walltime",
    // Celery (celery/worker/request.py) and Airflow (airflow/utils/timeout.py; airflow/sdk/execution_time/supervisor.py).
    "hard time limit (",
    "error - timeout, pid: ",
    "the task shouldn't be running anymore",
    "server indicated the task",
    // Databricks' watch of its driver; the kubelet (pkg/kubelet/prober, kuberuntime_manager.go).
    "after unresponsive for",
    "liveness probe failed",
    "failed liveness probe",
    "failed startup probe",
    // It crashed: glibc's and Python's handlers (Modules/faulthandler.c), and Ray's (absl, failure_signal_handler.cc).
    "fatal python error: ",
    "sigsegv received at",
    "sigabrt received at",
    "segmentation fault (core dumped)",
];

/// Takes out what only tells of a SIGKILL that the log says somebody sent.
pub(crate) fn drop_sent(incidents: &mut Vec<Incident>, lanes: &[Lane]) {
    if !incidents.iter().any(doubted) {
        return;
    }
    let lines = lanes.iter().flat_map(|lane| &lane.lines);
    let killers: Vec<&Line> = lines.filter(|line| names_killer(&line.text)).collect();
    let proven = incidents.iter().any(knows);
    incidents.retain(|incident| {
        let at = incident.place.line;
        let sent = |line: &&Line| {
            let near = line.number <= at.saturating_add(BEHIND)
                && at <= line.number.saturating_add(BEFORE);
            near && !another(&line.text, incident.who.get(Part::Pid))
        };
        proven || !doubted(incident) || !killers.iter().any(sent)
    });
}

/// True where nobody says why it was killed.
fn doubted(incident: &Incident) -> bool {
    let doubted = |kill: &crate::evidence::Kill| kill.witness == Witness::Signal;
    let compiles = |kill: &crate::evidence::Kill| {
        kill.witness == Witness::Guess && kill.keepers.contains(&Keeper::Compiler)
    };
    // A web server ends workers that do not answer, and then asks itself whether it was memory.
    incident
        .kill
        .as_ref()
        .is_some_and(|kill| doubted(kill) || compiles(kill))
        || matches!(
            incident.format,
            MessageId::GunicornSigkill | MessageId::AirflowOom
        )
}

fn knows(incident: &Incident) -> bool {
    incident
        .kill
        .as_ref()
        .is_some_and(|kill| kill.witness == Witness::Keeper)
}

fn names_killer(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    KILLERS.iter().any(|words| text.contains(words))
}

/// True where a command ends processes by their ids, and the one that was killed is none of them.
fn another(text: &str, pid: Option<&str>) -> bool {
    let Some(pid) = pid else { return false };
    let Some((_, rest)) = text.split_once("kill -") else {
        return false;
    };
    let mut ids = rest
        .split_whitespace()
        .filter(|word| word.bytes().all(|b| b.is_ascii_digit()));
    let named: Vec<&str> = ids.by_ref().filter(|id| id.len() > 1).collect();
    !named.is_empty() && !named.contains(&pid)
}
