//! Every element meets every other, and the result does not fit beside what is held.

use crate::evidence::{FindingId, MessageId, SettingKind};
use crate::findings::measures::{exhaustion, one_request, shape};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::AllAgainstAll,
    cause: Cause::Exhaustion,
    page: include_str!("all-against-all.md"),
    fixes: fixes![
        chunk_the_operation,
        lower_batch_size,
        smaller_inputs,
        fix_the_shape
    ],
    decide,
};

/// A library caught it as it set the boxes of a picture against all anchors, and says so.
pub(crate) fn moved(case: &Case<'_>) -> Option<Verdict> {
    let of = |kind| Some(case.incident.settings.get(kind)?.value.as_str());
    let compares = of(SettingKind::MovedToHost)
        .is_some_and(|name| name.contains("iou") || name.contains("overlaps"))
        || matches!(of(SettingKind::Trainer), Some("yolox" | "ultralytics"));
    if case.incident.format != MessageId::MovedToHost || !compares {
        return None;
    }
    let because = "The library ran out as it set the boxes of its pictures against all anchors. It did that in host memory and went on: \
                   slower, and nothing is lost."
        .to_owned();
    let settle = "how many boxes has the fullest picture? With thousands, crops of it help more than a smaller batch";
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}

fn decide(case: &Case<'_>) -> Option<Verdict> {
    if let Some(verdict) = moved(case) {
        return Some(verdict);
    }
    let tried = case.balance.tried?;
    if one_request::pairwise_matters(case) {
        let found = exhaustion::exhausted(case)?;
        let because = found.because + &shape::square(tried);
        let settle =
            "print the shapes of both sides in the line that fails: how many rows has each?";
        let sure = found.confidence.max(Confidence::Likely);
        return Some(Verdict::settled_by(sure, because, settle));
    }
    let pairs = one_request::pairs_told(case)?;
    let because = exhaustion::exhausted(case)?.because + &pairs.told(tried);
    let settle = one_request::WHICH_TENSOR;
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}
