//! Exit code 137 is 128 and SIGKILL: runners, builders and shells know the signal and not the reason.

use crate::evidence::{Incident, Keeper, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Match, Message, capture, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::Exit137,
    printed_by: "actions/runner, GitLab Runner, kubectl, Flyte, npm, BuildKit, Docker Compose, Buildkite, Bitbucket Pipelines, Jenkins (workflow-durable-task-step DurableTaskStep.java), GNU make (job.c), TeamCity, Nomad",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "code 137",
        "code: 137",
        "status 137",
        "code=137",
        "Exit Code:    137",
        "] Error 137",
        "code (137)",
    ],
    head: r"(?:Process(?:completed|finished|exited)with|commandterminatedwith|Jobfailed:|didnotcompletesuccessfully:|returnedanon-zero|failedwith|exitedwith|exitswith|terminatedwith|scriptreturned|Reason:Error)(?:exit)?(?:code|status):?=?\(?137|executorfailedrunning\[[^\]]{1,600}\]:exitcode:137|npmERR!(?:Exitstatus|errno)137|\*\*\*\[[^\]]{1,200}\]Error137|exitedwithnon-zeroexitcode:137|exitstatus137|(?:exit(?:s|ed|ing)|return(?:s|ed)|fail(?:s|ed)|terminat(?:es|ed)|finish(?:es|ed)|stopped|died|crashed|killed|ended|aborted)(?:unexpectedly|abnormally|prematurely|with|an?|the|non-?zero|error|exit|return|[,.:;(\['-]){0,6}(?:code|status|value|errno)[:=]?\(?137|\(exitcode:137\)|lastFailureInfo:exitCode:137",
    accepts: Some(accepts),
    reach: 400,
    more: Some(more),
    texts: &[
        "##[error]Process completed with exit code 137.",
        "command terminated with exit code 137",
        "ERROR: Job failed: exit code 137",
        "ERROR: failed to solve: process \"/bin/sh -c pip install .\" did not complete successfully: exit code: 137",
        "fit-1 exited with code 137",
        "The command '/bin/sh -c make' returned a non-zero code: 137",
        "make: *** [Makefile:7: test] exited with code 137",
        "script returned exit code 137",
        "exit status 137",
        "ExecutorLostFailure (executor 3 exited caused by one of the running tasks) Reason: Command exited with code 137",
        "[Step 2/3] Process exited with code 137 (Step: fit (Command Line))",
        "[a1b2-n0-0] terminated with exit code (137). Reason [Error].",
        "failed to solve: rpc error: code = Unknown desc = executor failed running [/bin/sh -c pip install .]: exit code: 137",
        "npm ERR! Exit status 137",
        "DriverStoppedException: Driver down cause: driver state change (exit code: 137)",
        "    lastFailureInfo:\n      exitCode: 137",
        "[fit/web]: Process exited (exit code 137), completed in 2m 24s",
        "[job 31] worker process ended unexpectedly, exit code: 137",
        "make[2]: *** [Makefile:12: bench] Error 137",
        "    State:          Terminated\n      Reason:       Error\n      Exit Code:    137",
    ],
    ..Message::EMPTY
};

/// 137 and no longer number, and not a sentence that explains it.
fn accepts(hit: &Match<'_>) -> bool {
    let after = hit.line_after();
    let word = after.starts_with(|c: char| c.is_ascii_digit());
    // In brackets it is a program's own word.
    let bracketed = hit.folded.contains("(137");
    // Yarn goes on behind its bracket.
    if hit.folded.starts_with("(exitcode") {
        return after.is_empty() || after.starts_with('"');
    }
    let told = bracketed || after.starts_with("),") && !after.starts_with("),which");
    // Rich names the place of a record in a column at the right.
    let placed = capture(r"^[\w./-]{1,80}\.py:\d{1,6}$", after).is_some();
    let prose = !told
        && !placed
        && after
            .trim_start_matches([')', '.', ',', '\'', '"', '`'])
            .starts_with(|c: char| c.is_ascii_alphabetic());
    // Builders quote the command; prose quotes the words themselves.
    let before = hit.line_before();
    let says_of_command = ["didnot", "returned"]
        .iter()
        .any(|word| hit.folded.starts_with(word));
    let field = before.ends_with(":\"");
    let quoted = !says_of_command && !field && before.ends_with(['`', '"', '\'']);
    // Compose names its service before the words, and nothing else.
    let compose = !hit.folded.starts_with("exitedwith")
        || before.ends_with("Thecommand")
        || of_spark(hit)
        || before.contains(|c: char| c.is_ascii_digit() || c == ']');
    // Alone, or behind what a program of Go says went wrong.
    let bare = !hit.folded.starts_with("exitstatus")
        || after.is_empty() && (before.is_empty() || before.ends_with(':'))
        || field;
    // Flyte says the reason behind it.
    let known = hit
        .capture(r"^[!-~]{0,60}?137\)\.Reason\[OOMKilled")
        .is_some();
    !word && !prose && !quoted && compose && bare && !known
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let words: &[Keeper] = if hit.folded.starts_with("lastfailure") {
        // kserve/kserve, pkg/apis/serving/v1beta1 (FailureInfo).
        &[Keeper::Kubernetes]
    } else if holds(hit.line_before(), "driverstatechange") {
        &[Keeper::Databricks]
    } else if hit.says("Processcompleted") {
        &[Keeper::Github]
    } else if hit.folded.starts_with("processexited") {
        // TeamCity names the step before it.
        if holds(hit.line_before(), "[Step") {
            &[Keeper::TeamCity]
        } else {
            &[]
        }
    } else if hit.says("withnon-zeroexitcode:") {
        &[Keeper::Nomad]
    } else if of_spark(hit) {
        &[Keeper::Yarn]
    } else if hit.says("Jobfailed") {
        &[Keeper::Gitlab]
    } else if hit.says("didnotcomplete")
        || hit.says("executorfailed")
        || hit.says("non-zero")
        || service(hit).is_some()
    {
        &[Keeper::Docker]
    } else if hit.says("commandterminated") || hit.says("Reason:Error") {
        &[Keeper::Kubernetes]
    } else {
        &[]
    };
    told::signal(incident, words);
    if let Some(service) = service(hit) {
        incident.who.add(Part::Service, service);
    }
}

/// `ExecutorLostFailure (executor 3 exited …) Reason: Command exited with code 137`.
fn of_spark(hit: &Match<'_>) -> bool {
    const REASON: &str = "Reason:Command";
    holds(tail(hit.before, REASON.len()), REASON)
}

/// `fit-1 exited with code 137`: the service that Compose names, which is one word and has a number.
fn service<'a>(hit: &Match<'a>) -> Option<&'a str> {
    let (service, _) = hit.line_text.split_once(" exited with code 137")?;
    let service = service.trim_start_matches('>').trim();
    let one = !service.contains(char::is_whitespace);
    (one && service.contains(|c: char| c.is_ascii_digit())).then_some(service)
}
