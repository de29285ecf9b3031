//! Lists of frames, which are most of a snapshot: the same few hundred runs of memo numbers, a million times over. A run that came before
//! is known by its bytes, and its frames are not looked up again. Programs ask in rounds, so that mostly the run that came after the
//! last one comes again: it is tried first.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// So many bytes of runs are kept; what comes after is looked up frame by frame.
const MOST: usize = 16 << 20;

/// The runs that came before, and the stack that each is.
pub(super) struct Runs {
    flat: Vec<u8>,
    all: Vec<Run>,
    /// Of each run, which came after it the last time.
    after: Vec<usize>,
    last: usize,
    /// Where in `all` each is.
    table: HashTable<usize>,
    hasher: DefaultHashBuilder,
    /// Whether a memo number stands for what it stood for when it was first written.
    sound: bool,
}

#[derive(Clone, Copy)]
struct Run {
    start: usize,
    end: usize,
    stack: u32,
}

impl Default for Runs {
    fn default() -> Self {
        Self {
            flat: Vec::new(),
            all: Vec::new(),
            after: Vec::new(),
            last: 0,
            table: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            sound: true,
        }
    }
}

impl Runs {
    /// The length and the stack of the run at the beginning of these bytes, if it is the one that came after the last one before.
    #[inline]
    pub(super) fn expected(&mut self, bytes: &[u8]) -> Option<(usize, u32)> {
        let next = *self.after.get(self.last)?;
        let run = self.all.get(next)?;
        let flat = self.flat.get(run.start..run.end)?;
        if !bytes.starts_with(flat) {
            return None;
        }
        self.last = next;
        Some((flat.len(), run.stack))
    }

    /// The stack that this run was before.
    pub(super) fn known(&mut self, run: &[u8]) -> Option<u32> {
        if !self.sound {
            return None;
        }
        let hash = self.hasher.hash_one(run);
        let at = *self.table.find(hash, |at| self.bytes(*at) == run)?;
        let stack = self.all.get(at)?.stack;
        self.came(at);
        Some(stack)
    }

    /// Keeps the stack of a run that is not known.
    pub(super) fn keep(&mut self, run: &[u8], stack: u32) {
        let start = self.flat.len();
        let end = start.saturating_add(run.len());
        if !self.sound || end > MOST {
            return;
        }
        self.flat.extend_from_slice(run);
        let at = self.all.len();
        self.all.push(Run { start, end, stack });
        // Until another comes after it, it may come again itself.
        self.after.push(at);
        let hash = self.hasher.hash_one(run);
        let mut table = std::mem::take(&mut self.table);
        table.insert_unique(hash, at, |at| self.hasher.hash_one(self.bytes(*at)));
        self.table = table;
        self.came(at);
    }

    fn came(&mut self, at: usize) {
        if let Some(after) = self.after.get_mut(self.last) {
            *after = at;
        }
        self.last = at;
    }

    fn bytes(&self, at: usize) -> &[u8] {
        let run = self.all.get(at);
        run.and_then(|run| self.flat.get(run.start..run.end))
            .unwrap_or_default()
    }

    /// A memo number got another meaning: no writer of snapshots does that, and no run says anything any more.
    #[cold]
    pub(super) fn doubt(&mut self) {
        *self = Self {
            sound: false,
            ..Self::default()
        };
    }
}

/// How long a run is at the beginning of these bytes: instructions that get something from the memo (`BINGET`, `LONG_BINGET`), up to
/// `APPENDS` and with it. `None` where anything else is among them, or where it does not end here.
#[inline]
pub(super) fn length(bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes;
    loop {
        rest = match rest {
            [b'j', _, _, _, _, rest @ ..] | [b'h', _, rest @ ..] => rest,
            [b'e', rest @ ..] if rest.len() + 1 < bytes.len() => {
                return Some(bytes.len() - rest.len());
            }
            _ => return None,
        };
    }
}

/// The memo numbers of a run.
pub(super) fn numbers(run: &[u8]) -> impl Iterator<Item = u32> + '_ {
    let mut rest = run;
    std::iter::from_fn(move || match rest {
        [b'j', a, b, c, d, after @ ..] => {
            rest = after;
            Some(u32::from_le_bytes([*a, *b, *c, *d]))
        }
        [b'h', a, after @ ..] => {
            rest = after;
            Some(u32::from(*a))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_whole_or_none() {
        assert_eq!(length(b"h\x01j\x01\x02\x00\x00e."), Some(8));
        assert_eq!(length(b"h\x01e"), Some(3));
        for none in [
            &b"e"[..],
            b"",
            b"h",
            b"h\x01",
            b"h\x01j\x01\x02",
            b"h\x01K\x01e",
        ] {
            assert_eq!(length(none), None, "{none:?}");
        }
        assert!(numbers(b"h\x01j\x01\x02\x00\x00e").eq([1, 0x201]));
    }

    #[test]
    fn a_run_is_known_until_a_number_means_something_else() {
        let mut runs = Runs::default();
        runs.keep(b"h\x01e", 7);
        runs.keep(b"h\x02e", 8);
        assert_eq!(runs.known(b"h\x01e"), Some(7));
        assert_eq!(runs.known(b"h\x02e"), Some(8));
        assert_eq!(runs.known(b"h\x03e"), None);
        runs.doubt();
        runs.keep(b"h\x01e", 9);
        assert_eq!(runs.known(b"h\x01e"), None);
        assert_eq!(runs.expected(b"h\x01e"), None);
    }

    #[test]
    fn the_run_that_came_after_the_last_one_is_expected_again() {
        let mut runs = Runs::default();
        assert_eq!(runs.expected(b"h\x01eu"), None);
        runs.keep(b"h\x01e", 7);
        assert_eq!(runs.expected(b"h\x01eu"), Some((3, 7)));
        runs.keep(b"h\x02h\x01e", 8);
        assert_eq!(runs.expected(b"h\x01eu"), None);
        assert_eq!(runs.known(b"h\x01e"), Some(7));
        assert_eq!(runs.expected(b"h\x02h\x01"), None, "it is not all there");
        assert_eq!(runs.expected(b"h\x02h\x01eu"), Some((5, 8)));
        assert_eq!(runs.expected(b"h\x01eu"), Some((3, 7)));
    }
}
