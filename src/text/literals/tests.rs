//! Both searches against a slow one.

use proptest::prelude::*;

use super::*;

const TEXTS: [&str; 6] = [
    "out of memory",
    "Tried to allocate",
    "ababababab",
    "allocate",
    "abababababab",
    "OutOfMemory",
];

fn found(literals: &Literals, bytes: &[u8]) -> Vec<Hit> {
    let all = literals.all(bytes, 0..bytes.len());
    assert!(all.iter().all(|hits| Some(hits) == all.first()));
    let mut hits = Vec::new();
    literals.find(bytes, 0..bytes.len(), &mut hits);
    assert_eq!(all.first(), Some(&hits));
    hits
}

fn expected(texts: &[&'static str], bytes: &[u8]) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (text, tag) in texts.iter().zip(0..) {
        let windows = bytes.windows(text.len()).enumerate();
        hits.extend(
            windows
                .filter(|w| w.1.eq_ignore_ascii_case(text.as_bytes()))
                .map(|(start, _)| Hit {
                    start,
                    end: start + text.len(),
                    tag,
                }),
        );
    }
    hits.sort_unstable();
    hits
}

proptest! {
    #[test]
    fn what_a_slow_search_finds_is_found(
        parts in prop::collection::vec(prop_oneof![
            prop::sample::select(TEXTS.to_vec()).prop_map(str::to_owned),
            prop::sample::select(TEXTS.to_vec()).prop_map(str::to_uppercase),
            "[abo \\n]{0,12}",
        ], 0..20),
        shortest in 0usize..9,
    ) {
        let text = parts.concat();
        let texts: Vec<_> = TEXTS.iter().map(|t| t.get(..t.len().min(shortest + 3)).unwrap_or(t)).collect();
        let literals = Literals::new(texts.iter().copied().zip(0..));
        prop_assert_eq!(found(&literals, text.as_bytes()), expected(&texts, text.as_bytes()));
    }

    #[test]
    fn each_is_found_once_however_the_range_is_cut(text in "(OUT OF MEMORY|x|allocate){1,40}", cuts in prop::collection::vec(0usize..400, 0..6)) {
        let literals = Literals::new(TEXTS.iter().copied().zip(0..));
        let bytes = text.as_bytes();
        let mut cuts: Vec<_> = cuts.into_iter().map(|c| c.min(bytes.len())).collect();
        cuts.sort_unstable();
        cuts.push(bytes.len());
        let (mut all, mut from) = (vec![Vec::new(); literals.all(bytes, 0..0).len()], 0);
        for to in cuts {
            let more = literals.all(bytes, from..to);
            all.iter_mut().zip(more).for_each(|(all, more)| all.extend(more));
            from = to;
        }
        let whole = found(&literals, bytes);
        for hits in all {
            prop_assert_eq!(&hits, &whole);
        }
    }
}

#[test]
fn the_fast_search_takes_over_in_a_long_input() {
    let literals = Literals::new(TEXTS.iter().copied().zip(0..));
    let text = "nothing here, and Tried to ALLOCATE\n".repeat(10_000);
    let mut hits = Vec::new();
    let mut searched = 0;
    while searched < MUCH + 1 {
        hits.clear();
        literals.find(text.as_bytes(), 0..text.len(), &mut hits);
        assert_eq!(hits.len(), 20_000);
        searched += text.len();
    }
    literals.find(text.as_bytes(), 0..text.len(), &mut hits);
    assert!(literals.windows.get().is_some());
    assert_eq!(hits.len(), 40_000);
}
