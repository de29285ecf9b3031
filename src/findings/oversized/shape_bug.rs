//! A shape is wrong: no work needs a request of this size.

use crate::evidence::FindingId;
use crate::findings::measures::shape;
use crate::findings::{Case, Cause, Finding, Verdict};
use crate::fixes::{chunk_the_operation, fix_the_shape};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::ShapeBug,
    cause: Cause::Oversized,
    page: include_str!("shape-bug.md"),
    fixes: &[&fix_the_shape::FIX, &chunk_the_operation::FIX],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    if !shape::corrupt(case) {
        return None;
    }
    shape::verdict(case)
}
