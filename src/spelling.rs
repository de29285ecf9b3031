//! What somebody meant who misspelled a word.

/// The known word that is nearest, if it is near: two letters more, fewer or other, or a third of a long word.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known = known.into_iter();
    let near = known.map(|known| (strsim::damerau_levenshtein(word, known), known));
    let near = near.filter(|(distance, known)| *distance <= (known.len() / 3).max(2));
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
    }
}
