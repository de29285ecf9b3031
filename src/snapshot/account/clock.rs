//! The rounds of a program, from the order in which its lines ask for memory.
//!
//! The lines of a program's outermost functions run one after the other, and to come back to one of them is a loop. Loops over
//! the layers or the parameters of a model are no rounds, or one forward pass would look like a leak: they lie inside the call
//! of a module, an optimizer's step or a constructor, and what lies inside those is not looked at.

use hashbrown::HashMap;

use super::lines::Lines;
use crate::snapshot::{Action, NO_STACK, Snapshot, Trace};

/// A program that came back less often has no rounds to speak of.
const ROUNDS: usize = 2;

/// Where each round begins, as positions in the device's trace. Empty where the program shows no loop.
pub(super) fn rounds(lines: &Lines<'_>, device: usize, until: Option<usize>) -> Vec<usize> {
    let snapshot = lines.snapshot;
    let mut places = Places::of(lines);
    let mut runs: Vec<Vec<usize>> = Vec::new();
    let mut last = None;
    let (mut requests, mut returned) = (0usize, 0usize);
    for (position, row) in positions(snapshot, device, until) {
        match snapshot.events.actions(row..row + 1) {
            [Action::Alloc] => requests += 1,
            [Action::FreeCompleted] => returned += 1,
            _ => {}
        }
        let Some(place) = request(snapshot, row).and_then(|stack| places.place(stack)) else {
            continue;
        };
        if last == Some(place) {
            continue;
        }
        last = Some(place);
        if runs.len() <= place {
            runs.resize_with(place + 1, Vec::new);
        }
        if let Some(starts) = runs.get_mut(place) {
            starts.push(position);
        }
    }
    let one_place = runs.len() == 1;
    // Of places that are come back to equally often, the first one begins the round.
    let clock = runs.into_iter().rev().max_by_key(Vec::len);
    let clock = clock.unwrap_or_default();
    if clock.len() >= ROUNDS {
        return clock;
    }
    // One line that calls a model: its first request inside begins each call, where calls leave little behind.
    if one_place && returned * 2 >= requests {
        return calls(snapshot, device, until);
    }
    Vec::new()
}

/// The events of a device before a moment: their positions and rows.
fn positions(
    snapshot: &Snapshot,
    device: usize,
    until: Option<usize>,
) -> impl Iterator<Item = (usize, usize)> {
    let rows = snapshot.traces.get(device).into_iter();
    let rows = rows.flat_map(Trace::iter).enumerate();
    rows.take(until.unwrap_or(usize::MAX))
}

/// The stack of a request, where one was recorded: the threads of the backward pass have no stack of Python.
fn request(snapshot: &Snapshot, row: usize) -> Option<u32> {
    let asks = snapshot.events.actions(row..row + 1) == [Action::Alloc];
    let stack = snapshot.events.stack(row);
    (asks && stack != NO_STACK).then_some(stack)
}

/// Where the stack that asks first of all within the commonest call asks again after others.
fn calls(snapshot: &Snapshot, device: usize, until: Option<usize>) -> Vec<usize> {
    let mut count = vec![0usize; snapshot.stacks.len()];
    let index = |stack: u32| usize::try_from(stack).unwrap_or(usize::MAX);
    let (mut first, mut starts, mut last) = (None, Vec::new(), None);
    for (_, row) in positions(snapshot, device, until) {
        if let Some(count) = request(snapshot, row).and_then(|s| count.get_mut(index(s))) {
            *count += 1;
        }
    }
    let often = |stack: u32| count.get(index(stack)).is_some_and(|n| *n >= ROUNDS);
    for (position, row) in positions(snapshot, device, until) {
        let Some(stack) = request(snapshot, row).filter(|stack| often(*stack)) else {
            continue;
        };
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
        let frames = self.lines.snapshot.stacks.of(stack).iter().rev();
        let outside = frames.take_while(|frame| !self.lines.works_on_a_model(**frame));
        let path: Vec<u32> = outside.copied().collect();
        let next = self.known.len();
        let place = *self.known.entry(path).or_insert(next);
        if let Some(known) = self.of_stacks.get_mut(index) {
            *known = Some(place);
        }
        Some(place)
    }
}
