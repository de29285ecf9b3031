//! UTF-16 to UTF-8, everything else as it is. `PowerShell` writes redirected output with a byte-order mark; a log that is put
//! together of such has none at its start, and is known by its first letters.

/// Which byte of a unit comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The low byte.
    Little,
    /// The high byte.
    Big,
}

/// So many bytes tell UTF-16 that has no mark.
const ENOUGH: usize = 32;
/// So many of them at least, where a text is shorter.
const LEAST: usize = 8;

/// What the first bytes of a text say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    /// More of them are needed.
    Open,
    /// UTF-16, behind so many bytes of a mark.
    Utf16(Order, usize),
    /// Anything else.
    Other,
}

/// Without a mark, every second byte of the first letters is zero and no other is: no text of another encoding holds any.
fn encoding(first: &[u8], ended: bool) -> Encoding {
    let order = match first {
        [] | [_] if !ended => return Encoding::Open,
        [0xff, 0xfe, ..] => return Encoding::Utf16(Order::Little, 2),
        [0xfe, 0xff, ..] => return Encoding::Utf16(Order::Big, 2),
        [low, 0, ..] if *low != 0 => Order::Little,
        [0, low, ..] if *low != 0 => Order::Big,
        _ => return Encoding::Other,
    };
    let first = first.get(..ENOUGH).unwrap_or(first);
    let letter = |unit: &[u8; 2]| match (order, unit) {
        (Order::Little, [low, 0]) | (Order::Big, [0, low]) => *low != 0,
        _ => false,
    };
    let enough = if ended { LEAST } else { ENOUGH };
    match first.as_chunks::<2>().0.iter().all(letter) {
        true if first.len() >= enough => Encoding::Utf16(order, 0),
        true if !ended => Encoding::Open,
        _ => Encoding::Other,
    }
}

/// Turns chunks to UTF-8 as they come; where they are cut makes no difference.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    state: State,
    /// Bytes that wait for the ones behind them: of the mark, of a unit, or of a surrogate pair.
    waiting: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// Not enough seen to tell.
    #[default]
    Start,
    /// Handed on as it is.
    AsItIs,
    /// Turned to UTF-8.
    Utf16(Order),
}

impl Decoder {
    /// Takes the next bytes.
    pub(super) fn push(&mut self, raw: &[u8], sink: &mut dyn FnMut(&[u8])) {
        match self.state {
            State::AsItIs => sink(raw),
            State::Utf16(order) => {
                self.waiting.extend_from_slice(raw);
                self.flush(order, false, sink);
            }
            State::Start => {
                self.waiting.extend_from_slice(raw);
                self.begin(false, sink);
            }
        }
    }

    /// Takes the end of the input.
    ///
    /// Returns whether it was UTF-16.
    pub(super) fn finish(mut self, sink: &mut dyn FnMut(&[u8])) -> bool {
        if matches!(self.state, State::Start) {
            self.begin(true, sink);
        }
        match self.state {
            State::Utf16(order) => self.flush(order, true, sink),
            State::Start | State::AsItIs => sink(&self.waiting),
        }
        matches!(self.state, State::Utf16(_))
    }

    /// Decides by the first bytes, if they are enough, and hands over what waited for the decision.
    fn begin(&mut self, ended: bool, sink: &mut dyn FnMut(&[u8])) {
        match encoding(&self.waiting, ended) {
            Encoding::Open => {}
            Encoding::Utf16(order, mark) => {
                self.state = State::Utf16(order);
                self.waiting.drain(..mark);
                self.flush(order, false, sink);
            }
            Encoding::Other => {
                self.state = State::AsItIs;
                sink(&std::mem::take(&mut self.waiting));
            }
        }
    }

    /// Hands over all whole characters; at the end of the input also what is left of one.
    fn flush(&mut self, order: Order, last: bool, sink: &mut dyn FnMut(&[u8])) {
        let unit = |pair: &[u8; 2]| match order {
            Order::Little => u16::from_le_bytes(*pair),
            Order::Big => u16::from_be_bytes(*pair),
        };
        let (pairs, odd) = self.waiting.as_chunks::<2>();
        let mut units: Vec<u16> = pairs.iter().map(unit).collect();
        let mut kept = odd.len();
        if !last && units.last().is_some_and(|u| (0xd800..0xdc00).contains(u)) {
            units.pop();
            kept += 2;
        }
        let mut text: String = char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        if last && kept > 0 {
            text.push(char::REPLACEMENT_CHARACTER);
        }
        let taken = self.waiting.len() - kept;
        self.waiting.drain(..taken);
        sink(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(raw: &[u8], chunk: usize) -> Vec<u8> {
        let mut text = Vec::new();
        let mut decoder = Decoder::default();
        for part in raw.chunks(chunk) {
            decoder.push(part, &mut |t| text.extend_from_slice(t));
        }
        decoder.finish(&mut |t| text.extend_from_slice(t));
        text
    }

    fn encode(text: &str, order: Order) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|u| match order {
                Order::Little => u.to_le_bytes(),
                Order::Big => u.to_be_bytes(),
            })
            .collect()
    }

    proptest! {
        #[test]
        fn utf_16_comes_out_as_the_text_that_went_in_however_it_is_cut(text in "(?s).*", chunk in 1usize..9) {
            for order in [Order::Little, Order::Big] {
                for start in ["\u{feff}", "Windows PowerShell\r\n"] {
                    let whole = format!("{start}{text}");
                    let out = decode(&encode(&whole, order), chunk);
                    prop_assert_eq!(out, whole.strip_prefix('\u{feff}').unwrap_or(&whole).as_bytes());
                }
            }
        }

        #[test]
        fn bytes_without_a_mark_come_out_as_they_went_in(raw in prop::collection::vec(any::<u8>(), 0..64), chunk in 1usize..9) {
            prop_assume!(encoding(&raw, true) == Encoding::Other);
            prop_assert_eq!(decode(&raw, chunk), raw);
        }
    }

    #[test]
    fn zeros_here_and_there_are_no_utf_16() {
        for raw in [
            &b"a\0b"[..],
            b"a\0b\0c\0",
            b"\0\0\0\0\0\0\0\0step 1\n",
            b"a\0b\0c\0d\0e\0f\0\0g\0h\0i",
            b"name\0value\0",
        ] {
            for chunk in [1, 3, 99] {
                assert_eq!(decode(raw, chunk), raw);
            }
        }
        assert_eq!(decode(b"\0s\0t\0e\0p", 1), b"step");
    }

    #[test]
    fn half_a_character_at_the_end_is_shown_as_one_that_is_missing() {
        assert_eq!(decode(b"\xff\xfea\0b", 3), "a\u{fffd}".as_bytes());
    }
}
