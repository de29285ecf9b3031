//! The user's own patterns, from the keys of a settings file: prefixes of lines, memory readings, folders of the user's code.

use std::path::Path;

use regex::{Regex, RegexBuilder};
use toml::{Table, Value};

use super::config::check;
use crate::diagnose::{Custom, Pattern};
use crate::error::Error;

/// The keys.
pub(super) const KEYS: [&str; 3] = ["prefix", "telemetry", "user-paths"];

/// No pattern for one line needs more.
const LARGEST: usize = 1 << 20;

/// Reads the keys, each from the file that `find` names.
pub(super) fn read<'a>(
    find: impl Fn(&str) -> Option<(&'a Path, &'a Value)>,
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
            return Err(Error::Setting {
                place: file.to_string_lossy().into_owned(),
                reason: "key `user-paths`: a list of parts of paths is meant".to_owned(),
            });
        }
    }
    Ok(Custom::new(prefixes, readings, user_paths))
}

/// One table of a list of tables.
struct Entry<'a> {
    file: &'a Path,
    /// "prefix\[2\]", counted from 1.
    name: String,
    table: &'a Table,
}

fn tables<'a>(found: Option<(&'a Path, &'a Value)>, key: &str) -> Result<Vec<Entry<'a>>, Error> {
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
        return Ok(tables);
    }
    Err(Error::Setting {
        place: file.to_string_lossy().into_owned(),
        reason: format!("key `{key}`: tables are meant, each begun by [[{key}]]"),
    })
}

impl<'a> Entry<'a> {
    fn wrong(&self, key: &str, reason: &str) -> Error {
        Error::Setting {
            place: self.file.to_string_lossy().into_owned(),
            reason: format!("key `{}.{key}`: {reason}", self.name),
        }
    }

    fn only(&self, known: &[&str]) -> Result<(), Error> {
        let mut keys = self.table.keys();
        keys.try_for_each(|key| check(self.file, key, known))
    }

    fn text(&self, key: &str) -> Result<Option<&'a str>, Error> {
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
            let reason = format!("a group `{strange}` means nothing here; {groups:?} do");
            return Err(self.wrong("pattern", &reason));
        }
        Ok(regex)
    }
}
