use proptest::prelude::*;
use proptest::string::string_regex;

use super::super::{ALL, patterns};
use super::*;

fn heads() -> Vec<&'static str> {
    ALL.iter().map(|message| message.head).collect()
}

/// All examples, as heads are looked for in them.
fn examples() -> Vec<String> {
    let examples = ALL.iter().flat_map(|message| message.examples());
    let squeezed = |text: &str| -> String { text.split_whitespace().collect() };
    examples
        .map(|example| squeezed(example.0).to_ascii_lowercase())
        .collect()
}

fn compiled(pattern: &str, text: &str) -> Vec<Range<usize>> {
    let regex = patterns::compile_folded(pattern).unwrap();
    regex.find_iter(text).map(|found| found.range()).collect()
}

#[test]
fn nearly_every_head_has_a_tree() {
    let without: Vec<_> = heads()
        .into_iter()
        .filter(|head| Tree::of(&patterns::spelled(head)).is_none())
        .collect();
    assert!(without.len() * 20 < heads().len(), "{without:#?}");
}

#[test]
fn every_head_is_found_in_every_example_as_its_automaton_finds_it() {
    let examples = examples();
    for head in heads() {
        let Some(tree) = Tree::of(&patterns::spelled(head)) else {
            continue;
        };
        let regex = patterns::compile_folded(head).unwrap();
        for text in &examples {
            let expected: Vec<_> = regex.find_iter(text).map(|found| found.range()).collect();
            assert_eq!(tree.all(text), Some(expected), "{head} in {text}");
        }
    }
}

#[test]
fn what_a_tree_cannot_be_has_none() {
    for pattern in [
        r"a\sb",
        "a**",
        "(?i:a)",
        "[[:alpha:]]",
        "a(",
        "[a",
        "a{2",
        "a{3,2}",
        "(?:ab){70}",
        "",
        "a?",
        "[a&&b]",
        "é",
        "(?:a?){3}b",
        "a|",
    ] {
        assert!(Tree::of(pattern).is_none(), "{pattern}");
    }
}

#[test]
fn a_long_walk_gives_up() {
    let tree = Tree::of("(?:a{0,60}){20}(?:a{0,60}){20}b");
    assert!(tree.is_none(), "empty in a repeat");
    let tree = Tree::of("a{1,60}a{1,60}a{1,60}a{1,60}b").unwrap();
    assert_eq!(tree.all(&"a".repeat(1000)), None);
    let found = tree.all("aaaab").unwrap();
    assert!(matches!(found.as_slice(), [Range { start: 0, end: 5 }]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn texts_of_a_head_are_found_as_its_automaton_finds_them(
        (head, texts) in prop::sample::select(heads()).prop_flat_map(|head| {
            let texts = string_regex(&patterns::spelled(head).replace(r"(?-u:\b)", "")).unwrap();
            (Just(head), prop::collection::vec((texts, "[a-z0-9:(é]{0,3}"), 0..4))
        }),
        cut in any::<prop::sample::Index>(),
    ) {
        let Some(tree) = Tree::of(&patterns::spelled(head)) else { return Ok(()) };
        let mut text: String = texts.into_iter().map(|(text, noise)| text + &noise).collect();
        let whole = compiled(head, &text);
        if let Some(found) = tree.all(&text) {
            prop_assert_eq!(found, whole, "{} in {}", head, text);
        }
        // A byte less, anywhere.
        if !text.is_empty() && text.is_ascii() {
            text.remove(cut.index(text.len()));
            if let Some(found) = tree.all(&text) {
                prop_assert_eq!(found, compiled(head, &text), "{} in {}", head, text);
            }
        }
    }

    #[test]
    fn a_group_is_found_in_any_case_as_an_automaton_finds_it(
        start in "(|\\^|\\(\\?-i\\)|\\(\\?i\\))",
        pattern in "(a|B|\\[Ab\\]|\\[\\^a\\]|\\.|\\\\s|\\[\\\\sb\\]|\\(aB\\)|\\(a\\|b\\)|\\(\\?:ab\\|a\\))(|\\?|\\*|\\{0,2\\}|\\{1,3\\}\\?)(|a|:|\\(\\?-i:Ab\\|c\\)|\\(\\[a-c\\]\\)|\\(A\\(b\\)\\|b\\)|\\[\\^B\\])(|\\+|\\*|\\{1,2\\})(a|B|\\(c\\)|\\(\\?:b\\|\\(C\\)\\)|\\$)",
        text in "[abcABC: ]{0,24}",
    ) {
        let pattern = start + &pattern;
        let Some(tree) = Tree::in_any_case(&pattern) else { return Ok(()) };
        let Ok(regex) = regex::RegexBuilder::new(&pattern).case_insensitive(true).build() else { return Ok(()) };
        let range = |found: regex::Match<'_>| found.range();
        let expected = regex.captures(&text).map(|found| (found.get(0).map(range), found.get(1).map(range)));
        let found = tree.find(&text).unwrap().map(|place| (Some(place.whole), place.group));
        prop_assert_eq!(found, expected, "{} in {}", pattern, text);
    }

    #[test]
    fn small_patterns_are_found_as_an_automaton_finds_them(
        pattern in "(a|b|\\[ab\\]|\\[\\^a\\]|ab|\\(\\?:a\\|bc\\)|\\(\\?:ab\\|a\\)|\\(\\?:a\\|ab\\)c)(|\\?|\\{0,2\\}|\\{1,3\\}\\?|\\{2\\}|\\?\\?)(a|b|c|\\[a-c\\]|\\[\\^b\\]|\\(\\?:a\\|ab\\)|\\(\\?:b\\|c\\)\\{1,2\\}\\?)(|\\+|\\*|\\{0,3\\}\\?|\\{1,2\\})(a|b|c|d)",
        text in "[abcdé]{0,24}",
    ) {
        let Some(tree) = Tree::of(&pattern) else { return Ok(()) };
        prop_assert_eq!(tree.all(&text), Some(compiled(&pattern, &text)), "{} in {}", pattern, text);
    }
}
