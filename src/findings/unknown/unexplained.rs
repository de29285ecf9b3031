//! The evidence does not settle it.

use crate::evidence::FindingId;
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Unexplained,
    cause: Cause::Unknown,
    page: include_str!("unexplained.md"),
    fixes: fixes![
        smaller_inputs,
        tile_the_image,
        offload,
        lower_batch_size,
        memory_efficient_optimizer,
        optimizer_foreach_false,
        chunked_cross_entropy,
        gradient_checkpointing,
        shorter_sequence,
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
