//! "No executable batch size found, reached zero.": Accelerate halved the batch until none was left.

use crate::evidence::{FactSource, Framework, Incident, Memory};
use crate::messages::{Compiled, Example, Match, Message, Role, marks, standing};

pub(crate) static MESSAGE: Message = Message {
    id: "accelerate-no-batch",
    printed_by: "huggingface/accelerate: src/accelerate/utils/memory.py (find_executable_batch_size), from 0.4",
    role: Role::Failure,
    memory: Memory::Device,
    framework: Framework::Pytorch,
    signatures: &["No executable batch size found"],
    head: r"Noexecutablebatchsizefound,reachedzero",
    accepts: Some(standing::raised),
    reach: 200,
    source: FactSource::Message,
    fields: &[],
    more: Some(more),
    examples: &[
        Example {
            text: "RuntimeError: No executable batch size found, reached zero.",
            reads: &[],
        },
        Example {
            text: "Traceback (most recent call last):\n  File \"/home/user/train.py\", line 21, in <module>\n    trainer.train()\n  \
                   File \"/usr/lib/python3/site-packages/accelerate/utils/memory.py\", line 168, in decorator\n    raise \
                   RuntimeError(\"No executable batch size found, reached zero.\")\nRuntimeError: No executable batch size \
                   found, reached zero.",
            reads: &[],
        },
    ],
    compiled: Compiled::new(),
};

fn more(_: &Match<'_>, incident: &mut Incident) {
    incident.marks.push(marks::EVERY_BATCH);
}
