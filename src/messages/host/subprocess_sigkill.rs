//! A program that SIGKILL ended, as Python's `subprocess` tells its caller: it knows the signal and not the reason.

use crate::evidence::{Incident, Memory, MessageId, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::SubprocessSigkill,
    printed_by: "Lib/subprocess.py (CalledProcessError), Python from 3.5; joblib/externals/loky/process_executor.py (TerminatedWorkerError); accelerate/commands/launch.py lets it pass",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &["died with <Signals.", "SIGKILL: 9>", "SIGKILL(-9)"],
    head: r"diedwith<Signals\.SIGKILL:9>|Theexitcodesoftheworkersare\{[^}]{0,200}SIGKILL\(-9\)",
    reach: 300,
    more: Some(more),
    examples: &[
        Example(
            "subprocess.CalledProcessError: Command '['/usr/bin/python3', 'train.py']' died with <Signals.SIGKILL: 9>.",
            &[],
        ),
        Example(
            "The exit codes of the workers are {SIGKILL(-9), SIGKILL(-9)}",
            &[],
        ),
        Example(
            "CalledProcessError: Command 'python train.py --batch-size 8' died with <Signals.SIGKILL: 9>.",
            &[],
        ),
    ],
    ..Message::EMPTY
};

fn more(_: &Match<'_>, incident: &mut Incident) {
    told::signal(incident, &[]);
}
