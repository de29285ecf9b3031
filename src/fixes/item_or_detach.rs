//! A loss that is added up with its graph keeps every step's activations; its number keeps nothing.

use super::{Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, OwnerHeld, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::ItemOrDetach,
    cost: ".item() waits for the GPU; once every few steps is cheap",
    page: include_str!("item-or-detach.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if !s.torch() || s.has(SettingKind::NoGrad) {
        return None;
    }
    if let Some(how) = carried(s) {
        let title = "Cut the graph of what is carried on".to_owned();
        return Some(Offer::unmeasured(how).titled(title));
    }
    let at = s.at_here();
    Some(Offer::unmeasured(format!(
        "total += loss.item(){at}\n# and outputs.append(y.detach()) for tensors that are kept"
    )))
}

/// A state that goes from step to step with its graph, by the name that the census found: no number stands for it.
fn carried(s: &Situation<'_>) -> Option<String> {
    const NUMBERS: [&str; 5] = ["loss", "total", "sum", "err", "acc"];
    let census = s.incident.census.as_deref()?;
    let passes = |row: &&OwnerHeld| row.graph.map_or(0, |graph| graph.passes);
    let rows = census.owners.iter().filter(|row| row.user);
    let row = rows
        .max_by_key(|row| (passes(row), row.graph_tensors))
        .filter(|row| passes(row) > 1 && s.finding == FindingId::KeptGraph)?;
    let name = row.name.as_deref()?;
    let lower = name.to_ascii_lowercase();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    if NUMBERS.iter().any(|word| lower.contains(word)) || !name.chars().all(plain) {
        return None;
    }
    match row.container.as_deref() {
        Some("tuple") => Some(format!(
            "{name} = tuple(t.detach() for t in {name})  # before each step uses it again"
        )),
        None => Some(format!(
            "{name} = {name}.detach()  # before each step uses it again"
        )),
        Some(_) => None,
    }
}
