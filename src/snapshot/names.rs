//! Texts of a snapshot, each kept once. The words that its reader looks for come first, so that a word is a number.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// All distinct texts, by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    text: String,
    ends: Vec<usize>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Names {
    /// The number of a text, which is new where it was not seen yet. `None` where there are too many.
    pub(super) fn intern(&mut self, text: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(text);
        if let Some(found) = self.table.find(hash, |id| self.get(*id) == text) {
            return Some(*found);
        }
        let id = u32::try_from(self.ends.len()).ok()?;
        self.text.push_str(text);
        self.ends.push(self.text.len());
        let Self {
            text,
            ends,
            table,
            hasher,
        } = self;
        table.insert_unique(hash, id, |id| hasher.hash_one(piece(text, ends, *id)));
        Some(id)
    }

    /// The text with this number.
    pub(crate) fn get(&self, id: u32) -> &str {
        piece(&self.text, &self.ends, id)
    }

    /// How many bytes all texts take.
    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }
}

fn piece<'a>(text: &'a str, ends: &[usize], id: u32) -> &'a str {
    let Ok(id) = usize::try_from(id) else {
        return "";
    };
    let start = id.checked_sub(1).and_then(|before| ends.get(before));
    let end = ends.get(id).copied().unwrap_or(0);
    text.get(start.copied().unwrap_or(0)..end)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_number_and_keeps_it() {
        let mut names = Names::default();
        let words: Vec<String> = (0..500).map(|n| format!("word {n}")).collect();
        let first: Vec<u32> = words.iter().filter_map(|w| names.intern(w)).collect();
        let again: Vec<u32> = words.iter().filter_map(|w| names.intern(w)).collect();
        assert_eq!(first, again);
        assert_eq!(names.get(first[321]), "word 321");
        assert_eq!(names.get(9999), "");
    }
}
