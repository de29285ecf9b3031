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

/// UTF-16 that says so by its byte order mark, as UTF-8 bytes; `None` for everything else.
///
/// `PowerShell` before 6 writes it with `>` and `Tee-Object`.
pub fn utf16(bytes: &[u8]) -> Option<Vec<u8>> {
    let (order, rest): (fn([u8; 2]) -> u16, _) = match bytes {
        // The same two bytes and two zeros more are UTF-32.
        [0xff, 0xfe, 0, 0, ..] => return None,
        [0xff, 0xfe, rest @ ..] => (u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => (u16::from_be_bytes, rest),
        _ => return None,
    };
    let (pairs, odd) = rest.as_chunks::<2>();
    let mut text: String = char::decode_utf16(pairs.iter().map(|pair| order(*pair)))
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    if !odd.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    Some(text.into_bytes())
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

    #[test]
    fn both_orders_of_utf16_read_the_same() {
        let units: Vec<u16> = "\u{feff}Größe 2 GiB 🎉".encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|u| u.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|u| u.to_be_bytes()).collect();
        assert_eq!(utf16(&little).unwrap(), "Größe 2 GiB 🎉".as_bytes());
        assert_eq!(utf16(&big), utf16(&little));
    }

    #[test]
    fn a_cut_utf16_text_is_read_to_its_last_whole_character() {
        assert_eq!(
            utf16(b"\xff\xfea\0\x3d\xd8\x01").unwrap(),
            "a\u{fffd}\u{fffd}".as_bytes()
        );
    }

    #[test]
    fn what_has_no_mark_is_not_utf16() {
        assert_eq!(utf16(b"plain"), None);
        assert_eq!(utf16(b""), None);
        assert_eq!(utf16(b"\xff\xfe\0\0a\0\0\0"), None);
    }
}
