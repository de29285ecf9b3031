//! A shape is wrong: no work needs a request of this size.

use crate::evidence::FindingId;
use crate::findings::measures::shape;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::ShapeBug,
    cause: Cause::Oversized,
    page: include_str!("shape-bug.md"),
    fixes: fixes![fix_the_shape, chunk_the_operation],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    if !shape::corrupt(case) {
        return None;
    }
    shape::verdict(case)
}
