//! Losses that are added up before one backward pass keep the graphs of all micro-batches.

use super::{Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, OwnerHeld, OwnerKind, Phase};

pub(crate) static FIX: Fix = Fix {
    id: FixId::BackwardEachMicroBatch,
    cost: "nothing: the gradients add up to the same",
    page: include_str!("backward-each-micro-batch.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let accumulates = s.torch() && s.incident.run.step_name == "micro-batch";
    let summed = s.torch().then(|| summed(s)).flatten();
    (accumulates || summed.is_some()).then(|| {
        let name = summed.unwrap_or("loss");
        Offer::unmeasured(format!(
            "({name} / micro_batches).backward()\n# in every micro-batch; optimizer.step() and zero_grad() after the last",
        ))
    })
}

/// The loss that is added up, where the census shows an optimizer that has not stepped yet, and no gradient: the backward pass of
/// all that was added up is still to come. What the loop counts can say so, too.
fn summed<'a>(s: &Situation<'a>) -> Option<&'a str> {
    let census = s.incident.census.as_deref()?;
    let passes = |row: &&OwnerHeld| row.graph.map_or(0, |graph| graph.passes);
    let row = census
        .owners
        .iter()
        .filter(|row| row.user && row.container.is_none())
        .max_by_key(passes)?;
    let work = &census.work;
    let counts = work.steps.iter().chain(&work.sizes);
    let named = counts
        .map(|(name, _)| name.to_ascii_lowercase())
        .any(|name| name.contains("micro") || name.contains("accum"));
    let none_yet = !census.optimizers.is_empty()
        && census.optimizers.iter().all(|o| o.with_states == 0)
        && census.sum(OwnerKind::Gradients) == 0;
    let name = row.name.as_deref()?;
    let of_loss = name.to_ascii_lowercase().contains("loss");
    let trains = work.training && work.grad && !s.in_phase(&[Phase::Eval]);
    (s.finding == FindingId::KeptGraph
        && trains
        && of_loss
        && none_yet
        && named
        && passes(&row) > 1)
        .then_some(name)
}
