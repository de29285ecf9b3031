//! What a report shows of the readings. Of many logs they would be most of what is held, so that who reads lets go of the rest.

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
    /// The points of a series that the report shows, by their places; `capacity` is the size of the card, where a failure of the
    /// log tells it. Reports of these alone come out the same.
    pub fn points(self, series: &Series, look: &Look, capacity: Option<u64>) -> Vec<usize> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Course => shown(series, None),
            Self::Drawn(frame) => shown(series, frame(series, look, capacity)),
        }
    }
}

/// The device's memory, where a failure of this log names one: the top of the pictures.
pub(super) fn capacity(diagnosis: &Diagnosis) -> Option<u64> {
    let totals = diagnosis.incidents.iter().filter_map(|e| e.balance.total);
    totals.map(Bytes::mid).next()
}

/// The points that a picture in this frame shows, and the first, the last and the highest in any case.
fn shown(series: &Series, frame: Option<Frame>) -> Vec<usize> {
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
    kept.retain(|at| *at < points.len());
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::chart::chart;

    fn keep(series: &mut Series, frame: Option<Frame>) {
        let kept = shown(series, frame);
        series.points = kept.into_iter().map(|at| series.points[at]).collect();
    }

    proptest! {
        #[test]
        fn what_is_kept_draws_the_same_and_tells_the_same_of_its_ends_and_its_highest(
            levels in prop::collection::vec(0u64..99, 0..400), width in 0usize..100,
            capacity in prop::option::of(0u64..500), ascii: bool,
        ) {
            let line = |(step, level)| format!("step {step}: allocated {level}.00 GiB\n");
            let log = levels.iter().enumerate().map(line).collect::<Vec<_>>().concat();
            let mut diagnosis = crate::diagnose("log", log.as_bytes());
            let frame = Frame { width, capacity: capacity.map(|gib| gib << 30), ascii, joined: false };
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
