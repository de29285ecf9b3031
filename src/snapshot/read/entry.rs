//! What events hold, taken at once: lists of frames that came before, what is in the memo, and numbers.

use super::super::NO_STACK;
use super::assembly::Assembly;
use super::pickle::{Arguments, long};
use super::runs;
use super::shapes::BATCH;
use super::value::{Packed, Slot, Value};

/// No stack that comes again is longer, in bytes.
const LONGEST: usize = 8 << 10;

impl Assembly {
    /// What `BINGET` or `LONG_BINGET` gets.
    #[inline]
    pub(super) fn gotten(&self, arguments: &mut Arguments<'_>) -> Option<Value> {
        match arguments.u8()? {
            b'h' => self.memoized(u64::from(arguments.u8()?)),
            b'j' => self.memoized(u64::from(arguments.u32()?)),
            _ => None,
        }
    }

    /// How long the instruction is that memoizes something under the next number (`MEMOIZE`, `BINPUT`, `LONG_BINPUT`); 0 where none
    /// stands here.
    #[inline]
    pub(super) fn memoizes(&self, bytes: &[u8]) -> usize {
        match bytes {
            [0x94, ..] => 1,
            [b'q', number, ..] if usize::from(*number) == self.memo.len() => 2,
            [b'r', a, b, c, d, ..]
                if usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])) == Ok(self.memo.len()) =>
            {
                5
            }
            _ => 0,
        }
    }

    /// Carries out such an instruction.
    #[inline]
    pub(super) fn memoize_next(
        &mut self,
        arguments: &mut Arguments<'_>,
        value: Value,
    ) -> Option<()> {
        match self.memoizes(arguments.0) {
            0 => None,
            length => {
                arguments.take(length)?;
                self.remember(value).ok()
            }
        }
    }

    /// Takes a list of frames of which all came before, and memoizes it where it is to be; returns its stack.
    #[inline]
    pub(super) fn frames_at_once(&mut self, arguments: &mut Arguments<'_>) -> Option<u32> {
        let [b']', list @ ..] = arguments.0 else {
            let list = self.gotten(arguments)?;
            return match self.slot(list) {
                Slot::Open(_) => None,
                _ => Some(self.stack_of(list)),
            };
        };
        let memoizes = self.memoizes(list);
        let body = list.get(memoizes..)?;
        let (stack, length) = match body {
            [b'(', run @ ..] => {
                let (length, stack) = match self.runs.expected(run) {
                    Some(expected) => expected,
                    None => self.run_at_once(run)?,
                };
                (stack, length + 1)
            }
            // Python writes a list of one so.
            [b'h', _, b'a', ..] => (self.stack_of_one(body)?, 3),
            [b'j', _, _, _, _, b'a', ..] => (self.stack_of_one(body)?, 6),
            _ => (NO_STACK, 0),
        };
        arguments.0 = body.get(length..)?;
        if memoizes > 0 {
            let list = self.list(stack, length)?;
            self.remember(list).ok()?;
        } else if self.memoizes(arguments.0) > 0 {
            let list = self.list(stack, length)?;
            self.memoize_next(arguments, list)?;
        }
        Some(stack)
    }

    /// What a list of frames is, of so many bytes. One that writers may go on filling up has a number of its own.
    #[inline]
    fn list(&mut self, stack: u32, length: usize) -> Option<Value> {
        if length == 0 {
            return self.node(Slot::Empty).ok();
        }
        // A frame takes two bytes at the least.
        let grows = length > 2 * BATCH && self.stacks.of(stack).len().is_multiple_of(BATCH);
        match Value::Stack(stack) {
            short if !grows && Packed::of(short) != Packed::of(Value::Other) => Some(short),
            _ => self.node(Slot::Stack(stack)).ok(),
        }
    }

    fn stack_of_one(&mut self, body: &[u8]) -> Option<u32> {
        let value = self.gotten(&mut Arguments(body))?;
        match self.slot(value) {
            Slot::Frame(frame) => self.stacks.intern(&[frame]),
            _ => None,
        }
    }

    /// The length and the stack of the run at the beginning of these bytes.
    fn run_at_once(&mut self, bytes: &[u8]) -> Option<(usize, u32)> {
        let length = runs::length(bytes)?;
        let run = bytes.get(..length)?;
        let stack = self.runs.known(run).or_else(|| self.new_run(run))?;
        Some((length, stack))
    }

    /// Fills the empty list on top with the run of frames that begins here; returns how many bytes that took. `None` where it is
    /// none, and nothing is done then.
    #[inline]
    pub(super) fn fill_at_once(&mut self, bytes: &[u8]) -> Option<usize> {
        let list = self.top().ok()?;
        if self.slot(list) != Slot::Empty {
            return None;
        }
        let (length, stack) = self.run_at_once(bytes)?;
        self.set(list, Slot::Stack(stack));
        Some(length)
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

/// A number of up to 64 bits.
#[inline]
pub(super) fn number(arguments: &mut Arguments<'_>) -> Option<i64> {
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
