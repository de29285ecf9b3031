//! What a user adds to what is known of logs.

use std::sync::Arc;

use regex::Regex;

use super::Rules;
use crate::readings::Pattern;
use crate::scan::Wanted;

/// What a user adds to what is known of logs.
#[derive(Clone, Default)]
pub struct Custom {
    pub(super) prefixes: Vec<Regex>,
    pub(super) telemetry: Vec<Pattern>,
    pub(super) user_paths: Vec<String>,
    pub(super) rules: Arc<Rules>,
    pub(super) wanted: Option<Wanted>,
}

impl Custom {
    /// Prefixes of lines, with the groups `rank` and `lane`; patterns of memory readings; parts of the paths of the user's
    /// own code. Make it once: what the patterns look for is kept for as long as the program runs.
    pub fn new(prefixes: Vec<Regex>, telemetry: Vec<Pattern>, user_paths: Vec<String>) -> Self {
        Self::with_rules(prefixes, telemetry, user_paths, Rules::default())
    }

    /// The same with messages, findings and advice of the user's own.
    pub fn with_rules(
        prefixes: Vec<Regex>,
        telemetry: Vec<Pattern>,
        user_paths: Vec<String>,
        rules: Rules,
    ) -> Self {
        let failures: Vec<&str> = rules.literals().collect();
        let readings: Vec<&String> = telemetry.iter().flat_map(Pattern::literals).collect();
        let any = !failures.is_empty() || !readings.is_empty();
        let readings = readings.into_iter().map(String::as_str);
        let wanted = any.then(|| Wanted::also(failures, readings));
        Self {
            wanted,
            prefixes,
            telemetry,
            user_paths,
            rules: Arc::new(rules),
        }
    }

    /// True where lines and readings are none but those that everybody has.
    pub(super) fn reads_plainly(&self) -> bool {
        self.prefixes.is_empty() && self.telemetry.is_empty()
    }

    /// The messages, findings and advice of the user's own.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }
}
