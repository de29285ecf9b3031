//! Reads a prefix from left to right; every step says whether it fits.

/// Which bytes names are made of. Nearly every line is asked for one, byte by byte.
static NAMES: [bool; 256] = {
    let mut names = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        #[expect(
            clippy::indexing_slicing,
            reason = "checked by the compiler, which runs it"
        )]
        {
            names[byte as usize] = byte.is_ascii_alphanumeric()
                || matches!(byte, b'_' | b'.' | b'-' | b'/' | b'<' | b'>' | b'@');
        }
        byte += 1;
    }
    names
};

/// A place in a line.
#[derive(Clone, Copy, Debug)]
pub(in crate::text) struct Cursor<'a> {
    /// What is still to be read.
    pub(super) rest: &'a str,
    /// How much was still to be read at the start of the line, and how many bytes of it are a date and a time.
    start: (usize, Option<usize>),
}

impl<'a> Cursor<'a> {
    /// At the start of a line. Most families of prefixes ask for a time there, so it is read once for all of them.
    pub(in crate::text) fn new(rest: &'a str) -> Self {
        let timed = rest.starts_with(|c: char| c.is_ascii_digit());
        let time = if timed {
            date_time(rest.as_bytes())
        } else {
            None
        };
        Self {
            rest,
            start: (rest.len(), time),
        }
    }

    /// What stands behind the date and time that the line begins with; `None` where it begins with none.
    pub(super) fn behind_time(&self) -> Option<&'a [u8]> {
        let (_, time) = self.start;
        self.rest.as_bytes().get(time?..)
    }

    /// Takes a literal.
    #[inline]
    pub(super) fn lit(&mut self, literal: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(literal)?;
        Some(())
    }

    /// Takes a literal where there is one.
    #[inline]
    pub(super) fn maybe(&mut self, literal: &str) -> bool {
        self.lit(literal).is_some()
    }

    /// Takes `least` to `most` bytes of ASCII that fit; stops at the first that does not.
    pub(super) fn run(
        &mut self,
        least: usize,
        most: usize,
        fits: impl Fn(u8) -> bool,
    ) -> Option<&'a str> {
        let length = self
            .rest
            .bytes()
            .take(most)
            .take_while(|b| b.is_ascii() && fits(*b))
            .count();
        let (taken, rest) = self.rest.split_at_checked(length)?;
        if length < least {
            return None;
        }
        self.rest = rest;
        Some(taken)
    }

    /// Takes `least` to `most` digits.
    pub(super) fn digits(&mut self, least: usize, most: usize) -> Option<&'a str> {
        self.run(least, most, |b| b.is_ascii_digit())
    }

    /// Takes a number of one to nine digits that ends there.
    pub(super) fn number(&mut self) -> Option<u32> {
        let number = self.digits(1, 9)?.parse().ok()?;
        (!self.rest.starts_with(|c: char| c.is_ascii_digit())).then_some(number)
    }

    /// Takes a name: letters, digits and what else names of modules, files and hosts are made of.
    pub(super) fn name(&mut self, most: usize) -> Option<&'a str> {
        let named = |b: u8| NAMES.get(usize::from(b)).is_some_and(|named| *named);
        self.run(1, most, named)
    }

    /// Takes one of several literals.
    pub(super) fn one_of(&mut self, literals: &[&str]) -> Option<()> {
        literals.iter().any(|l| self.maybe(l)).then_some(())
    }

    /// Takes the one space behind a prefix, or nothing at the end of the line.
    pub(super) fn gap(&mut self) -> Option<()> {
        (self.maybe(" ") || self.maybe("\t") || self.rest.is_empty()).then_some(())
    }

    /// Takes any number of spaces, at least one.
    pub(super) fn spaces(&mut self) -> Option<()> {
        self.run(1, 40, |b| b == b' ').map(|_| ())
    }

    /// Takes `03:04:05` with or without a fraction.
    pub(super) fn clock(&mut self) -> Option<()> {
        self.take(clock(self.rest.as_bytes())?)
    }

    /// Takes `2026-01-02 03:04:05`, with `T` for the space and a zone or a fraction as they come.
    pub(super) fn date_time(&mut self) -> Option<()> {
        let (whole, time) = self.start;
        let length = if self.rest.len() == whole {
            time
        } else {
            date_time(self.rest.as_bytes())
        };
        self.take(length?)
    }

    /// Takes so many bytes of ASCII.
    fn take(&mut self, bytes: usize) -> Option<()> {
        self.rest = self.rest.get(bytes..)?;
        Some(())
    }

    /// Takes the name of a level of a log, in upper case.
    pub(super) fn level(&mut self) -> Option<()> {
        const LEVELS: [&str; 11] = [
            "CRITICAL", "CRITIC", "ERROR", "WARNING", "WARN", "INFO", "DEBUG", "FATAL", "NOTSET",
            "TRACE", "SUCCESS",
        ];
        // Most of what stands where a level could is none, and two capitals are what all of them begin with.
        let [first, second, ..] = self.rest.as_bytes() else {
            return None;
        };
        if !first.is_ascii_uppercase() || !second.is_ascii_uppercase() {
            return None;
        }
        self.one_of(&LEVELS)?;
        (!self.rest.starts_with(|c: char| c.is_ascii_alphanumeric())).then_some(())
    }
}

// Most lines begin with a time, so times are read byte by byte.

/// How many bytes a date and a time take, where the bytes begin with them.
fn date_time(bytes: &[u8]) -> Option<usize> {
    let (day, tail) = bytes.split_first_chunk::<10>()?;
    let (b' ' | b'T', tail) = tail.split_first()? else {
        return None;
    };
    let (head, days) = day.split_first_chunk::<8>()?;
    if !DAY.fits(*head) || !days.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let length = clock(tail)?;
    let zone = zone(tail.get(length..)?);
    Some(day.len() + 1 + length + zone)
}

/// How many bytes `03:04:05` takes with its fraction, where the bytes begin with it.
fn clock(bytes: &[u8]) -> Option<usize> {
    let (head, tail) = bytes.split_first_chunk::<8>()?;
    if !CLOCK.fits(*head) {
        return None;
    }
    let fraction = match tail {
        [b'.' | b',', digits @ ..] => digits
            .iter()
            .take(9)
            .take_while(|b| b.is_ascii_digit())
            .count(),
        _ => 0,
    };
    Some(head.len() + if fraction == 0 { 0 } else { 1 + fraction })
}

/// How many bytes a zone takes, `Z`, `+01:00` or `+0100`, where the bytes begin with one.
fn zone(bytes: &[u8]) -> usize {
    let (sign, tail) = match bytes {
        [b'Z', ..] => return 1,
        [b'+' | b'-', tail @ ..] => (1, tail),
        _ => return 0,
    };
    let digits = match tail {
        [a, b, b':', c, d, ..] | [a, b, c, d, ..] => [a, b, c, d],
        _ => return 0,
    };
    let colon = usize::from(tail.get(2) == Some(&b':'));
    if digits.iter().all(|b| b.is_ascii_digit()) {
        sign + digits.len() + colon
    } else {
        0
    }
}

/// Eight bytes of a time: a zero stands for any digit.
struct Shape {
    text: u64,
    /// All bits of the bytes that are signs.
    signs: u64,
}

const DAY: Shape = Shape::of(*b"0000-00-");
const CLOCK: Shape = Shape::of(*b"00:00:00");

impl Shape {
    const fn of(text: [u8; 8]) -> Self {
        let mut signs = 0;
        let mut rest: &[u8] = &text;
        while let Some((last, before)) = rest.split_last() {
            signs = signs << 8 | if *last == b'0' { 0 } else { 0xff };
            rest = before;
        }
        Self {
            text: u64::from_le_bytes(text),
            signs,
        }
    }

    /// True where each byte is a digit where the shape has a zero, and else the shape's own. All are looked at together.
    #[inline]
    fn fits(&self, bytes: [u8; 8]) -> bool {
        const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);
        const UPPER: u64 = u64::from_le_bytes([0xf0; 8]);
        const TO_TEN: u64 = u64::from_le_bytes([6; 8]);
        // A sign of the shape becomes a zero where it stands, and something else where another byte does.
        let bytes = u64::from_le_bytes(bytes) ^ self.text ^ ZEROS;
        let beyond = (bytes & !UPPER).wrapping_add(TO_TEN);
        let digits = bytes & UPPER == ZEROS && beyond & UPPER == 0;
        digits && (bytes ^ ZEROS) & self.signs == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_its_shape_in_every_byte() {
        let length = |text: &str| date_time(text.as_bytes());
        assert_eq!(length("2026-01-02 03:04:05"), Some(19));
        assert_eq!(length("2026-01-02T23:59:59.1234567Z x"), Some(28));
        let time = "2026-01-02T03:04:05";
        for (at, old) in time.char_indices() {
            for other in ['/', ':', '0', '9', 'x', '\u{1}', ' ', 'T', '-', '?'] {
                let mut changed = time.to_owned();
                changed.replace_range(at..=at, &other.to_string());
                let digits = old.is_ascii_digit() && other.is_ascii_digit();
                let between = at == 10 && (other == ' ' || other == 'T');
                let fits = digits || between || other == old;
                assert_eq!(length(&changed).is_some(), fits, "{changed}");
            }
        }
    }
}
