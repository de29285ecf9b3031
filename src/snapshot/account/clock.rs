//! The rounds of a program, from the order in which its lines ask for memory.
//!
//! The lines of a program's outermost functions run one after the other, and to come back to one of them is a loop. Loops over
//! the layers or the parameters of a model are no rounds, or one forward pass would look like a leak: they lie inside the call
//! of a module, an optimizer's step or a constructor, and what lies inside those is not looked at.

use std::ops::Range;

use hashbrown::HashMap;

use super::lines::Lines;
use crate::snapshot::{Action, Snapshot};

/// A program that came back less often has no rounds to speak of.
const ROUNDS: usize = 2;

/// Where each round begins, as positions in the device's trace. Empty where the program shows no loop.
pub(super) fn rounds(lines: &Lines<'_>, device: usize, until: Option<usize>) -> Vec<usize> {
    let snapshot = lines.snapshot;
    let mut places = Places::of(lines);
    let mut runs: Vec<Run> = Vec::new();
    let mut last = None;
    let mut requests = 0usize;
    for (position, stack) in asked(snapshot, device, until) {
        requests += 1;
        let stack = Some(stack).filter(|stack| lines.has_python(*stack));
        let Some(place) = stack.and_then(|stack| places.place(stack)) else {
            continue;
        };
        if runs.len() <= place {
            runs.resize_with(place + 1, Run::default);
        }
        if let Some(run) = runs.get_mut(place) {
            run.requests += 1;
            if last != Some(place) {
                run.starts.push(position);
            }
        }
        last = Some(place);
    }
    let busiest = (0..).zip(&runs).max_by_key(|(_, run)| run.requests);
    let busiest = busiest.map(|(place, _)| place);
    let one_place = runs.len() == 1;
    // Of places that are come back to equally often, the first one begins the round.
    let clock = runs.into_iter().rev().max_by_key(|run| run.starts.len());
    let clock = clock.unwrap_or_default().starts;
    if clock.len() >= ROUNDS {
        return clock;
    }
    // One line that calls a model: its first request inside begins each call, where calls leave little behind.
    let lets_go = returned(snapshot, device, until) * 2 >= requests;
    let place = busiest.filter(|_| lets_go);
    place.map_or_else(Vec::new, |place| {
        calls(&mut places, (device, until), place, one_place)
    })
}

/// How often the program came to a place.
#[derive(Default)]
struct Run {
    /// How many requests it made there.
    requests: usize,
    /// Where it came from another place, or began.
    starts: Vec<usize>,
}

/// The rows of a device's events before a moment.
fn rows(snapshot: &Snapshot, device: usize, until: Option<usize>) -> Vec<Range<usize>> {
    let trace = snapshot.traces.get(device);
    trace.map_or_else(Vec::new, |trace| trace.first(until.unwrap_or(usize::MAX)))
}

/// The requests of a device before a moment: their positions and stacks.
pub(super) fn asked(
    snapshot: &Snapshot,
    device: usize,
    until: Option<usize>,
) -> impl Iterator<Item = (usize, u32)> + '_ {
    let mut before = 0;
    rows(snapshot, device, until)
        .into_iter()
        .flat_map(move |rows| {
            let first = before;
            before += rows.len();
            let requests = snapshot.events.requests(rows);
            requests.map(move |(place, stack)| (first + place, stack))
        })
}

/// How many blocks came back before a moment.
fn returned(snapshot: &Snapshot, device: usize, until: Option<usize>) -> usize {
    let rows = rows(snapshot, device, until).into_iter();
    let actions = rows.map(|rows| snapshot.events.actions(rows).iter());
    let back = |actions: std::slice::Iter<'_, Action>| {
        actions.filter(|a| **a == Action::FreeCompleted).count()
    };
    actions.map(back).sum()
}

/// Where the stack that asks first of all at a place asks again after others. Layers may ask alike: where the program did more than to
/// call the model, as to build it, the very first stack must come again, or one call of many layers would be many rounds.
fn calls(
    places: &mut Places<'_, '_>,
    (device, until): (usize, Option<usize>),
    place: usize,
    only: bool,
) -> Vec<usize> {
    let (lines, snapshot) = (places.lines, places.lines.snapshot);
    let mut count = vec![0usize; snapshot.stacks.len()];
    let index = |stack: u32| usize::try_from(stack).unwrap_or(usize::MAX);
    // The threads of the backward pass have no stack of Python.
    let requests = asked(snapshot, device, until).filter(|(_, s)| lines.has_python(*s));
    let there: Vec<(usize, u32)> = requests
        .filter(|(_, stack)| places.place(*stack) == Some(place))
        .collect();
    for (_, stack) in &there {
        if let Some(count) = count.get_mut(index(*stack)) {
            *count += 1;
        }
    }
    let often = |stack: u32| count.get(index(stack)).is_some_and(|n| *n >= ROUNDS);
    let very_first = there.first().is_some_and(|(_, stack)| often(*stack));
    if !only && !very_first {
        return Vec::new();
    }
    let (mut first, mut starts, mut last) = (None, Vec::new(), None);
    for (position, stack) in there.into_iter().filter(|(_, stack)| often(*stack)) {
        let first = *first.get_or_insert(stack);
        if stack == first && last != Some(stack) {
            starts.push(position);
        }
        last = Some(stack);
    }
    if starts.len() >= ROUNDS {
        starts
    } else {
        Vec::new()
    }
}

/// Where in the program each stack stands: its frames from the outermost one to the first that works on a model.
struct Places<'a, 'b> {
    lines: &'b Lines<'a>,
    of_stacks: Vec<Option<usize>>,
    known: HashMap<Vec<u32>, usize>,
}

impl<'a, 'b> Places<'a, 'b> {
    fn of(lines: &'b Lines<'a>) -> Self {
        Self {
            lines,
            of_stacks: vec![None; lines.snapshot.stacks.len()],
            known: HashMap::new(),
        }
    }

    fn place(&mut self, stack: u32) -> Option<usize> {
        let index = usize::try_from(stack).ok()?;
        if let Some(Some(place)) = self.of_stacks.get(index) {
            return Some(*place);
        }
        let frames = self.lines.python(stack).rev();
        let outside = frames.take_while(|frame| !self.lines.works_on_a_model(*frame));
        let path: Vec<u32> = outside.collect();
        let next = self.known.len();
        let place = *self.known.entry(path).or_insert(next);
        if let Some(known) = self.of_stacks.get_mut(index) {
            *known = Some(place);
        }
        Some(place)
    }
}
