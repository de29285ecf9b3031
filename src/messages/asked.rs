//! Patterns that messages ask of the text around them, without regard to case.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use regex::Regex;

use super::kept::Kept;
use super::patterns::{MUCH, compile, expand};
use super::tree::Tree;

/// A pattern, of which nothing is made before a text asks for it.
struct Asked {
    pattern: &'static str,
    /// By hand it is found at first: to compile it took longer than all the rest of a short run.
    tree: OnceLock<Option<Tree>>,
    /// How many bytes were read that way.
    read: AtomicUsize,
    /// By an automaton then.
    regex: OnceLock<Option<Regex>>,
}

impl Asked {
    fn of(pattern: &'static str) -> &'static Self {
        static CACHE: Kept<Asked> = Kept::new();
        CACHE.get(pattern, || Self {
            pattern,
            tree: OnceLock::new(),
            read: AtomicUsize::new(0),
            regex: OnceLock::new(),
        })
    }

    fn regex(&self) -> Option<&Regex> {
        let regex = self.regex.get_or_init(|| compile(self.pattern));
        regex.as_ref()
    }

    /// What is asked for: the first group, or all of it where it has none or where that is left out.
    fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        let known = self.by_hand(text);
        debug_assert!(
            known.is_none_or(|known| known == compile(self.pattern).and_then(|p| asked(&p, text))),
            "{} in {text}",
            self.pattern
        );
        known.unwrap_or_else(|| asked(self.regex()?, text))
    }

    /// The same without an automaton; `None` where it takes one to know. Beyond ASCII, what is a letter of which case and what
    /// is white space takes tables.
    fn by_hand<'t>(&self, text: &'t str) -> Option<Option<&'t str>> {
        let few = |before: usize| before.saturating_add(text.len()) < MUCH;
        if self.regex.get().is_some()
            || !text.is_ascii()
            || !few(self.read.fetch_add(text.len(), Ordering::Relaxed))
        {
            return None;
        }
        let tree = || Tree::in_any_case(&expand(self.pattern));
        let place = self.tree.get_or_init(tree).as_ref()?.find(text)?;
        let asked = place.map(|place| place.group.unwrap_or(place.whole));
        Some(asked.and_then(|asked| text.get(asked)))
    }
}

/// The first group of what an automaton finds, or all of it.
fn asked<'t>(pattern: &Regex, text: &'t str) -> Option<&'t str> {
    let found = pattern.captures(text)?;
    Some(found.get(1).or_else(|| found.get(0))?.as_str())
}

/// The first capture of a pattern in squeezed text, without regard to case.
pub(super) fn capture(pattern: &'static str, text: &str) -> Option<String> {
    Asked::of(pattern).find(text).map(str::to_owned)
}

/// The same as a number: the index of a device, a rank.
pub(super) fn number(pattern: &'static str, text: &str) -> Option<u32> {
    Asked::of(pattern).find(text)?.parse().ok()
}

/// True where the text holds what the pattern says.
pub(crate) fn is_in(pattern: &'static str, text: &str) -> bool {
    Asked::of(pattern).find(text).is_some()
}

/// A compiled pattern, for who asks for several of its groups or all of its places.
pub(crate) fn cached(pattern: &'static str) -> Option<&'static Regex> {
    Asked::of(pattern).regex()
}
