//! Events as all writers write them, taken at once: nearly all of a large file. What is written in another way goes the slow way,
//! instruction by instruction, and comes to the same.

use super::super::events::{Event, Lane};
use super::assembly::{Assembly, Fault};
use super::pickle::{Arguments, long};
use super::runs;
use super::shapes::BATCH;
use super::value::{Packed, Slot, Value};
use super::words;

/// No stack that comes again is longer, in bytes.
const LONGEST: usize = 8 << 10;

/// A list of frames inside an event: its stack, and whether it is memoized.
struct List {
    stack: u32,
    memoized: bool,
    /// How many bytes its frames take.
    length: usize,
}

impl Assembly {
    /// Takes what fills the container on top, if it is a list of frames or an event and all in it came before; returns how many bytes
    /// that took.
    #[inline]
    pub(super) fn fill_at_once(&mut self, bytes: &[u8]) -> Option<usize> {
        match runs::length(bytes) {
            Some(length) => self.fill_with_run(bytes.get(..length)?).then_some(length),
            None => self.fill_with_event(bytes),
        }
    }

    /// Takes the items of the empty dictionary on top, up to `SETITEMS`, if they are an event of which all words and frames came
    /// before; `None` where they are not, and nothing is done then. Returns how many bytes they took.
    fn fill_with_event(&mut self, bytes: &[u8]) -> Option<usize> {
        let dictionary = self.top().ok()?;
        if self.slot(dictionary) != Slot::Empty || self.closing {
            return None;
        }
        let mut arguments = Arguments(bytes);
        let (mut event, mut lane) = (Event::NOTHING, Lane::default());
        let mut list = None;
        // The first key tells an event.
        if self.key(&mut arguments)? != words::ACTION {
            return None;
        }
        match self.gotten(&mut arguments)? {
            Value::Text(name) => event.action = words::action(name),
            _ => return None,
        }
        while !ends(&mut arguments) {
            match self.key(&mut arguments)? {
                words::ADDR | words::DEVICE_FREE => {
                    event.address = number(&mut arguments)?.cast_unsigned();
                }
                words::SIZE => event.size = number(&mut arguments)?.cast_unsigned(),
                words::TIME => event.time = number(&mut arguments)?.cast_unsigned(),
                words::STREAM => lane.stream = number(&mut arguments)?,
                words::POOL_ID => lane.pool = self.pair_of(self.gotten(&mut arguments)?),
                words::FRAMES if list.is_none() => list = Some(self.list_of(&mut arguments)?),
                words::FRAMES | words::ACTION => return None,
                _ => self.pass_over(&mut arguments)?,
            }
        }
        if let Some(List { stack, .. }) = list {
            event.stack = stack;
        }
        let slot = self.keep_event(event, lane);
        self.become_event(dictionary, slot);
        if let Some(list) = list.filter(|list| list.memoized) {
            self.remember_stack(&list).ok()?;
        }
        Some(bytes.len() - arguments.0.len())
    }

    /// The next key: a text that came before.
    #[inline]
    fn key(&self, arguments: &mut Arguments<'_>) -> Option<u32> {
        match self.gotten(arguments)? {
            Value::Text(word) => Some(word),
            _ => None,
        }
    }

    /// What `BINGET` or `LONG_BINGET` gets.
    #[inline]
    fn gotten(&self, arguments: &mut Arguments<'_>) -> Option<Value> {
        match arguments.u8()? {
            b'h' => self.memoized(u64::from(arguments.u8()?)),
            b'j' => self.memoized(u64::from(arguments.u32()?)),
            _ => None,
        }
    }

    /// The list that an `EMPTY_LIST` begins, if its frames came before as they are.
    #[inline]
    fn list_of(&mut self, arguments: &mut Arguments<'_>) -> Option<List> {
        let (memoized, rest) = match arguments.0 {
            [b']', 0x94, b'(', rest @ ..] => (true, rest),
            [b']', b'(', rest @ ..] => (false, rest),
            _ => return None,
        };
        let (length, stack) = if let Some(expected) = self.runs.expected(rest) {
            expected
        } else {
            let length = runs::length(rest)?;
            (length, self.runs.known(rest.get(..length)?)?)
        };
        arguments.0 = rest.get(length..)?;
        Some(List {
            stack,
            memoized,
            length,
        })
    }

    /// Puts an event in the place of the dictionary that was begun last and is on top: it needs no number of its own then, where it
    /// stands nowhere else but in the memo's last place.
    fn become_event(&mut self, dictionary: Value, event: Slot) {
        let Slot::Event(row) = event else {
            return self.set(dictionary, event);
        };
        let Value::Node(id) = dictionary else { return };
        let last = usize::try_from(id).is_ok_and(|id| id + 1 == self.nodes.len());
        let memoized = match (self.copies, self.memo.last()) {
            (0, _) => false,
            (1, Some(entry)) if *entry == Packed::of(dictionary) => true,
            _ => return self.set(dictionary, event),
        };
        if !last || Packed::of(Value::Event(row)) == Packed::of(Value::Other) {
            return self.set(dictionary, event);
        }
        self.nodes.pop();
        let value = Value::Event(row);
        if let Some(top) = self.stack.last_mut() {
            *top = value;
        }
        if let Some(entry) = self.memo.last_mut().filter(|_| memoized) {
            *entry = Packed::of(value);
        }
    }

    /// Memoizes a list of frames. One that writers may go on filling up has a number of its own.
    #[inline]
    fn remember_stack(&mut self, list: &List) -> Result<(), Fault> {
        let stack = list.stack;
        // A frame takes two bytes at the least.
        let grows = list.length > 2 * BATCH && self.stacks.of(stack).len().is_multiple_of(BATCH);
        let value = match Value::Stack(stack) {
            short if !grows && Packed::of(short) != Packed::of(Value::Other) => short,
            _ => self.node(Slot::Stack(stack))?,
        };
        self.remember(value)
    }

    /// A value that no event needs, and that is no container.
    #[inline]
    fn pass_over(&self, arguments: &mut Arguments<'_>) -> Option<()> {
        match arguments.0 {
            [b'h' | b'j', ..] => _ = self.gotten(arguments)?,
            [b'N', rest @ ..] => arguments.0 = rest,
            _ => _ = number(arguments)?,
        }
        Some(())
    }

    /// Fills the empty list on top with a run of frames; false where it is none, and nothing is done then.
    fn fill_with_run(&mut self, run: &[u8]) -> bool {
        let Ok(list) = self.top() else {
            return false;
        };
        if self.slot(list) != Slot::Empty {
            return false;
        }
        let stack = self.runs.known(run).or_else(|| self.new_run(run));
        if let Some(stack) = stack {
            self.set(list, Slot::Stack(stack));
        }
        stack.is_some()
    }

    /// The stack of a run that did not come before.
    fn new_run(&mut self, run: &[u8]) -> Option<u32> {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        let whole = run.len() < LONGEST
            && runs::numbers(run).all(|number| {
                let value = self.memoized(u64::from(number));
                match value.map(|value| self.slot(value)) {
                    Some(Slot::Frame(frame)) => {
                        scratch.push(frame);
                        true
                    }
                    _ => false,
                }
            });
        let stack = whole.then(|| self.stacks.intern(&scratch)).flatten();
        self.scratch = scratch;
        self.runs.keep(run, stack?);
        stack
    }
}

/// True at the end of the items, which is passed then.
#[inline]
fn ends(arguments: &mut Arguments<'_>) -> bool {
    if let [b'u', rest @ ..] = arguments.0 {
        arguments.0 = rest;
        return true;
    }
    false
}

/// A number of up to 64 bits.
#[inline]
fn number(arguments: &mut Arguments<'_>) -> Option<i64> {
    Some(match arguments.u8()? {
        b'K' => i64::from(arguments.u8()?),
        b'M' => i64::from(arguments.u16()?),
        b'J' => i64::from(arguments.u32()?.cast_signed()),
        0x8a => {
            let count = arguments.u8()?;
            match arguments.0.first_chunk::<8>() {
                // Addresses and times, by one reading: what is above the number goes, and its sign comes in.
                Some(eight) if (1..=8).contains(&count) => {
                    let above = 64 - 8 * u32::from(count);
                    arguments.take(usize::from(count))?;
                    i64::from_le_bytes(*eight) << above >> above
                }
                _ => long(arguments.take(usize::from(count))?)?,
            }
        }
        _ => return None,
    })
}
