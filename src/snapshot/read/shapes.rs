//! Tells by its keys what a dictionary of a snapshot is, and by its first item what a list is, and puts both into columns.

use super::super::events::{Event, Lane};
use super::super::memory::{Block, Segment, State};
use super::super::stacks::{Frame, NO_STACK};
use super::assembly::Assembly;
use super::value::{Slot, Value};
use super::words;

/// So many items writers put into a list at once (Python, Lib/pickle.py, `_BATCHSIZE`).
pub(super) const BATCH: usize = 1000;
/// Of a stack of more frames than this the rest is left out.
const DEEPEST: usize = 8 * BATCH;

/// The parts of a snapshot, as far as they were read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Top {
    /// Its segments.
    pub(super) segments: Option<Value>,
    /// Its events, a list for each device.
    pub(super) traces: Option<Value>,
    /// True where it lists pinned memory of the host too.
    pub(super) host: bool,
}

/// What its keys say of a dictionary.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Event,
    Frame,
    Segment,
    Block,
    History,
    Top,
    Settings,
    Divisions,
}

/// The first key that decides does.
fn shape(items: &[Value]) -> Option<Shape> {
    items.chunks_exact(2).find_map(|pair| {
        let Some(Value::Text(key)) = pair.first() else {
            return None;
        };
        Some(match *key {
            words::ACTION => Shape::Event,
            words::FILENAME => Shape::Frame,
            words::TOTAL_SIZE | words::BLOCKS => Shape::Segment,
            words::STATE => Shape::Block,
            words::REAL_SIZE => Shape::History,
            words::SEGMENTS | words::DEVICE_TRACES => Shape::Top,
            words::CONF | words::MAX_SPLIT_SIZE | words::GC_THRESHOLD => Shape::Settings,
            words::FIRST_DIVISION => Shape::Divisions,
            _ => return None,
        })
    })
}

impl Assembly {
    /// Fills a dictionary with keys and values.
    pub(super) fn fill_dictionary(&mut self, dictionary: Value, items: &[Value]) {
        if items.is_empty() {
            return;
        }
        let slot = match self.slot(dictionary) {
            Slot::Empty => match shape(items) {
                Some(Shape::Event) => self.event(items),
                Some(Shape::Frame) => self.frame(items),
                Some(Shape::Segment) => self.segment(items),
                Some(Shape::Block) => self.block(items),
                Some(Shape::History) => Slot::History(self.stack_of(value(items, words::FRAMES))),
                Some(Shape::Top) => self.begin_top(items),
                Some(Shape::Settings) => self.settings(items),
                Some(Shape::Divisions) => self.divisions(items),
                None => Slot::Other,
            },
            Slot::Top(index) => return self.fill_top(index, items),
            _ => return,
        };
        self.set(dictionary, slot);
    }

    fn event(&mut self, items: &[Value]) -> Slot {
        let mut event = Event::NOTHING;
        let mut lane = Lane::default();
        for [key, value] in items.as_chunks::<2>().0 {
            let Value::Text(key) = key else { continue };
            match *key {
                words::ACTION => {
                    if let Value::Text(name) = value {
                        event.action = words::action(*name);
                    }
                }
                words::ADDR | words::DEVICE_FREE => event.address = value.unsigned(),
                words::SIZE => event.size = value.unsigned(),
                words::TIME => event.time = value.unsigned(),
                words::STREAM => lane.stream = value.unsigned().cast_signed(),
                words::POOL_ID => lane.pool = self.pair_of(*value),
                words::FRAMES => event.stack = self.stack_of(*value),
                _ => {}
            }
        }
        if self.closing {
            self.lost += 1;
            return Slot::Other;
        }
        self.keep_event(event, lane)
            .map_or(Slot::Other, Slot::Event)
    }

    /// Puts an event of this stream and pool with the others, and tells its row.
    #[inline]
    pub(super) fn keep_event(&mut self, mut event: Event, lane: Lane) -> Option<u32> {
        event.lane = self.events.lane(lane);
        self.events.push(&event)
    }

    fn frame(&mut self, items: &[Value]) -> Slot {
        let text = |key| match value(items, key) {
            Value::Text(id) => Some(id),
            _ => None,
        };
        let line = u32::try_from(value(items, words::LINE).unsigned()).unwrap_or(0);
        let frame = text(words::FILENAME).map(|file| Frame {
            name: text(words::NAME).unwrap_or(file),
            file,
            line,
        });
        let known = frame.and_then(|frame| self.stacks.frame(frame));
        known.map_or(Slot::Other, Slot::Frame)
    }

    fn block(&mut self, items: &[Value]) -> Slot {
        let state = match value(items, words::STATE) {
            Value::Text(name) => words::state(name),
            _ => None,
        };
        let Some(state) = state.filter(|_| !self.closing) else {
            self.lost += 1;
            return Slot::Other;
        };
        let stack = match value(items, words::FRAMES) {
            // Versions 1.13 and 2.0 keep the stack one level deeper.
            Value::Nothing => match self.slot(value(items, words::HISTORY)) {
                Slot::History(stack) => stack,
                _ => NO_STACK,
            },
            frames => self.stack_of(frames),
        };
        let index = u32::try_from(self.blocks.len());
        self.blocks.push(Block {
            address: value(items, words::ADDRESS).unsigned(),
            size: value(items, words::SIZE).unsigned(),
            requested: match state {
                State::Inactive => 0,
                _ => value(items, words::REQUESTED_SIZE).unsigned(),
            },
            state,
            stack,
        });
        index.map_or(Slot::Other, Slot::Block)
    }

    fn segment(&mut self, items: &[Value]) -> Slot {
        let list = value(items, words::BLOCKS);
        let blocks = match self.slot(list) {
            Slot::Blocks(list) => self.range(list),
            _ => 0..0,
        };
        // They are of one segment.
        if let Slot::Blocks(_) = self.slot(list) {
            self.set(list, Slot::Other);
        }
        let address = value(items, words::ADDRESS).unsigned();
        self.place_blocks(&blocks, address);
        let segment = Segment {
            device: u32::try_from(value(items, words::DEVICE).unsigned()).unwrap_or(0),
            address,
            total: value(items, words::TOTAL_SIZE).unsigned(),
            stream: value(items, words::STREAM).unsigned().cast_signed(),
            large: match value(items, words::SEGMENT_TYPE) {
                Value::Text(name) => !words::is_small(name),
                _ => true,
            },
            pool: self
                .pair_of(value(items, words::SEGMENT_POOL_ID))
                .unwrap_or((0, 0)),
            expandable: value(items, words::IS_EXPANDABLE).is_true(),
            stack: self.stack_of(value(items, words::FRAMES)),
            blocks,
        };
        let index = u32::try_from(self.segments.len());
        self.segments.push(segment);
        index.map_or(Slot::Other, Slot::Segment)
    }

    /// Blocks before version 2.1 have no address of their own: they lie one behind the other.
    fn place_blocks(&mut self, rows: &std::ops::Range<usize>, address: u64) {
        let mut next = address;
        for block in self.blocks.get_mut(rows.clone()).unwrap_or_default() {
            if block.address == 0 {
                block.address = next;
            }
            next = block.address.saturating_add(block.size);
        }
    }

    /// The rows of a list of blocks, which were written one after the other.
    fn range(&self, list: u32) -> std::ops::Range<usize> {
        let ranges = usize::try_from(list)
            .ok()
            .and_then(|list| self.ranges.get(list));
        let first = ranges.and_then(|ranges| ranges.first());
        first.map_or(0..0, |rows| index(rows.start)..index(rows.end))
    }

    fn begin_top(&mut self, items: &[Value]) -> Slot {
        let Ok(index) = u32::try_from(self.tops.len()) else {
            return Slot::Other;
        };
        self.tops.push(Top::default());
        self.fill_top(index, items);
        Slot::Top(index)
    }

    fn fill_top(&mut self, index: u32, items: &[Value]) {
        let Some(top) = self
            .tops
            .get_mut(usize::try_from(index).unwrap_or(usize::MAX))
        else {
            return;
        };
        for [key, value] in items.as_chunks::<2>().0 {
            match key {
                Value::Text(words::SEGMENTS) => top.segments = Some(*value),
                Value::Text(words::DEVICE_TRACES) => top.traces = Some(*value),
                Value::Text(words::HOST_SEGMENTS) => top.host = true,
                _ => {}
            }
        }
    }

    /// Adds items to a list.
    pub(super) fn fill_list(&mut self, list: Value, items: &[Value]) {
        let Some(first) = items.first() else { return };
        let slot = match (self.slot(list), self.slot(*first)) {
            (Slot::Empty, Slot::Frame(_)) => self.frames(&[], items),
            (Slot::Stack(stack), Slot::Frame(_)) => {
                let before = self.stacks.of(stack);
                // Writers fill up a list by batches of so many; in smaller ones a stack would be copied without end.
                if before.is_empty()
                    || !before.len().is_multiple_of(BATCH)
                    || before.len() >= DEEPEST
                {
                    return;
                }
                let before = before.to_vec();
                self.frames(&before, items)
            }
            (Slot::Empty, Slot::Event(_)) => self.begin_rows(items, Slot::Trace),
            (Slot::Empty, Slot::Block(_)) => self.begin_rows(items, Slot::Blocks),
            (Slot::Empty, Slot::Segment(_)) => self.begin_rows(items, Slot::Segments),
            (Slot::Trace(rows) | Slot::Blocks(rows) | Slot::Segments(rows), _) => {
                return self.rows(rows, items);
            }
            (Slot::Empty, entry @ Slot::History(_)) => entry,
            (Slot::Empty, Slot::Trace(_) | Slot::Empty) => self.begin_lists(items),
            (Slot::Lists(lists), _) => {
                if let Some(kept) = self.lists.get_mut(index(lists)) {
                    kept.extend_from_slice(items);
                }
                return;
            }
            (Slot::Empty, _) => Slot::Other,
            _ => return,
        };
        self.set(list, slot);
    }

    fn frames(&mut self, before: &[u32], items: &[Value]) -> Slot {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        scratch.extend_from_slice(before);
        for item in items.iter().take(DEEPEST.saturating_sub(before.len())) {
            if let Slot::Frame(frame) = self.slot(*item) {
                scratch.push(frame);
            }
        }
        let stack = self.stacks.intern(&scratch);
        self.scratch = scratch;
        stack.map_or(Slot::Other, Slot::Stack)
    }

    fn begin_lists(&mut self, items: &[Value]) -> Slot {
        let index = u32::try_from(self.lists.len());
        self.lists.push(items.to_vec());
        index.map_or(Slot::Other, Slot::Lists)
    }

    fn begin_rows(&mut self, items: &[Value], of: fn(u32) -> Slot) -> Slot {
        let Ok(list) = u32::try_from(self.ranges.len()) else {
            return Slot::Other;
        };
        self.ranges.push(Vec::new());
        self.rows(list, items);
        of(list)
    }

    /// Notes the rows of items; those that follow each other are one range.
    fn rows(&mut self, list: u32, items: &[Value]) {
        let mut lost = 0;
        let mut ranges = self
            .ranges
            .get_mut(index(list))
            .map(std::mem::take)
            .unwrap_or_default();
        for item in items {
            let (Slot::Event(row) | Slot::Block(row) | Slot::Segment(row)) = self.slot(*item)
            else {
                lost += 1;
                continue;
            };
            match ranges.last_mut() {
                Some(last) if last.end == row => last.end = row.saturating_add(1),
                // What stands in a list once more is counted once.
                Some(last) if last.end > row => lost += 1,
                _ => ranges.push(row..row.saturating_add(1)),
            }
        }
        if let Some(kept) = self.ranges.get_mut(index(list)) {
            *kept = ranges;
        }
        self.lost += lost;
    }

    /// The stack that a list of frames is.
    pub(super) fn stack_of(&self, frames: Value) -> u32 {
        match self.slot(frames) {
            Slot::Stack(stack) => stack,
            _ => NO_STACK,
        }
    }

    pub(super) fn pair_of(&self, value: Value) -> Option<(i64, i64)> {
        match value {
            Value::Pair(id) => self.pairs.get(index(id)).copied(),
            _ => None,
        }
    }
}

/// The value of a key; nothing where it is not there.
pub(super) fn value(items: &[Value], key: u32) -> Value {
    let pairs = items.as_chunks::<2>().0;
    let found = pairs.iter().find(|[k, _]| *k == Value::Text(key));
    found.map_or(Value::Nothing, |[_, value]| *value)
}

pub(super) fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
