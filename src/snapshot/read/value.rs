//! What a snapshot's reader holds of the file at any time: small values, and for each container only what it turned out to be.

/// A value on the reader's stack. Containers are numbers into a table of what they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// `None`.
    Nothing,
    /// A truth value.
    Bool(bool),
    /// A number; addresses beyond `i64` keep their bits.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// A text, by its number.
    Text(u32),
    /// A dictionary or a list, by its number.
    Node(u32),
    /// A pair of numbers, by its number.
    Pair(u32),
    /// An event that was taken at once, by its row.
    Event(u32),
    /// A list of frames that was taken at once, as an interned stack.
    Stack(u32),
    /// Anything that no snapshot needs.
    Other,
}

impl Value {
    /// A count of bytes or an address: negative numbers are what signed writers make of the upper half.
    pub(super) fn unsigned(self) -> u64 {
        match self {
            Self::Int(n) => n.cast_unsigned(),
            Self::Bool(b) => u64::from(b),
            _ => 0,
        }
    }

    /// True for a dictionary or a list.
    pub(super) fn is_container(self) -> bool {
        matches!(self, Self::Node(_) | Self::Event(_) | Self::Stack(_))
    }

    /// True for a `True`, however it is written.
    pub(super) fn is_true(self) -> bool {
        matches!(self, Self::Bool(true) | Self::Int(1))
    }
}

/// What a container is, as far as it was read. Everything inside it has gone into columns by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// Nothing is in it yet.
    Empty,
    /// A dictionary or list that is filled item by item, by its number among those.
    Open(u32),
    /// A frame of a stack.
    Frame(u32),
    /// A list of frames, as an interned stack.
    Stack(u32),
    /// An event, by its row.
    Event(u32),
    /// A list of events, by its number among those.
    Trace(u32),
    /// A block of a segment.
    Block(u32),
    /// A list of blocks.
    Blocks(u32),
    /// A segment.
    Segment(u32),
    /// A list of segments.
    Segments(u32),
    /// A list of lists, as `device_traces` is.
    Lists(u32),
    /// The entry of a block's history in `PyTorch` 1.13 and 2.0, which holds its stack.
    History(u32),
    /// The allocator's settings.
    Settings,
    /// How it divides powers of two, by its number among those.
    Divisions(u32),
    /// A snapshot.
    Top(u32),
    /// Anything else.
    Other,
}

/// A value of the memo in four bytes: three of four events write two entries, so that this is what a large file costs most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packed(u32);

/// How many numbers fit beside a tag of two bits.
const SPAN: u32 = 1 << 30;
/// How many fit beside one of four, of which there are fewer.
const SHORT: u32 = 1 << 28;
const PAIR: u32 = 3 * SPAN;
const STACK: u32 = 3 * SPAN + SHORT;
const OTHER: u32 = 3 * SPAN + 2 * SHORT;

impl Packed {
    /// An entry that was never written.
    pub(super) const UNSET: Self = Self(u32::MAX);

    /// Packs what pickles memoize: containers and texts. Numbers are not, and anything else is `Other`.
    pub(super) fn of(value: Value) -> Self {
        match value {
            Value::Node(n) if n < SPAN => Self(n),
            Value::Text(n) if n < SPAN => Self(SPAN + n),
            Value::Event(n) if n < SPAN => Self(2 * SPAN + n),
            Value::Pair(n) if n < SHORT => Self(PAIR + n),
            Value::Stack(n) if n < SHORT => Self(STACK + n),
            _ => Self(OTHER),
        }
    }

    /// The value; `None` where none was written.
    #[inline]
    pub(super) fn value(self) -> Option<Value> {
        let number = self.0 & (SPAN - 1);
        let short = self.0 & (SHORT - 1);
        match self.0 / SPAN {
            0 => Some(Value::Node(number)),
            1 => Some(Value::Text(number)),
            2 => Some(Value::Event(number)),
            _ => match self.0 - short {
                PAIR => Some(Value::Pair(short)),
                STACK => Some(Value::Stack(short)),
                OTHER => Some(Value::Other),
                _ => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_value_comes_out_as_it_went_in() {
        for value in [
            Value::Node(7),
            Value::Text(SPAN - 1),
            Value::Event(0),
            Value::Pair(SHORT - 1),
            Value::Stack(3),
            Value::Other,
        ] {
            assert_eq!(Packed::of(value).value(), Some(value));
        }
        assert_eq!(Packed::of(Value::Stack(SHORT)).value(), Some(Value::Other));
        assert_eq!(Packed::UNSET.value(), None);
    }
}
