//! Two memory snapshots of one program: what holds more memory in the second, what holds less, what is new and what is gone,
//! by call stack.

use std::collections::BTreeMap;

use crate::evidence::{HeldStack, Holdings};
use crate::sorting;

/// One stack in both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The frames, outermost first, with `;` between them.
    pub frames: String,
    /// Which of them are the user's own code, by their places.
    pub own: Vec<usize>,
    /// What it held in the first.
    pub before: u64,
    /// What it holds in the second.
    pub after: u64,
    /// How many blocks in each.
    pub blocks: (u64, u64),
}

impl Changed {
    /// By how much it changed.
    pub fn by(&self) -> u64 {
        self.after.abs_diff(self.before)
    }
}

/// What changed on one GPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The GPU.
    pub device: u32,
    /// In use in the first and in the second.
    pub allocated: (u64, u64),
    /// Held by the allocator in the first and in the second.
    pub reserved: (u64, u64),
    /// What changed, by how much, most first.
    pub changed: Vec<Changed>,
}

/// The differences of all GPUs that either knows.
pub(crate) fn snapshots(before: &[&Holdings], after: &[&Holdings]) -> Vec<Difference> {
    let mut devices: Vec<u32> = before.iter().chain(after).map(|held| held.device).collect();
    devices.sort_unstable();
    devices.dedup();
    let of =
        |all: &[&Holdings], device: u32| all.iter().find(|h| h.device == device).copied().cloned();
    let difference = |device| {
        let (one, other) = (of(before, device), of(after, device));
        let sum = |held: &Option<Holdings>, of: fn(&Holdings) -> u64| held.as_ref().map_or(0, of);
        Difference {
            device,
            allocated: (sum(&one, |h| h.allocated), sum(&other, |h| h.allocated)),
            reserved: (sum(&one, |h| h.reserved), sum(&other, |h| h.reserved)),
            changed: changed(
                one.map_or_else(Vec::new, |h| h.stacks),
                other.map_or_else(Vec::new, |h| h.stacks),
            ),
        }
    };
    devices.into_iter().map(difference).collect()
}

fn changed(before: Vec<HeldStack>, after: Vec<HeldStack>) -> Vec<Changed> {
    let mut stacks: BTreeMap<String, Changed> = BTreeMap::new();
    let mut add = |stack: HeldStack, second: bool| {
        let entry = stacks.entry(stack.frames.clone()).or_insert(Changed {
            frames: stack.frames,
            own: stack.own,
            before: 0,
            after: 0,
            blocks: (0, 0),
        });
        if second {
            entry.after = entry.after.saturating_add(stack.bytes);
            entry.blocks.1 += stack.blocks;
        } else {
            entry.before = entry.before.saturating_add(stack.bytes);
            entry.blocks.0 += stack.blocks;
        }
    };
    for stack in before {
        add(stack, false);
    }
    for stack in after {
        add(stack, true);
    }
    let mut changed: Vec<Changed> = stacks.into_values().filter(|c| c.by() > 0).collect();
    sorting::by_key(&mut changed, |change| std::cmp::Reverse(change.by()));
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(frames: &str, bytes: u64) -> HeldStack {
        HeldStack {
            frames: frames.to_owned(),
            own: Vec::new(),
            bytes,
            blocks: 1,
        }
    }

    #[test]
    fn what_grew_shrank_came_and_went_is_told_by_how_much() {
        let before = vec![
            stack("a", 10),
            stack("b", 50),
            stack("c", 7),
            stack("same", 9),
        ];
        let after = vec![
            stack("a", 90),
            stack("b", 20),
            stack("d", 3),
            stack("same", 9),
        ];
        let found = changed(before, after);
        let rows = found.iter().map(|c| (c.frames.as_str(), c.before, c.after));
        let rows: Vec<_> = rows.collect();
        assert_eq!(
            rows,
            [("a", 10, 90), ("b", 50, 20), ("c", 7, 0), ("d", 0, 3)]
        );
    }
}
