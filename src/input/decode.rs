//! UTF-16 with a byte-order mark, as `PowerShell` writes redirected output, to UTF-8; everything else as it is.

/// Which byte of a unit comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The low byte.
    Little,
    /// The high byte.
    Big,
}

/// The byte order that a mark at the start tells, if there is one.
pub(super) fn mark(first: &[u8]) -> Option<Order> {
    match first {
        [0xff, 0xfe, ..] => Some(Order::Little),
        [0xfe, 0xff, ..] => Some(Order::Big),
        _ => None,
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
                if self.waiting.len() >= 2 {
                    self.begin(sink);
                }
            }
        }
    }

    /// Takes the end of the input.
    pub(super) fn finish(mut self, sink: &mut dyn FnMut(&[u8])) {
        match self.state {
            State::Utf16(order) => self.flush(order, true, sink),
            State::Start | State::AsItIs => sink(&self.waiting),
        }
    }

    /// Decides by the mark, and hands over what waited for the decision.
    fn begin(&mut self, sink: &mut dyn FnMut(&[u8])) {
        if let Some(order) = mark(&self.waiting) {
            self.state = State::Utf16(order);
            self.waiting.drain(..2);
            self.flush(order, false, sink);
        } else {
            self.state = State::AsItIs;
            sink(&std::mem::take(&mut self.waiting));
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
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units
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
                prop_assert_eq!(decode(&encode(&text, order), chunk), text.as_bytes());
            }
        }

        #[test]
        fn bytes_without_a_mark_come_out_as_they_went_in(raw in prop::collection::vec(any::<u8>(), 0..64), chunk in 1usize..9) {
            prop_assume!(mark(&raw).is_none());
            prop_assert_eq!(decode(&raw, chunk), raw);
        }
    }

    #[test]
    fn half_a_character_at_the_end_is_shown_as_one_that_is_missing() {
        assert_eq!(decode(b"\xff\xfea\0b", 3), "a\u{fffd}".as_bytes());
    }
}
