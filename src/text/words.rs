//! Several words, any of which may stand in a text.

use regex::Regex;

/// Words that are looked for all at once: what is asked of every line must not search it once for each.
pub struct Words(Option<Regex>);

impl Words {
    /// Words as they are spelled.
    pub fn new(words: &[&str]) -> Self {
        let any: Vec<String> = words.iter().map(|word| regex::escape(word)).collect();
        Self(Regex::new(&any.join("|")).ok())
    }

    /// True where one of them stands in the text.
    pub fn stand_in(&self, text: &str) -> bool {
        self.0.as_ref().is_some_and(|any| any.is_match(text))
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
