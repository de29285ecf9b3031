//! What is made of the literals and patterns of this crate, kept for the life of the program.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Things by what they were made of, which is few and static: each is made once.
pub(super) struct Kept<T: 'static>(Mutex<BTreeMap<(usize, usize), &'static T>>);

impl<T> Kept<T> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// What is made of this.
    pub(super) fn get(&self, of: &'static str, make: impl FnOnce() -> T) -> &'static T {
        // Where it stands tells which it is: to compare long patterns took longer than to search for them.
        let key = (of.as_ptr().addr(), of.len());
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(key)
            .or_insert_with(|| Box::leak(Box::new(make())))
    }
}
