//! Where any of many literals stands in raw bytes, without regard to ASCII case.
//!
//! Two searches find the same. The first one looks groups of bytes up in a table and is ready at once. The second one looks
//! at 64 bytes with a few instructions and finds two to four times as fast, where the processor has AVX2; what it looks for
//! takes some milliseconds to choose, so it comes into use when much has been searched through.

mod filter;
mod groups;
mod nibbles;
mod plan;
mod windows;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use groups::Groups;
use windows::Windows;

/// What makes both cases of a letter one. It makes some signs one, too, which the comparison of the literal tells apart.
const FOLD: u32 = 0x2020_2020;
/// After so many bytes the fast search is worth its preparation.
const MUCH: usize = 6 << 20;
/// Pieces that are shorter do not pay for the start of the fast search.
const SHORT: usize = 4 << 10;

/// One literal at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// The index of its first byte.
    pub start: usize,
    /// The index after its last byte.
    pub end: usize,
    /// What the literal was given with.
    pub tag: u8,
}

/// A literal and what it was given with.
struct Text(Cow<'static, str>, u8);

impl Text {
    fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The literal, where it stands at `start`.
    fn at(&self, bytes: &[u8], start: usize) -> Option<Hit> {
        let end = start + self.0.len();
        let found = bytes.get(start..end)?;
        let same = found.eq_ignore_ascii_case(self.bytes());
        same.then_some(Hit {
            start,
            end,
            tag: self.1,
        })
    }
}

/// What is searched through.
struct Part<'a> {
    /// The literals.
    texts: &'a [Text],
    bytes: &'a [u8],
    /// Where a literal may begin.
    starts: Range<usize>,
    /// Behind this index none of those ends.
    end: usize,
}

/// The literals, ready to be searched for.
pub(crate) struct Literals {
    texts: Vec<Text>,
    longest: usize,
    groups: Groups,
    /// How many bytes were searched through by the slow search.
    searched: AtomicUsize,
    /// What the fast search looks for, from when it is worth it; `None` where the processor cannot.
    windows: OnceLock<Option<Windows>>,
}

impl Literals {
    /// Prepares literals of at least three bytes, each with a tag; one that is shorter is never found.
    pub(crate) fn new<T: Into<Cow<'static, str>>>(
        texts: impl IntoIterator<Item = (T, u8)>,
    ) -> Self {
        let texts = texts.into_iter().map(|(text, tag)| Text(text.into(), tag));
        let texts: Vec<_> = texts.filter(|text| text.0.len() >= 3).collect();
        Self {
            longest: texts.iter().map(|text| text.0.len()).max().unwrap_or(0),
            groups: Groups::of(&texts),
            searched: AtomicUsize::new(0),
            windows: OnceLock::new(),
            texts,
        }
    }

    /// How many bytes the longest of them has.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// Appends, in order, all literals that begin in the range; the bytes behind it are there to complete them.
    pub(crate) fn find(&self, bytes: &[u8], starts: Range<usize>, hits: &mut Vec<Hit>) {
        let known = hits.len();
        self.each(bytes, starts, &mut |hit| hits.push(hit));
        if let Some(new) = hits.get_mut(known..) {
            new.sort_unstable();
        }
    }

    /// Calls `take` with all literals that begin in the range, in no order.
    pub(crate) fn each(&self, bytes: &[u8], starts: Range<usize>, take: &mut impl FnMut(Hit)) {
        let windows = self.windows(bytes, &starts);
        let part = self.part(bytes, starts);
        match windows {
            Some(windows) => windows.each(&part, take),
            None => self.groups.each(&part, take),
        }
    }

    /// What each of the two searches finds; the first one where the processor has only that.
    #[cfg(test)]
    pub(crate) fn both(&self, bytes: &[u8], starts: Range<usize>) -> [Vec<Hit>; 2] {
        let mut slow = Vec::new();
        let part = self.part(bytes, starts.clone());
        self.groups.each(&part, &mut |hit| slow.push(hit));
        let windows = self.windows.get_or_init(|| Windows::of(&self.texts, bytes));
        let mut fast = Vec::new();
        match windows {
            Some(windows) => windows.each(&self.part(bytes, starts), &mut |hit| fast.push(hit)),
            None => fast.clone_from(&slow),
        }
        slow.sort_unstable();
        fast.sort_unstable();
        [slow, fast]
    }

    fn part<'a>(&'a self, bytes: &'a [u8], starts: Range<usize>) -> Part<'a> {
        Part {
            texts: &self.texts,
            bytes,
            end: bytes.len().min(starts.end.saturating_add(self.longest)),
            starts,
        }
    }

    /// The fast search, where it is worth it.
    fn windows(&self, bytes: &[u8], starts: &Range<usize>) -> Option<&Windows> {
        if starts.len() < SHORT {
            return None;
        }
        if let Some(windows) = self.windows.get() {
            return windows.as_ref();
        }
        let before = self.searched.fetch_add(starts.len(), Ordering::Relaxed);
        if before < MUCH {
            return None;
        }
        let sample = bytes.get(starts.clone()).unwrap_or(&[]);
        self.windows
            .get_or_init(|| Windows::of(&self.texts, sample))
            .as_ref()
    }
}

/// The four bytes that these begin with, the same for both cases of a letter. Bytes that are missing count as zero.
#[inline]
fn folded(bytes: &[u8]) -> u32 {
    let four = bytes.first_chunk().copied().unwrap_or_else(|| {
        let mut four = [0; 4];
        let pairs = four.iter_mut().zip(bytes);
        pairs.for_each(|(to, from)| *to = *from);
        four
    });
    u32::from_le_bytes(four) | FOLD
}

#[cfg(test)]
mod tests;
