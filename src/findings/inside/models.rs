//! What there is of a model beside the one that works: copies of it, and the checkpoint that it was made from.

use super::{Shown, kept, words};
use crate::bytes::human;
use crate::evidence::{Census, OwnerHeld, OwnerKind, Phase};
use crate::findings::exhaustion::duplicate_weights;
use crate::findings::leak::kept_objects;
use crate::findings::{Case, Confidence, Verdict};

/// Further copies of a model: of earlier rounds in a container, or side by side.
pub(super) fn copies(case: &Case<'_>, census: &Census) -> Option<Shown> {
    let rows: Vec<&OwnerHeld> = census.of(OwnerKind::Copies).collect();
    let first = rows.first()?;
    let bytes: u64 = rows.iter().map(|row| row.bytes).sum();
    if !kept::at_least(bytes, 25, census) {
        return None;
    }
    if first.container.is_some() && first.copies >= 2 {
        let states = match first.optimizer_states {
            0 => String::new(),
            states => format!(", {} of it states of their optimizers", human(states)),
        };
        let because = format!(
            "{} keeps {} earlier models: {}{states}, {} each.",
            words::named(first),
            first.copies,
            words::share(first.bytes, census),
            human(first.bytes / first.copies),
        );
        let verdict = Verdict::new(Confidence::Proven, because);
        return Some((&kept_objects::FINDING, verdict));
    }
    let names: Vec<String> = rows
        .iter()
        .filter_map(|row| row.name.as_ref())
        .map(|name| format!("`{name}`"))
        .collect();
    let of = first.copy_of.as_deref().unwrap_or("the model");
    let because = if names.is_empty() {
        format!(
            "A copy of `{of}` is being made, and has {} by now. {}",
            words::share(bytes, census),
            words::ledger(census)
        )
    } else {
        format!(
            "Copies of `{of}` hold {}: {}. {}",
            words::share(bytes, census),
            names.join(", "),
            words::ledger(census)
        )
    };
    // What a container keeps while nothing loads is of an earlier round, and no second copy on its way; so is what was trained.
    let trained = rows.iter().filter(|row| row.optimizer_states > 0).count() > 1;
    let loads = case.incident.phase == Some(Phase::Load);
    let earlier = (first.container.is_some() || trained) && !loads;
    let finding = if earlier {
        &kept_objects::FINDING
    } else {
        &duplicate_weights::FINDING
    };
    Some((finding, Verdict::new(Confidence::Proven, because)))
}

/// How many tensors the weights of the model are.
pub(super) fn tensors(census: &Census) -> Option<u64> {
    let row = census.of(OwnerKind::Parameters).next()?;
    (row.tensors > 0).then_some(row.tensors)
}

/// True for a dict that has the weights once more, each as a tensor, or with the two states that Adam has for each.
pub(super) fn is_state_dict(row: &OwnerHeld, census: &Census) -> bool {
    let weights = census.of(OwnerKind::Parameters).next();
    let buffers = census.of(OwnerKind::Buffers).next();
    let Some(weights) = weights.filter(|weights| weights.tensors >= 4) else {
        return false;
    };
    let (extra, spare) = buffers.map_or((0, 0), |b| (b.bytes, b.tensors));
    let near = |bytes: u64| row.bytes.abs_diff(bytes) <= bytes / 50 + extra;
    let counted = |n: u64| (n..=n + spare).contains(&row.tensors);
    let times = |k: u64| near(weights.bytes * k) && counted(weights.tensors * k);
    let dict = row.container.as_deref().is_some_and(|c| c.contains("ict"));
    let name = row.name.as_deref().unwrap_or_default().to_ascii_lowercase();
    // A checkpoint may have more in it than that.
    let called = ["checkpoint", "ckpt", "state_dict"]
        .iter()
        .any(|word| name.contains(word))
        && row.bytes >= weights.bytes / 50 * 49
        && row.tensors >= weights.tensors;
    dict && (called || times(1) || times(3))
}

/// A checkpoint that a name still holds beside the model that was made from it.
pub(super) fn state_dict(case: &Case<'_>, census: &Census) -> Option<Shown> {
    let row = census
        .of(OwnerKind::Container)
        .filter(|row| row.user && is_state_dict(row, census))
        .max_by_key(|row| row.bytes)?;
    if !kept::at_least(row.bytes, 10, census) || row.bytes < kept::missing(case, census) {
        return None;
    }
    let because = format!(
        "{} has the weights once more: {}. {}",
        words::named(row),
        words::share(row.bytes, census),
        words::ledger(census)
    );
    let settle = "read it with map_location=\"cpu\", and drop the name when it is in the model: does it fit then?";
    let verdict = Verdict::settled_by(Confidence::Likely, because, settle);
    Some((&duplicate_weights::FINDING, verdict))
}
