//! Accelerate found no batch that fits, and does not say why.

use crate::evidence::{FindingId, Flag};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::NoBatchFits,
    cause: Cause::Unknown,
    page: include_str!("no-batch-fits.md"),
    fixes: fixes![
        gradient_checkpointing,
        mixed_precision,
        low_precision_weights,
        shorter_sequence,
        offload,
        stop_other_process,
        run_it_again,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    if !case.incident.flagged(Flag::EveryBatch) {
        return None;
    }
    let because = "Accelerate halved the batch size until none was left. It does so for every failure that reads like a lack of memory, of the GPU or of the host, and for one of cuDNN, and keeps the message to itself.";
    let settle = "the message of one attempt: call the function once without the decorator, with a batch of 1";
    Some(Verdict::settled_by(
        Confidence::Likely,
        because.to_owned(),
        settle,
    ))
}
