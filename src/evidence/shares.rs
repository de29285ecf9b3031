//! The ranks that failed alike, each once.

use std::collections::BTreeSet;
use std::ops::Deref;

use super::Share;

/// What each rank says of one failure, in the order of the input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    all: Vec<Share>,
    /// Their ranks: a log can name a hundred thousand.
    ranks: BTreeSet<u32>,
}

impl Shares {
    /// Keeps what one more rank says; what a rank says first counts.
    pub fn add(&mut self, share: Share) {
        if self.ranks.insert(share.rank) {
            self.all.push(share);
        }
    }

    /// True where the rank is among them.
    pub fn name(&self, rank: u32) -> bool {
        self.ranks.contains(&rank)
    }
}

impl Deref for Shares {
    type Target = [Share];

    fn deref(&self) -> &[Share] {
        &self.all
    }
}

impl Extend<Share> for Shares {
    fn extend<I: IntoIterator<Item = Share>>(&mut self, shares: I) {
        shares.into_iter().for_each(|share| self.add(share));
    }
}

impl FromIterator<Share> for Shares {
    fn from_iter<I: IntoIterator<Item = Share>>(shares: I) -> Self {
        let mut all = Self::default();
        all.extend(shares);
        all
    }
}
