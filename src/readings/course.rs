//! The course of a series, with what else could have drawn it.

use super::{steps, trend};
use crate::evidence::{Counter, Series};

/// Judges the course of a series. This looks at all pairs of its points, so it is for who wants to know.
pub(crate) fn judge(series: &mut Series) {
    let mut trend = trend::judge(&series.points, series.running_peak);
    if trend.per_step.is_some() {
        trend.by_design = steps::by_design(&series.step_name);
        trend.caution = caution(series);
    }
    series.trend = trend;
}

/// What else would draw this growth.
fn caution(series: &Series) -> Option<&'static str> {
    Some(match series.counter {
        _ if series.running_peak => {
            "a peak that nothing resets also rises when inputs get larger; what is allocated at equal steps would tell"
        }
        Counter::PeakAllocated | Counter::PeakReserved => {
            "a peak also rises when inputs get larger; what is allocated between steps would tell"
        }
        Counter::Reserved => {
            "the allocator's cache also rises by fragmentation; what is allocated would tell"
        }
        Counter::DeviceUsed | Counter::Process => {
            "this counts the allocator's cache and other processes too; what is allocated would tell"
        }
        _ if series.step_name == "reading" => {
            "the readings name no step, so equal work between them is not shown; a step printed with each would tell"
        }
        _ if series.count < 8 => "there are few readings; more of them would tell",
        _ => return None,
    })
}
