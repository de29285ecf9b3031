//! How an event is written, seen by going through it once.

use super::super::super::events::Lane;
use super::super::assembly::Assembly;
use super::super::entry::number;
use super::super::pickle::Arguments;
use super::super::value::Value;
use super::super::words;
use super::{Form, Literal, Part, What};

/// So many parts a form may have; an event of today's versions has 7.
const LONGEST: usize = 64;
/// No longer text is taken for the same in many events.
const LONGEST_TEXT: usize = 256;

impl Form {
    /// The form of the event that begins here; `None` where it is none, or where something in it has no form.
    pub(super) fn of(assembly: &mut Assembly, bytes: &[u8]) -> Option<Self> {
        let memoized = assembly.memo.len();
        let learner = Learner {
            assembly,
            rest: Arguments(bytes),
            from: bytes,
            parts: Vec::new(),
        };
        let form = learner.form();
        assembly.memo.truncate(memoized);
        form
    }
}

/// Goes through an event once, to see how it is written.
struct Learner<'a, 'b> {
    assembly: &'a mut Assembly,
    rest: Arguments<'b>,
    /// All from behind the last part.
    from: &'b [u8],
    parts: Vec<Part>,
}

impl Learner<'_, '_> {
    fn form(mut self) -> Option<Form> {
        self.memoized(What::Itself)?;
        self.instruction(b'(')?;
        // The first key tells an event.
        if self.key()? != words::ACTION {
            return None;
        }
        let Value::Text(action) = self.assembly.gotten(&mut self.rest)? else {
            return None;
        };
        let mut lane = Lane::default();
        while self.instruction(b'u').is_none() {
            match self.key()? {
                words::ADDR | words::DEVICE_FREE => self.part(What::Address)?,
                words::SIZE => self.part(What::Size)?,
                words::TIME => self.part(What::Time)?,
                words::STREAM => lane.stream = number(&mut self.rest)?,
                words::FRAMES => self.part(What::Frames)?,
                words::POOL_ID => {
                    let value = self.pair()?;
                    lane.pool = self.assembly.pair_of(value);
                }
                words::ACTION => return None,
                _ => self.other()?,
            }
        }
        Some(Form {
            action: words::action(action),
            lane: self.assembly.events.lane(lane),
            end: self.before(),
            parts: self.parts,
            next: 0,
        })
    }

    /// The bytes since the last part.
    fn before(&self) -> Literal {
        let length = self.from.len() - self.rest.0.len();
        Literal::of(self.from.get(..length).unwrap_or_default())
    }

    /// What stands here is not the same each time.
    fn part(&mut self, what: What) -> Option<()> {
        if self.parts.len() >= LONGEST {
            return None;
        }
        self.parts.push(Part {
            before: self.before(),
            what,
        });
        match what {
            What::Frames | What::List => _ = self.assembly.frames_at_once(&mut self.rest)?,
            // It is no event yet; what it is stands in the form.
            What::Itself => self.assembly.memoize_next(&mut self.rest, Value::Other)?,
            What::Known(value) => self.assembly.memoize_next(&mut self.rest, value)?,
            _ => _ = number(&mut self.rest)?,
        }
        self.from = self.rest.0;
        Some(())
    }

    /// What was passed last may be memoized.
    fn memoized(&mut self, what: What) -> Option<()> {
        match self.assembly.memoizes(self.rest.0) {
            0 => Some(()),
            _ => self.part(what),
        }
    }

    fn instruction(&mut self, instruction: u8) -> Option<()> {
        let (first, rest) = self.rest.0.split_first()?;
        (*first == instruction).then(|| self.rest.0 = rest)
    }

    /// The next key: a text that came before.
    fn key(&mut self) -> Option<u32> {
        match self.assembly.gotten(&mut self.rest)? {
            Value::Text(word) => Some(word),
            _ => None,
        }
    }

    /// A pair of numbers, new or not.
    fn pair(&mut self) -> Option<Value> {
        if let [b'h' | b'j', ..] = self.rest.0 {
            return self.assembly.gotten(&mut self.rest);
        }
        let pair = (number(&mut self.rest)?, number(&mut self.rest)?);
        self.instruction(0x86)?;
        let value = self.assembly.pair(pair);
        self.memoized(What::Known(value))?;
        Some(value)
    }

    /// A value that no event needs.
    fn other(&mut self) -> Option<()> {
        let first = *self.rest.0.first()?;
        match first {
            b'h' | b'j' => _ = self.assembly.gotten(&mut self.rest)?,
            b'N' | 0x88 | 0x89 => self.instruction(first)?,
            0x8c | b'X' => {
                self.instruction(first)?;
                let length = match first {
                    b'X' => self.rest.u32()?,
                    _ => u32::from(self.rest.u8()?),
                };
                let raw = self.rest.take(usize::try_from(length).ok()?)?;
                if raw.len() > LONGEST_TEXT {
                    return None;
                }
                let text = std::str::from_utf8(raw).ok()?;
                let text = self.assembly.names.intern(text)?;
                self.memoized(What::Known(Value::Text(text)))?;
            }
            b']' => self.part(What::List)?,
            _ => self.part(What::Number)?,
        }
        Some(())
    }
}
