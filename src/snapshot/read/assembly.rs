//! Puts a snapshot together from the steps that both a pickle and JSON come down to: values on a stack, and containers that
//! take what was put on it. A container that is complete goes into columns at once; there never is a tree of events.

use super::super::events::Events;
use super::super::memory::{Block, Segment};
use super::super::names::Names;
use super::super::stacks::Stacks;
use super::forms::Forms;
use super::runs::Runs;
use super::value::{Packed, Slot, Value};
use super::words;

/// So many values may wait at the same time: PyTorch's C++ writer puts all events of a device on the stack at once.
pub(super) const MOST_WAITING: usize = 1 << 26;
/// So deep may containers lie in each other. A snapshot has six levels.
const DEEPEST: usize = 1000;
/// So many entries may be memoized, and so many containers be made.
const MOST_NODES: usize = 1 << 30;
/// So many bytes may all distinct texts take.
const MOST_TEXT: usize = 1 << 30;
/// A memo's numbers count up by one; what jumps farther is no writer's.
const FARTHEST: usize = 1 << 16;

/// Why a step cannot be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// No writer would write this.
    Damaged(&'static str),
    /// Too much of this.
    TooMuch(&'static str),
}

type Step = Result<(), Fault>;

/// All that was read so far.
pub(super) struct Assembly {
    /// Values that wait for their container.
    pub(super) stack: Vec<Value>,
    /// Where each open container's items begin.
    pub(super) marks: Vec<usize>,
    pub(super) memo: Vec<Packed>,
    pub(super) nodes: Vec<Slot>,
    pub(super) open: Vec<Vec<Value>>,
    pub(super) pairs: Vec<(i64, i64)>,
    pub(super) names: Names,
    pub(super) stacks: Stacks,
    pub(super) events: Events,
    pub(super) blocks: Vec<Block>,
    pub(super) segments: Vec<Segment>,
    /// Rows of events, blocks or segments that stand in one list.
    pub(super) ranges: Vec<Vec<std::ops::Range<u32>>>,
    pub(super) lists: Vec<Vec<Value>>,
    pub(super) tops: Vec<super::shapes::Top>,
    pub(super) settings: Option<super::super::Settings>,
    pub(super) divisions: Vec<super::super::rounding::Divisions>,
    /// Records that lack what makes them one.
    pub(super) lost: u64,
    /// True while what a cut-off file left open is closed: its innermost record is not whole.
    pub(super) closing: bool,
    pub(super) scratch: Vec<u32>,
    pub(super) runs: Runs,
    pub(super) forms: Forms,
}

impl Default for Assembly {
    fn default() -> Self {
        Self {
            stack: Vec::new(),
            marks: Vec::new(),
            memo: Vec::new(),
            nodes: Vec::new(),
            open: Vec::new(),
            pairs: Vec::new(),
            names: words::names(),
            stacks: Stacks::default(),
            events: Events::default(),
            blocks: Vec::new(),
            segments: Vec::new(),
            ranges: Vec::new(),
            lists: Vec::new(),
            tops: Vec::new(),
            settings: None,
            divisions: Vec::new(),
            lost: 0,
            closing: false,
            scratch: Vec::new(),
            runs: Runs::default(),
            forms: Forms::default(),
        }
    }
}

impl Assembly {
    /// Puts a value on the stack.
    #[inline]
    pub(super) fn push(&mut self, value: Value) -> Step {
        if self.stack.len() >= MOST_WAITING {
            return Err(Fault::TooMuch("values that wait for their container"));
        }
        self.stack.push(value);
        Ok(())
    }

    /// Puts a text on the stack.
    pub(super) fn text(&mut self, raw: &[u8]) -> Step {
        let id = match std::str::from_utf8(raw) {
            Ok(text) => self.names.intern(text),
            Err(_) => self.names.intern(&String::from_utf8_lossy(raw)),
        };
        if self.names.bytes() > MOST_TEXT {
            return Err(Fault::TooMuch("different texts"));
        }
        self.push(id.map_or(Value::Other, Value::Text))
    }

    /// Begins a dictionary or a list.
    #[inline]
    pub(super) fn container(&mut self) -> Step {
        let node = self.node(Slot::Empty)?;
        self.push(node)
    }

    /// Puts the value on top there once more.
    pub(super) fn double(&mut self) -> Step {
        self.push(self.top()?)
    }

    pub(super) fn node(&mut self, slot: Slot) -> Result<Value, Fault> {
        if self.nodes.len() >= MOST_NODES {
            return Err(Fault::TooMuch("dictionaries and lists"));
        }
        let id = u32::try_from(self.nodes.len())
            .map_err(|_| Fault::TooMuch("dictionaries and lists"))?;
        self.nodes.push(slot);
        Ok(Value::Node(id))
    }

    /// From here on values are items of the container below.
    #[inline]
    pub(super) fn mark(&mut self) -> Step {
        if self.marks.len() >= DEEPEST {
            return Err(Fault::TooMuch("containers in one another"));
        }
        self.marks.push(self.stack.len());
        Ok(())
    }

    /// Takes the last mark away.
    #[inline]
    pub(super) fn unmark(&mut self) -> Result<usize, Fault> {
        let at = self.marks.pop().ok_or(Fault::Damaged("no open mark"))?;
        if at > self.stack.len() {
            return Err(Fault::Damaged("the values behind a mark are gone"));
        }
        Ok(at)
    }

    /// Takes a value from the stack.
    pub(super) fn pop(&mut self) -> Result<Value, Fault> {
        self.stack
            .pop()
            .ok_or(Fault::Damaged("no value where one is needed"))
    }

    /// The value on top.
    pub(super) fn top(&self) -> Result<Value, Fault> {
        let top = self.stack.last().copied();
        top.ok_or(Fault::Damaged("no value where one is needed"))
    }

    /// Memoizes the value on top under the next number.
    #[inline]
    pub(super) fn memoize(&mut self) -> Step {
        self.remember(self.top()?)
    }

    /// Memoizes a value under the next number.
    pub(super) fn remember(&mut self, value: Value) -> Step {
        if self.memo.len() >= MOST_NODES {
            return Err(Fault::TooMuch("memoized values"));
        }
        self.memo.push(Packed::of(value));
        Ok(())
    }

    /// Memoizes the value on top under this number.
    #[inline]
    pub(super) fn put(&mut self, index: u64) -> Step {
        let far = Fault::Damaged("a memo number out of order");
        let index = usize::try_from(index).map_err(|_| far)?;
        if index >= self.memo.len() {
            if index - self.memo.len() > FARTHEST {
                return Err(far);
            }
            if index >= MOST_NODES {
                return Err(Fault::TooMuch("memoized values"));
            }
            self.memo.resize(index + 1, Packed::UNSET);
        }
        let packed = Packed::of(self.top()?);
        if let Some(entry) = self.memo.get_mut(index) {
            if entry.value().is_some() {
                self.runs.doubt();
                self.forms.doubt();
            }
            *entry = packed;
        }
        Ok(())
    }

    #[inline]
    pub(super) fn memoized(&self, index: u64) -> Option<Value> {
        let entry = usize::try_from(index).ok().and_then(|i| self.memo.get(i));
        entry.and_then(|entry| entry.value())
    }

    /// Puts a memoized value on the stack.
    #[inline]
    pub(super) fn get(&mut self, index: u64) -> Step {
        match self.memoized(index) {
            Some(value) => self.push(value),
            None => Err(Fault::Damaged("a memo number that was never set")),
        }
    }

    /// Puts a tuple of the values from `at` on the stack. Only pairs of numbers mean anything in a snapshot.
    pub(super) fn tuple(&mut self, at: usize) -> Step {
        let pair = match self.stack.get(at..) {
            Some([Value::Int(a), Value::Int(b)]) => self.pair((*a, *b)),
            Some(_) => Value::Other,
            None => return Err(Fault::Damaged("no value where one is needed")),
        };
        self.stack.truncate(at);
        self.push(pair)
    }

    /// The last pairs are the likeliest.
    pub(super) fn pair(&mut self, pair: (i64, i64)) -> Value {
        const LOOKED_AT: usize = 32;
        let first = self.pairs.len().saturating_sub(LOOKED_AT);
        let recent = self.pairs.get(first..).unwrap_or_default();
        let found = recent.iter().rposition(|known| *known == pair);
        let index = found.map_or(self.pairs.len(), |found| first + found);
        if found.is_none() {
            self.pairs.push(pair);
        }
        u32::try_from(index).map_or(Value::Other, Value::Pair)
    }

    /// What a container is.
    #[inline]
    pub(super) fn slot(&self, value: Value) -> Slot {
        match value {
            Value::Node(id) => usize::try_from(id)
                .ok()
                .and_then(|id| self.nodes.get(id))
                .copied()
                .unwrap_or(Slot::Other),
            Value::Event(row) => Slot::Event(row),
            Value::Stack(stack) => Slot::Stack(stack),
            _ => Slot::Other,
        }
    }

    pub(super) fn set(&mut self, value: Value, slot: Slot) {
        if let Value::Node(id) = value
            && let Some(entry) = usize::try_from(id)
                .ok()
                .and_then(|id| self.nodes.get_mut(id))
        {
            *entry = slot;
        }
    }

    /// Gives the values behind the last mark to the dictionary below it.
    pub(super) fn set_items(&mut self) -> Step {
        let at = self.unmark()?;
        self.settle_from(at);
        let stack = std::mem::take(&mut self.stack);
        let dictionary = at.checked_sub(1).and_then(|below| stack.get(below));
        let dictionary = dictionary.copied();
        if let Some(dictionary) = dictionary {
            let items = stack.get(at..).unwrap_or_default();
            self.fill_dictionary(dictionary, items);
        }
        self.stack = stack;
        self.stack.truncate(at);
        dictionary.map_or(Err(Fault::Damaged("items without a container")), |_| Ok(()))
    }

    /// Gives the values behind the last mark to the list below it.
    pub(super) fn append_all(&mut self) -> Step {
        let at = self.unmark()?;
        self.settle_from(at);
        let stack = std::mem::take(&mut self.stack);
        let list = at.checked_sub(1).and_then(|below| stack.get(below));
        let list = list.copied();
        if let Some(list) = list {
            let items = stack.get(at..).unwrap_or_default();
            self.fill_list(list, items);
        }
        self.stack = stack;
        self.stack.truncate(at);
        list.map_or(Err(Fault::Damaged("items without a container")), |_| Ok(()))
    }

    /// Gives one key and its value, which stand on top, to the dictionary below.
    pub(super) fn set_item(&mut self) -> Step {
        let value = self.pop()?;
        let key = self.pop()?;
        let dictionary = self.top()?;
        self.settle(value);
        self.open_with(dictionary, &[key, value]);
        Ok(())
    }

    /// Gives the value on top to the list below.
    pub(super) fn append(&mut self) -> Step {
        let value = self.pop()?;
        let list = self.top()?;
        self.settle(value);
        match self.slot(value) {
            // A frame alone is a stack only when all of them are there, and stacks are never long.
            Slot::Frame(_) => self.open_with(list, &[value]),
            _ => self.fill_list(list, &[value]),
        }
        Ok(())
    }

    /// Keeps items of a container that is filled one by one.
    fn open_with(&mut self, container: Value, items: &[Value]) {
        let index = match self.slot(container) {
            Slot::Open(index) => index,
            Slot::Empty | Slot::Top(_) => {
                let Ok(index) = u32::try_from(self.open.len()) else {
                    return;
                };
                if let Slot::Top(_) = self.slot(container) {
                    return self.fill_dictionary(container, items);
                }
                self.open.push(Vec::new());
                self.set(container, Slot::Open(index));
                index
            }
            _ => return,
        };
        let kept = usize::try_from(index)
            .ok()
            .and_then(|index| self.open.get_mut(index));
        if let Some(kept) = kept {
            kept.extend_from_slice(items);
        }
    }

    fn settle_from(&mut self, at: usize) {
        if self.open.is_empty() {
            return;
        }
        let mut index = at;
        while let Some(value) = self.stack.get(index).copied() {
            self.settle(value);
            index += 1;
        }
    }

    /// Finishes a container that was filled one by one: something takes it now.
    pub(super) fn settle(&mut self, value: Value) {
        let Slot::Open(index) = self.slot(value) else {
            return;
        };
        let Some(items) = usize::try_from(index)
            .ok()
            .and_then(|index| self.open.get_mut(index))
            .map(std::mem::take)
        else {
            return;
        };
        self.set(value, Slot::Empty);
        let last = self.open.iter().rposition(|items| !items.is_empty());
        self.open.truncate(last.map_or(0, |last| last + 1));
        match items.first() {
            Some(first @ Value::Node(_)) if matches!(self.slot(*first), Slot::Frame(_)) => {
                self.fill_list(value, &items);
            }
            _ => self.fill_dictionary(value, &items),
        }
    }
}
