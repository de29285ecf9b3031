//! What the inputs were set against, for the JSON report: all of it is left out where nothing was.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use crate::compare::{Change, Compared, Near, Told};

/// What `--margin` and `--since` found.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct ComparedReport {
    /// Readings that came too close to the size of the card though nothing failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    near: Vec<NearReport>,
    /// What changed since a run that passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<SinceReport>,
}

/// One reading close to the size of the card.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct NearReport {
    /// The input that holds it.
    source: String,
    /// What was counted, as in `telemetry`.
    counter: &'static str,
    /// The line of the largest reading, from 1.
    line: u64,
    /// The reading, in bytes, at the middle of what prints so.
    peak: u64,
    /// The size of the card in bytes, at the middle of what prints so.
    total: u64,
    /// The line that tells the size; null where `--total` did.
    total_line: Option<u64>,
    /// What was left, in percent of the card.
    left_percent: f64,
    /// The device, where the log says.
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<u32>,
    /// The rank, where the log says.
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<u32>,
}

/// What changed since a run that passed.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct SinceReport {
    /// The log of that run.
    good: String,
    /// The changes.
    changes: Vec<ChangeReport>,
}

/// One change.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct ChangeReport {
    /// The input that was set against that run.
    source: String,
    /// What changed.
    what: String,
    /// How it was; null where that log does not say.
    before: Option<ToldReport>,
    /// How it is; null where the input does not say.
    after: Option<ToldReport>,
}

/// A value and where it stands.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct ToldReport {
    /// The value.
    value: String,
    /// The line, from 1.
    line: u64,
}

impl From<&Compared> for ComparedReport {
    fn from(compared: &Compared) -> Self {
        Self {
            near: compared.near.iter().map(NearReport::from).collect(),
            since: compared.since.as_ref().map(|since| SinceReport {
                good: since.good.clone(),
                changes: since.changes.iter().map(ChangeReport::from).collect(),
            }),
        }
    }
}

impl From<&Near> for NearReport {
    fn from(near: &Near) -> Self {
        Self {
            source: near.source.clone(),
            counter: near.counter.name(),
            line: near.line,
            peak: near.peak.mid(),
            total: near.total.mid(),
            total_line: near.total_line,
            left_percent: f64::from(u32::try_from(near.left()).unwrap_or(u32::MAX)) / 100.0,
            device: near.device,
            rank: near.rank,
        }
    }
}

impl From<&Change> for ChangeReport {
    fn from(change: &Change) -> Self {
        Self {
            source: change.source.clone(),
            what: change.what.clone(),
            before: change.before.as_ref().map(ToldReport::from),
            after: change.after.as_ref().map(ToldReport::from),
        }
    }
}

impl From<&Told> for ToldReport {
    fn from(told: &Told) -> Self {
        Self {
            value: told.value.clone(),
            line: told.line,
        }
    }
}
