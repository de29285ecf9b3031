//! What somebody meant who misspelled a word.

/// The known word that is nearest, if it is near: a third of its letters more, fewer or other. Of a short word one may be.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known = known.into_iter();
    let near = known.map(|known| (strsim::damerau_levenshtein(word, known), known));
    let near = near.filter(|(distance, known)| {
        let letters = known.len().min(word.len());
        *distance <= (letters / 3).max(1) && letters > *distance + 1
    });
    near.min().map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_is_found_and_what_is_far_is_not() {
        let known = ["live", "explain", "expandable-segments"];
        assert_eq!(nearest("explian", known), Some("explain"));
        assert_eq!(
            nearest("expandable-segmentation", known),
            Some("expandable-segments")
        );
        assert_eq!(nearest("memory", known), None);
        assert_eq!(nearest("lvie", known), Some("live"));
        // Half of a word is no slip.
        assert_eq!(nearest("t4", ["gc"]), None);
        assert_eq!(nearest("wddm", ["adam"]), None);
    }
}
