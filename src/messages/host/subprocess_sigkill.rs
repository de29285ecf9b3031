//! A program that SIGKILL ended, as Python's `subprocess`, Celery, Airflow and git tell it: they know the signal and not the reason.

use super::airflow_oom;
use crate::evidence::{Incident, Keeper, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::SubprocessSigkill,
    printed_by: "Lib/subprocess.py (CalledProcessError), Python from 3.5; joblib/externals/loky/process_executor.py (TerminatedWorkerError); accelerate/commands/launch.py lets it pass; celery/billiard billiard/pool.py (mark_as_worker_lost) and celery/concurrency/asynpool.py; apache/airflow local_task_job_runner.py and task_runner.py; git run-command.c; broadinstitute/cromwell BackendStatus (WrongReturnCode)",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "died with <Signals.",
        "exit codes of the workers",
        "(SIGKILL)",
        "Negsignal.SIGKILL",
        "exited with return code",
        "terminated by signal",
        "died of signal",
    ],
    head: r"diedwith<Signals\.SIGKILL:9>|Theexitcodesoftheworkersare\{[^}]{0,200}SIGKILL\(-9\)|Process'[\w-]{1,60}'pid:\d{1,10}exitedwith'signal9\(SIGKILL\)'|Workerexitedprematurely:signal9\(SIGKILL\)|INFO-Taskexitedwithreturncode(?:Negsignal\.SIGKILL|-9)|Processterminatedbysignal\.Formoreinformation,see[!-~]{1,160}?signal[=:]-9|error:[\w-]{1,60}diedofsignal9|Job[!-~]{3,120}?:[!-~]{1,8}:\d{1,4}exitedwithreturncode137",
    accepts: Some(accepts),
    reach: 300,
    more: Some(more),
    texts: &[
        "subprocess.CalledProcessError: Command '['/usr/bin/python3', 'train.py']' died with <Signals.SIGKILL: 9>.",
        "The exit codes of the workers are {SIGKILL(-9), SIGKILL(-9)}",
        "CalledProcessError: Command 'python train.py --batch-size 8' died with <Signals.SIGKILL: 9>.",
        "[2026-01-02 03:04:05,678: ERROR/MainProcess] Process 'ForkPoolWorker-3' pid:88 exited with 'signal 9 (SIGKILL)'",
        "billiard.exceptions.WorkerLostError: Worker exited prematurely: signal 9 (SIGKILL) Job: 7.",
        "{local_task_job_runner.py:234} INFO - Task exited with return code -9",
        "INFO - Task exited with return code Negsignal.SIGKILL",
        "CRITICAL - Process terminated by signal. For more information, see https://airflow.apache.org/docs/apache-airflow/stable/troubleshooting.html#TaskRunner-killed signal=-9 signal_name=SIGKILL source=task",
        "error: index-pack died of signal 9",
        "Job wf.fit:NA:1 exited with return code 137 which has not been declared as a valid return code.",
    ],
    ..Message::EMPTY
};

/// The number ends there, and no source or sentence goes on behind it.
fn accepts(hit: &Match<'_>) -> bool {
    let after = hit.line_after();
    let number = after.starts_with(|c: char| c.is_ascii_digit());
    let of_git = hit.says("diedofsignal");
    let sentence = of_git && after.starts_with(|c: char| c.is_ascii_alphabetic());
    !(number || sentence)
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let airflow = hit.says("Taskexited") || hit.says("Processterminated");
    let celery = hit.says("signal9(SIGKILL)");
    let keepers: &[Keeper] = if airflow {
        &[Keeper::Airflow]
    } else if celery {
        &[Keeper::Celery]
    } else if hit.folded.starts_with("theexitcodes") {
        &[Keeper::Pool]
    } else if hit.folded.starts_with("job") {
        &[Keeper::Cromwell]
    } else {
        &[]
    };
    told::signal(incident, keepers);
    if airflow {
        airflow_oom::task(hit, incident);
    }
    told::name(
        hit,
        incident,
        Part::Task,
        r"^Job([!-~]{1,120}?):[!-~]{1,8}:\d",
    );
    told::name(hit, incident, Part::Worker, r"^Process'([\w-]{1,60})'pid:");
    told::name(
        hit,
        incident,
        Part::Pid,
        r"^Process'[\w-]{1,60}'pid:(\d{1,10})",
    );
    told::name(
        hit,
        incident,
        Part::Process,
        r"^error:([\w-]{1,60}?)diedofsignal",
    );
    if celery {
        celery_task(hit, incident);
    }
}

/// `Task ingest.embed[0b6f…] received`, where only one was.
fn celery_task(hit: &Match<'_>, incident: &mut Incident) {
    const ABOVE: usize = 400;
    let received = |line: &str| -> Option<String> {
        let (_, rest) = line.split_once(" Task ")?;
        let (name, rest) = rest.split_once('[')?;
        rest.contains("] received").then(|| name.to_owned())
    };
    let mut tasks = hit.lines_above().take(ABOVE).filter_map(received);
    if let Some(task) = tasks
        .next()
        .filter(|task| tasks.all(|other| other == *task))
    {
        incident.who.add(Part::Task, task);
    }
}
