//! Readings that no report will show are let go of as soon as what they tell is known: of many logs they would be most of
//! what is held.

use super::Look;
use super::chart::{self, Frame};
use crate::bytes::Bytes;
use crate::diagnose::Diagnosis;
use crate::evidence::{Point, Series};

/// Fewer points are no picture.
pub(super) const DRAWN: usize = 3;

/// What a report shows of the readings of a log.
#[derive(Clone, Copy)]
pub enum Readings {
    /// Nothing, but what explains a failure.
    Nothing,
    /// How they run, their first, their last and their highest.
    Course,
    /// The same and a picture of some, in this frame; the bytes are the size of the card, where a failure tells it.
    Drawn(fn(&Series, &Look, Option<u64>) -> Option<Frame>),
}

impl Readings {
    /// Takes out of an explained input what will not be shown. Reports of the rest come out the same.
    pub fn thin(self, diagnosis: &mut Diagnosis, look: &Look) {
        let capacity = capacity(diagnosis);
        match self {
            Self::Nothing => diagnosis.series = Vec::new(),
            Self::Course => diagnosis.series.iter_mut().for_each(|s| keep(s, None)),
            Self::Drawn(frame) => {
                for series in &mut diagnosis.series {
                    let frame = frame(series, look, capacity);
                    keep(series, frame);
                }
            }
        }
    }
}

/// The device's memory, where a failure of this log names one: the top of the pictures.
pub(super) fn capacity(diagnosis: &Diagnosis) -> Option<u64> {
    let totals = diagnosis.incidents.iter().filter_map(|e| e.balance.total);
    totals.map(Bytes::mid).next()
}

/// Keeps the points that a picture in this frame shows, and the first, the last and the highest in any case.
fn keep(series: &mut Series, frame: Option<Frame>) {
    let points = &series.points;
    let level = |point: &Point| point.bytes.mid();
    let highest = points.iter().map(level).max();
    let is_highest = |point: &Point| Some(level(point)) == highest;
    // Of several that are equally high, one user names the first and another the last.
    let highest = [
        points.iter().position(is_highest),
        points.iter().rposition(is_highest),
    ];
    let mut kept = vec![0, points.len().saturating_sub(1)];
    kept.extend(highest.into_iter().flatten());
    if let Some(frame) = frame {
        kept.extend(1..DRAWN);
        kept.extend(chart::seen(points, frame));
    }
    kept.sort_unstable();
    kept.dedup();
    let kept = kept.into_iter().filter_map(|at| points.get(at).copied());
    series.points = kept.collect();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::chart::chart;

    proptest! {
        #[test]
        fn what_is_kept_draws_the_same_and_tells_the_same_of_its_ends_and_its_highest(
            levels in prop::collection::vec(0u64..99, 0..400), width in 0usize..100,
            capacity in prop::option::of(0u64..500), ascii: bool,
        ) {
            let line = |(step, level)| format!("step {step}: allocated {level}.00 GiB\n");
            let log = levels.iter().enumerate().map(line).collect::<Vec<_>>().concat();
            let mut diagnosis = crate::diagnose("log", log.as_bytes());
            let frame = Frame { width, capacity: capacity.map(|gib| gib << 30), ascii };
            for series in &mut diagnosis.series {
                let all = series.points.clone();
                let drawn = chart(&all, frame);
                keep(series, Some(frame));
                prop_assert_eq!(drawn, chart(&series.points, frame));
                prop_assert!(series.points.len() <= all.len().min(1000));
                prop_assert_eq!(all.len() < DRAWN, series.points.len() < DRAWN);
                keep(series, None);
                prop_assert!(series.points.len() <= 4);
                prop_assert_eq!(all.first(), series.points.first());
                prop_assert_eq!(all.last(), series.points.last());
                let level = |point: &&Point| point.bytes.mid();
                prop_assert_eq!(all.iter().max_by_key(level), series.points.iter().max_by_key(level));
                prop_assert_eq!(all.iter().rev().max_by_key(level), series.points.iter().rev().max_by_key(level));
            }
        }
    }
}
