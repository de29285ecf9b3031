//! Statistics that a few wild readings do not move.

/// A point of a course: step and bytes.
pub(super) type Xy = (f64, f64);

/// A straight line through points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// Bytes per step.
    pub(super) slope: f64,
    /// Half of the interval that holds the slope 19 times out of 20.
    pub(super) error: f64,
    /// Where it crosses step 0.
    pub(super) start: f64,
}

impl Line {
    pub(super) fn at(self, x: f64) -> f64 {
        self.start + self.slope * x
    }
}

/// A count as a real number, for arithmetic.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of points and bytes; 53 bits are a PiB"
)]
pub(super) fn real(n: u64) -> f64 {
    n as f64
}

/// The same for lengths.
pub(super) fn length(n: usize) -> f64 {
    real(u64::try_from(n).unwrap_or(u64::MAX))
}

/// The value that `share` of all are below; 0 of nothing. It leaves them in another order.
pub(super) fn quantile(of: &mut [f64], share: f64) -> f64 {
    if of.is_empty() {
        return 0.0;
    }
    let rank = rank(of.len(), share);
    let (_, value, _) = of.select_nth_unstable_by(rank, f64::total_cmp);
    *value
}

/// Which of so many, from the least on, has `share` of all below it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of the length of a list"
)]
fn rank(count: usize, share: f64) -> usize {
    (share.clamp(0.0, 1.0) * length(count.saturating_sub(1))).round() as usize
}

/// The middle one; 0 of nothing.
pub(super) fn median(of: impl IntoIterator<Item = f64>) -> f64 {
    let mut of: Vec<f64> = of.into_iter().collect();
    quantile(&mut of, 0.5)
}

/// The line of Theil and Sen: the median of the slopes between all pairs, with its 95 % interval. `None` where all points
/// share one step.
pub(super) fn theil_sen(points: &[Xy]) -> Option<Line> {
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (i, (x, y)) in points.iter().enumerate() {
        let later = points.get(i + 1..).unwrap_or_default();
        let pairs = later.iter().filter(|(other, _)| other > x);
        slopes.extend(pairs.map(|(other, value)| (value - y) / (other - x)));
    }
    if slopes.is_empty() {
        return None;
    }
    let (n, pairs) = (length(points.len()), length(slopes.len()));
    let margin = (1.96 * variance(n).sqrt() / pairs / 2.0).min(0.5);
    let of = |share| rank(slopes.len(), share);
    let (low, middle, high) = (of(0.5 - margin), of(0.5), of(0.5 + margin));
    // The choice of the middle one leaves what is less before it and what is more behind it.
    let (less, slope, more) = slopes.select_nth_unstable_by(middle, f64::total_cmp);
    let slope = *slope;
    let nth = |of: &mut [f64], at| *of.select_nth_unstable_by(at, f64::total_cmp).1;
    let low = if low < middle { nth(less, low) } else { slope };
    let high = match high.checked_sub(middle + 1) {
        Some(at) => nth(more, at),
        None => slope,
    };
    Some(Line {
        slope,
        error: (high - low) / 2.0,
        start: median(points.iter().map(|(x, y)| y - slope * x)),
    })
}

/// The variance of Kendall's sum for `n` points without order.
fn variance(n: f64) -> f64 {
    n * (n - 1.0) * (2.0 * n + 5.0) / 18.0
}

/// The run test of Mann and Kendall: how many standard deviations the order of the values is from none.
pub(super) fn mann_kendall(values: &[f64]) -> f64 {
    let mut sum = 0;
    for (i, value) in values.iter().enumerate() {
        let later = values.get(i + 1..).unwrap_or_default().iter();
        sum += later
            .map(|later| i32::from(later > value) - i32::from(later < value))
            .sum::<i32>();
    }
    let sum = f64::from(sum);
    let sigma = variance(length(values.len())).sqrt();
    if sigma == 0.0 {
        0.0
    } else {
        (f64::abs(sum) - 1.0).max(0.0) * f64::signum(sum) / sigma
    }
}

/// The spread of residuals around a line, as a standard deviation.
pub(super) fn noise(points: &[Xy], line: Line) -> f64 {
    1.4826 * median(points.iter().map(|(x, y)| (y - line.at(*x)).abs()))
}

/// The squared error of a line.
pub(super) fn line_error(points: &[Xy], line: Line) -> f64 {
    points.iter().map(|(x, y)| (y - line.at(*x)).powi(2)).sum()
}

/// The squared error of the best course of at most `levels` constant levels.
pub(super) fn level_error(values: &[f64], levels: usize) -> f64 {
    // best[i]: the error of the first i values with the levels allowed so far.
    let sums = Sums::of(values);
    let n = values.len();
    let mut best: Vec<f64> = (0..=n).map(|end| sums.error(0, end)).collect();
    for _ in 1..levels {
        let cut = |end: usize| {
            let tails = best.iter().take(end).zip(0..end);
            tails
                .map(|(head, start)| head + sums.error(start, end))
                .fold(f64::INFINITY, f64::min)
        };
        let next = (0..=n).map(|end| if end == 0 { 0.0 } else { cut(end) });
        best = next.collect();
    }
    best.last().copied().unwrap_or(0.0)
}

/// Sums of values and of their squares up to each, taken from their median to keep digits.
struct Sums(Vec<(f64, f64)>);

impl Sums {
    fn of(values: &[f64]) -> Self {
        let middle = median(values.iter().copied());
        let mut sums = vec![(0.0, 0.0)];
        let (mut plain, mut squares) = (0.0, 0.0);
        for value in values {
            let value = value - middle;
            plain += value;
            squares += value * value;
            sums.push((plain, squares));
        }
        Self(sums)
    }

    /// The squared error of one level for the values from `start` to `end`.
    fn error(&self, start: usize, end: usize) -> f64 {
        let (Some((a, a2)), Some((b, b2))) = (self.0.get(start), self.0.get(end)) else {
            return 0.0;
        };
        let n = length(end - start).max(1.0);
        (b2 - a2 - (b - a).powi(2) / n).max(0.0)
    }
}

/// The turning points of a course that swings by more than `swing`: the value at each low end, the start included, and how
/// often it turned.
pub(super) fn troughs(points: &[Xy], swing: f64) -> (Vec<Xy>, usize) {
    let Some(first) = points.first().copied() else {
        return (Vec::new(), 0);
    };
    let (mut lows, mut turns) = (Vec::new(), 0);
    let (mut low, mut high) = (first, first);
    let mut rising: Option<bool> = None;
    for point in points.iter().copied() {
        low = if point.1 < low.1 { point } else { low };
        high = if point.1 > high.1 { point } else { high };
        if rising != Some(true) && point.1 > low.1 + swing {
            lows.push(low);
            turns += usize::from(rising.is_some());
            (rising, high) = (Some(true), point);
        } else if rising != Some(false) && point.1 < high.1 - swing {
            turns += usize::from(rising.is_some());
            (rising, low) = (Some(false), point);
        }
    }
    (lows, turns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(n: u32, f: impl Fn(f64) -> f64) -> Vec<Xy> {
        (0..n).map(|i| (f64::from(i), f(f64::from(i)))).collect()
    }

    #[test]
    fn a_third_of_wild_points_does_not_move_the_slope() {
        let points = line(60, |x| if x % 4.0 == 0.0 { 1e6 } else { 5.0 * x });
        let found = theil_sen(&points).unwrap();
        assert!((found.slope - 5.0).abs() < 1.0, "{found:?}");
    }

    #[test]
    fn the_run_test_knows_order_from_none() {
        let rising: Vec<f64> = (0..20).map(f64::from).collect();
        let mixed: Vec<f64> = (0..20).map(|i| f64::from(i % 2)).collect();
        assert!(mann_kendall(&rising) > 5.0);
        assert!(mann_kendall(&mixed).abs() < 2.0);
        assert!(mann_kendall(&[1.0; 20]).abs() < f64::EPSILON);
    }

    #[test]
    fn three_jumps_are_four_levels_without_error() {
        let values: Vec<f64> = (0..40).map(|i| f64::from(i / 10)).collect();
        assert!(level_error(&values, 4) < 1e-9);
        assert!(level_error(&values, 3) > 1.0);
    }

    #[test]
    fn the_low_ends_of_a_saw_are_found() {
        let saw = line(40, |x| x % 10.0 + x / 10.0);
        let (lows, turns) = troughs(&saw, 4.0);
        assert_eq!(
            lows.iter().map(|p| p.0).collect::<Vec<_>>(),
            [0.0, 10.0, 20.0, 30.0]
        );
        assert_eq!(turns, 6);
    }
}
