//! "ran out of memory, skipping batch": a program caught `PyTorch`'s exception, left the batch out, and kept the message to itself.

use crate::evidence::{Incident, MessageId, Program};
use crate::messages::{Match, Message, capture, holds, start, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::BatchSkipped,
    printed_by: "jwohlwend/boltz src/boltz/model (predict_step, validation_step); gcorso/DiffDock utils/training.py; ParlAI \
                 torch_generator_agent.py; RosettaCommons and others that copied fairseq's handler",
    framework: Program::Pytorch,
    signatures: &["ran out of memory", "out of memory, skipping"],
    head: r"ranoutofmemory,skipping(?:this|the)?(?:batch|sample|example)",
    accepts: Some(accepts),
    reach: 500,
    more: Some(more),
    texts: &[
        "| WARNING: ran out of memory, skipping batch",
        "**WARNING**: ran out of memory, skipping batch\nNumber of failed examples: 1",
        "Predicting DataLoader 0:   0%|          | 0/1 [00:00<?, ?it/s]| WARNING: ran out of memory, skipping batch",
    ],
    silent: &[
        // Code and talk are no failure.
        "                print('| WARNING: ran out of memory, skipping batch')",
        "It ran out of memory, skipping batch after batch.",
    ],
    ..Message::EMPTY
};

/// Behind the word that marks a warning; in code and in sentences it stands in quotes, or words follow.
fn accepts(hit: &Match<'_>) -> bool {
    // A terminal may have wrapped the line.
    let before = tail(hit.before, 60);
    let marked = capture(r"WARN(?:ING)?\*{0,2}[:|\]\-]{1,3}$", before).is_some();
    let code = capture(
        r#"\([frb]{0,2}["'][|*]{0,3}WARN(?:ING)?\*{0,2}[:|\]\-]{1,3}$"#,
        before,
    )
    .is_some();
    let ends = !hit.line_after().starts_with(['\'', '`']);
    marked && !code && ends
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    // What it counts at its end, and what stands above.
    if holds(start(hit.text, 500), "Numberoffailedexamples:")
        || holds(tail(hit.before, 600), "boltz")
    {
        incident.framework = Program::Boltz;
    }
}
