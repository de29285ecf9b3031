//! What a request is, by its size and a number that the log or its writer tells: all pairs of so many.

use crate::bytes::{Bytes, MIB};
use crate::evidence::SettingKind;
use crate::findings::Case;
use crate::findings::measures::vocabulary;

/// All pairs of a count: how many tables, of what side, of how many bytes a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pairs {
    tables: u64,
    side: u64,
    bytes: u64,
}

/// More tables than heads and samples multiply to in what people train.
const MOST_TABLES: u64 = 256;

impl Pairs {
    /// The request as tables of all pairs of this many, where a whole number of them is what was printed.
    fn of(tried: Bytes, side: u64) -> Option<Self> {
        if side < 1000 || tried.low() < 256 * MIB {
            return None;
        }
        [4, 2].into_iter().find_map(|bytes| {
            let table = side.checked_mul(side)?.checked_mul(bytes)?;
            let tables = (tried.mid() + table / 2) / table;
            let exact = tables.checked_mul(table)?;
            // The allocator rounds up to two MiB.
            let fits = exact <= tried.high() && exact.saturating_add(2 * MIB) >= tried.low();
            ((1..=MOST_TABLES).contains(&tables) && fits).then_some(Self {
                tables,
                side,
                bytes,
            })
        })
    }

    /// "12.00 GiB is 48 x 8192 x 8192 numbers of 4 bytes".
    pub(crate) fn told(self, tried: Bytes) -> String {
        let Self {
            tables,
            side,
            bytes,
        } = self;
        let times = if tables == 1 {
            String::new()
        } else {
            format!("{tables} x ")
        };
        format!(
            " {tried} is {times}{side} x {side} numbers of {bytes} bytes: all pairs of the {side} that the log tells."
        )
    }
}

/// The request as the scores of attention over sequences of the length that the log tells.
pub(crate) fn scores(case: &Case<'_>) -> Option<Pairs> {
    told(case, SettingKind::SequenceLength)
}

/// A number for each word of a vocabulary, for each token of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Logits {
    samples: u64,
    length: u64,
    words: u64,
    bytes: u64,
}

impl Logits {
    fn of(tried: Bytes, samples: u64, length: u64) -> Option<Self> {
        if samples == 0 || length < 128 || tried.low() < 256 * MIB {
            return None;
        }
        let rows = samples.checked_mul(length)?;
        let sizes = vocabulary::COMMON.into_iter();
        let mut all = sizes.flat_map(|words| [(words, 4), (words, 2)]);
        let (words, bytes) = all.find(|(words, bytes)| {
            let exact = rows.checked_mul(*words).and_then(|n| n.checked_mul(*bytes));
            exact.is_some_and(|exact| {
                exact <= tried.high() && exact.saturating_add(2 * MIB) >= tried.low()
            })
        })?;
        Some(Self {
            samples,
            length,
            words,
            bytes,
        })
    }

    /// "4.64 GiB is 2 x 4096 x 152064 numbers of 4 bytes".
    pub(crate) fn told(self, tried: Bytes) -> String {
        let Self {
            samples,
            length,
            words,
            bytes,
        } = self;
        format!(
            " {tried} is {samples} x {length} x {words} numbers of {bytes} bytes: the batch and the length that the log tells, and a \
             usual vocabulary."
        )
    }
}

/// The request as logits of the batch and the length that the log tells.
pub(crate) fn logits(case: &Case<'_>) -> Option<Logits> {
    let number = |kind| case.incident.settings.get(kind)?.value.parse().ok();
    let samples = number(SettingKind::BatchSize)?;
    Logits::of(
        case.balance.tried?,
        samples,
        number(SettingKind::SequenceLength)?,
    )
}

/// The request as all pairs of the nodes, points or rows that the log tells.
pub(crate) fn rows(case: &Case<'_>) -> Option<Pairs> {
    told(case, SettingKind::Rows)
}

fn told(case: &Case<'_>, kind: SettingKind) -> Option<Pairs> {
    let side = &case.incident.settings.get(kind)?.value;
    Pairs::of(case.balance.tried?, side.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes;

    #[test]
    fn a_whole_number_of_tables_is_told() {
        let tried = bytes::parse("12.00", "GiB").unwrap();
        assert_eq!(
            Pairs::of(tried, 8192),
            Some(Pairs {
                tables: 48,
                side: 8192,
                bytes: 4
            })
        );
        assert_eq!(Pairs::of(tried, 10_000), None);
        let logits = bytes::parse("4.64", "GiB").unwrap();
        let told = Logits::of(logits, 2, 4096).map(|logits| (logits.words, logits.bytes));
        assert_eq!(told, Some((151_936, 4)));
        assert_eq!(Logits::of(logits, 3, 4096), None);
        let round = bytes::parse("2.00", "GiB").unwrap();
        assert_eq!(Logits::of(round, 4, 8192), None);
        let nodes = bytes::parse("6.25", "GiB").unwrap();
        assert!(Pairs::of(nodes, 10_242).is_some());
    }
}
