//! A long input in blocks, each of which can be searched by itself, by whoever has time. The pass then takes them in order and
//! does what it would have done.

use std::ops::Range;

use super::{AHEAD, Found, Scanner, cut, search};
use crate::text::literals::{Hit, Literals};

/// How much of the input a block has of its own. What it needs of its neighbours' is copied, so it should be much more.
pub(super) const OWN: usize = 256 << 10;

/// A part of an input, with what must be known before and behind it.
pub(crate) struct Block {
    literals: &'static Literals,
    /// Where in the input its first byte stands.
    at: u64,
    bytes: Vec<u8>,
    /// Which of its bytes are its own.
    own: Range<usize>,
    hits: Vec<Hit>,
}

/// Cuts an input into blocks as its bytes come.
pub(crate) struct Cutter {
    literals: &'static Literals,
    /// How much a block has of its own.
    size: usize,
    at: u64,
    bytes: Vec<u8>,
    /// Where the next block's own bytes begin.
    from: usize,
}

impl Block {
    /// Finds the places that matter.
    pub(crate) fn search(&mut self) {
        self.hits.clear();
        search(&self.bytes, self.own.clone(), self.literals, &mut self.hits);
    }

    /// Its memory, for the next one.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl Cutter {
    /// Takes the next bytes; hands over each block that is complete. `spare` gives memory that is not used any more.
    pub(crate) fn push(
        &mut self,
        mut chunk: &[u8],
        spare: &mut dyn FnMut() -> Vec<u8>,
        take: &mut dyn FnMut(Block),
    ) {
        while !chunk.is_empty() {
            let whole = self.from + self.size + AHEAD;
            let missing = whole.saturating_sub(self.bytes.len());
            let (now, later) = chunk.split_at(missing.min(chunk.len()));
            self.bytes.extend_from_slice(now);
            chunk = later;
            if self.bytes.len() >= whole {
                let block = self.cut(self.from + self.size, spare());
                take(block);
            }
        }
    }

    /// What is left at the end of the input.
    pub(crate) fn finish(mut self) -> Block {
        let end = self.bytes.len();
        self.cut(end, Vec::new())
    }

    /// The block that ends here; the next one begins, in other memory.
    fn cut(&mut self, end: usize, mut memory: Vec<u8>) -> Block {
        let keep = end.saturating_sub(cut::BEFORE);
        memory.clear();
        memory.reserve(cut::BEFORE + self.size + AHEAD);
        memory.extend_from_slice(self.bytes.get(keep..).unwrap_or(&[]));
        let block = Block {
            literals: self.literals,
            at: self.at,
            bytes: std::mem::replace(&mut self.bytes, memory),
            own: self.from..end,
            hits: Vec::new(),
        };
        self.at += keep as u64;
        self.from = end - keep;
        block
    }
}

impl Scanner {
    /// What cuts the rest of the input into blocks, from where this pass has got. From then on it takes those.
    pub(crate) fn cutter(&self) -> Cutter {
        self.cutter_of(OWN)
    }

    pub(super) fn cutter_of(&self, size: usize) -> Cutter {
        let keep = self.scanned.saturating_sub(cut::BEFORE);
        let held = self.held.get(keep..self.filled).unwrap_or(&[]);
        Cutter {
            literals: self.literals(),
            size,
            at: self.dropped + keep as u64,
            bytes: held.to_vec(),
            from: self.scanned - keep,
        }
    }

    /// Takes the next block, searched.
    pub(crate) fn take(&mut self, block: &Block, sink: &mut dyn FnMut(Found<'_>)) {
        let known = self.dropped + self.filled as u64 - block.at;
        let known = usize::try_from(known).unwrap_or(usize::MAX);
        let new = block.bytes.get(known..).unwrap_or(&[]);
        self.room_for(new.len()).copy_from_slice(new);
        self.filled += new.len();
        // Where the block begins among what is held: that may be before what is held.
        let to = |index: usize| {
            usize::try_from((block.at + index as u64).saturating_sub(self.dropped)).unwrap_or(0)
        };
        let bytes = self.held.get(..self.filled).unwrap_or(&[]);
        for hit in &block.hits {
            let hit = Hit {
                start: to(hit.start),
                end: to(hit.end),
                tag: hit.tag,
            };
            self.windows.take(bytes, hit, sink);
        }
        let end = to(block.own.end);
        self.windows.advance(bytes, end, sink);
        self.scanned = end;
    }
}
