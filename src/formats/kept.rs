//! What is made of the literals and patterns of this crate, once each and kept for the life of the program: they are few
//! and static.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What was made so far, by what it was made of.
pub(super) struct Kept<T: 'static>(Mutex<BTreeMap<&'static str, &'static T>>);

impl<T> Kept<T> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// What is made of this.
    pub(super) fn get(&self, of: &'static str, make: impl FnOnce() -> T) -> &'static T {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(of)
            .or_insert_with(|| Box::leak(Box::new(make())))
    }
}
