//! The page that is meant by what somebody types.

use super::super::words;
use super::{ids, page_of};
use crate::error::Error;
use crate::spelling::nearest;

/// What there is on a word that somebody typed.
#[derive(Debug)]
pub enum Found {
    /// The page of this id.
    Page(&'static str),
    /// No page is called so; these speak of it, those first that do so most.
    Mentions(Vec<&'static str>),
}

/// The page of a word: an id, another word for one, a word that pages speak of.
pub fn find(word: &str) -> Result<Found, Error> {
    let asked = words::as_id(word);
    let ids = ids();
    let id = |asked: &str| ids.iter().copied().find(|id| *id == asked);
    // A name of Python goes by its last part: `torch.no_grad`. A sentence has none.
    let name = !word.trim().contains(char::is_whitespace);
    let last = asked
        .rsplit('.')
        .next()
        .filter(|_| name)
        .unwrap_or_default();
    let known = |asked: &str| id(asked).or_else(|| words::other(asked));
    // `batches`, `zero3`.
    let stem = |asked: &'_ str| known(asked.trim_end_matches(|c: char| c.is_ascii_digit()));
    let page = |asked: &str| {
        let several = known(asked).or_else(|| known(asked.strip_suffix('s')?));
        several.or_else(|| stem(asked))
    };
    if let Some(id) = page(&asked)
        .or_else(|| page(last))
        .or_else(|| words::run_together(&asked, &ids).and_then(page))
    {
        return Ok(Found::Page(id));
    }
    let mentions = mentions(word);
    // A name that stands in pages as it was typed is one word: `memory_allocated`.
    if !mentions.is_empty() && !word.trim().contains(char::is_whitespace) {
        return Ok(Found::Mentions(mentions));
    }
    let (parts, whole) = parts(word, page);
    match (parts.as_slice(), mentions.is_empty()) {
        ([id], _) if whole => return Ok(Found::Page(id)),
        ([], true) => {}
        ([], false) => return Ok(Found::Mentions(mentions)),
        _ => {
            let mut both = parts;
            both.extend(mentions);
            let mut seen = std::collections::BTreeSet::new();
            both.retain(|id| seen.insert(*id));
            both.truncate(MENTIONS);
            return Ok(Found::Mentions(both));
        }
    }
    let known = ids
        .iter()
        .copied()
        .chain(words::others().map(|(word, _)| word));
    Err(Error::UnknownId {
        id: word.to_owned(),
        nearest: nearest(&asked, known).map(str::to_owned),
    })
}

/// The pages of the words in a phrase, of the longest parts that have one, and whether all words that tell something are in them:
/// "vram leak" has two, "xid 31" has one.
fn parts(phrase: &str, page: impl Fn(&str) -> Option<&'static str>) -> (Vec<&'static str>, bool) {
    let mut words = words::parts(phrase);
    words.truncate(LOOKED_AT);
    let (mut found, mut whole) = (Vec::new(), true);
    let mut rest = words.as_slice();
    while let Some(word) = rest.first() {
        let longest = (1..=rest.len().min(LONGEST)).rev().find_map(|count| {
            let part = rest.get(..count)?.join("-");
            page(&part).map(|id| (count, id))
        });
        whole &= longest.is_some() || words::is_filler(word);
        if let Some((_, id)) = longest.filter(|(_, id)| !found.contains(id)) {
            found.push(id);
        }
        let taken = longest.map_or(1, |(count, _)| count);
        rest = rest.get(taken..).unwrap_or_default();
    }
    (found, whole)
}

/// No name of a page has more words, and of a phrase so many words are looked at.
const LONGEST: usize = 8;
const LOOKED_AT: usize = 100;

/// So many pages are named.
const MENTIONS: usize = 12;

/// The pages that speak of a word, those first that do so most; a title counts most of all. Of several words that stand nowhere
/// together, pages that have them all.
fn mentions(word: &str) -> Vec<&'static str> {
    let word = dashed(word.trim().trim_start_matches('-'));
    if word.chars().count() < 3 {
        return Vec::new();
    }
    let together = pages_with(&[&word]);
    if !together.is_empty() {
        return together;
    }
    pages_with(&word.split_whitespace().collect::<Vec<_>>())
}

/// In small letters, and a setting as it is written as a flag: `max_num_seqs` is `--max-num-seqs`.
fn dashed(text: &str) -> String {
    text.to_lowercase().replace('_', "-")
}

fn pages_with(words: &[&str]) -> Vec<&'static str> {
    let count = |id: &&'static str| {
        let page = dashed(&page_of(id)?);
        let title = page.lines().next().unwrap_or_default();
        let mut times = 0;
        for word in words {
            let here = times_of(&page, word);
            if here == 0 {
                return None;
            }
            times += here + if times_of(title, word) > 0 { 100 } else { 0 };
        }
        Some((std::cmp::Reverse(times), *id))
    };
    let mut found: Vec<_> = ids().iter().filter_map(count).collect();
    found.sort();
    found.into_iter().take(MENTIONS).map(|(_, id)| id).collect()
}

/// How often words begin with this one: "parameters" does not speak of "meters".
fn times_of(text: &str, word: &str) -> usize {
    let begins = |(at, _): &(usize, &str)| {
        let before = text.get(..*at).and_then(|before| before.chars().last());
        before.is_none_or(|c| !c.is_alphanumeric())
    };
    text.match_indices(word).filter(begins).count()
}
