//! When a GPU fills, if it goes on as it did.

use crate::evidence::Growth;

/// A reading of what is used, at a moment in milliseconds.
pub(crate) type Reading = (u64, u64);

/// Fewer readings tell no course.
const FEWEST: usize = 6;
/// So many of the last readings count: older ones say little of the next minutes.
const LAST: usize = 60;
/// A forecast beyond a day is none.
const FARTHEST: u64 = 24 * 3600;

/// The forecast from readings in order; `None` where the memory does not grow steadily, or would fill after a day.
///
/// The slope is the median of the slopes between all pairs (Theil and Sen), which a few leaps do not move; steady is
/// growth of which three quarters of the pairs agree.
pub(crate) fn forecast(readings: &[Reading], free: u64) -> Option<Growth> {
    let from = readings.len().saturating_sub(LAST);
    let readings = readings.get(from..)?;
    if readings.len() < FEWEST {
        return None;
    }
    let mut slopes: Vec<i128> = Vec::new();
    for (index, (then, before)) in readings.iter().enumerate() {
        for (now, after) in readings.iter().skip(index + 1) {
            let span = i128::from(now.saturating_sub(*then));
            if span > 0 {
                slopes.push((i128::from(*after) - i128::from(*before)) * 1000 / span);
            }
        }
    }
    slopes.sort_unstable();
    let quarter = *slopes.get(slopes.len() / 4)?;
    let slope = u64::try_from(*slopes.get(slopes.len() / 2)?).ok()?;
    if quarter <= 0 || slope == 0 {
        return None;
    }
    let full_in = free / slope;
    (full_in <= FARTHEST).then_some(Growth {
        per_second: slope,
        full_in,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{GIB, MIB};
    use proptest::prelude::*;

    #[test]
    fn steady_growth_is_carried_on() {
        let readings: Vec<Reading> = (0..20).map(|n| (n * 1000, GIB + n * 100 * MIB)).collect();
        let forecast = forecast(&readings, 10_000 * MIB).unwrap();
        assert_eq!((forecast.per_second, forecast.full_in), (100 * MIB, 100));
    }

    #[test]
    fn one_leap_is_no_growth_and_a_saw_tooth_is_none() {
        let leap: Vec<Reading> = (0..20)
            .map(|n| (n * 1000, if n < 10 { GIB } else { 9 * GIB }))
            .collect();
        assert_eq!(forecast(&leap, GIB), None);
        let teeth: Vec<Reading> = (0..20).map(|n| (n * 1000, GIB + (n % 4) * GIB)).collect();
        assert_eq!(forecast(&teeth, GIB), None);
    }

    #[test]
    fn a_few_readings_tell_nothing() {
        assert_eq!(forecast(&[(0, 1), (1000, GIB)], GIB), None);
    }

    proptest! {
        #[test]
        fn no_readings_panic(readings in prop::collection::vec((any::<u64>(), any::<u64>()), 0..80), free: u64) {
            let _ = forecast(&readings, free);
        }
    }
}
