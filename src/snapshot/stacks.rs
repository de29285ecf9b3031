//! Call stacks of a snapshot: every frame once, and every stack once.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// One line of a program, by the numbers of its texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Frame {
    /// The function.
    pub name: u32,
    /// The file.
    pub file: u32,
    /// The line in it; 0 for code that has none.
    pub line: u32,
}

/// The stack of what was recorded without one.
pub(crate) const NO_STACK: u32 = 0;

/// All distinct stacks, by number. Their frames stand innermost first, as `PyTorch` writes them.
#[derive(Clone, Debug)]
pub(crate) struct Stacks {
    frames: Vec<Frame>,
    known: HashTable<u32>,
    flat: Vec<u32>,
    ends: Vec<usize>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Default for Stacks {
    fn default() -> Self {
        let mut stacks = Self {
            frames: Vec::new(),
            known: HashTable::new(),
            flat: Vec::new(),
            ends: Vec::new(),
            table: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
        };
        stacks.intern(&[]);
        stacks
    }
}

impl Stacks {
    /// The number of a frame.
    pub(super) fn frame(&mut self, frame: Frame) -> Option<u32> {
        let hash = self.hasher.hash_one(frame);
        let same = |id: &u32| get(&self.frames, *id) == Some(frame);
        if let Some(found) = self.known.find(hash, same) {
            return Some(*found);
        }
        let id = u32::try_from(self.frames.len()).ok()?;
        self.frames.push(frame);
        let (frames, hasher) = (&self.frames, &self.hasher);
        self.known.insert_unique(hash, id, |id| {
            get(frames, *id).map_or(0, |frame| hasher.hash_one(frame))
        });
        Some(id)
    }

    /// The number of a stack of these frames.
    pub(super) fn intern(&mut self, frames: &[u32]) -> Option<u32> {
        let hash = self.hasher.hash_one(frames);
        let same = |id: &u32| piece(&self.flat, &self.ends, *id) == frames;
        if let Some(found) = self.table.find(hash, same) {
            return Some(*found);
        }
        let id = u32::try_from(self.ends.len()).ok()?;
        self.flat.extend_from_slice(frames);
        self.ends.push(self.flat.len());
        let (flat, ends, hasher) = (&self.flat, &self.ends, &self.hasher);
        self.table
            .insert_unique(hash, id, |id| hasher.hash_one(piece(flat, ends, *id)));
        Some(id)
    }

    /// The frame with this number.
    pub(crate) fn get(&self, frame: u32) -> Option<Frame> {
        get(&self.frames, frame)
    }

    /// The numbers of a stack's frames, innermost first.
    pub(crate) fn of(&self, stack: u32) -> &[u32] {
        piece(&self.flat, &self.ends, stack)
    }

    /// How many stacks there are, the empty one included.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// True where nothing was recorded with a stack.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() <= 1
    }

    /// How many frames there are.
    pub(crate) fn frames(&self) -> usize {
        self.frames.len()
    }
}

fn get(frames: &[Frame], id: u32) -> Option<Frame> {
    frames.get(usize::try_from(id).ok()?).copied()
}

fn piece<'a>(flat: &'a [u32], ends: &[usize], id: u32) -> &'a [u32] {
    let Ok(id) = usize::try_from(id) else {
        return &[];
    };
    let start = id.checked_sub(1).and_then(|before| ends.get(before));
    let end = ends.get(id).copied().unwrap_or(0);
    flat.get(start.copied().unwrap_or(0)..end)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_and_a_stack_have_one_number_and_keep_it() {
        let mut stacks = Stacks::default();
        let frame = |n: u32| Frame {
            name: n % 7,
            file: n % 90,
            line: n,
        };
        let first: Vec<u32> = (0..3000).filter_map(|n| stacks.frame(frame(n))).collect();
        let again: Vec<u32> = (0..3000).filter_map(|n| stacks.frame(frame(n))).collect();
        assert_eq!(first, again);
        let stack = |n: usize| first.get(n..n + 9).map(<[u32]>::to_vec).unwrap_or_default();
        let made: Vec<u32> = (0..900).filter_map(|n| stacks.intern(&stack(n))).collect();
        let again: Vec<u32> = (0..900).filter_map(|n| stacks.intern(&stack(n))).collect();
        assert_eq!(made, again);
        assert_eq!(stacks.len(), 901);
        assert_eq!(stacks.of(made[7]), stack(7));
        assert_eq!(stacks.of(NO_STACK), [0u32; 0]);
    }
}
