//! A task that SIGKILL ended; Airflow itself says that it was likely memory.

use crate::evidence::{Incident, Keeper, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::AirflowOom,
    printed_by: "apache/airflow task-sdk/src/airflow/sdk/execution_time/task_runner.py, from 3.1; airflow/task/task_runner/standard_task_runner.py before 3",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "likely due to running out of memory",
        "Likely out of memory error",
    ],
    head: r"Job\d{1,12}waskilledbeforeitfinished\(likelyduetorunningoutofmemory\)|Processterminatedbysignal\.Likelyoutofmemoryerror\(OOM\)",
    reach: 400,
    more: Some(more),
    texts: &[
        "{standard_task_runner.py:181} ERROR - Job 41 was killed before it finished (likely due to running out of memory)",
        "[2026-01-02 03:04:05] CRITICAL - Process terminated by signal. Likely out of memory error (OOM). signal=-9 signal_name=SIGKILL source=task",
    ],
    ..Message::EMPTY
};

/// `Running <TaskInstance: features.build manual__2026-01-02T03:04:05+00:00 [running]> on host worker-2`, which stands above the
/// task's own lines.
pub(super) fn task(hit: &Match<'_>, incident: &mut Incident) {
    const ABOVE: usize = 400;
    let runs = |line: &str| -> Option<(String, String)> {
        let (_, rest) = line.split_once("<TaskInstance: ")?;
        let (task, rest) = rest.split_once(' ')?;
        let (_, host) = rest.split_once(" on host ")?;
        Some((task.to_owned(), host.trim().to_owned()))
    };
    if let Some((task, host)) = hit.lines_above().take(ABOVE).find_map(runs) {
        incident.who.add(Part::Task, task);
        incident.who.add(Part::Host, host);
    }
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    told::guess(incident, &[Keeper::Airflow]);
    task(hit, incident);
}
