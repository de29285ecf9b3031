//! The evidence does not settle it.

use crate::evidence::FindingId;
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};
use crate::fixes::{
    chunked_cross_entropy, gradient_checkpointing, lower_batch_size, memory_efficient_optimizer,
    offload, optimizer_foreach_false, shorter_sequence, smaller_inputs, tile_the_image,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Unexplained,
    cause: Cause::Unknown,
    page: include_str!("unexplained.md"),
    fixes: &[
        &smaller_inputs::FIX,
        &tile_the_image::FIX,
        &offload::FIX,
        &lower_batch_size::FIX,
        &memory_efficient_optimizer::FIX,
        &optimizer_foreach_false::FIX,
        &chunked_cross_entropy::FIX,
        &gradient_checkpointing::FIX,
        &shorter_sequence::FIX,
    ],
    decide,
};

#[expect(
    clippy::unnecessary_wraps,
    reason = "the signature of every finding; this one always holds"
)]
fn decide(case: &Case<'_>) -> Option<Verdict> {
    let because = case.balance.tried.map_or_else(
        || "Nothing in the text says what filled the memory.".to_owned(),
        |tried| format!("{tried} was requested; the figures that would tell why it was refused are missing or do not agree."),
    );
    let settle = "the whole message with its traceback, and `nvidia-smi` at that moment";
    Some(Verdict::settled_by(Confidence::Possible, because, settle))
}
