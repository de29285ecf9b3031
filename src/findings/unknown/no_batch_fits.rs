//! Accelerate found no batch that fits, and does not say why.

use crate::evidence::{FindingId, Flag};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};
use crate::fixes::{
    gradient_checkpointing, low_precision_weights, mixed_precision, offload, run_it_again,
    shorter_sequence, stop_other_process,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::NoBatchFits,
    cause: Cause::Unknown,
    page: include_str!("no-batch-fits.md"),
    fixes: &[
        &gradient_checkpointing::FIX,
        &mixed_precision::FIX,
        &low_precision_weights::FIX,
        &shorter_sequence::FIX,
        &offload::FIX,
        &stop_other_process::FIX,
        &run_it_again::FIX,
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
