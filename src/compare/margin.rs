//! Runs that passed and yet came close to the size of the card.

use crate::bytes::Bytes;
use crate::diagnose::Diagnosis;
use crate::evidence::{Card, Counter, Memory, Series};
use crate::place::Place;

/// A reading close to the size of the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Near {
    /// The input.
    pub source: String,
    /// What was counted.
    pub counter: Counter,
    /// The rank that printed it.
    pub rank: Option<u32>,
    /// The device that it is about.
    pub device: Option<u32>,
    /// The largest reading.
    pub peak: Bytes,
    /// Its line in the raw input, from 1.
    pub line: u64,
    /// The size of the card.
    pub total: Bytes,
    /// The line that tells the size; `None` where the user said it.
    pub total_line: Option<u64>,
}

/// What the readings of an input say of the room that was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// There are no readings, or GPU memory did run out, which the failure itself explains.
    NothingToSay,
    /// There are readings, and nothing tells the size of the card.
    SizeUnknown,
    /// More was left than asked for.
    Enough,
    /// Less was left.
    Near(Near),
}

impl Near {
    /// Where the largest reading stands.
    pub fn place(&self) -> Place {
        Place {
            source: self.source.clone(),
            line: self.line,
        }
    }

    /// What was left, in hundredths of a percent of the card.
    pub fn left(&self) -> u64 {
        let left = self.total.mid().saturating_sub(self.peak.mid());
        hundredths(left, self.total.mid())
    }
}

fn hundredths(part: u64, whole: u64) -> u64 {
    u64::try_from(u128::from(part) * 10_000 / u128::from(whole.max(1))).unwrap_or(u64::MAX)
}

/// Whether the readings came within `margin`, in hundredths of a percent, of the card, whose size the user may have `given`.
pub(crate) fn room(diagnosis: &Diagnosis, margin: u64, given: Option<Bytes>) -> Room {
    let failed = |e: &crate::diagnose::Explained| e.incident.memory == Memory::Device;
    if diagnosis.series.is_empty() || diagnosis.incidents.iter().any(failed) {
        return Room::NothingToSay;
    }
    let sized = diagnosis.series.iter().filter_map(|series| {
        let card = match given {
            Some(total) => (total, None),
            None => card(&diagnosis.cards, series.device).map(|c| (c.total, Some(c.line)))?,
        };
        near(series, card)
    });
    let Some(nearest) = sized.min_by_key(Near::left) else {
        return Room::SizeUnknown;
    };
    if nearest.left() <= margin {
        Room::Near(nearest)
    } else {
        Room::Enough
    }
}

/// The card of a series: the one of its index, else the smallest, since which one it was the log does not say.
fn card(cards: &[Card], device: Option<u32>) -> Option<&Card> {
    let named = cards
        .iter()
        .find(|card| device.is_some() && card.device == device);
    named.or_else(|| cards.iter().min_by_key(|card| card.total.mid()))
}

/// The largest reading of a series beside the card. A reading that exceeds the card is of something else.
fn near(series: &Series, (total, total_line): (Bytes, Option<u64>)) -> Option<Near> {
    let peak = series.points.iter().max_by_key(|p| p.bytes.mid())?;
    if peak.bytes.surely_over(total) {
        return None;
    }
    Some(Near {
        source: series.source.clone(),
        counter: series.counter,
        rank: series.rank,
        device: series.device,
        peak: peak.bytes,
        line: peak.line,
        total,
        total_line,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::GIB;

    const LOG: &str = "CUDA:0 (NVIDIA RTX 4090, 24217MiB)\n\
        step 1 memory allocated: 21.00 GiB\nstep 2 memory allocated: 23.00 GiB\nstep 3 memory allocated: 22.00 GiB\n";

    fn of(log: &str, margin: u64, given: Option<Bytes>) -> Room {
        room(&crate::diagnose("train.log", log.as_bytes()), margin, given)
    }

    #[test]
    fn a_peak_close_to_the_card_is_told_with_both_lines() {
        let Room::Near(near) = of(LOG, 500, None) else {
            panic!("{:?}", of(LOG, 500, None));
        };
        assert_eq!((near.line, near.total_line), (3, Some(1)));
        assert_eq!(near.left(), 274);
        assert_eq!(of(LOG, 200, None), Room::Enough);
    }

    #[test]
    fn the_users_word_on_the_size_wins_and_without_any_nothing_is_claimed() {
        let card = Some(Bytes::exact(48 * GIB));
        assert_eq!(of(LOG, 500, card), Room::Enough);
        let (_, unsized_log) = LOG.split_once('\n').unwrap();
        assert_eq!(of(unsized_log, 500, None), Room::SizeUnknown);
    }

    #[test]
    fn a_log_that_failed_or_holds_no_readings_has_nothing_to_add() {
        let failed = format!("{LOG}RuntimeError: CUDA error: out of memory\n");
        assert_eq!(of(&failed, 500, None), Room::NothingToSay);
        assert_eq!(of("all well\n", 500, None), Room::NothingToSay);
    }
}
