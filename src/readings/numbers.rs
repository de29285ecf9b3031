//! Numbers and their units in a line, by hand: a log can hold millions of such lines.

use crate::bytes::{Bytes, GIB, KIB, MIB, TIB};

/// A number in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// The byte that it starts at.
    pub(super) start: usize,
    /// The byte behind it.
    pub(super) end: usize,
    /// Its digits, the point left out.
    pub(super) digits: u64,
    /// How many of them stand behind the point.
    pub(super) decimals: u32,
}

impl Number {
    /// The number as a count; `None` where it has a fraction.
    pub(super) fn whole(self) -> Option<u64> {
        (self.decimals == 0).then_some(self.digits)
    }

    /// All byte counts that print as this number of units.
    pub(super) fn of(self, unit: u64) -> Option<Bytes> {
        Bytes::rounded(self.digits, self.decimals, unit)
    }
}

/// More digits than this are a hash or a key, and no number.
const LONGEST: usize = 18;

/// The first number that starts at `from` or later and is not part of a word.
pub(super) fn next(text: &str, from: usize) -> Option<Number> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        let tail = bytes.get(at..)?;
        let start = at + tail.iter().position(u8::is_ascii_digit)?;
        let before = start.checked_sub(1).and_then(|i| bytes.get(i));
        match at_digit(bytes, start) {
            Ok(number) if !before.is_some_and(|b| in_word(*b)) => return Some(number),
            Ok(number) => at = number.end,
            Err(end) => at = end,
        }
    }
}

/// What joins a digit behind it to a name ("A100", `x_2`, "v1.3").
fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.' || byte >= 0x80
}

/// The number at exactly this byte, blanks before it allowed.
pub(super) fn at(text: &str, from: usize) -> Option<Number> {
    let bytes = text.as_bytes();
    let blanks = bytes.get(from..)?.iter().take_while(|b| **b == b' ');
    let start = from + blanks.count();
    if !bytes.get(start)?.is_ascii_digit() {
        return None;
    }
    at_digit(bytes, start).ok()
}

/// Reads on from a digit; `Err` with the byte to go on from where it is no number after all.
fn at_digit(bytes: &[u8], start: usize) -> Result<Number, usize> {
    let mut digits: u64 = 0;
    let mut decimals = 0;
    let mut point = false;
    let mut end = start;
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'0'..=b'9' => {
                digits = digits
                    .saturating_mul(10)
                    .saturating_add(u64::from(byte - b'0'));
                decimals += u32::from(point);
            }
            b'.' if !point && digit(bytes, end + 1) => point = true,
            b',' if !point && thousands(bytes, start, end) => {}
            _ => break,
        }
        end += 1;
    }
    // "1.2.3" is a version, "1e-3" a rate.
    let tail = bytes.get(end..).unwrap_or_default();
    let version = tail.first() == Some(&b'.') && digit(bytes, end + 1);
    let exponent = matches!(tail, [b'e' | b'E', b'-' | b'+' | b'0'..=b'9', ..]);
    if version || exponent || end - start > LONGEST {
        let rest = tail
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+'));
        return Err(end + rest.count());
    }
    Ok(Number {
        start,
        end,
        digits,
        decimals,
    })
}

fn digit(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(u8::is_ascii_digit)
}

/// True at a comma that groups thousands: three digits follow and no fourth, at most three stand before, and a unit, a
/// point or another group ends it ("[120,500]" is two numbers).
fn thousands(bytes: &[u8], start: usize, comma: usize) -> bool {
    let group = bytes.get(comma + 1..comma + 4);
    if comma - start > 15 || !group.is_some_and(|g| g.iter().all(u8::is_ascii_digit)) {
        return false;
    }
    match bytes.get(comma + 4) {
        Some(b'.' | b',') => true,
        Some(b' ') => bytes.get(comma + 5).is_some_and(u8::is_ascii_alphabetic),
        Some(next) => next.is_ascii_alphabetic(),
        None => false,
    }
}

/// A unit of memory behind a number, and the byte behind the unit. One blank may stand between them.
///
/// Units are powers of 1024 whatever their label: programs divide by `2**30` or `1024**3` and write "GB". The few that
/// divide by a power of ten are known by name, and a line that prints the bytes themselves is read by those.
pub(super) fn unit(text: &str, end: usize) -> Option<(u64, usize)> {
    let tail = text.as_bytes().get(end..)?;
    let blank = usize::from(tail.first() == Some(&b' '));
    let word = tail.get(blank..)?;
    let length = word.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let label = word.get(..length)?;
    let per_second = matches!(word.get(length..), Some([b'/', b's' | b'S' | b'_', ..]));
    let known = unit_of(label).filter(|_| !per_second && (blank == 0 || length > 1))?;
    Some((known, end + blank + length))
}

/// True where a digit stands before a unit of memory, with one blank between them or none.
pub(super) fn holds_size(bytes: &[u8]) -> bool {
    // A digit before another ends no number.
    let ends = |pair: &[u8]| matches!(pair, [b'0'..=b'9', next] if !next.is_ascii_digit());
    let last = (1..).zip(bytes.windows(2)).filter(|(_, pair)| ends(pair));
    last.map(|(at, _)| at).any(|at| {
        let behind = bytes.get(at..).unwrap_or_default();
        let word = behind.strip_prefix(b" ").unwrap_or(behind);
        let length = word.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let (unit, behind) = word.split_at_checked(length).unwrap_or_default();
        unit_of(unit).is_some() && !behind.first().is_some_and(u8::is_ascii_digit)
    })
}

/// The bytes in a unit by its label.
pub(super) fn unit_of(label: &[u8]) -> Option<u64> {
    let (first, rest) = label.split_first()?;
    let plain = matches!(rest, [] | [b'b' | b'B'] | [b'i' | b'I', b'b' | b'B']);
    Some(match first.to_ascii_lowercase() {
        b'k' if plain => KIB,
        b'm' if plain => MIB,
        b'g' if plain => GIB,
        b't' if plain => TIB,
        b'b' if rest.eq_ignore_ascii_case(b"ytes") || rest.eq_ignore_ascii_case(b"yte") => 1,
        b'b' if label == b"B" => 1,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(text: &str) -> Vec<(u64, u32)> {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(number) = next(text, from) {
            found.push((number.digits, number.decimals));
            from = number.end;
        }
        found
    }

    #[test]
    fn numbers_are_read_and_names_versions_and_rates_are_not() {
        assert_eq!(all("step 50: 3.21 GB"), [(50, 0), (321, 2)]);
        assert_eq!(all("A100 x_2 v1.3 torch 2.11.0 lr 3.0e-04 ok 7"), [(7, 0)]);
        assert_eq!(
            all("[120,500] 1,234.5 MB 12,345 MiB"),
            [(120, 0), (500, 0), (12345, 1), (12345, 0)]
        );
    }

    #[test]
    fn a_unit_is_a_power_of_1024_whatever_its_label() {
        assert_eq!(unit("3.21 GB", 4), Some((GIB, 7)));
        assert_eq!(unit("3743MiB /", 4), Some((MIB, 7)));
        assert_eq!(unit("7.45G  ", 4), Some((GIB, 5)));
        assert_eq!(unit("12 bytes", 2), Some((1, 8)));
    }

    #[test]
    fn a_size_is_a_digit_and_a_unit() {
        for text in ["3 bytes ", "at 5 KB", "7.45G  ", "3 MiB/s"] {
            assert!(holds_size(text.as_bytes()), "{text}");
        }
        for text in ["5 tokens and ", "2026-01-02T03:04:05Z ", "12", "", "5  GB"] {
            assert!(!holds_size(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_rate_and_a_lone_letter_are_no_unit() {
        assert_eq!(unit("9.8 MB/s", 3), None);
        assert_eq!(unit("12 m", 2), None);
        assert_eq!(unit("12 minutes", 2), None);
        assert_eq!(unit("9.8it/s", 3), None);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            let mut from = 0;
            while let Some(number) = next(&text, from) {
                prop_assert!(number.end > from);
                let _ = unit(&text, number.end);
                from = number.end;
            }
        }
    }
}
