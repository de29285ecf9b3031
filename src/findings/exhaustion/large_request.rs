//! One request takes most of the device.

use crate::evidence::FindingId;
use crate::findings::measures::{exhaustion, one_request, room};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::LargeRequest,
    cause: Cause::Exhaustion,
    page: include_str!("large-request.md"),
    fixes: fixes![
        chunk_the_operation,
        smaller_inputs,
        shorter_sequence,
        sdpa_attention,
        lower_batch_size,
        fix_the_shape,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    if !one_request::most_of_the_device(case) || room::larger_than_device(case) {
        return None;
    }
    exhaustion::exhausted(case)?;
    let (tried, live) = (case.balance.tried?, case.balance.live?);
    let beside = match case.balance.total {
        Some(total) => format!("most of the {total} of the GPU"),
        // A memory snapshot does not say how large the GPU is.
        None => format!(
            "and what PyTorch holds and the driver has free is {} in all",
            one_request::within_reach(case)?
        ),
    };
    let because = format!(
        "{tried} was requested in one piece, {beside}, while tensors hold only {live}. The one request is the problem, not what \
         is held."
    );
    let settle = "print the shapes in the line that fails: one long sample, one full-size image, or a product of all with all?";
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}
