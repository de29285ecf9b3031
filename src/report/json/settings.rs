//! What is set, by the log and by the program's own source, in the JSON report.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;
#[cfg(test)]
use serde_json::{Value, json};

#[cfg(test)]
use crate::evidence::SettingKind;
use crate::evidence::{Incident, Setting};

/// One thing that the log shows to be set.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct SettingReport {
    /// What it is.
    #[cfg_attr(test, schemars(extend("enum" = settings())))]
    kind: &'static str,
    /// As the log calls it.
    name: String,
    /// Its value as written; empty where the word alone tells.
    value: String,
    /// The line of the raw input, from 1, or of the program's own file; null where it follows from the wording of a message.
    line: Option<u64>,
    /// The program's own file that sets it, below the root; left out where the log shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

/// What the log shows to be set, and what the program's own source sets.
pub(super) fn settings_of(incident: &Incident) -> Vec<SettingReport> {
    let told = incident.settings.iter().map(SettingReport::from);
    let read = incident.clues.iter().filter(|clue| !clue.path.is_empty());
    let own = read.filter_map(|clue| {
        Some(SettingReport {
            kind: clue.kind.setting()?,
            name: clue.name.clone(),
            value: clue
                .value
                .map_or_else(|| clue.code.clone(), |value| value.to_string()),
            line: Some(clue.line),
            file: Some(clue.path.clone()),
        })
    });
    told.chain(own).collect()
}

impl From<&Setting> for SettingReport {
    fn from(setting: &Setting) -> Self {
        Self {
            kind: setting.kind.name(),
            name: setting.name.clone(),
            value: setting.value.clone(),
            line: Some(setting.line).filter(|line| *line > 0),
            file: None,
        }
    }
}

/// The kinds of settings.
#[cfg(test)]
fn settings() -> Value {
    Value::Array(
        SettingKind::ALL
            .iter()
            .map(|kind| json!(kind.name()))
            .chain([json!(crate::evidence::ClueKind::OPTIMIZER)])
            .collect(),
    )
}
