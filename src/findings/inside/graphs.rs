//! Results that were kept with the graphs that made them.

use super::kept::{FEW, at_least, grows, many};
use super::{Shown, words};
use crate::bytes::human;
use crate::evidence::{Census, Clue, ClueKind, OwnerHeld, OwnerKind};
use crate::findings::exhaustion::activations;
use crate::findings::leak::kept_graph;
use crate::findings::{Case, Confidence, Verdict};

/// The graphs of so many passes are no step of any usual training: two views of a batch, or a few turns of a game, are fewer.
pub(super) const MANY_PASSES: u64 = 6;

/// Results that keep the graphs of many passes.
pub(super) fn kept(case: &Case<'_>, census: &Census) -> Option<Shown> {
    let saved = census.activations();
    // A list that takes one result with its graph at every step keeps so many, however its graphs are joined.
    let listed = |row: &OwnerHeld| {
        let each = row.graph_tensors >= many(row) && many(row) >= MANY_PASSES;
        if each && grows(row, census) {
            many(row)
        } else {
            0
        }
    };
    let passes = |row: &OwnerHeld| row.graph.map_or(0, |graph| graph.passes).max(listed(row));
    let row = results(census).max_by_key(|row| (passes(row), row.graph_tensors))?;
    let passes = passes(row);
    if one_pass_only(passes, census) {
        return None;
    }
    let shown = passes >= MANY_PASSES || one_a_step(passes, census) || one_an_item(row, passes);
    if !at_least(saved, 40, census) || !shown {
        return None;
    }
    let because = format!(
        "{} keeps the graphs of {passes} forward passes. What they saved for a backward pass takes {}: about {} each.",
        words::named(row),
        words::share(saved, census),
        human(saved / passes),
    );
    if let Some(clue) = learned_from(case, census, passes) {
        let because = format!(
            "{because} {} fills it for one backward pass, which learns from all of it: `{}`.",
            clue.place(),
            clue.code
        );
        let settle = "half as many of them before each backward pass: does it fit?";
        let verdict = Verdict::settled_by(Confidence::Likely, because, settle);
        return Some((&activations::FINDING, verdict));
    }
    // Its optimizer has yet to make a step: this is the first, and one backward pass may learn from all of it, as through time.
    let first_step = census.states_to_come() > 0 && census.sum(OwnerKind::OptimizerStates) == 0;
    if first_step && !grows(row, census) && !one_a_step(passes, census) {
        let because = format!(
            "{because} No step of the optimizer is done: this may be what one backward pass learns from."
        );
        let settle =
            "call backward for fewer of them at a time, or detach what is carried on: does it fit?";
        let verdict = Verdict::settled_by(Confidence::Likely, because, settle);
        return Some((&activations::FINDING, verdict));
    }
    // Where a program learns, the graphs may be of one step that is meant to be long: an episode, a rollout.
    let learns = !census.optimizers.is_empty();
    // Of two counters one begins anew with each turn of the other, and so may what it counts.
    let counters = census.work.steps.len();
    let counted = counters < 2 && (grows(row, census) || one_a_step(passes, census));
    let verdict = if passes < MANY_PASSES || learns && !counted {
        let settle = "print torch.cuda.memory_allocated() at every step: does it grow?";
        Verdict::settled_by(Confidence::Likely, because, settle)
    } else {
        Verdict::new(Confidence::Proven, because)
    };
    Some((&kept_graph::FINDING, verdict))
}

/// The line that fills a container for one backward pass, as in an episode, where it holds these graphs.
fn learned_from<'a>(case: &'a Case<'_>, census: &Census, passes: u64) -> Option<&'a Clue> {
    let same = |row: &&OwnerHeld| row.graph.is_some_and(|graph| graph.passes + 2 >= passes);
    let names: Vec<&str> = results(census)
        .filter(same)
        .filter_map(|row| row.name.as_deref()?.rsplit('.').next())
        .collect();
    let mut clues = case.incident.clues.iter();
    clues.find(|clue| clue.kind == ClueKind::LearnedFrom && names.contains(&clue.name.as_str()))
}

/// True where what Python sees of the saved tensors is too little for so many passes: a backward pass has freed those of the earlier
/// ones, and only their numbers are kept, as of a loss that is listed.
fn one_pass_only(passes: u64, census: &Census) -> bool {
    let seen = census.sum(OwnerKind::Unnamed);
    let shapes = census.of(OwnerKind::Unnamed).flat_map(|row| &row.shapes);
    let most = shapes.map(|shape| shape.tensors).max().unwrap_or(0);
    seen >= census.activations() / 10 * 3 && most < passes
}

/// True where a graph has a pass for each of the steps that were done, and of the one that failed.
fn one_a_step(passes: u64, census: &Census) -> bool {
    let mut steps = census.work.steps.iter();
    passes >= FEW
        && steps.any(|(_, step)| {
            u64::try_from(*step).is_ok_and(|s| (s..=s.saturating_add(1)).contains(&passes))
        })
}

/// True where a name that outlives a step carries the graph of more than one pass: some of what was saved may be of earlier steps.
pub(super) fn more_than_a_pass(census: &Census) -> bool {
    results(census).any(|row| row.graph.is_some_and(|graph| graph.passes > 1))
}

/// True where each item of a container carries the graph of a pass of its own.
fn one_an_item(row: &OwnerHeld, passes: u64) -> bool {
    let items = row.items.filter(|_| row.kind == OwnerKind::Container);
    passes >= FEW && items == Some(passes) && row.graph_tensors == passes
}

/// What the program's own names hold beyond a step.
fn results(census: &Census) -> impl Iterator<Item = &OwnerHeld> {
    let rows = census.owners.iter();
    rows.filter(|row| row.user && outlives_a_step(row))
}

/// True for names that live longer than a step; what a model's own method is working on is no result yet.
fn outlives_a_step(row: &OwnerHeld) -> bool {
    let kept = [
        OwnerKind::Container,
        OwnerKind::Attribute,
        OwnerKind::Closure,
        OwnerKind::Global,
        OwnerKind::Local,
    ];
    let working = row
        .function
        .as_deref()
        .is_some_and(|f| f.rsplit('.').next() == Some("forward"));
    kept.contains(&row.kind) && !working
}
