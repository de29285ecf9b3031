//! What one input may unpack to: files are made that fill any memory or any time.

use std::cell::{Cell, RefCell};
use std::io;

/// How much is too much.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Unpacked bytes that are read whatever they were packed from.
    pub(super) harmless: u64,
    /// Beyond that, how many of them a raw byte may stand for.
    pub(super) ratio: u64,
    /// Beyond this many, nothing is read.
    pub(super) unpacked: u64,
    /// How many members an archive may hold, those of archives in it included.
    pub(super) members: u64,
}

impl Limits {
    /// Packed logs seldom reach a ratio of 50, and what is made to harm has 1000 and more.
    pub(super) const USUAL: Self = Self {
        harmless: 1 << 30,
        ratio: 200,
        unpacked: 1 << 40,
        members: 100_000,
    };
}

/// How far back a packed stream may refer, and the most that is kept of it: what `zstd --ultra -22` and `--long` write, and
/// what `zstd -d` takes by itself (zstd 1.5, `ZSTD_WINDOWLOG_LIMIT_DEFAULT`); twice what `xz -9` does. A packer says so in
/// its file whatever it packs, and memory is taken only for what comes out.
pub(super) const MEMORY: u64 = 128 << 20;

/// What one input has taken of its limits. Shared by all that unpacks a part of it.
#[derive(Debug)]
pub(super) struct Budget {
    limits: Limits,
    raw: Cell<u64>,
    unpacked: Cell<u64>,
    members: Cell<u64>,
    exceeded: RefCell<Option<String>>,
}

impl Budget {
    /// Nothing is taken yet.
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            raw: Cell::new(0),
            unpacked: Cell::new(0),
            members: Cell::new(0),
            exceeded: RefCell::default(),
        }
    }

    /// How many raw bytes were read.
    pub(super) fn raw(&self) -> &Cell<u64> {
        &self.raw
    }

    /// The limit that was met, in words; whatever else went wrong followed from it.
    pub(super) fn exceeded(&self) -> Option<String> {
        self.exceeded.borrow().clone()
    }

    /// Takes bytes that came out of an unpacking.
    pub(super) fn unpack(&self, count: usize) -> io::Result<()> {
        let Limits {
            harmless,
            ratio,
            unpacked: most,
            ..
        } = self.limits;
        let unpacked = self.unpacked.get().saturating_add(super::as_u64(count));
        self.unpacked.set(unpacked);
        if unpacked > most {
            let size = crate::bytes::human(most);
            return Err(self.exceed(format!("it unpacks to more than {size}")));
        }
        if unpacked > harmless && unpacked / ratio > self.raw.get() {
            return Err(self.exceed(format!(
                "it unpacks to more than {ratio} times its size, as only files that are made to harm do"
            )));
        }
        Ok(())
    }

    /// Takes one more member.
    pub(super) fn member(&self) -> io::Result<()> {
        let members = self.members.get().saturating_add(1);
        self.members.set(members);
        if members > self.limits.members {
            let most = self.limits.members;
            return Err(self.exceed(format!("it holds more than {most} members")));
        }
        Ok(())
    }

    fn exceed(&self, words: String) -> io::Error {
        *self.exceeded.borrow_mut() = Some(words.clone());
        io::Error::other(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Limits = Limits {
        harmless: 100,
        ratio: 10,
        unpacked: 1000,
        members: 2,
    };

    #[test]
    fn only_a_large_text_from_few_bytes_is_too_much() {
        let budget = Budget::new(SMALL);
        budget.raw().set(20);
        assert!(budget.unpack(100).is_ok());
        assert!(budget.unpack(100).is_ok());
        assert!(budget.unpack(10).is_err());
        assert!(budget.exceeded().unwrap().contains("10 times its size"));
    }

    #[test]
    fn no_size_of_the_input_allows_more_than_there_is_time_for() {
        let budget = Budget::new(SMALL);
        budget.raw().set(5000);
        assert!(budget.unpack(1000).is_ok());
        assert!(budget.unpack(1).is_err());
    }

    #[test]
    fn members_are_counted() {
        let budget = Budget::new(SMALL);
        assert!(budget.member().is_ok() && budget.member().is_ok());
        assert!(budget.member().is_err());
        assert_eq!(budget.exceeded().unwrap(), "it holds more than 2 members");
    }
}
