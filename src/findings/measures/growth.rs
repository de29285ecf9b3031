//! Whether memory grew until the failure.

use crate::bytes::Bytes;
use crate::evidence::{Counter, Phase, Series, TrendVerdict};
use crate::findings::Case;

/// The series of readings that grew until the failure, where there is one that matters.
pub(crate) fn growth<'a>(case: &Case<'a>) -> Option<&'a Series> {
    let incident = case.incident;
    let total = case.balance.total.map_or(0, Bytes::mid);
    let grows = |series: &&Series| {
        let same_rank =
            series.rank.is_none() || incident.rank.is_none() || series.rank == incident.rank;
        let last = series.points.last().map_or(0, |p| p.bytes.mid());
        let before = series
            .points
            .first()
            .is_some_and(|p| p.line < incident.place.line);
        let matters = series.trend.grown >= total.max(last) / 5;
        let meant = series.trend.by_design.is_some();
        same_rank && before && matters && !meant && series.trend.verdict == TrendVerdict::Grows
    };
    case.series
        .iter()
        .filter(grows)
        .min_by_key(|series| (series.running_peak, weight(series.counter)))
}

/// The counters that speak best of live memory come first.
fn weight(counter: Counter) -> u8 {
    match counter {
        Counter::Allocated => 0,
        Counter::Other => 1,
        Counter::PeakAllocated => 2,
        Counter::Process => 3,
        Counter::DeviceUsed => 4,
        Counter::Reserved => 5,
        Counter::PeakReserved => 6,
    }
}

/// True where the same line failed three times or more, with ever more allocated.
pub(crate) fn rising(case: &Case<'_>) -> bool {
    let first = case.balance.live.into_iter();
    let course: Vec<Bytes> = first
        .chain(case.incident.again.iter().map(|a| a.allocated))
        .collect();
    course.len() >= 3 && course.is_sorted_by(|a, b| b.surely_over(*a))
}

/// True where memory ran out again while the first failure was being handled.
pub(crate) fn retried_inside_except(case: &Case<'_>) -> bool {
    case.incident.traceback.chained && !case.incident.again.is_empty()
}

/// True where some micro-batches of one step went through and a later forward pass did not fit.
pub(crate) fn between_backwards(case: &Case<'_>) -> bool {
    let run = &case.incident.run;
    run.step_name == "micro-batch"
        && run.step > Some(1)
        && case.incident.phase == Some(Phase::Forward)
}
