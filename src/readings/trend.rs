//! The course of a series: does it grow, and how fast?
//!
//! Growth must be steady (the run test of Mann and Kendall), must be more than the noise and the rounding (Theil and Sen's
//! line), must go on to the end, must lift the lowest readings with it, and must not be a few jumps. Everything else has
//! another name.

use super::robust::{self, Line, Xy, length, median, quantile, real};
use crate::evidence::{Point, Trend, TrendVerdict};
use crate::sorting;

/// Fewer readings than this tell nothing.
const FEWEST: usize = 4;
/// From so many on, order can be told from chance.
const ENOUGH: usize = 8;
/// How many points are looked at; all pairs of them are.
const LOOKED_AT: usize = 256;
/// How much readings may differ and still be one level: noise of 5 % either way.
const LEVEL: f64 = 0.12;
/// The run test's bar, in standard deviations: 1 in 500 by chance.
const ORDERED: f64 = 2.9;

/// The course of a series; a peak that nothing resets needs more to be called growth.
pub(super) fn judge(points: &[Point], running_peak: bool) -> Trend {
    let course = Course::of(points);
    let growth = match points.len() {
        0..FEWEST => return Trend::default(),
        FEWEST..ENOUGH => course.even().filter(|_| !running_peak || points.len() > 5),
        _ if running_peak => course.peaks_rise(),
        _ => course.grows(),
    };
    match growth {
        Some(growth) => course.growth(&growth),
        None => Trend {
            verdict: course.verdict(),
            ..Trend::default()
        },
    }
}

/// Growth that was found.
struct Growth {
    line: Line,
    /// For a saw-tooth: its low ends, which are what grows.
    lows: Option<(Xy, Xy)>,
}

struct Course {
    all: Vec<Xy>,
    /// How much digits leave open, both sides together.
    rounding: f64,
}

impl Course {
    fn of(points: &[Point]) -> Self {
        let stride = points.len().div_ceil(LOOKED_AT).max(1);
        // Counted from the end, so that the last reading is always among them.
        let offset = points.len().saturating_sub(1) % stride;
        let picked = points.iter().skip(offset).step_by(stride);
        let width = |p: &Point| real(p.bytes.high() - p.bytes.low());
        Self {
            all: picked
                .map(|p| (real(p.step), real(p.bytes.mid())))
                .collect(),
            rounding: points.iter().map(width).fold(0.0, f64::max),
        }
    }

    /// All but the first tenth: first allocations, autotuning, the first optimizer step.
    fn warm(&self) -> &[Xy] {
        self.all
            .get(1.max(self.all.len() / 10)..)
            .unwrap_or_default()
    }

    fn grows(&self) -> Option<Growth> {
        let late = || {
            let half = self.all.get(self.all.len() / 2..)?;
            let found = self.steady(half).filter(|_| half.len() >= ENOUGH)?;
            // A fall before it that was half as large says that this may fall again.
            (fall(&self.all) < rise(half, found) / 2.0).then_some(found)
        };
        let line = self.steady(self.warm()).or_else(late);
        let growth = line.map(|line| Growth { line, lows: None });
        let growth = growth.or_else(|| self.lows_rise());
        growth.filter(|_| !self.settles())
    }

    /// The line of a steady growth; `None` where these points show none. The order costs least to see, and most courses
    /// have none.
    fn steady(&self, points: &[Xy]) -> Option<Line> {
        let values: Vec<f64> = points.iter().map(|p| p.1).collect();
        if robust::mann_kendall(&values) < ORDERED {
            return None;
        }
        let line = robust::theil_sen(points)?;
        let rise = rise(points, line);
        let noise = robust::noise(points, line);
        let level = median(values.iter().copied());
        if rise < 2.0 * self.rounding || rise < 2.5 * noise || rise < level / 200.0 {
            return None;
        }
        let levels = match values.len() {
            0..12 => 2,
            12..20 => 3,
            _ => 4,
        };
        let jumps =
            || robust::level_error(&values, levels) < robust::line_error(points, line) / 4.0;
        (quarters_rise(&values, noise) && !jumps()).then_some(line)
    }

    /// True where each quarter rises less than the one before, and the last by little more than half of the second: caches that
    /// fill and records that get rarer draw such a curve, a leak after a warm-up does not.
    fn settles(&self) -> bool {
        let n = self.all.len();
        let quarters = (0..4).filter_map(|k| {
            let points = self.all.get(n * k / 4..n * (k + 1) / 4)?;
            let line = robust::theil_sen(points)?;
            Some((rise(points, line), robust::noise(points, line)))
        });
        let quarters: Vec<(f64, f64)> = quarters.collect();
        let [(first, _), (second, a), (third, b), (last, c)] = quarters.as_slice() else {
            return false;
        };
        let beyond = second - last > 2.0 * a.max(*b).max(*c) + self.rounding;
        n >= 4 * ENOUGH
            && first > second
            && second > third
            && third > last
            && *last < second * 0.6
            && beyond
    }

    /// A saw-tooth whose low ends rise: what each tooth leaves behind.
    fn lows_rise(&self) -> Option<Growth> {
        let range = span(&self.all);
        let (lows, _) = robust::troughs(&self.all, (range / 5.0).max(3.0 * self.rounding));
        let (first, last) = (*lows.first()?, *lows.last()?);
        let line = robust::theil_sen(&lows)?;
        let risen = last.1 - first.1;
        let rising = lows.windows(2).all(|w| matches!(w, [a, b] if b.1 > a.1));
        let clear = risen > 2.0 * self.rounding && robust::noise(&lows, line) < risen / 5.0;
        let many = lows.len() > 4 || lows.len() == 4 && risen > range / 2.0;
        (rising && clear && many).then_some(Growth {
            line,
            lows: Some((first, last)),
        })
    }

    /// Few readings: growth only where every one is higher by about as much for each step; the first may be a warm-up.
    fn even(&self) -> Option<Growth> {
        let from = |points: &[Xy]| {
            let slopes = points.windows(2).map(|w| match w {
                [a, b] => (b.1 - a.1) / (b.0 - a.0).max(1.0),
                _ => 0.0,
            });
            let slopes: Vec<f64> = slopes.collect();
            let most = slopes.iter().copied().fold(0.0, f64::max);
            let least = slopes.iter().copied().fold(f64::INFINITY, f64::min);
            let line = robust::theil_sen(points)?;
            let steps = length(points.len().saturating_sub(1));
            let beyond = rise(points, line) > 2.0 * self.rounding * steps;
            (least * 2.0 > most && beyond).then_some(Growth { line, lows: None })
        };
        let rest = self.all.get(1..).filter(|rest| rest.len() > FEWEST);
        from(&self.all).or_else(|| from(rest?))
    }

    /// A peak that nothing resets only ever rises. Of chance records the second half of a log holds less than one, so
    /// four there, one of them late, are more than chance.
    fn peaks_rise(&self) -> Option<Growth> {
        let warm = self.warm();
        let line = robust::theil_sen(warm)?;
        let records = |points: &[Xy]| {
            let more = |w: &[Xy]| matches!(w, [a, b] if b.1 > a.1 + self.rounding);
            points.windows(2).filter(|w| more(w)).count()
        };
        let half = warm.get(warm.len() / 2..)?;
        let last = warm.get(warm.len() - warm.len() / 4 - 1..)?;
        let late = ends(half).max(0.0) > ends(warm) / 4.0;
        let enough = if self.all.len() < 16 { 3 } else { 4 };
        let found = records(half) >= enough && records(last) >= 1 && late && line.slope > 0.0;
        found.then_some(Growth { line, lows: None })
    }

    fn growth(&self, growth: &Growth) -> Trend {
        let (Some(first), Some(last)) = (self.all.first(), self.all.last()) else {
            return Trend::default();
        };
        let (since, grown) = if let Some((low, high)) = growth.lows {
            (low.0, high.1 - low.1)
        } else {
            let since = self.since(growth.line);
            (since.0, last.1 - since.1)
        };
        let width = (last.0 - first.0).max(1.0);
        let error = growth.line.error + self.rounding / width;
        Trend {
            verdict: TrendVerdict::Grows,
            per_step: Some((whole(growth.line.slope).max(1), count(error.ceil()))),
            since: Some(count(since)),
            grown: count(grown),
            ..Trend::default()
        }
    }

    /// The last point that still lay at the first level.
    fn since(&self, line: Line) -> Xy {
        let start = self
            .all
            .get(..1.max(self.all.len() / 10))
            .unwrap_or_default();
        let base = median(start.iter().map(|p| p.1));
        let noise = robust::noise(self.warm(), line);
        let near = (2.0 * noise)
            .max(self.rounding)
            .min(rise(&self.all, line) / 4.0);
        let last = self.all.iter().rev().find(|p| p.1 <= base + near);
        last.or(self.all.first()).copied().unwrap_or_default()
    }

    /// What a course that does not grow does.
    fn verdict(&self) -> TrendVerdict {
        let all: &[Xy] = if self.all.len() < ENOUGH {
            &self.all
        } else {
            self.warm()
        };
        let tail = |share: usize| all.get(all.len() * share / 10..).unwrap_or_default();
        if self.flat(all) || self.all.len() >= ENOUGH && self.flat(tail(2)) {
            return TrendVerdict::Plateaus;
        }
        if self.all.len() < ENOUGH {
            return TrendVerdict::TooShort;
        }
        let (_, turns) = robust::troughs(all, span(all) * 0.4);
        if turns >= 4 {
            return TrendVerdict::SawTooth;
        }
        let values: Vec<f64> = all.iter().map(|p| p.1).collect();
        let mut steps: Vec<f64> = values.windows(2).map(|w| ends_of(w).abs()).collect();
        let moved: f64 = steps.iter().sum();
        sorting::by(&mut steps, |a, b| b.total_cmp(a));
        let sudden = steps.iter().take(3).sum::<f64>() > moved * 0.6;
        let settled = self.flat(tail(5));
        if settled && !sudden {
            return TrendVerdict::Plateaus;
        }
        let error = robust::level_error(&values, 4);
        let levels = error < robust::level_error(&values, 1) / 5.0;
        // From one reading to the next there is noise only: levels that leave no more than that unexplained are all there is.
        let noise = 1.4826 * median(values.windows(2).map(|w| ends_of(w).abs()));
        let explained = error / length(values.len()) < noise * noise;
        match () {
            () if levels && sudden => TrendVerdict::Jumps,
            () if settled => TrendVerdict::Plateaus,
            () if levels && explained => TrendVerdict::Jumps,
            () if self.flat(tail(7)) || ends(all) <= 0.0 => TrendVerdict::Plateaus,
            () if levels => TrendVerdict::Jumps,
            () if turns >= 2 => TrendVerdict::SawTooth,
            () => TrendVerdict::TooShort,
        }
    }

    /// True where nearly all lie within the noise of one level.
    fn flat(&self, points: &[Xy]) -> bool {
        let mut values: Vec<f64> = points.iter().map(|p| p.1).collect();
        let width = quantile(&mut values, 0.95) - quantile(&mut values, 0.05);
        width <= (LEVEL * quantile(&mut values, 0.5)).max(2.0 * self.rounding)
    }
}

/// What a line rises over the points.
fn rise(points: &[Xy], line: Line) -> f64 {
    match (points.first(), points.last()) {
        (Some(a), Some(b)) => line.slope * (b.0 - a.0),
        _ => 0.0,
    }
}

/// The last less the first.
fn ends(points: &[Xy]) -> f64 {
    match (points.first(), points.last()) {
        (Some(a), Some(b)) => b.1 - a.1,
        _ => 0.0,
    }
}

fn ends_of(pair: &[f64]) -> f64 {
    match pair {
        [a, b] => b - a,
        _ => 0.0,
    }
}

/// From nearly the least to nearly the greatest.
fn span(points: &[Xy]) -> f64 {
    let mut values: Vec<f64> = points.iter().map(|p| p.1).collect();
    quantile(&mut values, 0.98) - quantile(&mut values, 0.02)
}

/// The largest fall from any point to a later one.
fn fall(points: &[Xy]) -> f64 {
    let mut most = f64::NEG_INFINITY;
    points.iter().fold(0.0, |fall, (_, y)| {
        most = most.max(*y);
        f64::max(fall, most - y)
    })
}

/// True where each quarter lies higher than the one before, its lowest values too, and the last still rises by a fair part
/// of the whole: a curve that settles does not.
fn quarters_rise(values: &[f64], noise: f64) -> bool {
    let quarter = |k: usize| {
        let n = values.len();
        values.get(n * k / 4..n * (k + 1) / 4).unwrap_or_default()
    };
    let medians: Vec<f64> = (0..4).map(|k| median(quarter(k).iter().copied())).collect();
    let lows = (0..4).map(|k| quarter(k).iter().copied().fold(f64::INFINITY, f64::min));
    let lows: Vec<f64> = lows.collect();
    let up = medians.windows(2).all(|w| ends_of(w) > 0.0);
    let lifted = lows.windows(2).all(|w| ends_of(w) > -noise)
        && ends_of(&[
            lows.first().copied().unwrap_or(0.0),
            lows.last().copied().unwrap_or(0.0),
        ]) > noise / 2.0;
    let last = medians.windows(2).next_back().map_or(0.0, ends_of);
    let moved: f64 = medians.windows(2).map(ends_of).sum();
    up && lifted && last > moved * 0.2
}

/// A number of bytes from arithmetic.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and below zero is nothing"
)]
fn count(n: f64) -> u64 {
    n.round() as u64
}

#[expect(clippy::cast_possible_truncation, reason = "the cast saturates")]
fn whole(n: f64) -> i64 {
    n.round() as i64
}
