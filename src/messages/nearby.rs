//! Patterns that messages ask of the text around them, without regard to case.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use regex::Regex;

use super::cache::Kept;
use super::patterns::{MUCH, compile, expand};
use super::tree::{Place, Tired, Tree};

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
    fn asked<'t>(&self, text: &'t str) -> Option<&'t str> {
        let found = match self.by_hand(text) {
            Ok(found) => found,
            Err(Unknown) => place(self.regex()?, text),
        };
        let Place { whole, group } = found?;
        text.get(group.unwrap_or(whole))
    }

    /// Where all of it stands.
    fn whole(&self, text: &str) -> Option<Range<usize>> {
        match self.by_hand(text) {
            Ok(found) => found.map(|place| place.whole),
            Err(Unknown) => self.regex()?.find(text).map(|found| found.range()),
        }
    }

    fn is_in(&self, text: &str) -> bool {
        match self.by_hand(text) {
            Ok(found) => found.is_some(),
            Err(Unknown) => self.regex().is_some_and(|regex| regex.is_match(text)),
        }
    }

    /// Where it stands first, and its first group, without an automaton. Beyond ASCII, what is
    /// a letter of which case and what is white space takes tables.
    fn by_hand(&self, text: &str) -> Result<Option<Place>, Unknown> {
        let few = |before: usize| before.saturating_add(text.len()) < MUCH;
        if !text.is_ascii() || !few(self.read.fetch_add(text.len(), Ordering::Relaxed)) {
            return Err(Unknown);
        }
        let tree = || Tree::in_any_case(&expand(self.pattern));
        let tree = self.tree.get_or_init(tree).as_ref().ok_or(Unknown)?;
        let found = tree.find(text).map_err(|Tired| Unknown);
        if found.is_err() {
            // Where one walk got long, others would.
            self.read.store(MUCH, Ordering::Relaxed);
        }
        debug_assert!(
            found.is_err() || found == Ok(self.regex().and_then(|p| place(p, text))),
            "{} in {text}",
            self.pattern
        );
        found
    }
}

/// Only an automaton tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unknown;

/// Where an automaton finds its pattern first.
fn place(pattern: &Regex, text: &str) -> Option<Place> {
    let found = pattern.captures(text)?;
    Some(Place {
        whole: found.get(0)?.range(),
        group: found.get(1).map(|group| group.range()),
    })
}

/// The first capture of a pattern in squeezed text, without regard to case.
pub(super) fn capture(pattern: &'static str, text: &str) -> Option<String> {
    Asked::of(pattern).asked(text).map(str::to_owned)
}

/// The same as a number: the index of a device, a rank.
pub(super) fn number(pattern: &'static str, text: &str) -> Option<u32> {
    Asked::of(pattern).asked(text)?.parse().ok()
}

/// True where the text holds what the pattern says.
pub(crate) fn is_in(pattern: &'static str, text: &str) -> bool {
    Asked::of(pattern).is_in(text)
}

/// Where the text holds it first.
pub(super) fn place_in(pattern: &'static str, text: &str) -> Option<Range<usize>> {
    Asked::of(pattern).whole(text)
}

/// A compiled pattern, for who asks for several of its groups or all of its places.
pub(crate) fn cached(pattern: &'static str) -> Option<&'static Regex> {
    Asked::of(pattern).regex()
}
