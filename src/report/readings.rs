//! Memory readings in the JSON report.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use crate::evidence::Series;

/// One series of readings.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct SeriesReport {
    /// The input that holds it.
    source: String,
    /// allocated, reserved, process, device-used, peak-allocated, peak-reserved or other.
    #[cfg_attr(test, schemars(extend("enum" = ["allocated", "reserved", "process", "device-used", "peak-allocated", "peak-reserved", "other"])))]
    counter: &'static str,
    /// How many readings.
    points: u64,
    /// grows, plateaus, saw-tooth, jumps or too-short.
    #[cfg_attr(test, schemars(extend("enum" = ["grows", "plateaus", "saw-tooth", "jumps", "too-short"])))]
    verdict: &'static str,
    /// Bytes per printed step, or null.
    per_step: Option<i64>,
    /// The step at which the growth began.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<u64>,
    /// What else would draw the same curve, and which reading would tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    caution: Option<&'static str>,
    /// The rank that printed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<u32>,
}

impl From<&Series> for SeriesReport {
    fn from(series: &Series) -> Self {
        Self {
            source: series.source.clone(),
            counter: series.counter.name(),
            points: series.count,
            verdict: series.trend.verdict.name(),
            per_step: series.trend.per_step.map(|(slope, _)| slope),
            since: series.trend.since,
            caution: series.trend.caution,
            rank: series.rank,
        }
    }
}
