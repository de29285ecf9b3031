//! Bytes to text that never fails: a log may be cut inside a character or mix encodings.

use std::borrow::Cow;

/// UTF-8, with U+FFFD for what is none.
///
/// A lone byte of 0x80 to 0x9F outside UTF-8 is kept as the control character that it is in ISO 8859: eight-bit
/// terminals begin their escapes with one.
pub(super) fn utf8(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        match chunk.invalid() {
            [] => {}
            [byte @ 0x80..=0x9f] => text.push(char::from(*byte)),
            _ => text.push(char::REPLACEMENT_CHARACTER),
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_replaced_and_the_rest_stays() {
        assert_eq!(utf8(b"a\xffb\xe2\x94c"), "a\u{fffd}b\u{fffd}c");
    }

    #[test]
    fn an_eight_bit_introducer_stays_a_control_character() {
        assert_eq!(utf8(b"\x9b31mred"), "\u{9b}31mred");
    }
}
