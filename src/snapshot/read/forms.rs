//! Events by the forms in which they came before. A writer writes the same keys in the same order each time, so that all of an event but
//! a few numbers and its frames is the same bytes again: they are compared and not looked into. An event of which no form is known
//! gives one. What is written in no such way goes instruction by instruction, and comes to the same.

mod learner;
#[cfg(test)]
mod tests;

use super::super::events::{Action, Event};
use super::assembly::{Assembly, MOST_WAITING};
use super::entry::number;
use super::pickle::Arguments;
use super::value::{Packed, Value};
use super::words;

/// So many forms are known at a time: a writer has one for each action, stream and pool.
const MOST: usize = 32;
/// For so many events a form is looked for, whether or not others are like them.
const TRIES: usize = 256;

/// The forms of events that came before.
#[derive(Default)]
pub(super) struct Forms {
    all: Vec<Form>,
    /// The form of the last event.
    last: usize,
    /// The next to make room for another.
    oldest: usize,
    /// How many events had a form that was known, and for how many one was looked for.
    fitted: usize,
    looked: usize,
    /// True where a memo number may not stand for what it stood for when a form was made.
    doubted: bool,
}

/// How an event is written, from behind the `EMPTY_DICT` that begins it.
struct Form {
    action: Action,
    /// Its stream and pool, by number.
    lane: u16,
    parts: Vec<Part>,
    /// The bytes behind the last part.
    end: Literal,
    /// Which form came after it the last time.
    next: usize,
}

/// Bytes that stand there as they are, and what stands behind them.
struct Part {
    before: Literal,
    what: What,
}

/// Bytes that are compared at once as far as they fit in a number, as nearly all do.
struct Literal {
    first: u128,
    mask: u128,
    length: usize,
    rest: Vec<u8>,
}

impl Literal {
    const FIRST: usize = 16;

    fn of(bytes: &[u8]) -> Self {
        let number = |byte: &dyn Fn(u8) -> u8| {
            let mut number = [0; Self::FIRST];
            for (to, from) in number.iter_mut().zip(bytes) {
                *to = byte(*from);
            }
            u128::from_le_bytes(number)
        };
        Self {
            first: number(&|byte| byte),
            mask: number(&|_| u8::MAX),
            length: bytes.len().min(Self::FIRST),
            rest: bytes.get(Self::FIRST..).unwrap_or_default().to_vec(),
        }
    }

    /// What follows the bytes; `None` where others stand there, or where too few follow.
    #[inline]
    fn passed<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let first = u128::from_le_bytes(*bytes.first_chunk::<{ Self::FIRST }>()?);
        if (first ^ self.first) & self.mask != 0 {
            return None;
        }
        let rest = bytes.get(self.length..)?;
        if self.rest.is_empty() {
            Some(rest)
        } else {
            rest.strip_prefix(self.rest.as_slice())
        }
    }
}

/// What is not the same bytes again.
#[derive(Clone, Copy)]
enum What {
    Address,
    Size,
    Time,
    Frames,
    /// A number that nobody needs.
    Number,
    /// Frames that nobody needs.
    List,
    /// The event is memoized.
    Itself,
    /// What stands before is memoized.
    Known(Value),
}

impl Forms {
    /// Takes an event, and tells how many bytes it took.
    fn event(&mut self, assembly: &mut Assembly, bytes: &[u8]) -> Option<usize> {
        let expected = self.all.get(self.last).map_or(0, |form| form.next);
        let form = self.all.get(expected);
        if let Some(length) = form.and_then(|form| assembly.event_of(form, bytes)) {
            self.last = expected;
            self.fitted += 1;
            return Some(length);
        }
        if self.doubted || !assembly.begins_an_event(bytes) {
            return None;
        }
        for at in 0..self.all.len() {
            let form = self.all.get(at).filter(|_| at != expected);
            if let Some(length) = form.and_then(|form| assembly.event_of(form, bytes)) {
                self.came(at);
                self.fitted += 1;
                return Some(length);
            }
        }
        // Where hardly any event is like another, to look for forms costs more than it saves.
        if self.looked > TRIES + self.fitted / 4 {
            return None;
        }
        self.looked += 1;
        let form = Form::of(assembly, bytes)?;
        let length = assembly.event_of(&form, bytes)?;
        let at = self.keep(form);
        self.came(at);
        Some(length)
    }

    fn keep(&mut self, form: Form) -> usize {
        let at = self.all.len();
        if at < MOST {
            self.all.push(form);
            return at;
        }
        let at = self.oldest;
        self.oldest = (at + 1) % MOST;
        if let Some(old) = self.all.get_mut(at) {
            *old = form;
        }
        at
    }

    fn came(&mut self, at: usize) {
        if let Some(before) = self.all.get_mut(self.last) {
            before.next = at;
        }
        self.last = at;
    }

    /// A memo number got another meaning: no writer of snapshots does that.
    #[cold]
    pub(super) fn doubt(&mut self) {
        *self = Self {
            doubted: true,
            ..Self::default()
        };
    }
}

impl Assembly {
    /// Takes all events that begin here, from behind the `EMPTY_DICT` of the first; returns how many bytes they took, `None` where
    /// there is none.
    pub(super) fn events_at_once(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut forms = std::mem::take(&mut self.forms);
        let mut taken = 0;
        loop {
            let rest = bytes.get(taken..).unwrap_or_default();
            let Some(length) = forms.event(self, rest) else {
                // Not the `EMPTY_DICT` that seemed to begin another.
                taken = taken.saturating_sub(1);
                break;
            };
            taken += length;
            if bytes.get(taken) != Some(&b'}') {
                break;
            }
            taken += 1;
        }
        self.forms = forms;
        (taken > 0).then_some(taken)
    }

    /// True where the first key of the dictionary that begins here is an event's.
    fn begins_an_event(&self, bytes: &[u8]) -> bool {
        let items = bytes.get(self.memoizes(bytes)..).unwrap_or_default();
        let key = items
            .strip_prefix(b"(")
            .and_then(|key| self.gotten(&mut Arguments(key)));
        key == Some(Value::Text(words::ACTION))
    }

    /// Takes an event that is written in this form; where it is not, nothing is done.
    #[inline]
    fn event_of(&mut self, form: &Form, bytes: &[u8]) -> Option<usize> {
        let memoized = self.memo.len();
        let found = self.read(form, bytes);
        if found.is_none() {
            self.memo.truncate(memoized);
        }
        let (event, length) = found?;
        let row = self.events.push(&event)?;
        self.stack.push(Value::Event(row));
        Some(length)
    }

    /// The event, and how many bytes it takes. What it memoizes is in the memo then.
    fn read(&mut self, form: &Form, bytes: &[u8]) -> Option<(Event, usize)> {
        let itself = Value::Event(u32::try_from(self.events.len()).ok()?);
        if self.stack.len() >= MOST_WAITING || Packed::of(itself) == Packed::of(Value::Other) {
            return None;
        }
        let mut event = Event {
            action: form.action,
            lane: form.lane,
            ..Event::NOTHING
        };
        let mut rest = Arguments(bytes);
        for part in &form.parts {
            rest.0 = part.before.passed(rest.0)?;
            match part.what {
                What::Address => event.address = number(&mut rest)?.cast_unsigned(),
                What::Size => event.size = number(&mut rest)?.cast_unsigned(),
                What::Time => event.time = number(&mut rest)?.cast_unsigned(),
                What::Frames => event.stack = self.frames_at_once(&mut rest)?,
                What::Number => _ = number(&mut rest)?,
                What::List => _ = self.frames_at_once(&mut rest)?,
                What::Itself => self.memoize_next(&mut rest, itself)?,
                What::Known(value) => self.memoize_next(&mut rest, value)?,
            }
        }
        let rest = form.end.passed(rest.0)?;
        Some((event, bytes.len() - rest.len()))
    }
}
