//! Reads a prefix from left to right; every step says whether it fits.

/// A place in a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    /// What is still to be read.
    pub(super) rest: &'a str,
}

impl<'a> Cursor<'a> {
    /// At the start of a line.
    pub(super) fn new(rest: &'a str) -> Self {
        Self { rest }
    }

    /// Takes a literal.
    pub(super) fn lit(&mut self, literal: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(literal)?;
        Some(())
    }

    /// Takes a literal where there is one.
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
        self.run(1, most, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'/' | b'<' | b'>' | b'@')
        })
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
        self.digits(2, 2)?;
        self.lit(":")?;
        self.digits(2, 2)?;
        self.lit(":")?;
        self.digits(2, 2)?;
        let mut ahead = *self;
        if ahead.one_of(&[".", ","]).is_some() && ahead.digits(1, 9).is_some() {
            *self = ahead;
        }
        Some(())
    }

    /// Takes `2026-01-02`.
    pub(super) fn date(&mut self) -> Option<()> {
        self.digits(4, 4)?;
        self.lit("-")?;
        self.digits(2, 2)?;
        self.lit("-")?;
        self.digits(2, 2).map(|_| ())
    }

    /// Takes `2026-01-02 03:04:05`, with `T` for the space and a zone or a fraction as they come.
    pub(super) fn date_time(&mut self) -> Option<()> {
        self.date()?;
        self.one_of(&[" ", "T"])?;
        self.clock()?;
        self.zone();
        Some(())
    }

    /// Takes `Z` or `+01:00` where there is one.
    fn zone(&mut self) {
        let mut ahead = *self;
        let taken = ahead.maybe("Z")
            || (ahead.one_of(&["+", "-"]).is_some() && ahead.digits(2, 2).is_some() && {
                ahead.maybe(":");
                ahead.digits(2, 2).is_some()
            });
        if taken {
            *self = ahead;
        }
    }

    /// Takes the name of a level of a log, in upper case.
    pub(super) fn level(&mut self) -> Option<()> {
        self.one_of(&[
            "CRITICAL", "CRITIC", "ERROR", "WARNING", "WARN", "INFO", "DEBUG", "FATAL", "NOTSET",
            "TRACE", "SUCCESS",
        ])?;
        (!self.rest.starts_with(|c: char| c.is_ascii_alphanumeric())).then_some(())
    }
}
