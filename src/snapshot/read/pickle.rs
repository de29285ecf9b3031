//! Pickles, protocols 0 to 5, by a machine that only builds data (`pickletools.py` of Python has the instructions). Whatever
//! loads, constructs or calls ends the reading; nothing is ever run.

/// The value, or the word that more bytes are needed.
macro_rules! some {
    ($value:expr) => {
        match $value {
            Some(value) => value,
            None => return Ok(Step::More),
        }
    };
}

mod lines;
mod refused;

use super::assembly::{Assembly, Fault};
use super::trouble::Trouble;
use super::value::Value;

/// Longer texts than this are passed over: no name in a snapshot is.
const LONGEST: u64 = 1 << 16;

/// What one instruction comes to.
enum Step {
    /// It is done.
    Done,
    /// Its arguments are not all there yet.
    More,
    /// It is done, and so many bytes behind it mean nothing.
    Skip(u64),
    /// It was the last.
    End,
}

type Stepped = Result<Step, Stop>;

/// Why an instruction is not carried out.
enum Stop {
    Fault(Fault),
    Refused(&'static str, String),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A reader that takes a pickle in chunks.
#[derive(Default)]
pub(super) struct Pickle {
    pub(super) assembly: Assembly,
    /// How many bytes were carried out.
    offset: u64,
    /// How many bytes to pass over.
    skip: u64,
    ended: bool,
}

impl Pickle {
    /// Carries out all instructions that are whole and tells how many bytes they took.
    pub(super) fn run(&mut self, bytes: &[u8]) -> Result<usize, Trouble> {
        let mut rest = self.skipped(bytes);
        while !self.ended {
            let Some((instruction, arguments)) = rest.split_first() else {
                break;
            };
            let mut arguments = Arguments(arguments);
            match self.step(*instruction, &mut arguments) {
                Ok(Step::Done) => rest = arguments.0,
                Ok(Step::More) => break,
                Ok(Step::Skip(count)) => {
                    self.skip = count;
                    rest = self.skipped(arguments.0);
                }
                Ok(Step::End) => {
                    self.ended = true;
                    rest = arguments.0;
                }
                Err(stop) => {
                    let done = bytes.len().saturating_sub(rest.len());
                    return Err(stop.at(self.offset.saturating_add(as_u64(done))));
                }
            }
        }
        let done = bytes.len().saturating_sub(rest.len());
        self.offset = self.offset.saturating_add(as_u64(done));
        Ok(done)
    }

    /// True once the last instruction was carried out.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    fn skipped<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let count = usize::try_from(self.skip).unwrap_or(usize::MAX);
        let count = count.min(bytes.len());
        self.skip = self.skip.saturating_sub(as_u64(count));
        bytes.get(count..).unwrap_or_default()
    }

    /// Carries out one instruction. The frequent ones stand here.
    #[inline]
    fn step(&mut self, instruction: u8, arguments: &mut Arguments<'_>) -> Stepped {
        let assembly = &mut self.assembly;
        match instruction {
            b'h' => assembly.get(u64::from(some!(arguments.u8())))?,
            b'j' => assembly.get(u64::from(some!(arguments.u32())))?,
            0x94 => assembly.memoize()?,
            b'K' => assembly.push(Value::Int(i64::from(some!(arguments.u8()))))?,
            b'M' => assembly.push(Value::Int(i64::from(some!(arguments.u16()))))?,
            b'J' => {
                let number = some!(arguments.u32()).cast_signed();
                assembly.push(Value::Int(i64::from(number)))?;
            }
            0x8a => {
                let count = usize::from(some!(arguments.u8()));
                let number = long(some!(arguments.take(count)));
                assembly.push(number.map_or(Value::Other, Value::Int))?;
            }
            0x8c | b'U' => {
                let count = usize::from(some!(arguments.u8()));
                assembly.text(some!(arguments.take(count)))?;
            }
            b'(' => match assembly.fill_at_once(arguments.0) {
                Some(length) => _ = arguments.take(length),
                None => assembly.mark()?,
            },
            b'}' => match assembly.events_at_once(arguments.0) {
                Some(length) => _ = arguments.take(length),
                None => assembly.container()?,
            },
            b']' => assembly.container()?,
            b'u' => assembly.set_items()?,
            b'e' => assembly.append_all()?,
            b's' => assembly.set_item()?,
            b'a' => assembly.append()?,
            b'N' => assembly.push(Value::Nothing)?,
            0x88 => assembly.push(Value::Bool(true))?,
            0x89 => assembly.push(Value::Bool(false))?,
            b'q' => assembly.put(u64::from(some!(arguments.u8())))?,
            b'r' => assembly.put(u64::from(some!(arguments.u32())))?,
            _ => return self.rare(instruction, arguments),
        }
        Ok(Step::Done)
    }

    /// Carries out what stands at the edges of a snapshot, if at all.
    #[cold]
    fn rare(&mut self, instruction: u8, arguments: &mut Arguments<'_>) -> Stepped {
        let assembly = &mut self.assembly;
        match instruction {
            b'.' => return Ok(Step::End),
            0x80 => match some!(arguments.u8()) {
                0..=5 => {}
                _ => return Err(Fault::Damaged("a protocol that is newer than 5").into()),
            },
            0x95 => _ = some!(arguments.u64()),
            b'X' | b'T' => {
                let count = u64::from(some!(arguments.u32()));
                return self.long_text(count, arguments);
            }
            0x8d => {
                let count = some!(arguments.u64());
                return self.long_text(count, arguments);
            }
            b'C' => return self.bytes(u64::from(some!(arguments.u8()))),
            0x8e | 0x96 => return self.bytes(some!(arguments.u64())),
            // A number of that many bytes has no room in 64 bits, and none of a snapshot is so large.
            b'B' | 0x8b => return self.bytes(u64::from(some!(arguments.u32()))),
            b'G' => {
                let bits = some!(arguments.u64()).swap_bytes();
                assembly.push(Value::Float(f64::from_bits(bits)))?;
            }
            b'0' => _ = assembly.pop()?,
            b'1' => {
                let at = assembly.unmark()?;
                assembly.stack.truncate(at);
            }
            b'2' => assembly.double()?,
            _ => return self.containers(instruction, arguments),
        }
        Ok(Step::Done)
    }

    /// Tuples and sets, and the containers of protocol 0.
    fn containers(&mut self, instruction: u8, arguments: &mut Arguments<'_>) -> Stepped {
        let assembly = &mut self.assembly;
        match instruction {
            b't' => {
                let at = assembly.unmark()?;
                assembly.tuple(at)?;
            }
            0x85..=0x87 => {
                let count = usize::from(instruction - 0x84);
                let at = assembly.stack.len().checked_sub(count);
                let at = at.ok_or(Fault::Damaged("no value where one is needed"))?;
                assembly.tuple(at)?;
            }
            // An empty tuple, or a set: no part of a snapshot.
            b')' | 0x8f => assembly.push(Value::Other)?,
            0x90 | 0x91 => {
                let at = assembly.unmark()?;
                assembly.stack.truncate(at);
                if instruction == 0x91 {
                    assembly.push(Value::Other)?;
                }
            }
            b'd' => self.filled(Assembly::fill_dictionary)?,
            b'l' => self.filled(Assembly::fill_list)?,
            b'F' | b'I' | b'L' | b'S' | b'V' | b'g' | b'p' => {
                return self.line(instruction, arguments);
            }
            _ => return self.refuse(instruction, arguments),
        }
        Ok(Step::Done)
    }

    /// Makes a container of the values behind the last mark, as protocol 0 does.
    fn filled(&mut self, fill: fn(&mut Assembly, Value, &[Value])) -> Result<(), Stop> {
        let assembly = &mut self.assembly;
        let at = assembly.unmark()?;
        let items = assembly.stack.split_off(at);
        for item in &items {
            assembly.settle(*item);
        }
        assembly.container()?;
        let container = assembly.top()?;
        fill(assembly, container, &items);
        Ok(())
    }

    /// A text that may be too long to keep.
    fn long_text(&mut self, count: u64, arguments: &mut Arguments<'_>) -> Stepped {
        if count > LONGEST {
            return self.bytes(count);
        }
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        self.assembly.text(some!(arguments.take(count)))?;
        Ok(Step::Done)
    }

    /// Bytes that no snapshot needs.
    fn bytes(&mut self, count: u64) -> Stepped {
        self.assembly.push(Value::Other)?;
        Ok(Step::Skip(count))
    }
}

impl Stop {
    fn at(self, offset: u64) -> Trouble {
        match self {
            Self::Fault(Fault::Damaged(what)) => Trouble::Damaged { what, offset },
            Self::Fault(Fault::TooMuch(what)) => Trouble::TooLarge { what, offset },
            Self::Refused(instruction, target) => Trouble::Refused {
                instruction,
                target,
                offset,
            },
        }
    }
}

/// A number of any length, lowest byte first; what has no room in 64 bits is none of ours.
pub(super) fn long(raw: &[u8]) -> Option<i64> {
    let (low, sign) = match raw {
        // Addresses and counts beyond the largest signed number carry a zero byte for the sign.
        [low @ .., 0] if raw.len() == 9 => (low, 0),
        _ if raw.len() <= 8 => match raw.last() {
            Some(0x80..) => (raw, 0xff),
            _ => (raw, 0),
        },
        _ => return None,
    };
    let mut bytes = [sign; 8];
    for (to, from) in bytes.iter_mut().zip(low) {
        *to = *from;
    }
    Some(i64::from_le_bytes(bytes))
}

/// What stands behind an instruction.
pub(super) struct Arguments<'a>(pub(super) &'a [u8]);

impl<'a> Arguments<'a> {
    #[inline]
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    #[inline]
    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    #[inline]
    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    #[inline]
    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    #[inline]
    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
