//! A build whose compiler or script SIGKILL ended, as what builds tells it: pip and Bazel run compilers, npm and yarn anything.

use crate::evidence::{Incident, Keeper, Memory, MessageId, Program};
use crate::messages::parts::told;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::BuildKilled,
    printed_by: "pypa/pip src/pip/_internal/exceptions.py (InstallationSubprocessError); bazelbuild/bazel CommandFailureUtils.java; yarnpkg/yarn src/util/child.js; npm/cli",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "exit code: -9",
        "failed: (Killed): ",
        "with signal \"SIGKILL\"",
        "npm ERR! signal SIG",
        "npm error signal SIG",
    ],
    head: r#"didnotrunsuccessfully\.[^A-Za-z0-9]{0,4}exitcode:-9|failed:\(Killed\):|Commandfailedwithsignal"SIGKILL"|npm(?:ERR!|error)signalSIGKILL"#,
    reach: 200,
    more: Some(more),
    texts: &[
        "python setup.py bdist_wheel did not run successfully.\nexit code: -9",
        "ERROR: /src/BUILD:31:11: Compiling gpu/kernel.cc failed: (Killed): clang failed: error executing command",
        "error Command failed with signal \"SIGKILL\".",
        "npm ERR! signal SIGKILL",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.says("failed:(Killed)") {
        told::guess(incident, &[Keeper::Compiler, Keeper::Bazel]);
    } else if hit.says("didnotrun") {
        told::guess(incident, &[Keeper::Compiler, Keeper::Pip]);
    } else {
        told::signal(incident, &[]);
    }
}
