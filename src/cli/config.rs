//! Settings from files: the nearest `whyoom.toml` upward from the working directory, then the user's own. A flag wins over
//! the first, and the first over the second.
//!
//! A key is the long name of a flag of the default command; one of another command stands in a table of that command's
//! name. Patterns of the user's own stand beside them.

mod file;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, ValueHint};
use toml::Value;

use super::environment::Environment;
use super::patterns;
use crate::diagnose::Custom;
use crate::error::Error;
use crate::spelling::nearest;
pub(super) use file::File;
use file::wrong;

/// The name of a project's file.
const NAME: &str = "whyoom.toml";

/// Flags that make no sense in a file.
const NEVER: [&str; 4] = ["config", "no-config", "help", "version"];

/// Flags of the default command that other commands heed from a file too: how text looks.
const EVERYWHERE: [&str; 3] = ["color", "width", "ascii"];

/// Where settings are read from. The same for every command.
#[derive(Args)]
#[command(next_help_heading = "Settings")]
pub(super) struct ConfigArgs {
    /// Read settings from this file, and from no other
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Read no settings from files
    #[arg(long, global = true, conflicts_with = "config")]
    no_config: bool,
}

/// One key with its value and the file that has it.
struct Entry<'a> {
    file: &'a File,
    /// Its path in the file.
    path: String,
    value: &'a Value,
}

impl Entry<'_> {
    fn wrong(&self, reason: &str) -> Error {
        self.file.wrong(&self.path, reason)
    }
}

/// Entries by command (empty for the default one) and key; the strongest file's stand.
type Entries<'a> = BTreeMap<(String, String), Entry<'a>>;

/// The arguments with what the files add to them, and the user's own patterns.
pub(super) fn settle(
    arguments: &[OsString],
    matches: ArgMatches,
    environment: &Environment,
) -> Result<(ArgMatches, Arc<Custom>), Error> {
    let files = files(&matches, environment)?;
    if files.is_empty() {
        return Ok((matches, Arc::default()));
    }
    let command = super::command_line();
    let (added, custom) = meant(&command, &matches, &files)?;
    let at = match matches.subcommand_name() {
        Some(name) => arguments.iter().position(|a| a == name).unwrap_or(0) + 1,
        None => 1,
    };
    let (before, after) = arguments.split_at(at.min(arguments.len()));
    let all = before.iter().chain(&added).chain(after);
    let matches = command.try_get_matches_from(all).map_err(|e| {
        wrong(
            files.first().map_or(Path::new(NAME), |f| &f.path),
            &first(&e),
        )
    })?;
    Ok((matches, Arc::new(custom)))
}

/// The arguments that the files add, and the user's own patterns.
fn meant(
    command: &Command,
    matches: &ArgMatches,
    files: &[File],
) -> Result<(Vec<OsString>, Custom), Error> {
    let entries = entries(command, files)?;
    let custom = patterns::read(|key| {
        let entry = entries.get(&(String::new(), key.to_owned()))?;
        Some((entry.file, entry.value))
    })?;
    Ok((added(command, matches, &entries)?, custom))
}

/// The user's own patterns of one settings file, all of whose keys are checked as for a run. A door for fuzzing.
#[doc(hidden)]
pub fn settings(text: &str) -> Result<Arc<Custom>, Error> {
    let command = super::command_line();
    let none = command.clone().try_get_matches_from(["whyoom"]);
    let none = none.map_err(|e| wrong(Path::new(NAME), &first(&e)))?;
    let file = File::parsed(PathBuf::from(NAME), text.to_owned())?;
    Ok(Arc::new(meant(&command, &none, &[file])?.1))
}

/// A settings file that was checked.
pub(super) struct Checked {
    pub(super) path: PathBuf,
    /// How many keys it has.
    pub(super) keys: usize,
    /// What in it means nothing.
    pub(super) wrong: Vec<Error>,
}

/// The settings files that a run from here would read, or this one, with all that means nothing in them.
pub(super) fn checked(
    file: Option<&Path>,
    environment: &Environment,
) -> Result<Vec<Checked>, Error> {
    let paths: Vec<PathBuf> = match file {
        Some(file) => vec![file.to_owned()],
        None => project().into_iter().chain(environment.config()).collect(),
    };
    let command = super::command_line();
    let none = command.clone().try_get_matches_from(["whyoom"]);
    let none = none.map_err(|e| wrong(Path::new(NAME), &first(&e)))?;
    let check = |path: PathBuf| {
        let text = super::gates::whole(&path)?;
        let mut file = File::parsed(path, text)?;
        let mut wrong = Vec::new();
        while let Err(error) = meant(&command, &none, std::slice::from_ref(&file)) {
            wrong.push(error);
            if !file.pass_over() {
                break;
            }
        }
        Ok(Checked {
            keys: file.table.len(),
            path: file.path,
            wrong,
        })
    };
    paths.into_iter().map(check).collect()
}

/// What clap has to say of a value, on one line and without the flag: a file has none.
fn first(error: &clap::Error) -> String {
    let text = error.to_string();
    if let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) {
        let valid = match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(valid)) => valid.as_slice(),
            _ => &[],
        };
        let known = valid.iter().map(String::as_str);
        return match (nearest(value, known), text.split_once("': ")) {
            (Some(meant), _) => format!("`{value}` is none; did you mean `{meant}`?"),
            (None, _) if !valid.is_empty() => format!("`{value}` is none of {}", valid.join(", ")),
            (None, Some((_, reason))) if reason.starts_with("invalid digit") => {
                format!("`{value}`: a whole number is meant")
            }
            (None, Some((_, reason))) => {
                let reason = reason.lines().next().unwrap_or_default();
                format!("`{value}`: {reason}")
            }
            (None, None) => format!("`{value}` means nothing here"),
        };
    }
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let lines = text.lines().map(str::trim).take_while(|l| !l.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

/// The files, strongest first.
fn files(matches: &ArgMatches, environment: &Environment) -> Result<Vec<File>, Error> {
    let inner = matches.subcommand().map_or(matches, |(_, inner)| inner);
    let asked = |m: &ArgMatches| m.try_get_one::<PathBuf>("config").ok().flatten().cloned();
    let off = |m: &ArgMatches| m.try_get_one::<bool>("no_config").ok().flatten() == Some(&true);
    if off(matches) || off(inner) {
        return Ok(Vec::new());
    }
    let paths = match asked(inner).or_else(|| asked(matches)) {
        Some(path) => vec![path],
        None => project().into_iter().chain(environment.config()).collect(),
    };
    paths
        .into_iter()
        .map(|path| {
            let text = super::gates::whole(&path)?;
            File::parsed(path, text)
        })
        .collect()
}

/// The nearest file upward from the working directory.
fn project() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let paths = here.ancestors().map(|folder| folder.join(NAME));
    paths.into_iter().find(|path| path.is_file())
}

/// All entries of the files. A key that means nothing is an error.
fn entries<'a>(command: &Command, files: &'a [File]) -> Result<Entries<'a>, Error> {
    let mut entries = Entries::new();
    for file in files {
        let keys = file.table.iter();
        for (key, value) in keys.filter(|(key, _)| !file.passes_over(key)) {
            let place = |command: &str, key: &str| (command.to_owned(), key.to_owned());
            if let (Some(inner), Value::Table(table)) = (command.find_subcommand(key), value) {
                for (name, value) in table {
                    let path = format!("{key}.{name}");
                    if file.passes_over(&path) {
                        continue;
                    }
                    file.check(key, name, &flags(inner))?;
                    let entry = Entry { file, path, value };
                    let at = place(inner.get_name(), name);
                    entries.entry(at).or_insert(entry);
                }
                continue;
            }
            if command.find_subcommand(key).is_some() {
                return Err(file.wrong(key, &format!("key `{key}`: a table is meant")));
            }
            let mut known = flags(command);
            known.extend(patterns::KEYS);
            file.check("", key, &known)?;
            let at = place("", key);
            let path = key.clone();
            entries.entry(at).or_insert(Entry { file, path, value });
        }
    }
    Ok(entries)
}

/// The long names of a command's flags that a file may set.
fn flags(command: &Command) -> Vec<&str> {
    let long = command.get_arguments().filter_map(Arg::get_long);
    long.filter(|name| !NEVER.contains(name)).collect()
}

/// The arguments that the files add to the command that runs: those that the user did not give.
fn added(
    command: &Command,
    matches: &ArgMatches,
    entries: &Entries<'_>,
) -> Result<Vec<OsString>, Error> {
    let (running, inner) = matches.subcommand().unwrap_or(("", matches));
    let mut added = Vec::new();
    for ((owner, key), entry) in entries {
        if owner.is_empty() && patterns::KEYS.contains(&key.as_str()) {
            continue;
        }
        let home = command.find_subcommand(owner).unwrap_or(command);
        let arguments = arguments(home, key, entry)?;
        let alone = [OsString::from("whyoom")].into_iter();
        let owners = (!owner.is_empty()).then(|| OsString::from(owner));
        let alone = alone.chain(owners).chain(arguments.iter().cloned());
        if let Err(error) = command.clone().try_get_matches_from(alone)
            && error.kind() != clap::error::ErrorKind::MissingRequiredArgument
        {
            return Err(entry.wrong(&format!("key `{key}`: {}", first(&error))));
        }
        let here = command.find_subcommand(running).unwrap_or(command);
        let heeded = owner == running || owner.is_empty() && EVERYWHERE.contains(&key.as_str());
        let Some(flag) = flag(here, key).filter(|_| heeded) else {
            continue;
        };
        if inner.value_source(flag.get_id().as_str()) != Some(ValueSource::CommandLine) {
            added.extend(arguments);
        }
    }
    Ok(added)
}

fn flag<'a>(command: &'a Command, long: &str) -> Option<&'a Arg> {
    command
        .get_arguments()
        .find(|flag| flag.get_long() == Some(long))
}

/// A key and its value as arguments of the command line.
fn arguments(command: &Command, key: &str, entry: &Entry<'_>) -> Result<Vec<OsString>, Error> {
    let takes = flag(command, key).is_some_and(|flag| flag.get_action().takes_values());
    if !takes {
        return match entry.value {
            Value::Boolean(true) => Ok(vec![format!("--{key}").into()]),
            Value::Boolean(false) => Ok(Vec::new()),
            _ => Err(entry.wrong(&format!("key `{key}`: true or false is meant"))),
        };
    }
    let hint = flag(command, key).map(Arg::get_value_hint);
    let path = matches!(
        hint,
        Some(ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath)
    );
    let values = match entry.value {
        Value::Array(values) => values.as_slice(),
        value => std::slice::from_ref(value),
    };
    let words = values.iter().map(|value| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            _ => {
                let reason = format!("key `{key}`: a text, a number or a list of them is meant");
                return Err(entry.wrong(&reason));
            }
        };
        let mut word = OsString::from(format!("--{key}="));
        if let ("format", Some((format, file)), Some(folder)) =
            (key, text.split_once('='), entry.file.path.parent())
            && !matches!(file, "" | "-")
        {
            word.push(format!("{format}="));
            word.push(folder.join(file));
            return Ok(word);
        }
        // A path in a file is meant from that file, not from wherever the command runs.
        match entry.file.path.parent().filter(|_| path) {
            Some(folder) => word.push(folder.join(text)),
            None => word.push(text),
        }
        Ok(word)
    });
    words.collect()
}
