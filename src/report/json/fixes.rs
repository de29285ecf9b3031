//! One thing that helps, in the JSON report.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use super::failure::Interval;
use crate::evidence::Clue;
use crate::fixes::Ranked;

/// One fix.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct FixReport {
    /// Its id.
    pub(super) fix: &'static str,
    /// Its page, where `--pages` says where they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    /// What to do, beginning with a verb.
    title: String,
    /// Whether it is enough: yes, no or unknown.
    #[cfg_attr(test, schemars(extend("enum" = ["yes", "no", "unknown"])))]
    enough: &'static str,
    /// What it wins here, or null.
    gain: Option<Interval>,
    /// True where it wins more than that by the end: the program failed before all had come that this would free.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    at_least: bool,
    /// What it costs.
    cost: &'static str,
    /// The exact thing to type.
    how: String,
    /// The same as a unified diff of the program's own line, where its source was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<String>,
}

impl FixReport {
    /// `change` is the line of the program that is the reason, where it is known, `knob` the line of what this fix turns.
    pub(super) fn of(ranked: &Ranked, change: Option<&Clue>, knob: Option<&Clue>) -> Self {
        let change = change.filter(|clue| clue.kind.mended_by(ranked.fix.id));
        Self {
            patch: change.or(knob).and_then(Clue::diff),
            fix: ranked.fix.id.name(),
            url: None,
            title: ranked.title().to_owned(),
            enough: ranked.offer.enough.name(),
            gain: ranked.offer.gain.map(Interval::from),
            at_least: ranked.offer.at_least && ranked.offer.gain.is_some(),
            cost: ranked.cost(),
            how: ranked.offer.how.clone(),
        }
    }
}
