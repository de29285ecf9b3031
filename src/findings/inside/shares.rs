//! What the memory was used for, where nothing is kept that should not be.

use super::kept::at_least;
use super::{Shown, graphs, kept, words};
use crate::bytes::Bytes;
use crate::evidence::{Census, FindingId, OwnerHeld, OwnerKind, Phase};
use crate::findings::exhaustion::{
    activations, all_against_all, attention_scores, graph_kept_in_eval, kv_cache, large_request,
    logits, more_than_the_device, optimizer_states, optimizer_temporaries, weights,
};
use crate::findings::{Case, Cause, Confidence, Finding, Judged, Verdict};

/// The kind of work, and the sums of it.
pub(super) fn shown(case: &Case<'_>, census: &Census, judged: &[Judged]) -> Option<Shown> {
    // In the first steps a graph that is kept on purpose holds little; the line that keeps it says more than the sums.
    let retained = judged
        .first()
        .is_some_and(|j| j.finding.id == FindingId::KeptGraph);
    let by_history = at_least(of_optimizers(census), 50, census);
    let pieces = in_pieces(case, census) && !by_history;
    // Room in pieces is room for one request more, and the graph of a whole evaluation asks for many. Some train in that mode, too.
    let evaluates = case.incident.phase == Some(Phase::Eval);
    if pieces
        && !retained
        && evaluates
        && let Some(finding) = graph_in_eval(census)
    {
        return Some((
            finding,
            Verdict::new(Confidence::Likely, words::ledger(census)),
        ));
    }
    if pieces || retained {
        return None;
    }
    let finding = optimizer(case, census)
        .or_else(|| model(census))
        .or_else(|| graph_in_eval(census))
        // What has no name yet while something loads is what is being loaded.
        .or_else(|| work(census, judged).filter(|_| case.incident.phase != Some(Phase::Load)))?;
    let counted = !words::plain_tensors(census)
        && kept::by_names(census) <= census.allocated / 10
        && !graphs::more_than_a_pass(census);
    let confidence = if counted {
        Confidence::Proven
    } else {
        Confidence::Likely
    };
    let because = words::ledger(census);
    Some((finding, Verdict::new(confidence, because)))
}

/// True where all that is free and idle would serve the request, were it in one piece: another question, which the figures answer.
fn in_pieces(case: &Case<'_>, census: &Census) -> bool {
    let Some(requested) = census.requested else {
        return true;
    };
    let idle = census.reserved.saturating_sub(census.allocated);
    let headroom = case.balance.headroom.map_or(0, Bytes::mid);
    idle.saturating_add(headroom) >= requested
}

/// In the step of an optimizer: its states are being made, or they are there and the step needs room of its own.
fn optimizer(case: &Case<'_>, census: &Census) -> Option<&'static Finding> {
    let stepping = case.incident.phase == Some(Phase::Optimizer);
    let making = census
        .optimizers
        .iter()
        .any(|o| o.with_states > 0 && o.with_states < o.parameters);
    if at_least(of_optimizers(census), 50, census) {
        return Some(&optimizer_states::FINDING);
    }
    if making && (stepping || census.sum(OwnerKind::OptimizerStates) > 0) && !census.work.backward {
        return Some(&optimizer_states::FINDING);
    }
    stepping.then_some(&optimizer_temporaries::FINDING)
}

/// The states of optimizers, and what their own step holds beside them: L-BFGS works on its history there.
fn of_optimizers(census: &Census) -> u64 {
    let own = |row: &&OwnerHeld| {
        let class = row.function.as_deref().and_then(|f| f.split_once('.'));
        let class = class.map(|(class, _)| class);
        census
            .optimizers
            .iter()
            .any(|o| Some(o.class.as_str()) == class)
    };
    let held: u64 = census
        .of(OwnerKind::Library)
        .filter(own)
        .map(|row| row.bytes)
        .sum();
    if held == 0 {
        return 0;
    }
    census.sum(OwnerKind::OptimizerStates).saturating_add(held)
}

/// The weights alone.
fn model(census: &Census) -> Option<&'static Finding> {
    let weights = census.sum(OwnerKind::Parameters) + census.sum(OwnerKind::Buffers);
    let trains = census.sum(OwnerKind::Gradients) + census.sum(OwnerKind::OptimizerStates);
    (at_least(weights, 70, census) && trains < weights / 4).then_some(&weights::FINDING)
}

/// A model in evaluation mode whose results carry a graph nevertheless.
fn graph_in_eval(census: &Census) -> Option<&'static Finding> {
    let work = &census.work;
    let keeps = work.grad && !work.inference && !work.training && !work.backward;
    let graph = census.owners.iter().any(|owner| owner.graph_tensors > 0);
    (keeps && graph && at_least(census.activations(), 40, census))
        .then_some(&graph_kept_in_eval::FINDING)
}

/// Activations; which, the stack tells.
fn work(census: &Census, judged: &[Judged]) -> Option<&'static Finding> {
    let work = &census.work;
    let kinds: [&'static Finding; 6] = [
        &all_against_all::FINDING,
        &large_request::FINDING,
        &logits::FINDING,
        &attention_scores::FINDING,
        &kv_cache::FINDING,
        &activations::FINDING,
    ];
    let told = judged
        .iter()
        .filter(|j| j.finding.cause == Cause::Exhaustion)
        .find_map(|j| kinds.iter().find(|kind| kind.id == j.finding.id));
    // Where no graph is made, no activation is kept for anything.
    let no_graph = (work.inference || !work.grad)
        && !work.backward
        && census.owners.iter().all(|owner| owner.graph_tensors == 0);
    let otherwise = if words::plain_tensors(census) || no_graph {
        &more_than_the_device::FINDING
    } else {
        &activations::FINDING
    };
    at_least(census.activations(), 40, census).then(|| told.copied().unwrap_or(otherwise))
}
