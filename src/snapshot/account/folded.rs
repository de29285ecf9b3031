//! The stacks that hold memory, as one line each: outermost frame first, as flame graphs read them.

use std::fmt::Write as _;

use hashbrown::HashMap;

use super::lines::Lines;
use crate::evidence::HeldStack;
use crate::snapshot::{NO_STACK, State};
use crate::sorting;

/// So many stacks are kept, the largest.
const STACKS: usize = 4000;

/// A stack is written up to so many bytes, and all of them together up to so many more: names of a made file may be long.
const LONGEST: usize = 1 << 16;
const MOST: usize = 1 << 26;

/// The stacks of the memory in use, largest first.
pub(super) fn stacks(lines: &Lines<'_>, state: &State) -> Vec<HeldStack> {
    let mut sums: HashMap<u32, (u64, u64)> = HashMap::new();
    let mut same = Same::default();
    for live in state.live.values() {
        let (bytes, blocks) = sums.entry(same.of(lines, live.stack)).or_default();
        *bytes = bytes.saturating_add(live.size);
        *blocks += 1;
    }
    let mut sums: Vec<(u32, (u64, u64))> = sums.into_iter().collect();
    sorting::by_key(&mut sums, |(stack, (bytes, _))| {
        (std::cmp::Reverse(*bytes), *stack)
    });
    sums.truncate(STACKS);
    let mut held = Vec::new();
    let mut written = 0;
    for (stack, (bytes, blocks)) in sums {
        let frames = frames(lines, stack);
        let own = (0..)
            .zip(shown(lines, stack).into_iter().rev())
            .filter(|(_, frame)| lines.is_own(*frame));
        written += frames.len();
        if written > MOST {
            break;
        }
        held.push(HeldStack {
            own: own.map(|(place, _)| place).collect(),
            frames,
            bytes,
            blocks,
        });
    }
    held
}

/// The frames of a stack that are shown, innermost first: those of C++ only where there is no other.
fn shown(lines: &Lines<'_>, stack: u32) -> Vec<u32> {
    if lines.has_python(stack) {
        lines.python(stack).collect()
    } else {
        lines.snapshot.stacks.of(stack).to_vec()
    }
}

/// Stacks that differ in what is not shown are one.
#[derive(Default)]
struct Same {
    first: HashMap<Vec<u32>, u32>,
    known: HashMap<u32, u32>,
}

impl Same {
    fn of(&mut self, lines: &Lines<'_>, stack: u32) -> u32 {
        let first = &mut self.first;
        let found = || *first.entry(shown(lines, stack)).or_insert(stack);
        *self.known.entry(stack).or_insert_with(found)
    }
}

fn frames(lines: &Lines<'_>, stack: u32) -> String {
    if stack == NO_STACK {
        return "no stack recorded".to_owned();
    }
    let snapshot = lines.snapshot;
    let numbers = shown(lines, stack).into_iter().rev();
    let mut folded = String::new();
    for frame in numbers.filter_map(|number| snapshot.stacks.get(number)) {
        let before = folded.len();
        if before > 0 {
            folded.push(';');
        }
        word(&mut folded, snapshot.names.get(frame.name));
        if frame.line > 0 {
            folded.push_str(" (");
            word(&mut folded, snapshot.names.get(frame.file));
            let _ = write!(folded, ":{})", frame.line);
        }
        if folded.len() >= LONGEST {
            folded.truncate(before);
            break;
        }
    }
    folded
}

/// Writes a name. Some signs have a meaning in the format.
fn word(folded: &mut String, name: &str) {
    if name
        .bytes()
        .any(|byte| matches!(byte, b';' | b'\n' | b'\r'))
    {
        folded.push_str(&name.replace([';', '\n', '\r'], ":"));
    } else {
        folded.push_str(name);
    }
}
