//! "signal: killed": what programs written in Go say of one that SIGKILL ended, Go's own tools and AWS Lambda's runtime among them.

use crate::evidence::{Incident, Keeper, Key, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Match, Message, capture, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::GoExitError,
    printed_by: "Go src/os/exec_posix.go (ProcessState.String), as cmd/go prints it of its compiler and linker, go test of a test, AWS Lambda of a function",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &["signal: killed"],
    head: r"signal:killed",
    accepts: Some(accepts),
    reach: 500,
    more: Some(more),
    examples: &[Example(
        "RequestId: 0a1b Error: Runtime exited with error: signal: killed\nRuntime.ExitError\nREPORT RequestId: 0a1b\tMemory Size: 2048 MB\tMax Memory Used: 2048 MB",
        &[(Key::Limit, "2048 MB"), (Key::ProcessInUse, "2048 MB")],
    )],
    texts: &[
        "ours/kernels: /usr/local/go/pkg/tool/linux_amd64/compile: signal: killed",
        "go build ours/data: signal: killed",
        "fit: wait: signal: killed",
    ],
    ..Message::EMPTY
};

/// What stands before the words where it is a tool of Go.
const TOOL: &str = r"(?:/pkg/tool/\w{3,30}/|gotool)(compile|link|asm|cgo|cover|vet)(?:\.exe)?:$";

fn of_lambda(hit: &Match<'_>) -> bool {
    const RUNTIME: &str = "Runtimeexitedwitherror:";
    holds(tail(hit.before, RUNTIME.len()), RUNTIME)
}

/// At the end of an error, or alone as `go run` and `go test` print it.
fn accepts(hit: &Match<'_>) -> bool {
    if of_lambda(hit) {
        return true;
    }
    let (before, after) = (hit.line_before(), hit.line_after());
    let ends = after.is_empty() || after.starts_with(['"', '\\', ',', ')', '}']);
    ends && (before.ends_with(':') || before.is_empty() && after.is_empty())
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let before = hit.line_before();
    if of_lambda(hit) {
        lambda(hit, incident);
    } else if capture(TOOL, before).is_some()
        || capture(r"(?:^|\W)(gobuild)[\w./@-]{1,200}:$", before).is_some()
    {
        told::guess(incident, &[Keeper::Compiler, Keeper::Go]);
        told::name_in(before, incident, Part::Process, TOOL);
    } else {
        told::signal(incident, &[]);
    }
}

/// The report of the call that follows tells what the function had and what it took at most.
fn lambda(hit: &Match<'_>, incident: &mut Incident) {
    const HAD: &str = r"MemorySize:(\d{2,6})(MB)";
    const TOOK: &str = r"MaxMemoryUsed:(\d{1,6})(MB)";
    told::guess(incident, &[Keeper::Lambda]);
    for (key, pattern) in [(Key::Limit, HAD), (Key::ProcessInUse, TOOK)] {
        told::size(hit, incident, (key, hit.text), pattern);
    }
    let size = |key| incident.facts.get(key).map(crate::bytes::Bytes::mid);
    match size(Key::Limit).zip(size(Key::ProcessInUse)) {
        Some((had, took)) if took >= had => told::limit(incident, &[Keeper::Lambda]),
        // It held far less: something else ended it.
        Some((had, took)) if took < had / 2 => told::signal(incident, &[Keeper::Lambda]),
        _ => {}
    }
}
