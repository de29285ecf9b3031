//! A few dozen words, looked up without comparing text: a word of at most 16 letters is a number.

/// The longest word.
const LONGEST: usize = 16;

/// Words, in any letter case, and what they stand for.
#[derive(Debug)]
pub(super) struct Dictionary<T>(Vec<(u128, T)>);

impl<T: Copy> Dictionary<T> {
    /// A dictionary of words that stand for the same in groups.
    pub(super) fn new(groups: &[(&[&str], T)]) -> Self {
        let words = groups.iter().flat_map(|(words, means)| {
            let keys = words.iter().filter_map(|word| key(word.as_bytes()));
            keys.map(|key| (key, *means))
        });
        let mut words: Vec<(u128, T)> = words.collect();
        crate::sorting::by_key(&mut words, |(key, _)| *key);
        Self(words)
    }

    /// What a word stands for.
    pub(super) fn get(&self, word: &[u8]) -> Option<T> {
        let key = key(word)?;
        let at = self.0.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        self.0.get(at).map(|(_, means)| *means)
    }
}

/// The word in lower case as a number; `None` for one that is too long.
fn key(word: &[u8]) -> Option<u128> {
    let mut letters = [0; LONGEST];
    letters.get_mut(..word.len())?.copy_from_slice(word);
    letters.make_ascii_lowercase();
    Some(u128::from_be_bytes(letters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_in_any_case_and_its_beginning_is_not() {
        let dictionary = Dictionary::new(&[(&["memory", "mem"], 1), (&["sequence_length"], 2)]);
        assert_eq!(dictionary.get(b"Memory"), Some(1));
        assert_eq!(dictionary.get(b"mem"), Some(1));
        assert_eq!(dictionary.get(b"SEQUENCE_LENGTH"), Some(2));
        assert_eq!(dictionary.get(b"memo"), None);
        assert_eq!(dictionary.get(b"a word of more than sixteen letters"), None);
        assert_eq!(dictionary.get(b""), None);
    }
}
