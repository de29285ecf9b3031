//! What a user adds to what is known of logs, from the keys of a settings file: prefixes of lines, memory readings, folders of
//! the user's code, rules.

use regex::{Regex, RegexBuilder};
use toml::{Table, Value};

use super::config::File;
use super::rules;
use crate::diagnose::{Custom, Pattern};
use crate::error::Error;
use crate::spelling::nearest;

/// The keys.
pub(super) const KEYS: [&str; 5] = ["prefix", "telemetry", "user-paths", "message", "advice"];

/// No pattern for one line needs more.
const LARGEST: usize = 1 << 20;

/// Reads the keys, each from the file that `find` names.
pub(super) fn read<'a>(
    find: impl Fn(&str) -> Option<(&'a File, &'a Value)>,
) -> Result<Custom, Error> {
    let mut prefixes = Vec::new();
    for table in tables(find("prefix"), "prefix")? {
        table.only(&["pattern"])?;
        prefixes.push(table.pattern(&["rank", "lane"])?);
    }
    let mut readings = Vec::new();
    for table in tables(find("telemetry"), "telemetry")? {
        table.only(&["pattern", "counter", "unit"])?;
        let regex = table.pattern(&["value", "unit", "step"])?;
        let counter = table.text("counter")?.unwrap_or("other");
        let pattern = Pattern::new(regex, counter, table.text("unit")?);
        readings.push(pattern.map_err(|(key, reason)| table.wrong(key, &reason))?);
    }
    let mut user_paths = Vec::new();
    if let Some((file, value)) = find("user-paths") {
        let parts = value.as_array().into_iter().flatten();
        user_paths.extend(parts.filter_map(Value::as_str).map(str::to_owned));
        let all = value
            .as_array()
            .is_some_and(|v| v.len() == user_paths.len());
        if !all || user_paths.iter().any(String::is_empty) {
            let reason = "key `user-paths`: a list of parts of paths is meant";
            return Err(file.wrong("user-paths", reason));
        }
    }
    let rules = rules::read(find)?;
    Ok(Custom::with_rules(prefixes, readings, user_paths, rules))
}

/// One table of a list of tables.
pub(super) struct Entry<'a> {
    file: &'a File,
    /// "prefix\[2\]", counted from 1.
    name: String,
    table: &'a Table,
}

pub(super) fn tables<'a>(
    found: Option<(&'a File, &'a Value)>,
    key: &str,
) -> Result<Vec<Entry<'a>>, Error> {
    let Some((file, value)) = found else {
        return Ok(Vec::new());
    };
    let members = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let tables: Vec<Entry<'_>> = (1..)
        .zip(members)
        .filter_map(|(number, member)| {
            Some(Entry {
                file,
                name: format!("{key}[{number}]"),
                table: member.as_table()?,
            })
        })
        .collect();
    if value.is_array() && tables.len() == members.len() {
        let meant = tables.into_iter().filter(|t| !file.passes_over(&t.name));
        return Ok(meant.collect());
    }
    let begun = if key.contains('.') {
        String::new()
    } else {
        format!(", each begun by [[{key}]]")
    };
    Err(file.wrong(key, &format!("key `{key}`: tables are meant{begun}")))
}

impl<'a> Entry<'a> {
    fn wrong(&self, key: &str, reason: &str) -> Error {
        let path = format!("{}.{key}", self.name);
        self.file.wrong(&path, &format!("key `{path}`: {reason}"))
    }

    /// Where one of its keys stands, and what it says.
    pub(super) fn inner(&self, key: &str) -> Option<(&'a File, &'a Value)> {
        Some((self.file, self.table.get(key)?))
    }

    /// The table under a key.
    pub(super) fn table(&self, key: &str) -> Result<Option<Self>, Error> {
        match self.table.get(key).map(Value::as_table) {
            None => Ok(None),
            Some(None) => Err(self.wrong(key, "a table is meant")),
            Some(Some(table)) => Ok(Some(Self {
                file: self.file,
                name: format!("{}.{key}", self.name),
                table,
            })),
        }
    }

    /// Its path in the file.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn only(&self, known: &[&str]) -> Result<(), Error> {
        let mut keys = self.table.keys();
        keys.try_for_each(|key| self.file.check(&self.name, key, known))
    }

    /// A list of texts.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<String>, Error> {
        let Some(value) = self.table.get(key) else {
            return Ok(Vec::new());
        };
        let members = value.as_array().map(Vec::as_slice);
        let texts: Option<Vec<String>> = members.and_then(|members| {
            let texts = members.iter().map(Value::as_str);
            texts.map(|text| text.map(str::to_owned)).collect()
        });
        texts.ok_or_else(|| self.wrong(key, "a list of texts is meant"))
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>, Error> {
        let value = self.table.get(key);
        match value.map(Value::as_str) {
            None => Ok(None),
            Some(Some(text)) => Ok(Some(text)),
            Some(None) => Err(self.wrong(key, "a text is meant")),
        }
    }

    /// The key `pattern`, whose named groups must be among those known.
    fn pattern(&self, groups: &[&str]) -> Result<Regex, Error> {
        let text = self
            .text("pattern")?
            .ok_or_else(|| self.wrong("pattern", "it is missing"))?;
        let regex = RegexBuilder::new(text).size_limit(LARGEST).build();
        let regex = regex.map_err(|error| {
            let error = error.to_string();
            let last = error.lines().last().unwrap_or_default();
            self.wrong("pattern", last.trim_start_matches("error: "))
        })?;
        let mut named = regex.capture_names().flatten();
        if let Some(strange) = named.find(|name| !groups.contains(name)) {
            let hint = match nearest(strange, groups.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!(
                    "these do: {}. What is none of these is a group without a name, `(?:...)`",
                    groups.join(", ")
                ),
            };
            let reason = format!("a group `{strange}` means nothing here; {hint}");
            return Err(self.wrong("pattern", &reason));
        }
        Ok(regex)
    }
}
