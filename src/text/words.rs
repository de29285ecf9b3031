//! Several words, any of which may stand in a text.

use aho_corasick::packed::Searcher;
use memchr::memmem::Finder;

/// Words of which a search is prepared once, for all of them together where the processor can.
pub(crate) enum Words {
    /// All at once.
    Together(Searcher),
    /// One after the other.
    Each(Vec<Finder<'static>>),
}

impl Words {
    /// Words as they are spelled.
    pub(crate) fn new(words: &[&str]) -> Self {
        if let Some(together) = Searcher::new(words) {
            return Self::Together(together);
        }
        let each = words.iter().map(|word| Finder::new(word).into_owned());
        Self::Each(each.collect())
    }

    /// True where one of them stands in the text.
    pub(crate) fn stand_in(&self, text: &str) -> bool {
        let text = text.as_bytes();
        match self {
            Self::Together(together) => together.find(text).is_some(),
            Self::Each(each) => each.iter().any(|word| word.find(text).is_some()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_word_is_found_as_it_is_spelled_and_signs_stand_for_themselves() {
        let words = Words::new(&["b/s]", "Map (", "a.c"]);
        for text in ["12 b/s]", "Map (", "xa.cx"] {
            assert!(words.stand_in(text), "{text}");
        }
        for text in ["", "b/s", "map (", "abc"] {
            assert!(!words.stand_in(text), "{text}");
        }
    }
}
