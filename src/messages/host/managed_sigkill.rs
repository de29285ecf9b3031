//! A run that SIGKILL ended, as services that manage runs tell it: they know the code and not the reason.

use crate::evidence::{Incident, Keeper, Memory, MessageId, Part, Program};
use crate::messages::parts::{told, units};
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::ManagedSigkill,
    printed_by: "PrefectHQ/prefect src/prefect/runner/runner.py and prefect/infrastructure/process.py; Azure Machine Learning; aws/sagemaker-training-toolkit errors.py (ExecuteUserScriptError); Supervisor/supervisor process.py; systemd src/core/service.c; Unitech/pm2 lib/God.js; moby/swarmkit agent/exec; Lightning fabric/strategies/launchers/subprocess_script.py",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "exited with status code",
        "ExitCode -9",
        "terminated by SIGKILL",
        "status=9/KILL",
        "via signal [SIGKILL]",
        "non-zero exit (137)",
        "terminated with code -9",
    ],
    head: r"Process(?:forflowrun'[^']{1,100}'|\d{1,10})exitedwithstatuscode:-9|Userprocess'[^']{1,200}'exitedwithstatuscode-9|ExecuteUserScriptError:ExitCode-9|exited:[\w.:-]{1,80}\(terminatedbySIGKILL;notexpected\)|Mainprocessexited,code=killed,status=9/KILL|App\[[^\]]{1,80}\]exitedwithcode\[\d{1,3}\]viasignal\[SIGKILL\]|task:non-zeroexit\(137\)|ChildprocesswithPID\d{1,10}terminatedwithcode-9",
    reach: 300,
    more: Some(more),
    texts: &[
        "03:04:05.678 | ERROR   | prefect.flow_runs.runner - Process for flow run 'calm-otter' exited with status code: -9; This indicates that the process exited due to a SIGKILL signal.",
        "Execution failed. User process 'python' exited with status code -9. Please check log file 'user_logs/std_log.txt' for error details.",
        "INFO exited: fit (terminated by SIGKILL; not expected)",
        "systemd[1]: fit.service: Main process exited, code=killed, status=9/KILL",
        "PM2      | App [serve:0] exited with code [0] via signal [SIGKILL]",
        "Failed 3 minutes ago  \"task: non-zero exit (137)\"",
        "RuntimeError: Child process with PID 88 terminated with code -9. Forcefully terminating all other processes to avoid zombies",
        "ExecuteUserScriptError:\nExitCode -9\nErrorMessage \"\"",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let keepers: &[Keeper] = if hit.says("statuscode:-9") {
        &[Keeper::Prefect]
    } else if hit.says("status=9/KILL") {
        &[Keeper::Systemd]
    } else if hit.says("Userprocess") || hit.says("ExecuteUserScript") {
        &[Keeper::Cloud]
    } else if hit.says("task:non-zero") {
        &[Keeper::Docker]
    } else {
        &[]
    };
    told::signal(incident, keepers);
    if hit.says("status=9/KILL") {
        units::unit(hit, incident);
    }
    told::name(
        hit,
        incident,
        Part::Service,
        r"^exited:([\w.:-]{1,80}?)\(terminated",
    );
    told::name(
        hit,
        incident,
        Part::Pid,
        r"^ChildprocesswithPID(\d{1,10})terminated",
    );
    told::name(hit, incident, Part::Service, r"^App\[([^\]]{1,80})\]exited");
    told::name(
        hit,
        incident,
        Part::Task,
        r"^Processforflowrun'([^']{1,100})'",
    );
    told::name(hit, incident, Part::Process, r"^Userprocess'([^']{1,40})'");
}
