//! Where any of many literals stands in raw bytes, without regard to ASCII case.
//!
//! Two searches find the same. The first one looks groups of bytes up in a table and is ready at once. The second one looks
//! at 64 bytes with a few instructions and finds several times as fast, where the processor has AVX-512 or AVX2; what it looks for
//! takes some milliseconds to choose, so it comes into use when much has been searched through.

mod buckets;
mod filter;
mod groups;
mod plan;
mod tables;
mod windows;

use std::borrow::Cow;
use std::mem;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use groups::Groups;
use windows::Windows;

/// What makes both cases of a letter one. It makes some signs one, too, which the comparison of the literal tells apart.
const FOLD: u32 = 0x2020_2020;
/// After so many bytes the fast search is worth its preparation.
const MUCH: usize = 4 << 20;
/// Of each piece before, this part is kept, to tell what is frequent in the text and no good to look for.
const SAMPLE: usize = 16;
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
    /// Some of them.
    sample: Mutex<Vec<u8>>,
    /// What the fast search looks for, from when it is worth it; `None` where the processor cannot.
    windows: OnceLock<Option<Windows>>,
    /// The same for each view that the processor has.
    #[cfg(test)]
    by_view: OnceLock<Vec<Windows>>,
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
            sample: Mutex::default(),
            windows: OnceLock::new(),
            #[cfg(test)]
            by_view: OnceLock::new(),
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
        // They come almost in order, so each is near its place.
        self.each(bytes, starts, &mut |hit| {
            let mut at = hits.len();
            hits.push(hit);
            while at > known && hits.get(at - 1).is_some_and(|before| *before > hit) {
                hits.swap(at - 1, at);
                at -= 1;
            }
        });
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

    /// What the slow search finds, and the fast one with each view that the processor has.
    #[cfg(test)]
    pub(crate) fn all(&self, bytes: &[u8], starts: Range<usize>) -> Vec<Vec<Hit>> {
        let part = self.part(bytes, starts);
        let mut slow = Vec::new();
        self.groups.each(&part, &mut |hit| slow.push(hit));
        let of = |view| Windows::of(&self.texts, bytes, view);
        let by_view = self
            .by_view
            .get_or_init(|| filter::views().map(of).collect());
        let fast = by_view.iter().map(|windows| {
            let mut fast = Vec::new();
            windows.each(&part, &mut |hit| fast.push(hit));
            fast
        });
        let mut all: Vec<_> = std::iter::once(slow.clone()).chain(fast).collect();
        for hits in &mut all {
            hits.sort_unstable();
        }
        all
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
        let mut sample = self.sample.lock().unwrap_or_else(PoisonError::into_inner);
        if before < MUCH {
            let part = starts.start..starts.start + starts.len() / SAMPLE;
            sample.extend_from_slice(bytes.get(part).unwrap_or(&[]));
            return None;
        }
        let sample = mem::take(&mut *sample);
        let windows = || {
            let view = filter::views().next();
            view.map(|view| Windows::of(&self.texts, &sample, view))
        };
        self.windows.get_or_init(windows).as_ref()
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
