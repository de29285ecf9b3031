//! The marks of all formats, found in one look at a line.

use std::sync::LazyLock;

use super::card;
use super::programs::{ALL, Format};
use crate::text::literals::Literals;

/// The tag of what tells the size of the card. Formats have their index.
const CARD: u8 = 63;

/// Every mark.
static MARKS: LazyLock<Literals> = LazyLock::new(|| {
    let formats = (0..CARD).zip(ALL);
    let formats = formats.flat_map(|(tag, format)| format.marks.iter().map(move |m| (*m, tag)));
    Literals::new(formats.chain(card::MARKS.iter().map(|mark| (*mark, CARD))))
});

/// Whose marks stand in a line: a bit for each format, and one for the card.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marked(u64);

impl Marked {
    /// Looks at a line.
    pub(super) fn of(text: &str) -> Self {
        let mut marked = 0;
        MARKS.each(text.as_bytes(), 0..text.len(), &mut |hit| {
            marked |= 1 << (hit.tag & CARD);
        });
        Self(marked)
    }

    /// True where the line may tell the size of the card.
    pub(super) fn card(self) -> bool {
        self.0 >> CARD != 0
    }

    /// The formats of which a mark stands in the line, in their order.
    pub(super) fn formats(self) -> impl Iterator<Item = &'static Format> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let index = left.trailing_zeros();
            left &= left.wrapping_sub(1);
            ALL.get(usize::try_from(index).ok()?).copied()
        })
    }
}
