//! What hosts, functions, queues and builds say of a kill that no message had: each alone, how sure it is, and what to type.

use whyoom::Explained;
use whyoom::diagnose;
use whyoom::report::view::headline;

fn found(log: &str) -> Vec<Explained> {
    diagnose("job.log", log.as_bytes()).incidents
}

/// "The host ran out of memory: pod fit-0 | proven | resources.limits.memory", of each failure that counts or may.
fn told(log: &str) -> Vec<String> {
    let words = |one: &Explained| {
        let fix = one.fixes.first().map(|fix| fix.offer.how.clone());
        let confidence = one.causes[0].verdict.confidence.name();
        format!(
            "{} | {confidence} | {}",
            headline(one, usize::MAX),
            fix.unwrap_or_default()
        )
    };
    found(log).iter().map(words).collect()
}

/// A log, and what its only report begins with.
const WORDS: &[(&str, &str)] = &[
    (
        "2026-01-02T03:04:05.678901+00:00 heroku[worker.1]: Process running mem=1029M(201.0%)\n\
         2026-01-02T03:04:05.702110+00:00 heroku[worker.1]: Error R15 (Memory quota vastly exceeded)\n\
         2026-01-02T03:04:05.802110+00:00 heroku[worker.1]: Stopping process with SIGKILL\n\
         2026-01-02T03:04:06.802110+00:00 heroku[worker.1]: Process exited with status 137\n",
        "The host ran out of memory: worker worker.1 | proven | heroku ps:type worker=performance-m  # 2.5 GB",
    ),
    (
        "RequestId: 0a1b Error: Runtime exited with error: signal: killed\nRuntime.ExitError\nEND RequestId: 0a1b\nREPORT RequestId: \
         0a1b\tDuration: 5310.11 ms\tBilled Duration: 5311 ms\tMemory Size: 2048 MB\tMax Memory Used: 2048 MB\tInit Duration: 1200.10 ms\n",
        "The host ran out of memory | proven | aws lambda update-function-configuration --function-name NAME --memory-size 3072",
    ),
    (
        "{\"errorMessage\":\"RequestId: 0a1b Error: Runtime exited with error: signal: killed\",\"errorType\":\"Runtime.ExitError\"}\n",
        "The host ran out of memory | likely | aws lambda update-function-configuration --function-name NAME --memory-size ...",
    ),
    (
        "RequestId: 0a1b Error: Runtime exited with error: signal: killed\nREPORT RequestId: 0a1b\tMemory Size: 2048 MB\tMax Memory Used: 90 \
         MB\n",
        "A process was killed | possible | aws lambda",
    ),
    (
        "ours/kernels: /usr/local/go/pkg/tool/linux_amd64/compile: signal: killed\nmake: *** [Makefile:3: build] Error 1\n",
        "The host ran out of memory: compile | likely | GOFLAGS=-p=2 go build",
    ),
    (
        "#12 51.29 go build ours/data: /usr/local/go/pkg/tool/linux_amd64/link: signal: killed\n",
        "The host ran out of memory: link | likely | GOFLAGS=-p=2 go build",
    ),
    (
        "=== RUN   TestFit\nsignal: killed\nFAIL\tours/fit\t93.120s\nFAIL\n",
        "A process was killed: test TestFit | possible | ",
    ),
    (
        "03:04:05.678 | ERROR   | prefect.flow_runs.runner - Process for flow run 'calm-otter' exited with status code: -9; This indicates that the \
         process exited due to a SIGKILL signal. Typically, this is either caused by manual cancellation or high memory usage causing the \
         operating system to terminate the process.\n",
        "A process was killed: task calm-otter | possible | a worker with more memory, or fewer runs at once: prefect worker start",
    ),
    (
        "[2026-01-02 03:04:05 +0000] [182] [WARNING] Worker with pid 197 was terminated due to signal 9\n",
        "A process was killed | possible | gunicorn --workers",
    ),
    (
        "DAMN ! worker 1 (pid: 41) died, killed by signal 9 :( trying respawn ...\nRespawned uWSGI worker 1 (new pid: 52)\n",
        "A process was killed | possible | uwsgi --processes",
    ),
    (
        "2026-01-02T03:04:05Z  Terminated      Exit Code: 137, Exit Message: \"OOM Killed\"\n",
        "The host ran out of memory | proven | resources { memory = ... }",
    ),
    (
        "        \"DisplayMessage\": \"Exit Code: 137, Exit Message: \\\"OOM Killed\\\"\",\n",
        "The host ran out of memory | proven | resources { memory = ... }",
    ),
    (
        "2026-01-02T03:04:05Z  Terminated      Exit Code: 137, Exit Message: \"Docker container exited with non-zero exit code: 137\"\n",
        "A process was killed | possible | resources { memory = ... }",
    ),
    (
        "Execution failed. User process 'python' exited with status code -9. Please check log file 'user_logs/std_log.txt' for error details.\n",
        "A process was killed: python | possible | a machine type",
    ),
    (
        "[  612.101] python invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0\n[  612.102] CPU: 3 PID: 812 \
         Comm: python Not tainted 5.15.153.1-microsoft-standard-WSL2 #1\n[  612.140] Out of memory: Killed process 812 (python) \
         total-vm:41000000kB, anon-rss:15200000kB, file-rss:0kB, shmem-rss:0kB, UID:1000\n",
        "The host ran out of memory: python (pid 812) | proven | memory=22GB  # under [wsl2] in %UserProfile%\\.wslconfig",
    ),
    (
        "uuid=0_a1b2_fit: received oom kill\n",
        "The host ran out of memory | proven | WOODPECKER_BACKEND_DOCKER_LIMIT_MEM=",
    ),
    (
        "[03:04:06]W:\t [Step 2/3] Process exited with code 137 (Step: fit (Command Line))\n",
        "A process was killed | possible | an agent with more RAM",
    ),
    (
        "distributed.worker - WARNING - Memory use is high but worker has no data to store to disk.  Perhaps some other process is leaking \
         memory?  Process memory: 3.73 GB -- Worker memory limit: 4.00 GB\ndistributed.nanny - WARNING - Worker exceeded 95% memory budget.  \
         Restarting\ndistributed.nanny - WARNING - Worker process 22204 was killed by unknown signal\n",
        "The host ran out of memory | proven | LocalCluster(memory_limit=\"6GiB\")",
    ),
    (
        "UnexpectedStatusException: Error for Training job fit-1: Failed. Reason: ClientError: Please use an instance type with more memory, or \
         reduce the size of training data processed on an instance., exit code: 1\n",
        "The host ran out of memory | proven | a machine type",
    ),
    (
        "sagemaker-training-toolkit ERROR    ExecuteUserScriptError:\nExitCode -9\nErrorMessage \"\"\n",
        "A process was killed | possible | a machine type",
    ),
    (
        "While handling this request, the container instance was found to be using too much memory and was terminated. This is likely to cause a \
         new container instance to be used for the next request to this revision.\n",
        "The host ran out of memory | proven | gcloud run services update SERVICE --memory ...",
    ),
    (
        "Memory limit of 512 MiB exceeded with 530 MiB used. Consider increasing the memory limit\n",
        "The host ran out of memory | proven | gcloud run services update SERVICE --memory 1Gi",
    ),
    (
        "Container terminated on signal 9.\n",
        "A process was killed | possible | gcloud run services update SERVICE --memory ...",
    ),
    (
        "2m          Warning   OOMKilling   node/n7     Memory cgroup out of memory: Killed process 88 (python) total-vm:41943040kB, \
         anon-rss:16650240kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:36000kB oom_score_adj:999\n",
        "The host ran out of memory: python (pid 88), host n7 | proven | resources.limits.memory: 24Gi",
    ),
    (
        "The command \"pytest tests\" exited with 137.\n",
        "A process was killed | possible | ",
    ),
    (
        "[  147.291] oom_reaper: reaped process 4339 (python3), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB\n",
        "The host ran out of memory: python3 (pid 4339) | likely | more RAM",
    ),
    (
        "time=\"2026-01-02T03:04:05.678Z\" level=info msg=\"TaskOOM event container_id:\\\"0a1b2c3d4e5f\\\"\"\n",
        "The host ran out of memory | proven | resources.limits.memory",
    ),
    (
        "2026-01-02 03:04:05,678 INFO exited: fit (terminated by SIGKILL; not expected)\n",
        "A process was killed: service fit | possible | more RAM",
    ),
    (
        "Jan  2 03:04:05 n1 systemd[1]: fit.service: Main process exited, code=killed, status=9/KILL\nJan  2 03:04:05 n1 systemd[1]: fit.service: \
         Failed with result 'signal'.\n",
        "A process was killed: service fit.service, host n1 | possible | MemoryMax=...",
    ),
    (
        "Jan  2 03:04:05 n1 systemd[1]: fit.service: A process of this unit has been killed by the OOM killer.\nJan  2 03:04:05 n1 systemd[1]: \
         fit.service: Main process exited, code=killed, status=9/KILL\nJan  2 03:04:05 n1 systemd[1]: fit.service: Failed with result \
         'oom-kill'.\nJan  2 03:04:05 n1 systemd[1]: fit.service: Consumed 4min 31.442s CPU time, 15.6G memory peak, 0B memory swap peak.\n",
        "The host ran out of memory: service fit.service, host n1 | proven | MemoryMax=24G",
    ),
    (
        "PM2      | App [serve:0] exited with code [0] via signal [SIGKILL]\n",
        "A process was killed: service serve:0 | possible | more RAM",
    ),
    (
        "[error] WorkflowManagerActor Workflow 0a1b failed (during ExecutingWorkflowState): Job wf.fit:NA:1 exited with return code 137 which has \
         not been declared as a valid return code. See 'continueOnReturnCode' runtime attribute for more details.\n",
        "A process was killed: task wf.fit | possible | runtime { memory: ... }  # of the task wf.fit",
    ),
    (
        "==> Out of memory (used over 512Mi)\n==> Exited with status 137\n",
        "The host ran out of memory | proven | a machine type or task definition with 1 GiB or more",
    ),
    (
        "Lost executor 3 on n7.ours.org: Container from a bad node: container_31_0001_01_000004 on host: n7.ours.org. Exit status: 137. \
         Diagnostics: Container killed on request. Exit code is 137\n",
        "A process was killed: host n7.ours.org | possible | spark.executor.memoryOverhead",
    ),
    (
        "ExecutorLostFailure (executor 3 exited caused by one of the running tasks) Reason: Command exited with code 137\n",
        "A process was killed | possible | spark.executor.memoryOverhead",
    ),
    (
        "exit status 137\n",
        "A process was killed | possible | more RAM",
    ),
    (
        "Cannot contact gpu-agent-1: hudson.remoting.ChannelClosedException: Channel \"hudson.remoting.Channel@0a1b:gpu-agent-1\": Remote call on \
         gpu-agent-1 failed. The channel is closing down or has closed down\n",
        "The runner was lost: host gpu-agent-1 | possible | an agent with more RAM",
    ),
    (
        "  error: subprocess-exited-with-error\n\n  \u{d7} python setup.py bdist_wheel did not run successfully.\n  \u{2502} exit code: -9\n  \
         \u{2570}\u{2500}> [12 lines of output]\n",
        "The host ran out of memory | likely | MAX_JOBS=2",
    ),
    (
        "ERROR: /src/xla/BUILD:31:11: Compiling xla/kernel.cc failed: (Killed): clang failed: error executing command clang -c kernel.cc\n",
        "The host ran out of memory | likely | bazel build --jobs=2",
    ),
    (
        "error Command failed with signal \"SIGKILL\".\n",
        "A process was killed | possible | more RAM",
    ),
    (
        "npm ERR! path /srv/app\nnpm ERR! signal SIGKILL\nnpm ERR! command sh -c node build.js\n",
        "A process was killed | possible | more RAM",
    ),
    (
        "cc1plus: out of memory allocating 65536 bytes after a total of 4718592000 bytes\nmake: *** [Makefile:3: k.o] Error 1\n",
        "The host ran out of memory: cc1plus | likely | MAX_JOBS=2",
    ),
    (
        "LLVM ERROR: out of memory\nAllocation failed\n",
        "The host ran out of memory | likely | MAX_JOBS=2",
    ),
    (
        "memory allocation of 8589934592 bytes failed\nAborted (core dumped)\n",
        "The host ran out of memory | likely | ",
    ),
    (
        "docker: Error response from daemon: OCI runtime create failed: runc create failed: unable to start container process: container init was \
         OOM-killed (memory limit too low?): unknown.\n",
        "The host ran out of memory | proven | docker run --memory=...",
    ),
    (
        "0a1b    fit.1   fit:1     n7    Shutdown       Failed 3 minutes ago   \"task: non-zero exit (137)\"\n",
        "A process was killed | possible | docker run --memory=...",
    ),
    (
        "RuntimeError: Child process with PID 88 terminated with code -9. Forcefully terminating all other processes to avoid zombies\n",
        "A process was killed | possible | more RAM",
    ),
];

#[test]
fn each_word_is_judged_by_its_strength_and_answered_in_its_own_terms() {
    for (log, expected) in WORDS {
        let all = told(log);
        assert_eq!(all.len(), 1, "{log}\n{all:?}");
        assert_eq!(found(log)[0].incident.repeats, 1, "{log}");
        assert!(
            all[0].starts_with(expected),
            "{log}\n{}\n{expected}",
            all[0]
        );
    }
}

#[test]
fn a_quota_that_a_dyno_is_over_while_it_runs_on_does_not_count() {
    let over = "2026-01-02T03:04:05.7+00:00 heroku[web.1]: Process running mem=528M(103.3%)\n2026-01-02T03:04:05.7+00:00 heroku[web.1]: Error R14 \
        (Memory quota exceeded)\n";
    let ended =
        "2026-01-02T03:05:05.7+00:00 heroku[web.1]: Error R15 (Memory quota vastly exceeded)\n";
    let alone = found(over);
    assert_eq!(alone.len(), 1);
    assert!(!alone[0].incident.counts());
    let both = found(&format!("{over}{ended}"));
    assert_eq!(both.len(), 1);
    assert!(both[0].incident.counts());
}

#[test]
fn who_ended_it_by_the_clock_or_by_hand_makes_it_nothing() {
    for log in [
        "[2026-01-02 03:04:05 +0000] [182] [CRITICAL] WORKER TIMEOUT (pid:197)\n[2026-01-02 03:04:06 +0000] [182] [WARNING] Worker with pid 197 was \
         terminated due to signal 9\n",
        "*** HARAKIRI ON WORKER 1 (pid: 41, try: 1) ***\nDAMN ! worker 1 (pid: 41) died, killed by signal 9 :( trying respawn ...\n",
        "systemd[1]: fit.service: State 'stop-sigterm' timed out. Killing.\nsystemd[1]: fit.service: Main process exited, code=killed, \
         status=9/KILL\n",
        "an exit status 137 tells of SIGKILL\n",
        "The error was `signal: killed`, which the kernel sends.\n",
        "if strings.Contains(err.Error(), \"signal: killed\") {\n",
    ] {
        assert!(found(log).is_empty(), "{log}");
    }
}

/// The titles of what is found.
fn titles(log: &str) -> Vec<String> {
    found(log)
        .iter()
        .map(|one| headline(one, usize::MAX))
        .collect()
}

#[test]
fn the_state_of_a_pod_is_read_in_a_sentence_about_one() {
    let of = |who: &str| vec![format!("The host ran out of memory{who}")];
    for (line, who) in [
        ("Pod \"fit-0\" was OOMKilled (limit 8Gi)", ": pod fit-0"),
        (
            "container trainer in pod ns/fit-0 was OOMKilled at 10:00:03",
            ": pod fit-0",
        ),
        (
            "level=error msg=\"pod fit-0 terminated: OOMKilled (exit code 137)\"",
            ": pod fit-0",
        ),
        ("ERROR job fit failed: OOMKilled", ""),
        ("Status:   OOMKilled", ""),
        ("Last State: Terminated (OOMKilled)", ""),
        (
            "{\"pod\":\"fit-0\",\"lastState\":\"OOMKilled\"}",
            ": pod fit-0",
        ),
        ("pod=fit-0 lastState=OOMKilled", ": pod fit-0"),
    ] {
        assert_eq!(titles(&format!("{line}\n")), of(who), "{line}");
    }
}

#[test]
fn a_code_is_read_in_colours_and_beside_the_column_of_a_place() {
    for line in [
        "\u{1b}[31mError: Process completed with exit code \u{1b}[1m137\u{1b}[0m.\u{1b}[0m",
        "\u{1b}[31mERROR: Job failed: exit code \u{1b}[1;31m137\u{1b}[0;m",
        "[10:03:00] ERROR    worker 3 (pid 412) exited with code \u{1b}[1;36m137\u{1b}[0m           pool.py:88",
        "##[error]PowerShell exited with code '137'.",
    ] {
        assert_eq!(
            titles(&format!("epoch 1\n{line}\n")),
            ["A process was killed"],
            "{line}"
        );
    }
}
