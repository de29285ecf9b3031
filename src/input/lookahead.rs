//! A reader that shows what comes before it is taken: formats are told apart by their first bytes, and the end of some
//! members of archives by what stands behind them.

use std::io::{self, BufRead, ErrorKind, Read};

/// How much is read at once, and the most that can be shown.
const CAPACITY: usize = 64 * 1024;

/// Bytes with a look ahead. How the input ended stays: whoever reads on meets the same end or the same error again.
pub(super) struct Lookahead<R> {
    input: R,
    buffer: Vec<u8>,
    /// How much of the buffer was taken.
    taken: usize,
    /// How much of the buffer was read.
    filled: usize,
    /// How many bytes were taken in all.
    at: u64,
    ended: bool,
    failed: Option<(ErrorKind, String)>,
}

impl<R: Read> Lookahead<R> {
    /// Nothing is read yet.
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            taken: 0,
            filled: 0,
            at: 0,
            ended: false,
            failed: None,
        }
    }

    /// How many bytes were taken so far.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// At least the next `count` bytes (at most [`CAPACITY`]); fewer only where the input ends or fails before.
    pub(super) fn ahead(&mut self, count: usize) -> &[u8] {
        if self.buffer.is_empty() {
            self.buffer = vec![0; CAPACITY];
        }
        if self.waiting().len() < count {
            self.buffer.copy_within(self.taken..self.filled, 0);
            self.filled -= self.taken;
            self.taken = 0;
        }
        while self.waiting().len() < count.min(CAPACITY) && !self.ended {
            let room = self.buffer.get_mut(self.filled..).unwrap_or_default();
            let read = self.input.read(room);
            self.filled += self.settle(read);
        }
        self.waiting()
    }

    /// The next `N` bytes, taken; an error where there are fewer.
    pub(super) fn exactly<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Takes `count` bytes without looking at them; an error where there are fewer.
    pub(super) fn skip(&mut self, count: u64) -> io::Result<()> {
        let skipped = io::copy(&mut self.by_ref().take(count), &mut io::sink())?;
        if skipped < count {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    fn waiting(&self) -> &[u8] {
        self.buffer.get(self.taken..self.filled).unwrap_or_default()
    }

    /// Takes the answer of the input, and keeps how it ended.
    fn settle(&mut self, read: io::Result<usize>) -> usize {
        match read {
            Ok(0) => self.ended = true,
            Ok(count) => return count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                self.failed = Some((error.kind(), error.to_string()));
                self.ended = true;
            }
        }
        0
    }

    fn count(&mut self, count: usize) -> usize {
        self.at = self.at.saturating_add(super::as_u64(count));
        count
    }
}

impl<R: Read> Read for Lookahead<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // What is large enough goes straight to the one who asks.
        while self.waiting().is_empty() && out.len() >= CAPACITY && !self.ended {
            let read = self.input.read(out);
            match self.settle(read) {
                0 => {}
                count => return Ok(self.count(count)),
            }
        }
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Lookahead<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.ahead(1).is_empty()
            && let Some((kind, words)) = &self.failed
        {
            return Err(io::Error::new(*kind, words.clone()));
        }
        Ok(self.waiting())
    }

    fn consume(&mut self, count: usize) {
        let count = count.min(self.waiting().len());
        self.taken += self.count(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gives a byte at a time, then an error.
    struct Drips(&'static [u8]);

    impl Read for Drips {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Err(io::Error::other("the disk is gone"));
            }
            let most = out.len().min(1);
            self.0.read(&mut out[..most])
        }
    }

    #[test]
    fn what_was_shown_is_still_there_and_an_error_comes_in_its_place_and_stays() {
        let mut input = Lookahead::new(Drips(b"shown"));
        assert_eq!(input.ahead(3), b"sho");
        assert_eq!(input.ahead(9), b"shown");
        assert_eq!(input.exactly().unwrap(), *b"sho");
        assert_eq!(input.at(), 3);
        let mut rest = Vec::new();
        assert!(input.read_to_end(&mut rest).is_err());
        assert_eq!(rest, b"wn");
        assert!(input.read(&mut [0; 9]).is_err());
        assert!(input.skip(1).is_err());
    }

    proptest! {
        #[test]
        fn every_byte_comes_once_and_in_order(raw in prop::collection::vec(any::<u8>(), 0..300), looks in prop::collection::vec(0usize..200, 1..9)) {
            let mut input = Lookahead::new(raw.as_slice());
            let mut read = Vec::new();
            for look in looks {
                let ahead = input.ahead(look);
                prop_assert!(ahead.len() >= look.min(raw.len() - read.len()));
                let taken = look / 2;
                let bytes = ahead.iter().copied().take(taken).collect::<Vec<_>>();
                input.consume(bytes.len());
                read.extend(bytes);
            }
            input.read_to_end(&mut read).unwrap();
            prop_assert_eq!(input.at(), raw.len() as u64);
            prop_assert_eq!(read, raw);
        }
    }
}
