//! What stays from round to round, on the tree of the calls that lead to it: worked out once for every format.

use std::cmp::Reverse;

use crate::bytes::human;
use crate::evidence::{Accumulates, Holdings, Owner};
use crate::sorting;

/// So many of the innermost calls are followed; a function that calls itself has more.
const DEEPEST: usize = 24;

/// A call of the program's own code below which memory piles up.
pub(super) struct Pile<'a> {
    /// The function.
    pub(super) function: &'a str,
    /// Its file and line, where the record has them.
    pub(super) at: Option<(&'a str, u32)>,
    /// What is in use of it and of all that it calls.
    pub(super) bytes: u64,
    /// What of it stays, where this is the line that asks.
    pub(super) stays: Option<Accumulates>,
    /// The calls below, the largest first.
    pub(super) calls: Vec<Pile<'a>>,
}

/// The outermost calls, the largest first; none where nothing piles up.
pub(super) fn piles(held: &Holdings) -> Vec<Pile<'_>> {
    let points: Vec<(&Owner, Accumulates)> = held
        .owners
        .iter()
        .filter_map(|owner| owner.accumulates.map(|stays| (owner, stays)))
        .collect();
    let mut roots = Vec::new();
    for stack in &held.stacks {
        let frames: Vec<&str> = stack.frames.split(';').collect();
        let own = stack.own.iter().filter_map(|place| frames.get(*place));
        let path: Vec<Pile<'_>> = own.map(|frame| read(frame)).collect();
        let path = path
            .get(path.len().saturating_sub(DEEPEST)..)
            .unwrap_or_default();
        let Some(last) = path.last() else { continue };
        let stays = points.iter().filter(|(owner, _)| last.is_at(owner));
        let stays = stays
            .map(|(_, stays)| *stays)
            .max_by_key(|stays| stays.bytes);
        if let Some(stays) = stays {
            add(&mut roots, path, stack.bytes, stays);
        }
    }
    sort(&mut roots);
    roots
}

/// A frame as a stack has it: "step (train.py:9)", or only the function.
fn read(frame: &str) -> Pile<'_> {
    let place = frame
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once(" ("));
    let read = place.and_then(|(function, at)| {
        let (file, line) = at.rsplit_once(':')?;
        Some((function, Some((file, line.parse().ok()?))))
    });
    let (function, at) = read.unwrap_or((frame, None));
    Pile {
        function,
        at,
        bytes: 0,
        stays: None,
        calls: Vec::new(),
    }
}

fn add<'a>(into: &mut Vec<Pile<'a>>, path: &[Pile<'a>], bytes: u64, stays: Accumulates) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    let same = |pile: &Pile<'_>| pile.function == first.function && pile.at == first.at;
    let at = into.iter().position(same).unwrap_or_else(|| {
        into.push(Pile {
            function: first.function,
            at: first.at,
            bytes: 0,
            stays: None,
            calls: Vec::new(),
        });
        into.len() - 1
    });
    let Some(pile) = into.get_mut(at) else { return };
    pile.bytes = pile.bytes.saturating_add(bytes);
    if rest.is_empty() {
        pile.stays = Some(stays);
    }
    add(&mut pile.calls, rest, bytes, stays);
}

fn sort(piles: &mut Vec<Pile<'_>>) {
    sorting::by_key(piles, |pile| Reverse(pile.bytes));
    for pile in piles {
        sort(&mut pile.calls);
    }
}

impl Pile<'_> {
    /// True for the line of this owner. Stacks have other signs in place of those that mean something there.
    fn is_at(&self, owner: &Owner) -> bool {
        let frame = owner.frame.as_ref();
        frame.is_some_and(|frame| match self.at {
            Some((file, line)) => {
                frame.line == line && frame.file.replace([';', '\n', '\r'], ":") == file
            }
            None => frame.line == 0 && frame.function == self.function,
        })
    }

    /// "step, train.py:9", without the folders of the file.
    fn name(&self) -> String {
        let file = |file: &str| file.rsplit(['/', '\\']).next().unwrap_or(file).to_owned();
        match self.at {
            Some((path, line)) => format!("{}, {}:{line}", self.function, file(path)),
            None => self.function.to_owned(),
        }
    }

    /// "136 GiB, +256 MiB a round in 139 rounds".
    fn holds(&self) -> String {
        let bytes = human(self.bytes);
        match self.stays {
            Some(stays) => format!(
                "{bytes}, +{} a round in {} rounds",
                human(stays.per_round),
                stays.rounds
            ),
            None => bytes,
        }
    }

    /// What to say of it in one line, and the calls below. Calls one behind the other that add nothing are one line.
    pub(super) fn told(&self) -> (String, &[Self]) {
        let mut names = vec![self.name()];
        let mut last = self;
        while let ([only], None) = (last.calls.as_slice(), last.stays) {
            names.push(only.name());
            last = only;
        }
        let words = format!("{}: {}", names.join(" > "), last.holds());
        (words, &last.calls)
    }
}

/// The words above the tree.
pub(super) const HEADING: &str = "What piles up, by the calls that lead to it:";

/// The tree as lines, each with its depth.
pub(super) fn lines(piles: &[Pile<'_>]) -> Vec<(usize, String)> {
    fn walk(piles: &[Pile<'_>], depth: usize, lines: &mut Vec<(usize, String)>) {
        for pile in piles {
            let (words, calls) = pile.told();
            lines.push((depth, words));
            walk(calls, depth + 1, lines);
        }
    }
    let mut found = Vec::new();
    walk(piles, 0, &mut found);
    found
}
