//! The words for what a census shows.

use crate::bytes::human;
use crate::evidence::{Census, OwnerHeld, OwnerKind, ShapeHeld};

/// "`history` (a list of 9, train.py:38)".
pub(super) fn named(owner: &OwnerHeld) -> String {
    let name = owner.name.as_deref().unwrap_or("a name of the program");
    let mut about = Vec::new();
    if let (Some(container), Some(items)) = (&owner.container, owner.items) {
        about.push(format!("a {container} of {items}"));
    }
    about.extend(at(owner));
    if about.is_empty() {
        format!("`{name}`")
    } else {
        format!("`{name}` ({})", about.join(", "))
    }
}

/// "train.py:38"; with the function where there is one, "in step, train.py:38".
pub(super) fn at(owner: &OwnerHeld) -> Option<String> {
    let file = owner.file.as_deref()?.rsplit(['/', '\\']).next()?;
    let place = owner
        .line
        .map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"));
    let function = owner.function.as_deref().filter(|f| *f != "<module>");
    Some(function.map_or_else(|| place.clone(), |f| format!("in {f}, {place}")))
}

/// "121.6 GiB of the 139.2 GiB in tensors".
pub(super) fn share(bytes: u64, census: &Census) -> String {
    format!(
        "{} of the {} in tensors",
        human(bytes),
        human(census.allocated)
    )
}

/// "[16, 1024, 50000] float32".
pub(super) fn shape(shape: &ShapeHeld) -> String {
    let sizes: Vec<String> = shape.shape.iter().map(u64::to_string).collect();
    format!("[{}] {}", sizes.join(", "), shape.dtype)
}

/// True where no model is there and nothing carries a graph: tensors are data, and no activations.
pub(super) fn plain_tensors(census: &Census) -> bool {
    census.sum(OwnerKind::Parameters) == 0 && census.owners.iter().all(|o| o.graph_tensors == 0)
}

/// "Weights 3.5 GiB, gradients 3.5 GiB, optimizer states 7.0 GiB, activations and temporaries 121.9 GiB."
pub(super) fn ledger(census: &Census) -> String {
    const PARTS: [(&str, OwnerKind); 5] = [
        ("weights", OwnerKind::Parameters),
        ("gradients", OwnerKind::Gradients),
        ("optimizer states", OwnerKind::OptimizerStates),
        ("buffers", OwnerKind::Buffers),
        ("copies of the model", OwnerKind::Copies),
    ];
    let mut parts: Vec<(&str, u64)> = PARTS
        .iter()
        .map(|(name, kind)| (*name, census.sum(*kind)))
        .collect();
    parts.push(("kept by names", super::kept::by_names(census)));
    let rest = if plain_tensors(census) {
        "without a name"
    } else {
        "activations and temporaries"
    };
    parts.push((rest, census.activations()));
    // What would print as nothing is left out.
    let worth = census.allocated / 1000;
    parts.retain(|(_, bytes)| *bytes > worth);
    let parts: Vec<String> = parts
        .into_iter()
        .map(|(name, bytes)| format!("{name} {}", human(bytes)))
        .collect();
    let mut text = parts.join(", ");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    format!("{text}: {} in tensors.", human(census.allocated))
}
