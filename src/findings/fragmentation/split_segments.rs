//! Enough is idle, in pieces that cannot be joined.

use crate::bytes::{Bytes, human};
use crate::evidence::{Accelerator, FindingId, Key, SettingKind};
use crate::findings::measures::{growth, idle, record};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::SplitSegments,
    cause: Cause::Fragmentation,
    page: include_str!("split-segments.md"),
    fixes: fixes![
        expandable_segments,
        lower_batch_size,
        empty_cache_between_phases,
        max_split_size_mb,
        smaller_inputs,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    if let Some(verdict) = by_a_table(case) {
        return Some(verdict);
    }
    let (confidence, measured) = idle::idle_reaches(case)?;
    let balance = case.balance;
    if balance
        .private_pools
        .zip(balance.idle)
        .is_some_and(|(p, i)| p.likely_over(i))
        || case.incident.settings.expandable()
        || record::of_other_streams(case).is_some()
    {
        return None;
    }
    let because = format!(
        "{} was requested. {} is free, and {} lies idle in pieces that PyTorch can neither join nor give back. Together that is enough.{}{}{}",
        balance.tried?,
        balance.left()?,
        balance.idle?,
        record::pieces(case),
        record::not_for_long(case),
        beside_level_tensors(case)
    );
    let settle = (confidence != Confidence::Proven).then(|| settle(case).to_owned());
    Some(Verdict {
        confidence,
        finding_confidence: None,
        measured,
        because,
        settle,
    })
}

/// That the cache grew while what tensors hold did not, where readings show it.
fn beside_level_tensors(case: &Case<'_>) -> String {
    growth::of_the_cache_alone(case).map_or_else(String::new, |series| {
        let lines = (series.points.first(), series.points.last());
        let lines = lines.0.zip(lines.1).map_or_else(String::new, |(a, b)| {
            format!(" (lines {} to {})", a.line, b.line)
        });
        format!(
            " What PyTorch keeps grew by {}{lines}, and what tensors hold stayed level.",
            human(series.trend.grown)
        )
    })
}

/// A table alone, which counts a failure: the most that tensors ever held is not half of what the allocator has.
fn by_a_table(case: &Case<'_>) -> Option<Verdict> {
    let incident = case.incident;
    let (peak, reserved) = (
        incident.facts.get(Key::PeakAllocated)?,
        incident.facts.get(Key::Reserved)?,
    );
    let counted = incident.ooms.is_some_and(|n| n > 0) && case.balance.tried.is_none();
    if !counted || incident.settings.expandable() {
        return None;
    }
    if peak.high() >= reserved.low() / 2 {
        return by_its_split_segments(case, reserved);
    }
    let because = format!(
        "The table counts a failure, and tensors never held more than {peak} of the {reserved} that PyTorch has: the rest lies idle in \
         pieces."
    );
    Some(Verdict::settled_by(
        Confidence::Likely,
        because,
        settle(case),
    ))
}

/// The same, where a third of what the allocator has lies idle in segments that tensors hold too.
fn by_its_split_segments(case: &Case<'_>, reserved: Bytes) -> Option<Verdict> {
    let split = case.incident.facts.get(Key::InactiveSplit)?;
    let held = case.incident.facts.get(Key::Allocated)?;
    if split.low() < reserved.high() / 3 {
        return None;
    }
    let because = format!(
        "The table counts a failure. Tensors hold {held} of the {reserved} that PyTorch has, and {split} lies idle in segments that it \
         cannot give back. A request that is larger than each piece fails, though all of them together are large enough."
    );
    Some(Verdict::settled_by(
        Confidence::Possible,
        because,
        "the message itself: was less requested than lies idle?",
    ))
}

/// What would tell; growing segments where the platform has them.
fn settle(case: &Case<'_>) -> &'static str {
    let without = [SettingKind::ExpandableUnsupported, SettingKind::Windows];
    if without.iter().any(|kind| case.incident.settings.has(*kind)) {
        "torch.cuda.memory._dump_snapshot('oom.pickle') in the except block shows in how many pieces the idle memory lies"
    } else if case.incident.accelerator_told() == Accelerator::Rocm {
        // Before 2.8 ROCm's builds read only this name.
        "run once with PYTORCH_HIP_ALLOC_CONF=expandable_segments:True: fragmentation goes away, exhaustion does not"
    } else {
        "run once with PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True: fragmentation goes away, exhaustion does not"
    }
}
